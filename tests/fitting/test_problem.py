"""What is fitted to what: rows that may enter, parts that are shared, what makes it another fit."""

import dataclasses

import numpy as np
import pytest
from measured.folders import change, copy_of

import twin
from twin.errors import FittedSetError
from twin.fitting import problem as module
from twin.fitting.problem import problem_of
from twin.protocols import Protocol
from twin.simulators import long_cycling

FIXED = "Electrode area [m2]"


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
    entered = {row.id for run in problem_of(paper).runs for row in run.rows}
    assert entered == {row.id for row in rows if row.role == "fit"}
    assert {row.id for row in rows if row.role == "validate"} == HELD_OUT[paper]
    assert entered.isdisjoint(HELD_OUT[paper])


def test_measured_values_of_held_out_rows_move_no_residual(tmp_path):
    """Whatever they say, a fit cannot know."""
    folder = copy_of("Luo2021", tmp_path)
    change(folder / "rows.csv", "discharge capacity reaches 0,897", "discharge capacity reaches 0,300")
    change(folder / "rows.csv", "lifetime,17,cycle", "lifetime,500,cycle")
    shipped, changed = problem_of("Luo2021"), problem_of(folder)
    assert {row.id: row.value for row in changed.experiment.rows}["U06"] == 300
    assert changed.version == shipped.version
    assert np.array_equal(changed.residuals(changed.start[None]), shipped.residuals(shipped.start[None]))


def test_row_that_is_left_out_enters_no_more():
    problem = problem_of("Chang2023", leave_out=["C55"])
    assert "C55" not in {row.id for run in problem.runs for row in run.rows}
    with pytest.raises(FittedSetError, match="Chang2023 has no row C99 to leave out"):
        problem_of("Chang2023", leave_out=["C55", "C99"])


def test_family_without_rows_to_fit_is_refused(tmp_path):
    fitted = [row.id for row in twin.read_rows("Luo2021") if row.role == "fit"]
    with pytest.raises(
        FittedSetError, match="Luo2021 has no row with the role 'fit' beside those left out, U02"
    ):
        problem_of("Luo2021", leave_out=fitted)
    folder = copy_of("Luo2021", tmp_path)
    for line in (folder / "rows.csv").read_text(encoding="utf-8").splitlines():
        if ",fit," in line:
            change(folder / "rows.csv", line, line.replace(",fit,", ",validate,"))
    with pytest.raises(
        FittedSetError, match=r"nothing to fit: mine has no row with the role 'fit', and no file$"
    ):
        problem_of(folder)


@pytest.fixture
def with_priors(monkeypatch):
    """Luo2021 with other priors: a function of the priors of its parts."""

    def otherwise(changed):
        whole = module.read_experiment("Luo2021")
        cells = {
            name: dataclasses.replace(
                cell,
                parameters={
                    key: dataclasses.replace(entry, prior=entry.prior and changed(entry.prior))
                    for key, entry in cell.parameters.items()
                },
            )
            for name, cell in whole.cells.items()
        }
        changed_experiment = dataclasses.replace(whole, cells=cells)
        monkeypatch.setattr(module, "read_experiment", lambda _: changed_experiment)

    return otherwise


@pytest.mark.parametrize(
    "narrow",
    [{"distribution": "normal", "spread": 1e-300}, {"distribution": "lognormal", "spread": 1.0}],
)
def test_prior_without_width_is_refused(with_priors, narrow):
    """Of a file, a spread of nothing at all is refused before; this one is lost in rounding."""
    with_priors(lambda prior: dataclasses.replace(prior, **narrow))
    with pytest.raises(FittedSetError, match=r"the prior of .* has no width: it allows .* alone"):
        problem_of("Luo2021")


def test_family_without_priors_is_refused(with_priors):
    with_priors(lambda prior: None)
    with pytest.raises(FittedSetError, match="no parameter of the cells of Luo2021 has a prior"):
        problem_of("Luo2021")


def test_shared_parts_are_searched_once_and_move_every_cell_that_has_them():
    problem = problem_of("Chang2023")
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
    problem = problem_of("Chang2023")
    point = np.linspace(-0.5, 0.5, len(problem.searched))
    assert problem.coordinates(problem.values(point)) == pytest.approx(point)


def test_whatever_decides_a_fit_makes_another_version_of_it():
    problem = problem_of("Duan2023")
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
        dataclasses.replace(problem, simulate=long_cycling.records).version,
    ]
    assert len({problem.version, *others}) == 1 + len(others)
    for remark in ("note", "where", "at", "text", "line"):
        assert with_row(**{remark: "read by another pair of eyes"}) == problem.version
