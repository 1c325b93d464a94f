"""What is taken along says what was on the screen."""

import shlex

import pandas as pd
import pytest

import twin
from twin import names
from twin.cli.options import changed_cell
from twin.studio import answers, take_away
from twin.studio.knobs import CYCLES, RATE, TEMPERATURE, THICKNESS
from twin.studio.view import View


@pytest.fixture(scope="module")
def view():
    return View().turn(THICKNESS, 150).turn(TEMPERATURE, 40).turn(RATE, 0.5).turn(CYCLES, 20)


@pytest.fixture(scope="module")
def found(view):
    return answers.best(view)


def test_lines_of_python_give_the_same_run(view, found):
    lines = take_away.python_lines(view).replace("draws=100", "draws=3")
    said: dict = {}
    exec(lines, said)
    assert said["run"].equals(found.run)
    assert said["forecast"].sizes["draw"] == 3


def test_the_command_asks_for_the_same_cell_and_protocol(view):
    program, name, cell, *rest = shlex.split(take_away.command(view))
    assert (program, name) == ("twin", "forecast")
    steps = rest[: rest.index("--cycles")]
    assert twin.Protocol(steps, cycles=int(rest[rest.index("--cycles") + 1])) == view.protocol
    changes = [rest[place + 1] for place, word in enumerate(rest) if word == "--set"]
    assert changed_cell(twin.load_cell(cell), changes).hash == view.cell.hash


def test_the_study_is_one_that_can_be_asked(view, tmp_path):
    (tmp_path / "study.toml").write_text(take_away.study(view), encoding="utf-8")
    study = twin.load_study(tmp_path / "study.toml")
    summary = twin.summarise_study(twin.what_if(study, draws=2))
    assert summary.sizes["thickness"] == 1
    assert study.cell.values[names.AMBIENT_TEMPERATURE] == view.cell.values[names.AMBIENT_TEMPERATURE]


def test_numbers_have_units_and_are_those_of_the_run(found):
    table = pd.read_csv(take_away.numbers(found))
    assert table["discharge_capacity [A.h]"].to_numpy() == pytest.approx(
        found.run["discharge_capacity"].values
    )


def test_pictures_and_the_report_are_of_the_forecast(view):
    found = answers.interval(view, draws=4)
    assert take_away.picture(found, "png").read(8) == b"\x89PNG\r\n\x1a\n"
    assert b"<svg" in take_away.picture(found, "svg").read()
    assert "150 nm" in take_away.report(found).read().decode()
