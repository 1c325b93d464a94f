"""Trials of several commands in one study: each is run once, and the total is that of the study."""

import contextlib
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest

from twin.fitting import claims
from twin.fitting.optuna_study import complete, explore, open_study

STATE = optuna.trial.TrialState
ELSEWHERE = {"host": "another machine", "process": 1, "beats": 0}


def opened(storage, seed=0):
    sampler = optuna.samplers.RandomSampler(seed=seed)
    return open_study("a study", storage, sampler=sampler, version="v", made_by="the model")


def storage_of(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fits.db'}"
    if request.param == "journal":
        return f"journal:///{tmp_path / 'fits.log'}"
    storage = request.getfixturevalue("database")
    with contextlib.suppress(KeyError):
        optuna.delete_study(study_name="a study", storage=storage)
    return storage


@pytest.fixture(params=["journal", "database"])
def shared(request, tmp_path):
    """A storage that several commands may use at once."""
    return storage_of(request, tmp_path)


@pytest.fixture(params=["sqlite", "journal", "database"])
def lasting(request, tmp_path):
    """A storage that outlives its command."""
    return storage_of(request, tmp_path)


@pytest.fixture
def study():
    return opened(optuna.storages.InMemoryStorage())


def run(study, trials, batch=4, evaluate=lambda points: points):
    explore(
        study,
        trials,
        suggest=lambda trial: trial.suggest_float("x", 0, 1),
        evaluate=evaluate,
        tell=study.tell,
        progress=lambda study: "",
        label="test",
        batch=batch,
    )


def states(study):
    return [trial.state for trial in study.trials]


def test_several_commands_make_the_total_together(shared):
    studies = [opened(shared) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda study: run(study, 20), studies))
    found = complete(opened(shared))
    assert len(found) == 20
    assert STATE.RUNNING not in states(studies[0])


def test_of_commands_that_ask_for_the_last_trial_at_once_one_gets_it(study, monkeypatch):
    first = study.ask()
    seen = iter([[], [0, 1]])  # when it asks, the other has not yet
    monkeypatch.setattr(claims, "_taken", lambda *_: next(seen))
    with claims.asked(study, 4, 1, lambda trial: True) as later:
        assert later == []
    assert states(study) == [STATE.RUNNING, STATE.FAIL]
    monkeypatch.undo()
    study.tell(first, 1.0)
    run(study, 1)
    assert states(study) == [STATE.COMPLETE, STATE.FAIL]


def test_commands_with_one_seed_do_not_ask_alike():
    alone, beside = (opened(optuna.storages.InMemoryStorage()) for _ in range(2))
    run(alone, 2)
    other = beside.ask()

    def evaluate(points):
        beside.tell(other, 0.0)
        return points

    run(beside, 3, evaluate=evaluate)
    first, second = ({trial.params.get("x") for trial in study.trials} for study in (alone, beside))
    assert len(first) == 2
    assert first.isdisjoint(second)


def test_a_command_waits_for_the_last_trials_of_others(study, monkeypatch):
    other = study.ask()
    other.set_user_attr(claims.COMMAND, ELSEWHERE)
    waits = []

    def told_meanwhile(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            study.tell(other, 0.5)

    monkeypatch.setattr(claims.time, "sleep", told_meanwhile)
    run(study, 5)
    assert len(waits) == 3
    assert states(study) == [STATE.COMPLETE] * 5


def test_a_command_that_is_silent_is_dead(study):
    now = [0.0]
    watch = claims.Watch(study, clock=lambda: now[0])
    trial = study.ask()
    for beats in range(3):
        trial.set_user_attr(claims.COMMAND, ELSEWHERE | {"beats": beats})
        watch.fail_dead()
        now[0] += 0.9 * claims.SILENCE
        watch.fail_dead()
        assert states(study) == [STATE.RUNNING]
    now[0] += 0.2 * claims.SILENCE
    watch.fail_dead()
    assert states(study) == [STATE.FAIL]


def test_a_trial_without_a_name_is_soon_given_up(study):
    now = [0.0]
    watch = claims.Watch(study, clock=lambda: now[0])
    study.ask()
    for seconds, state in ((0, STATE.RUNNING), (4, STATE.RUNNING), (2, STATE.FAIL)):
        now[0] += seconds
        watch.fail_dead()
        assert states(study) == [state]


def test_a_command_of_this_machine_that_is_gone_is_dead_at_once(study):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    ended.wait()
    for process in (ended, living):
        name = {"host": platform.node(), "process": process.pid, "beats": 0}
        study.ask().set_user_attr(claims.COMMAND, name)
    claims.Watch(study).fail_dead()
    living.communicate(b"\n")
    assert states(study) == [STATE.FAIL, STATE.RUNNING]


def test_a_command_beats_while_its_trials_run(study, monkeypatch):
    monkeypatch.setattr(claims, "BEAT", 0.01)
    seen = []

    def evaluate(points):
        while not seen or max(seen) < 3:
            running = [trial.user_attrs[claims.COMMAND]["beats"] for trial in claims.running(study)]
            seen.append(min(running))
        return points

    run(study, 2, batch=2, evaluate=evaluate)
    assert seen == sorted(seen)
    assert states(study) == [STATE.COMPLETE] * 2


def test_the_answer_to_a_trial_that_was_given_up_is_dropped_and_asked_anew(study):
    def evaluate(points):
        if len(study.trials) == 2:
            claims.fail(study, 0)  # another command has not heard of this one for long
        return points

    run(study, 2, batch=2, evaluate=evaluate)
    assert states(study) == [STATE.FAIL, STATE.COMPLETE, STATE.COMPLETE]


KILLS_ITSELF = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from fitting.test_claims import opened, run
calls = []
def evaluate(points):
    calls.append(len(points))
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return points
run(opened(sys.argv[1]), 12, evaluate=evaluate)
"""


def test_after_a_kill_the_next_command_makes_the_rest_at_once(lasting, request):
    where = str(request.config.rootpath / "tests")
    killed = subprocess.run([sys.executable, "-c", KILLS_ITSELF, lasting, where], timeout=120)
    assert killed.returncode == -9
    study = opened(lasting)
    assert len(complete(study)) == 8
    run(study, 12)
    assert states(study) == [STATE.COMPLETE] * 8 + [STATE.FAIL] * 4 + [STATE.COMPLETE] * 4
