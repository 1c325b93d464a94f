"""Optuna studies in a file: one run at a time, resumed on the total, refused of another version."""

import optuna
import pytest

import twin
from twin.errors import StudyError
from twin.fitting.optuna_study import complete, explore, open_study

STATE = optuna.trial.TrialState


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'fits.db'}"


@pytest.fixture
def memory():
    """Studies that need no file: a tenth of the time."""
    return optuna.storages.InMemoryStorage()


def opened(storage, version="v1", name="a study", **kwargs):
    sampler = optuna.samplers.RandomSampler(seed=0)
    return open_study(
        name, storage, sampler=sampler, version=version, made_by="the model or its rows", **kwargs
    )


def explored(study, trials, evaluate=lambda x: (x - 2) ** 2):
    """How often it had to evaluate."""
    asked = []

    def counted(x):
        asked.append(x)
        return evaluate(x)

    explore(
        study,
        trials,
        suggest=lambda trial: trial.suggest_float("x", -10, 10),
        evaluate=lambda points: map(counted, points),
        tell=lambda trial, answer: study.tell(trial, answer),
        progress=lambda study: f"best {study.best_value:.3g}",
        label="test",
        batch=1,
    )
    return len(asked)


def test_each_answer_is_told_to_the_trial_that_asked(memory):
    study = opened(memory)
    explored(study, 5)
    assert [trial.value for trial in study.trials] == pytest.approx(
        [(trial.params["x"] - 2) ** 2 for trial in study.trials]
    )


def test_a_study_is_resumed_on_the_total_of_its_trials(storage):
    assert explored(opened(storage), 5) == 5
    assert explored(opened(storage), 8) == 3
    assert explored(opened(storage), 8) == 0
    assert explored(opened(storage), 2) == 0
    assert len(complete(opened(storage))) == 8


def test_studies_of_one_storage_do_not_mix(memory):
    explored(opened(memory), 3)
    assert explored(opened(memory, name="another", version="v2"), 3) == 3
    assert len(complete(opened(memory))) == 3


def test_what_an_interrupted_run_asked_is_failed_and_asked_again(memory):
    def interrupted(x, calls=[]):  # noqa: B006  counts its calls
        calls.append(x)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return x**2

    study = opened(memory)
    with pytest.raises(KeyboardInterrupt):
        explored(study, 6, interrupted)
    assert [trial.state for trial in study.trials] == [STATE.COMPLETE] * 3 + [STATE.FAIL]
    assert explored(opened(memory), 6) == 3


def test_what_a_killed_run_left_running_is_failed_when_the_study_is_opened(memory):
    study = opened(memory)
    explored(study, 2)
    study.ask()
    assert [trial.state for trial in opened(memory).trials] == [STATE.COMPLETE] * 2 + [STATE.FAIL]


def test_a_study_of_another_version_is_refused_and_left_as_it_is(storage):
    explored(opened(storage), 2)
    with pytest.raises(
        StudyError, match=r"'a study' in .*fits\.db belongs to another version of the model or"
    ):
        opened(storage, version="v2")
    again = opened(storage)
    assert again.user_attrs["version"] == "v1"
    assert len(complete(again)) == 2


def test_a_study_says_which_twin_made_it(memory):
    assert opened(memory).user_attrs["twin_version"] == twin.__version__


def test_several_directions_are_kept(memory):
    study = opened(memory, directions=("minimize", "maximize"))
    assert [direction.name for direction in study.directions] == ["MINIMIZE", "MAXIMIZE"]
