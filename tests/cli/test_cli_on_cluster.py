"""Commands on a Dask cluster: the answers of one machine, and what Ctrl-C leaves behind."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from dask_workers import local
from typer.testing import CliRunner

from twin.cli import app

SECONDS = 120
"""Longest wait for a command to have something worth keeping, on a machine that has more to do."""
STUDY = """
question = "Does the current matter?"
cell = "Chang2023_Li_LGPS_symmetric"
cycles = 800
draws = 20
[protocol]
steps = ["Discharge at {current} for 1 hour", "Charge at {current} for 1 hour"]
[vary.current]
field = "current"
unit = "mA/cm2"
values = { from = 0.01, to = 0.2, number = 400 }
"""
"""Some minutes of work for two workers."""


def interrupted(command, has_results, *, folder, address):
    """The command's exit status and what it said, after Ctrl-C as soon as it has results."""
    process = subprocess.Popen(
        [sys.executable, "-m", "twin.cli", *command, "--scheduler", address],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYBAMM_DISABLE_TELEMETRY": "true", "TERM": "dumb"},
    )
    try:
        wait_for(lambda: has_results() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    return process.returncode, output + errors


def wait_for(happened):
    deadline = time.monotonic() + SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert happened()


@pytest.mark.slow
def test_ctrl_c_ends_a_study_in_one_line_and_keeps_points(tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY)
    with local(2) as workers:
        status, said = interrupted(
            ["what-if", "mine.toml", "--yes"],
            lambda: any(tmp_path.glob("mine_points/*.npz")),
            folder=tmp_path,
            address=workers.scheduler_address,
        )
        wait_for(lambda: not workers.scheduler.tasks)  # nothing is left in the queue
        assert len(workers.workers) == 2
    kept = "Stopped. Finished points are kept in mine_points; the same command goes on from there.\n"
    assert (status, said) == (130, kept)


@pytest.mark.slow
def test_ctrl_c_ends_a_fit_in_one_line_and_keeps_evaluations(tmp_path):
    def has_trials():
        with contextlib.suppress(sqlite3.Error), sqlite3.connect(tmp_path / "fits.db") as file:
            return file.execute("SELECT COUNT(*) FROM trials WHERE state = 'COMPLETE'").fetchone()[0]
        return 0

    with local(2) as workers:
        status, said = interrupted(
            ["fit", "Luo2021", "--trials", "2000", "--storage", "sqlite:///fits.db"],
            has_trials,
            folder=tmp_path,
            address=workers.scheduler_address,
        )
        wait_for(lambda: not workers.scheduler.tasks)
    kept = (
        "Stopped. What was computed is kept in sqlite:///fits.db; the same command goes on from there.\n"
    )
    assert (status, said) == (130, kept)
    assert has_trials()


@pytest.mark.slow
def test_a_validation_is_that_of_one_machine_to_the_bit():
    command = ["validate", "Luo2021", "--draws", "10", "--json"]
    here = CliRunner().invoke(app, command)
    with local(2) as workers:
        there = CliRunner().invoke(app, [*command, "--scheduler", workers.scheduler_address])
    assert (here.exit_code, there.exit_code) == (0, 0), there.output
    assert there.stdout == here.stdout
    assert '"inside"' in here.stdout
