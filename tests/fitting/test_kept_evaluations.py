"""Evaluations go where their study goes, and come back as they were."""

import numpy as np
import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from twin.fitting.kept_evaluations import TOGETHER, KeptEvaluations
from twin.fitting.optuna_study import open_study


@pytest.fixture(params=["sqlite", "journal", "memory"])
def storage(request, tmp_path):
    return {
        "sqlite": f"sqlite:///{tmp_path / 'fits.db'}",
        "journal": JournalStorage(JournalFileBackend(str(tmp_path / "fits.log"))),
        "memory": optuna.storages.InMemoryStorage(),
    }[request.param]


def test_they_come_back_to_the_last_bit_and_in_their_order(storage):
    study = optuna.create_study(study_name="a fit", storage=storage)
    assert KeptEvaluations(study).read() == []
    generator = np.random.default_rng(0)
    points, entries = (
        generator.standard_normal((TOGETHER + 7, 3)),
        generator.normal(size=(TOGETHER + 7, 5)),
    )
    entries[2, 1] = np.nan
    KeptEvaluations(study).keep(points, entries)
    KeptEvaluations(study).keep(points[:1] + 1, entries[:1])
    again = optuna.load_study(study_name="a fit", storage=storage)
    found = [np.concatenate(parts) for parts in zip(*KeptEvaluations(again).read(), strict=True)]
    assert np.array_equal(found[0], np.vstack([points, points[:1] + 1]))
    assert np.array_equal(found[1], np.vstack([entries, entries[:1]]), equal_nan=True)
    # the study of the fit itself holds none of them
    assert again.trials == []


def test_one_trial_fits_into_a_field_of_a_database():
    study = optuna.create_study(study_name="a fit", storage=optuna.storages.InMemoryStorage())
    kept = KeptEvaluations(study)
    kept.keep(np.zeros((TOGETHER, 30)), np.zeros((TOGETHER, 60)))
    (trial,) = kept._study.trials
    assert max(len(text) for text in trial.user_attrs.values()) < 2**16


def test_those_of_another_model_are_not_read(tmp_path):
    """A study that was deleted, as its error advises, leaves its evaluations behind."""
    storage = f"sqlite:///{tmp_path / 'fits.db'}"

    def opened(version):
        sampler = optuna.samplers.RandomSampler(seed=0)
        return open_study("a fit", storage, sampler=sampler, version=version, made_by="the model")

    KeptEvaluations(opened("old")).keep(np.zeros((1, 2)), np.full((1, 3), 7.0))
    assert len(KeptEvaluations(opened("old")).read()) == 1
    optuna.delete_study(study_name="a fit", storage=storage)
    assert KeptEvaluations(opened("new")).read() == []
