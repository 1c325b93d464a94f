"""The optimum: recovers what its rows were made from, resumes, and is never left half told."""

import dataclasses

import numpy as np
import optuna
import pytest

from twin.errors import StudyError
from twin.fitting import optimum
from twin.fitting.posterior import explored
from twin.fitting.problem import Problem, problem_of
from twin.measured.runs import predict
from twin.simulators import simulate

WANTED = ("Interphase growth rate [m.s-1]", "Interphase passivation thickness [m]")


def small_problem(truth=(0.8, -0.7)):
    """Two parameters of the bare interface against rows that the twin itself made."""
    full = problem_of("Chang2023", simulate)
    searched = tuple(s for s in full.searched if s.key in WANTED)
    whole = full.experiment
    rows = [row for row in whole.rows if row.id in ("C08", "C09", "C10", "C11", "C02")]
    problem = Problem(whole, whole.cells, whole.runs_of(rows), searched, simulate)
    cells = problem.cells_at(np.array(truth))
    runs = []
    for run in problem.runs:
        cell = run.cell_as_measured(cells[run.cell])
        result = simulate(cell, run.protocol)
        made = tuple(dataclasses.replace(row, value=predict(result, row, cell)) for row in run.rows)
        runs.append(dataclasses.replace(run, rows=made))
    return dataclasses.replace(problem, runs=tuple(runs))


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('study') / 'fits.db'}"


@pytest.fixture(scope="module")
def found(storage):
    return optimum.find(small_problem(), trials=12, storage=storage, seed=0, processes=1)


@pytest.mark.slow
def test_fit_recovers_the_parameters_that_made_its_rows(found):
    # the priors, centred on zero, pull by less than a posterior standard deviation
    draws = explored(found, steps=60, seed=1).draws
    truth = found.problem.values(np.array([0.8, -0.7]))
    low, high = draws["value"].quantile([0.005, 0.995], dim="draw").values
    assert np.all((low < truth) & (truth < high))
    assert found.objective < 1.0


@pytest.mark.slow
def test_study_opens_with_optuna_and_resumes_on_the_total(found, storage):
    study = optuna.load_study(study_name="Chang2023", storage=storage)
    before = len(study.trials)
    assert set(study.best_params) == {s.name for s in found.problem.searched}
    again = optimum.find(small_problem(), trials=12, storage=storage, seed=0, processes=1)
    assert again.trials == 12
    assert again.objective <= found.objective + 1e-9
    explored = [t for t in optuna.load_study(study_name="Chang2023", storage=storage).trials]
    # nothing was explored anew: only the refinement left its trace
    new = explored[before:]
    assert all(trial.user_attrs.get("phase") == "refinement" for trial in new)


@pytest.mark.slow
def test_study_of_another_model_is_refused(found, storage):
    other = dataclasses.replace(found.problem, searched=found.problem.searched[:1])
    with pytest.raises(StudyError, match="another version of the model"):
        optimum.find(other, trials=12, storage=storage, processes=1)


@pytest.mark.slow
def test_study_in_use_is_refused(found, storage):
    from filelock import FileLock

    lock = FileLock(storage.removeprefix("sqlite:///") + ".lock")
    with lock, pytest.raises(StudyError, match="in use"):
        optimum.find(found.problem, trials=12, storage=storage, processes=1)


@pytest.mark.slow
def test_killed_trials_are_reaped(found, storage):
    study = optuna.load_study(study_name="Chang2023", storage=storage)
    study.ask()
    optimum.find(small_problem(), trials=12, storage=storage, processes=1)
    study = optuna.load_study(study_name="Chang2023", storage=storage)
    assert not [t for t in study.trials if t.state == optuna.trial.TrialState.RUNNING]


def test_interrupted_study_keeps_what_was_finished(tmp_path):
    problem = small_problem()
    calls = []

    def interrupted(cell, protocol):
        calls.append(1)
        if len(calls) > 4 * len(problem.runs):
            raise KeyboardInterrupt
        return simulate(cell, protocol)

    storage = f"sqlite:///{tmp_path / 'fits.db'}"
    with pytest.raises(KeyboardInterrupt):
        optimum.find(
            dataclasses.replace(problem, simulate=interrupted), trials=50, storage=storage, processes=1
        )
    study = optuna.load_study(study_name="Chang2023", storage=storage)
    states = [trial.state.name for trial in study.trials]
    assert states.count("COMPLETE") >= 4
    assert "RUNNING" not in states
