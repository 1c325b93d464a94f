"""`twin run` as its help shows it."""

import inspect
import json
import re
import shlex

import pytest
from typer.testing import CliRunner

from twin.cli import app
from twin.cli.run import run

CELL = "Chang2023_LiAlO2_LGPS_LCO"


def examples() -> list[list[str]]:
    """The words of each example of the help."""
    found = re.findall(r"Example:  twin (.*?)(?:\n\n|$)", inspect.getdoc(run), re.DOTALL)
    return [shlex.split(example.replace("\\\n", " ")) for example in found]


def shown_by(words) -> dict[str, str]:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return {
        (cells := [cell.strip() for cell in line.split("│")[1:3]])[0]: cells[1]
        for line in done.stdout.splitlines()
        if line.startswith("│")
    }


def test_the_example_of_the_help_cycles_a_cell_and_shows_what_it_did():
    shown = shown_by(examples()[0])
    assert shown["cycles run"] == "100"
    assert shown["worst that happened"] == "completed"
    assert 90 < float(shown["capacity retention / %, last cycle"]) < 100
    assert shown["first cycle with a soft or hard short circuit"] == "no short"


def test_a_changed_cell_is_named_with_its_change():
    arguments = [CELL, "Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
    change = ["--set", "Coating thickness [m]=100e-9"]
    done = CliRunner().invoke(app, ["run", *arguments, *change])
    assert "coating thickness 100 nm, was 200 nm" in " ".join(done.stdout.split())


def test_a_test_of_a_laboratory_runs_by_its_name():
    shown = shown_by(examples()[1])
    assert shown["first cycle with a soft or hard short circuit"] == "8"
    assert shown["worst that happened"] == "hard short"
    assert shown["current density at which the short appears / mA/cm²"] == "0.8"


def test_a_protocol_of_a_file_is_run(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        "cycles = 2\nsteps = ['Charge at C/10 until 4 V', 'Rest for 1 hour']", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["run", CELL, "--protocol", str(path), "--json"])
    assert json.loads(done.stdout)["cycles"] == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "a run needs steps, or --protocol"),
        (["Rest for 1 hour", "--protocol", "gitt"], "--protocol stands instead of steps"),
        (["--cycles", "3", "--protocol", "gitt"], "leave out --cycles"),
        (["--protocol", "git"], "'git' is not a test.*did you mean 'gitt'"),
    ],
)
def test_a_protocol_is_given_once(words, message):
    done = CliRunner().invoke(app, ["run", CELL, *words])
    assert done.exit_code == 1
    assert re.search(message, str(done.output))
