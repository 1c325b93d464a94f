"""The fit: recovers what it was made from, resumes, and keeps to its rows."""

import dataclasses

import numpy as np
import optuna
import pytest
from measured.folders import change, copy_of

import twin
from twin.errors import FittedSetError, StudyError
from twin.fitting import optimum
from twin.fitting.posterior import explored
from twin.fitting.problem import Problem, problem_of
from twin.measured.runs import predict
from twin.protocols import Protocol
from twin.simulators import reference, simulate

WANTED = ("Interphase growth rate [m.s-1]", "Interphase passivation thickness [m]")
FIXED = "Electrode area [m2]"


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


HELD_OUT = {
    "Chang2023": {"C14", "C23", "C24", "C33", "C34", "C43", "C51"},
    "Duan2023": {"D03", "D04"},
    "Liu2018": {"L02a", "L02b", "L02c", "L10", "L11", "L12", "L13", "L14", "L15"},
    "Luo2021": {"U01", "U06", "U09"},
}
"""Rows that the papers' fits have never seen: written out, so that no column can take one back."""


@pytest.mark.parametrize("paper", HELD_OUT)
def test_only_rows_marked_fit_are_in_the_problem(paper):
    rows = twin.read_rows(paper)
    entered = {row.id for run in problem_of(paper, simulate).runs for row in run.rows}
    assert entered == {row.id for row in rows if row.role == "fit"}
    assert {row.id for row in rows if row.role == "validate"} == HELD_OUT[paper]
    assert entered.isdisjoint(HELD_OUT[paper])


def test_measured_values_of_held_out_rows_move_no_residual(tmp_path):
    """Whatever they say, a fit cannot know."""
    folder = copy_of("Luo2021", tmp_path)
    change(folder / "rows.csv", "discharge capacity reaches 0,897", "discharge capacity reaches 0,300")
    change(folder / "rows.csv", "lifetime,17,cycle", "lifetime,500,cycle")
    shipped, changed = problem_of("Luo2021", simulate), problem_of(folder, simulate)
    assert {row.id: row.value for row in changed.experiment.rows}["U06"] == 300
    assert changed.version == shipped.version
    assert np.array_equal(changed.residuals(changed.start), shipped.residuals(shipped.start))


def test_row_that_is_left_out_enters_no_more():
    problem = problem_of("Chang2023", simulate, leave_out=["C55"])
    assert "C55" not in {row.id for run in problem.runs for row in run.rows}
    with pytest.raises(FittedSetError, match="Chang2023 has no row C99 to leave out"):
        problem_of("Chang2023", simulate, leave_out=["C55", "C99"])


def test_shared_parts_are_searched_once_and_move_every_cell_that_has_them():
    problem = problem_of("Chang2023", simulate)
    names = [searched.name for searched in problem.searched]
    assert len(names) == len(set(names))
    place = names.index("pairs/Li_LGPS: Interphase growth rate [m.s-1]")
    point = problem.start.copy()
    point[place] = 1.0
    moved = {
        name: cell.values["Interphase growth rate [m.s-1]"]
        for name, cell in problem.cells_at(point).items()
    }
    assert len(set(moved.values())) == 1
    assert moved != {
        name: cell.values["Interphase growth rate [m.s-1]"] for name, cell in problem.cells.items()
    }


def test_prior_coordinates_and_values_are_inverse():
    problem = problem_of("Chang2023", simulate)
    point = np.linspace(-0.5, 0.5, len(problem.searched))
    assert problem.coordinates(problem.values(point)) == pytest.approx(point)


def test_whatever_decides_a_fit_makes_another_version_of_it():
    problem = problem_of("Duan2023", simulate)
    (first, *runs) = problem.runs
    (row, *rows) = first.rows

    def with_row(**changes):
        changed = dataclasses.replace(first, rows=(dataclasses.replace(row, **changes), *rows))
        return dataclasses.replace(problem, runs=(changed, *runs)).version

    moved = {
        name: cell.replace({FIXED: 1.1 * cell.values[FIXED]}) for name, cell in problem.cells.items()
    }
    longer = dataclasses.replace(first, protocol=Protocol(first.protocol.block, cycles=77))
    unspread = dataclasses.replace(problem.experiment, spreads={})
    others = [
        with_row(value=2 * row.value),
        with_row(cycle=3),
        with_row(specimen="another"),
        dataclasses.replace(problem, cells=moved).version,
        dataclasses.replace(problem, runs=(longer, *runs)).version,
        dataclasses.replace(problem, searched=problem.searched[1:]).version,
        dataclasses.replace(problem, experiment=unspread).version,
        dataclasses.replace(problem, simulate=reference.simulate).version,
    ]
    assert len({problem.version, *others}) == 1 + len(others)
    for remark in ("note", "where", "at", "text", "line"):
        assert with_row(**{remark: "read by another pair of eyes"}) == problem.version
