"""The command line as a user meets it: in a process of its own, in an empty folder."""

import json
import os
import subprocess
import sys

import pytest

CELL = "Chang2023_LiAlO2_LGPS_LCO"


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


@pytest.mark.parametrize("command", ["cells", "run", "fit", "forecast", "validate"])
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
    assert {path.suffix for path in tmp_path.iterdir()} == {".nc", ".png"}


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
