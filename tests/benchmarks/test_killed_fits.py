"""A fit that is killed at random moments: the same command goes on, and loses what was in flight alone.

Plain, a fit in a journal is killed twice; with ``--full-length``, twenty times, and so is one in a
SQLite file. Printed: what was there at each kill, and how many trials were in flight.
"""

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import optuna
import pytest

from twin.fitting import optimum
from twin.fitting.kept_evaluations import KeptEvaluations
from twin.fitting.optuna_study import complete
from twin.fitting.storages import opened

FAMILY = "Luo2021"
"""The quickest: one run for all its rows."""
TRIALS = 24
"""Of the study: a batch that CMA-ES asks for, and half of another."""
DRAWS = 25
"""Effective draws: one round of the sampler, sometimes two."""
THINGS = 100
"""Finished trials and batches of evaluations of such a fit, about: a command is killed when it has come
to some more of them, however fast the machine is."""
PAUSE = 0.5
"""Most seconds from there to the kill, so that it does not always follow a write."""


@dataclass(frozen=True)
class Kept:
    """What a storage holds of a fit."""

    trials: dict[int, float]
    points: set[bytes]
    running: int
    failed: int


def kept_in(storage):
    study = optuna.load_study(study_name=FAMILY, storage=storage)
    batches = KeptEvaluations(study).read()
    states = [trial.state.name for trial in study.trials]
    return Kept(
        {trial.number: trial.value for trial in optimum.explored(study)},
        {point.tobytes() for points, _ in batches for point in points},
        states.count("RUNNING"),
        states.count("FAIL"),
    )


def command(url, folder):
    words = ["fit", FAMILY, "--trials", str(TRIALS), "--draws", str(DRAWS), "--workers", "1"]
    words += ["--storage", url, "--out", str(folder), "--overwrite"]
    return [sys.executable, "-m", "twin.cli", *words]


def killed(storage, url, folder, more, pause):
    """Start the command, and kill it a moment after it has kept so many things more: exit status."""
    before = things_in(storage)
    output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command(url, folder), **output)
    while process.poll() is None and things_in(storage) < before + more:
        time.sleep(0.05)
    time.sleep(pause)
    process.kill()
    return process.wait()


def things_in(storage):
    """Finished trials and batches of evaluations, of all studies."""
    names = [study.study_name for study in optuna.get_all_study_summaries(storage)]
    studies = [optuna.load_study(study_name=name, storage=storage) for name in names]
    return sum(len(complete(study)) for study in studies)


@pytest.mark.slow
def test_a_killed_fit_loses_what_was_in_flight_alone(tmp_path, full_length, capsys):
    told = killed_often(f"journal:///{tmp_path / 'fits.log'}", tmp_path, 20 if full_length else 2)
    if full_length:
        told += killed_often(f"sqlite:///{tmp_path / 'fits.db'}", tmp_path, 20)
    with capsys.disabled():
        print("", *told, sep="\n")


def killed_often(url, folder, kills):
    """What was there at each kill, in words."""
    chance = random.Random(kills)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = opened(url)
    before, statuses, lines = Kept({}, set(), 0, 0), [], []
    for _ in range(kills):
        more, pause = chance.randint(1, 2 * THINGS // kills), chance.uniform(0, PAUSE)
        statuses.append(killed(storage, url, folder, more, pause))
        after = kept_in(storage)
        assert before.trials.items() <= after.trials.items()
        assert before.points <= after.points
        # a trial that has no name yet is given up seconds later, by the next command but one
        assert after.running <= optimum.BATCH + kills
        lines.append(
            f"killed with {len(after.trials)} trials, {len(after.points)} evaluations, and "
            f"{after.running} in flight"
        )
        before = after
    done = subprocess.run(command(url, folder), capture_output=True, text=True)
    end = kept_in(storage)
    assert done.returncode == 0, done.stderr
    assert f"after {TRIALS} trials" in done.stdout.replace("\n", " ")
    assert len(end.trials) == TRIALS
    assert before.points <= end.points
    assert end.running == 0
    assert end.failed <= kills * optimum.BATCH
    # a command may be done before its moment comes
    assert set(statuses) <= {-signal.SIGKILL, 0}
    assert -signal.SIGKILL in statuses
    lines.append(
        f"went on to {len(end.trials)} trials of {TRIALS}, {end.failed} more lost in flight in "
        f"{statuses.count(-signal.SIGKILL)} kills"
    )
    return lines
