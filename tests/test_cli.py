"""The command line as a user meets it: in a process of its own, in an empty folder."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from twin import parallel
from twin.cli import app, main
from twin.studies import what_if

CELL = "Chang2023_LiAlO2_LGPS_LCO"
OLD = (
    "old.nc",
    "Chang2023.toml",
    f"{CELL}_forecast.nc",
    "validation.csv",
    "thickness_current.nc",
    "fastest_charge.nc",
)
"""Files of earlier commands."""


def run_twin(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "twin.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=500,
        env=os.environ | {"COLUMNS": "160", "TERM": "dumb"},
    )


def test_cells_lists_every_cell(tmp_path):
    done = run_twin("cells", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert CELL in [cell["name"] for cell in json.loads(done.stdout)]


@pytest.mark.parametrize("command", ["cells", "run", "fit", "forecast", "what-if", "search", "validate"])
def test_help_shows_an_example(command, tmp_path):
    done = run_twin(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"Example:  twin {command}" in done.stdout


def test_run_prints_and_writes(tmp_path):
    steps = ["Charge at 0.5C until 4.2 V", "Discharge at 0.5C until 2.6 V"]
    done = run_twin("run", CELL, *steps, "--cycles", "3", "--out", "run.nc", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "completed"
    assert answer["cycles"] == 3
    assert (tmp_path / "run.nc").is_file()


def test_forecast_writes_its_answer_a_plot_and_a_netcdf_file(tmp_path):
    done = run_twin("forecast", CELL, "--cycles", "20", "--draws", "6", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    low, median, high = answer["retention_at_20_percent"]
    assert 0 <= low <= median <= high <= 110
    assert {path.suffix for path in tmp_path.iterdir()} == {".nc", ".png", ".svg"}


def test_a_second_forecast_takes_the_next_free_name(tmp_path):
    (tmp_path / f"{CELL}_forecast.nc").write_text("computed before")
    done = run_twin("forecast", CELL, "--cycles", "2", "--draws", "2", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"][0] == f"{CELL}_forecast_2.nc"
    assert (tmp_path / f"{CELL}_forecast.nc").read_text() == "computed before"


STUDY = f"""
question = "Does the current matter?"
cell = "{CELL}"
cycles = 3
draws = 2
[protocol]
steps = ["Charge at {{current}} until 4.2 V", "Discharge at {{current}} until 2.6 V"]
[vary.current]
field = "current"
unit = "mA/cm2"
"""


def test_what_if_answers_at_every_point_and_keeps_them(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.toml").write_text(STUDY + "values = [0.1, 0.2]")
    done = run_twin("what-if", "mine.toml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [point["current"] for point in answer["points"]] == [0.1, 0.2]
    low, median, high = answer["points"][1]["capacity_retention"]
    assert 0 < low <= median <= high < 1.1
    assert len(list((tmp_path / "mine_points").glob("*.npz"))) == 2
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    words = ["--out", "mine.nc", "--overwrite", "--plot", "--report", "mine.html"]
    monkeypatch.setattr(sys, "argv", ["twin", "what-if", "mine.toml", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "Does the current matter?" in capsys.readouterr().out
    assert "Does the current matter?" in (tmp_path / "mine.html").read_text()
    assert (tmp_path / "mine_capacity_retention.svg").is_file()
    assert len(list((tmp_path / "mine_points").glob("*.npz"))) == 2


def test_search_shows_the_best_and_fails_where_there_is_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    study = STUDY + 'low = 0.1\nhigh = 0.2\n[[objective]]\nquantity = "charge_time"\n'
    constraint = '[[constraint]]\nquantity = "capacity_retention"\nprobability = 0.9\nat_least = '
    (tmp_path / "mine.toml").write_text(study + constraint + "0.5")
    monkeypatch.setattr(sys, "argv", ["twin", "search", "mine.toml", "--evaluations", "3", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    answer = json.loads(capsys.readouterr().out)
    assert 0.1 <= answer["best"]["current"] <= 0.2
    assert answer["evaluations"] == answer["feasible"] == 3
    (tmp_path / "vain.toml").write_text(study + constraint + "1.5")
    monkeypatch.setattr(sys, "argv", ["twin", "search", "vain.toml", "--evaluations", "2"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "no point of 2 meets every constraint; the nearest, current 0." in capsys.readouterr().err
    assert (tmp_path / "vain.nc").is_file()


def test_ctrl_c_keeps_the_finished_points_and_says_so(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text(STUDY + "values = [0.1, 0.2]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    original, ran = what_if.run_together, []

    def interrupted(tasks):
        if len(ran) == 3:
            raise KeyboardInterrupt
        ran.append(tasks)
        return original(tasks)

    monkeypatch.setattr(what_if, "run_together", interrupted)
    done = CliRunner().invoke(app, ["what-if", "mine.toml"])
    assert done.exit_code == 130
    assert "Finished points are kept in mine_points; the same command goes on" in done.stderr
    assert len(list((tmp_path / "mine_points").glob("*.npz"))) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "Chang2023_LiAlO2", "Rest for 1 hour"], "did you mean"),
        (["run", CELL, "Charge at 1C untill 4.2 V"], "accepted are forms like"),
        (["run", CELL, "Rest for 1 hour", "--cycles", "0"], "cycles must be"),
        (["run", CELL, "Rest for 1 hour", "--set", "Coating thickness [m]=-1"], "zero or more"),
        (["run", CELL, "Rest for 1 hour", "--set", "Coating thickness [nm]=1"], "wrong unit"),
        (["run", CELL, "Rest for 1 hour", "--set", "Coating thickness [m]"], "--set takes"),
        (["run", "missing.toml", "Rest for 1 hour"], "missing.toml"),
        (["run", CELL, "Charge at 1C until 5.5 V"], "The run ended in step"),
        (["run", CELL, "Rest for 1 hour", "--out", "taken/run.nc"], "cannot"),
        (["forecast", CELL, "--out", "taken"], "cannot"),
        (["forecast", CELL, "--draws", "0"], "draws must be"),
        (["fit", "Nobody2020"], "no measured rows"),
        (["fit", "Chang2023", "--trials", "0"], "trials must be"),
        (["fit", "Chang2023", "--storage", "sqlite:///no/such/folder/fits.db"], "study"),
        (["fit", "Chang2023", "--storage", "nonsense"], "cannot open the study"),
        (["validate", "--leave-out", "Z99"], "no row Z99"),
        (["validate", "Nobody2020"], "no measured rows"),
    ],
)
def test_bad_input_is_one_clear_line_and_not_zero(arguments, message, tmp_path):
    (tmp_path / "taken").write_text("a file where a folder is wanted")
    done = run_twin(*arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"taken"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", CELL, "Rest for 1 hour", "--out", "old/old.nc"], "--overwrite"),
        (["fit", "Chang2023", "--out", "old"], "--overwrite"),
        (["forecast", CELL, "--out", "old"], "--overwrite"),
        (["forecast", CELL, "--out", "old/old.nc"], "--overwrite"),
        (["validate", "--out", "old"], "--overwrite"),
        (["what-if", "Chang2023/thickness_current", "--out", "old"], "--overwrite"),
        (["search", "Chang2023/fastest_charge", "--out", "old"], "--overwrite"),
        (["what-if", "Chang2023/thickness_current", "--report", "old/old.nc"], "--overwrite"),
        (["what-if", "Chang2023/thicknes_current"], "did you mean 'Chang2023/thickness_current'"),
        (["what-if", "missing.toml"], "cannot be read"),
        (["what-if", "Chang2023/fastest_charge"], "it is a search"),
        (["search", "Chang2023/thickness_current"], "no objective"),
        (["what-if", "Chang2023/thickness_current", "--draws", "0"], "draws must be"),
        (["what-if", "Chang2023/thickness_current", "--draws", "20000"], "--yes"),
    ],
)
def test_bad_input_leaves_what_was_computed_before(arguments, message, tmp_path, monkeypatch, capsys):
    for name in OLD:
        (tmp_path / "old" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "old" / name).write_text("computed before")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["twin", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1, said
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert {path.name: path.read_text() for path in (tmp_path / "old").iterdir()} == dict.fromkeys(
        OLD, "computed before"
    )
