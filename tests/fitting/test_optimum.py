"""The optimum: recovers what its rows were made from, resumes, and is never left half told."""

import dataclasses

import numpy as np
import optuna
import pytest

from twin.errors import StudyError
from twin.fitting import optimum, optuna_study, storages
from twin.fitting.descent import objective
from twin.fitting.evaluated import Evaluated
from twin.fitting.kept_evaluations import KeptEvaluations
from twin.fitting.optimum import Descent, Optimum
from twin.fitting.problem import Problem, problem_of
from twin.measured.runs import predict
from twin.results.dataset import unlabelled
from twin.simulators import results_of, simulate

WANTED = ("Interphase growth rate [m.s-1]", "Interphase passivation thickness [m]")


def small_problem(truth=(0.8, -0.7)):
    """Two parameters of the bare interface against rows that the twin itself made."""
    full = problem_of("Chang2023")
    searched = tuple(s for s in full.searched if s.key in WANTED)
    whole = full.experiment
    rows = [row for row in whole.rows if row.id in ("C08", "C09", "C10", "C11", "C02")]
    problem = Problem(whole, whole.cells, whole.runs_of(rows), searched)
    cells = problem.cells_at(np.array(truth))
    runs = []
    for run in problem.runs:
        cell = run.cell_as_measured(cells[run.cell])
        result = unlabelled(simulate(cell, run.protocol))
        made = tuple(dataclasses.replace(row, value=predict(result, row, cell)) for row in run.rows)
        runs.append(dataclasses.replace(run, rows=made))
    return dataclasses.replace(problem, runs=tuple(runs))


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('study') / 'fits.db'}"


def exploration(storage, trials=12, problem=None):
    """A study that was explored and refined, with what was evaluated on the way."""
    problem = small_problem() if problem is None else problem
    with storages.locked(storage):
        study = optuna_study.open_study(
            "a fit", storage, sampler=optimum.sampler(0), version=problem.version, made_by="the model"
        )
        kept = KeptEvaluations(study)
        evaluated = Evaluated(problem, processes=1, keep=kept.keep)
        kept.read_into(evaluated)
        before = len(evaluated)
        optimum.explore(problem, study, trials, evaluated)
        found = optimum.refined(
            evaluated,
            optimum.starts(problem, study, None),
            keep=lambda end: optimum.keep_in(study, problem, end),
        )
    return study, found, len(evaluated) - before


@pytest.fixture(scope="module")
def explored(storage):
    return exploration(storage)


@pytest.mark.slow
def test_fit_recovers_the_parameters_that_made_its_rows(explored):
    """Its point explains them at least as well as the truth, and lies between that and the priors."""
    _, found, _ = explored
    truth = np.array([0.8, -0.7])
    assert found.best.objective <= objective(small_problem().residuals(truth[None])[0])
    assert np.all(found.best.coordinates * np.sign(truth) > 0)
    assert np.all(np.abs(found.best.coordinates) < np.abs(truth) + 0.1)


@pytest.mark.slow
def test_starts_far_apart_agree_on_the_optimum(explored):
    study, found, _ = explored
    assert found.descents[0].start != found.descents[1].start
    assert found.agreed >= optimum.ENOUGH
    assert found.found
    objectives = [end.objective for end in found.descents]
    assert objectives == sorted(objectives)
    ends = [trial for trial in study.trials if optimum.PHASE in trial.user_attrs]
    assert {trial.user_attrs["start"] for trial in ends} == {end.start for end in found.descents}
    assert min(trial.value for trial in ends) == found.best.objective


@pytest.mark.slow
def test_study_resumes_on_the_total_and_runs_nothing_twice(explored, storage):
    study, found, first = explored
    before = len(study.trials)
    again, same, more = exploration(storage)
    assert first > 0
    assert more == 0
    assert len(again.trials) == before
    assert np.array_equal(same.best.coordinates, found.best.coordinates)
    assert len(optimum.explored(again)) == 12


def test_few_descents_or_different_ends_are_no_optimum():
    ends = [Descent(f"start {n}", np.zeros(2), value) for n, value in enumerate((3.0, 3.2, 9.0))]
    two = Optimum(tuple(ends))
    assert (two.agreed, two.found) == (2, False)
    three = Optimum((*ends[:2], Descent("another", np.zeros(2), 3.4)))
    assert (three.agreed, three.found) == (3, True)


@pytest.mark.slow
def test_study_of_another_model_is_refused(explored, storage):
    problem = small_problem()
    other = dataclasses.replace(problem, searched=problem.searched[:1])
    with pytest.raises(StudyError, match="another version of the model"):
        exploration(storage, problem=other)


@pytest.mark.slow
def test_study_in_use_is_refused(explored, storage):
    from filelock import FileLock

    lock = FileLock(storage.removeprefix("sqlite:///") + ".lock")
    with lock, pytest.raises(StudyError, match="in use"):
        exploration(storage)


@pytest.mark.slow
def test_killed_trials_are_reaped(explored, storage):
    study = optuna.load_study(study_name="a fit", storage=storage)
    study.ask()
    exploration(storage)
    study = optuna.load_study(study_name="a fit", storage=storage)
    assert not [t for t in study.trials if t.state == optuna.trial.TrialState.RUNNING]


def test_interrupted_study_keeps_what_was_finished(tmp_path):
    problem = small_problem()
    calls = []

    def interrupted(tasks):
        calls.append(len(tasks))
        if sum(calls) > 100:
            raise KeyboardInterrupt
        return results_of(tasks)

    storage = f"sqlite:///{tmp_path / 'fits.db'}"
    stopped = dataclasses.replace(problem, simulate=interrupted)
    with pytest.raises(KeyboardInterrupt):
        exploration(storage, trials=200, problem=stopped)
    study = optuna.load_study(study_name="a fit", storage=storage)
    states = [trial.state.name for trial in study.trials]
    assert states.count("COMPLETE") >= 4
    assert "RUNNING" not in states
    kept = KeptEvaluations(study).read()
    assert sum(len(points) for points, _ in kept) >= states.count("COMPLETE")
