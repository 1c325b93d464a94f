"""`twin update` and `twin watch`: what they print, what they keep, and how they end."""

import contextlib
import json
import subprocess
import sys

import numpy as np
import pytest
import tomli_w
from dask_workers import local
from following_cell import CELL
from measured.folders import copy_of
from typer.testing import CliRunner

import twin
from twin.cli import app
from twin.measured.experiment import read_experiment

WORDS = next(iter(read_experiment("Luo2021").protocols))
SMALL = ["--particles", "40", "--horizon", "60"]


@pytest.fixture(scope="module")
def run():
    """What the optimum of the family gives in 40 cycles."""
    protocol = twin.Protocol(read_experiment("Luo2021").protocols[WORDS].protocol.block, 40)
    return twin.simulate(twin.load_cell(CELL), protocol)


def write(folder, run, cycles, factor=1.0):
    delivered = 1e3 * run["discharge_capacity"].values[:cycles]
    delivered = delivered * np.where(np.arange(cycles) >= 30, factor, 1.0)
    lines = [f"{place},{own:.7f}" for place, own in enumerate(delivered, 1)]
    text = "\n".join(["Cycle,Discharge Capacity (mAh)", *lines]) + "\n"
    (folder / "files" / "cell_07.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(run, tmp_path):
    folder = copy_of("Luo2021", tmp_path)
    (folder / "files").mkdir()
    table = {"cell": CELL, "protocol": WORDS, "specimen": "cell 07", "role": "follow"}
    content = tomli_w.dumps({"files/cell_07.csv": table})
    (folder / "measurements.toml").write_text(content, encoding="utf-8")
    write(folder, run, 25)
    return folder


def without_clock(output):
    """What an update says for machines, less how long it took."""
    answers = json.loads(output)
    for answer in answers:
        del answer["seconds"]
    return answers


def invoke(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_an_update_says_what_it_changed_and_where_it_is_kept(folder):
    done = invoke("update", folder, *SMALL, "--plot")
    assert done.exit_code == 0, done.output
    assert "25 new cycles" in done.stdout
    assert "after cycle 0" in done.stdout
    assert "after cycle 25" in done.stdout
    kept = {path.name for path in (folder / "followed").glob("*/*")}
    assert kept == {
        "state_0001.nc", "narrowing_onset.png", "narrowing_onset.svg", "narrowing_retention.png",
        "narrowing_retention.svg",
    }  # fmt: skip
    again = invoke("update", folder, *SMALL)
    assert again.exit_code == 0
    assert "no new cycles since cycle 25" in again.output


def test_machines_are_told_of_an_alarm(folder, run):
    invoke("update", folder, *SMALL)
    write(folder, run, 40, factor=0.9)
    done = invoke("update", folder, "--json")
    assert done.exit_code == 0, done.output
    (answer,) = json.loads(done.stdout)
    assert (answer["specimen"], answer["cycles"], answer["new_cycles"]) == ("cell 07", 40, 15)
    assert answer["horizon"] == 60  # of the first update
    assert answer["alarms"][0].startswith("cycle 31")
    assert set(answer["forecast"]) >= {"capacity_retention", "short_circuit_onset_cycle"}


def test_a_file_that_changed_its_past_ends_the_command_in_one_line(folder, run):
    invoke("update", folder, *SMALL)
    write(folder, run.assign(discharge_capacity=1.02 * run["discharge_capacity"]), 30)
    done = invoke("update", folder)
    assert done.exit_code == 1
    assert "have changed their past" in done.output
    assert len(list((folder / "followed").glob("*/state_*.nc"))) == 1


def between_looks(monkeypatch, *happens):
    """What happens to the file between two looks; then nothing."""
    steps = iter(happens)
    pause = "twin.following.watch.pause"
    monkeypatch.setattr(pause, lambda seconds: next(steps, lambda: None)())


def test_watch_updates_what_is_there_and_what_has_grown(folder, run, monkeypatch):
    between_looks(monkeypatch, lambda: write(folder, run, 35))
    done = invoke("watch", folder, *SMALL, "--every", 0.01, "--looks", 3)
    assert done.exit_code == 0, done.output
    assert "25 new cycles" in done.stdout
    assert "10 new cycles" in done.stdout


def test_watch_outlives_a_file_that_cannot_be_read(folder, run, monkeypatch):
    def spoil():
        (folder / "files" / "cell_07.csv").write_text("Cycle,Bananas\n1,2\n")

    between_looks(monkeypatch, spoil, lambda: None, lambda: write(folder, run, 35))
    done = invoke("watch", folder, *SMALL, "--every", 0.01, "--looks", 5)
    assert done.exit_code == 0, done.output
    assert "twin: cell 07: " in done.output
    assert "10 new cycles" in done.stdout


def test_a_folder_that_is_none_is_said():
    done = invoke("update", "no_such_folder")
    assert done.exit_code == 1
    assert "no_such_folder" in done.output


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [2.0, 6.0])
def test_an_update_that_is_killed_leaves_the_states_that_were_there(folder, run, seconds):
    """Whenever it is killed: what is there is whole, and the next update goes on."""
    invoke("update", folder, *SMALL)
    (first,) = (folder / "followed").glob("*/state_*.nc")
    before = first.read_bytes()
    write(folder, run, 40)
    command = [sys.executable, "-m", "twin.cli", "update", str(folder), "--anew", "--particles", "400"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.wait()
    assert first.read_bytes() == before
    states = sorted((folder / "followed").glob("*/state_*.nc"))
    done = invoke("update", folder, *SMALL)
    assert done.exit_code == 0, done.output
    assert ("no new cycles" in done.output) == (len(states) == 2)


@pytest.mark.slow
def test_an_update_on_a_cluster_is_that_of_one_machine_to_the_bit(folder):
    here = invoke("update", folder, *SMALL, "--json")
    with local(2) as workers:
        there = invoke(
            "update", folder, *SMALL, "--json", "--anew", "--scheduler", workers.scheduler_address
        )
    assert (here.exit_code, there.exit_code) == (0, 0), there.output
    one, other = without_clock(here.stdout), without_clock(there.stdout)
    assert one[0].pop("files") != other[0].pop("files")
    assert other == one


def test_an_update_whose_scheduler_is_out_of_reach_keeps_nothing(folder):
    done = invoke("update", folder, *SMALL, "--scheduler", "nonsense")
    assert done.exit_code == 1
    assert done.stderr.startswith("twin: no Dask scheduler answers at 'nonsense'")
    assert len(done.stderr.splitlines()) == 1
    assert not (folder / "followed").exists()
