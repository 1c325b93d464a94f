"""`twin run` as its help shows it."""

import inspect
import re
import shlex

from typer.testing import CliRunner

from twin.cli import app
from twin.cli.run import run


def test_the_example_of_the_help_cycles_a_cell_and_shows_what_it_did():
    example = re.search(r"Example:  twin (.*)", inspect.getdoc(run), re.DOTALL)[1]
    done = CliRunner().invoke(app, shlex.split(example.replace("\\\n", " ")))
    assert done.exit_code == 0, done.output
    shown = {
        (cells := [cell.strip() for cell in line.split("│")[1:3]])[0]: cells[1]
        for line in done.stdout.splitlines()
        if line.startswith("│")
    }
    assert shown["cycles run"] == "100"
    assert shown["worst that happened"] == "completed"
    assert 90 < float(shown["capacity retention / %, last cycle"]) < 100
    assert shown["first cycle with a soft or hard short circuit"] == "no short"


def test_a_changed_cell_is_named_with_its_change():
    arguments = ["Chang2023_LiAlO2_LGPS_LCO", "Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
    change = ["--set", "Coating thickness [m]=100e-9"]
    done = CliRunner().invoke(app, ["run", *arguments, *change])
    assert "coating thickness 100 nm, was 200 nm" in " ".join(done.stdout.split())
