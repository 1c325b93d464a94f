"""Measured rows beside the twin's answer: inside, outside, bounds, and what is left out."""

import math

import numpy as np
import pytest
import xarray as xr
from measured.folders import copy_of

import twin
from twin import parallel, validation
from twin.errors import ObservationError
from twin.fitting.draws import load_draws
from twin.fitting.fitted_set import Fit
from twin.fitting.likelihood import Simulated
from twin.fitting.optimum import Descent, Optimum
from twin.fitting.posterior import Posterior, fitted_coordinates
from twin.fitting.problem import problem_of
from twin.measured.spread import read_spread

PAPER = "Duan2023"
"""Has rows of every kind and role: values, an event, bounds both ways, a context, parameters."""
QUANTILE = 1.6449
"""Standard deviations from the middle of a normal to its 95 % quantile."""


@pytest.fixture
def factors(monkeypatch):
    """What the twin says of a row over what was measured, 1 unless a test says otherwise.

    The same for every draw, so that intervals are those of the spread between equal cells.
    """
    said = {}

    def predict(run, row, cell):
        return row.value * said.get(row.id, 1.0)

    def unrun(asked, versions, simulate):
        readers = sum(len(one.readers) for one in asked)
        return [[Simulated({}, None, None)] * readers for _ in versions]

    monkeypatch.setattr(parallel, "cores", lambda: 1)
    monkeypatch.setattr(validation, "simulated", unrun)
    monkeypatch.setattr(validation, "predict", predict)
    return said


def table(**arguments):
    return twin.validate(PAPER, **arguments).set_index("id")


def test_a_row_that_the_twin_meets_lies_inside_and_one_it_misses_outside(factors):
    factors |= {"D06": 2.0, "D01": 0.2}
    found = table(draws=50)
    assert found.loc["D08", "inside"]
    assert found.loc["D08", "predicted"] == found.loc["D08", "measured"] == 71
    for row in ("D06", "D01"):
        assert not found.loc[row, "inside"]
        assert found.loc[row, "predicted"] == factors[row] * found.loc[row, "measured"]
    assert found.loc["D06", "low"] > found.loc["D06", "measured"]
    assert found.loc["D01", "high"] < found.loc["D01", "measured"]


def test_an_interval_is_that_of_the_next_cells_reading(factors):
    """As wide as equal cells and readings differ: in ln, or in points."""
    draws = 800
    found, (spreads, _) = table(draws=draws), read_spread(PAPER)
    for row in ("D01", "D06", "D07"):
        spread = spreads[found.loc[row, "observable"]]
        deviation = math.hypot(spread.scatter, spread.cell)
        low, measured, high = found.loc[row, ["low", "measured", "high"]]
        edges = (
            (low - measured, high - measured)
            if spread.points
            else (math.log(low / measured), math.log(high / measured))
        )
        # a 5 % quantile of n draws errs by 2.1/sqrt(n) deviations; four of those
        assert np.array(edges) / deviation == pytest.approx(
            [-QUANTILE, QUANTILE], abs=4 * 2.1 / math.sqrt(draws)
        )


@pytest.mark.parametrize(
    ("row", "factor", "inside"),
    [
        ("D02", 1.0, True),
        ("D02", 3.0, True),
        ("D02", 0.99, False),
        ("D05", 0.5, True),
        ("D05", 1.01, False),
    ],
)
def test_a_bound_is_kept_from_its_own_side(factors, row, factor, inside):
    """A test that ended at 1500 h is met by a longer life, a layer done within 18 h by less time."""
    factors[row] = factor
    assert table(draws=2).loc[row, "inside"] == inside


def test_what_no_run_reaches_has_no_prediction(factors):
    factors["D08"] = math.nan
    row = table(draws=3).loc["D08"]
    assert row[["predicted", "low", "high", "inside"]].isna().all()


def test_draws_without_an_answer_narrow_nothing(factors, monkeypatch):
    """A draw that does not reach a row is left out of its interval, not counted as zero."""
    answered = []

    def every_other(run, row, cell):
        answered.append(row.id)
        missing = row.id == "D08" and answered.count("D08") % 2 == 0
        return math.nan if missing else row.value

    monkeypatch.setattr(validation, "predict", every_other)
    row = table(draws=40).loc["D08"]
    spread = read_spread(PAPER)[0]["capacity retention"]
    assert 71 - 5 * math.hypot(spread.scatter, spread.cell) < row["low"] < 71 < row["high"]


def test_rows_that_are_no_measurement_of_a_run_are_not_judged(factors):
    found = table(draws=2)
    assert found.loc["D09", ["predicted", "low", "high", "inside"]].isna().all()  # a context in words
    parameters = found[found["role"] == "parameter"]
    assert len(parameters) > 5
    assert parameters["inside"].isna().all()
    assert parameters.loc["D28", "predicted"] == pytest.approx(63)  # what the cell's file holds, in um


def test_every_row_stands_in_its_papers_order(factors):
    found = table(draws=2)
    assert list(found.index) == [row.id for row in twin.read_rows(PAPER)]
    assert (found["paper"] == PAPER).all()
    assert found.loc["D03", "role"] == "validate"
    assert not found["left_out"].any()


def test_the_same_seed_gives_the_same_table(factors):
    first, again, other = table(draws=5, seed=1), table(draws=5, seed=1), table(draws=5, seed=2)
    assert first.equals(again)
    assert not first.equals(other)


def test_what_is_left_out_is_refitted_without_and_said(factors, monkeypatch):
    asked = []

    def refit_without(paper, rows, *, seed):
        asked.append((paper, rows, seed))
        problem = problem_of(paper, leave_out=rows)
        found = Optimum((Descent("here", fitted_coordinates(problem), 0.0),))
        fit = Fit(problem, fitted_coordinates(problem), 0.0, 0, found)
        shipped = load_draws(twin.load_cell("Duan2023_3DLi_LPSCl_LCO"))
        value = shipped["value"].values[None]
        groups = {
            "/": shipped.drop_vars(["value", "draw"]),
            "posterior": xr.Dataset({"value": (("chain", "draw", "parameter"), value)}),
        }
        return Posterior(fit, xr.DataTree.from_dict(groups))

    monkeypatch.setattr(validation, "refit_without", refit_without)
    found = table(draws=2, seed=7, leave_out=["D08"])
    assert [(paper.name, *rest) for paper, *rest in asked] == [(PAPER, ["D08"], 7)]
    assert found.index[found["left_out"]].tolist() == ["D08"]


@pytest.mark.slow
def test_every_row_has_its_place_in_the_validation_table():
    table = twin.validate("Chang2023", draws=4).set_index("id")
    assert set(table.index) == {row.id for row in twin.read_rows("Chang2023")}
    compared = table[table["role"].isin(["fit", "validate"])]
    assert compared["inside"].notna().sum() >= len(compared) - 1  # C14 lies beyond the cycler's range
    assert (table.loc[compared.index, "low"] <= table.loc[compared.index, "high"]).mean() > 0.9
    # the cells use what the paper states
    for row in ("C70", "C71", "C72", "C73", "C74"):
        assert table.loc[row, "predicted"] == pytest.approx(table.loc[row, "measured"], rel=0.02)


def test_validation_refuses_unknown_rows_and_papers():
    with pytest.raises(ObservationError, match="no row Z99"):
        twin.validate(leave_out=["Z99"])
    with pytest.raises(ObservationError, match="no measured rows"):
        twin.validate("Nobody2020")


def test_points_of_files_stand_beside_the_answer_as_rows_do(tmp_path):
    """Those to fit and those held out; a file that is followed is no row."""
    folder = copy_of("Luo2021", tmp_path)
    (folder / "files").mkdir()
    words, cell = "0.3 mA/cm2 both ways", "Luo2021_Li_LPSCl_NCM622"
    tables = []
    for role, delivered in (("fit", 2.4), ("validate", 2.3), ("follow", 9.0)):
        text = f"Cycle,Discharge Capacity (mAh)\n1,{delivered}\n2,{delivered}\n"
        (folder / "files" / f"{role}.csv").write_text(text, encoding="utf-8")
        tables.append(f'["files/{role}.csv"]\ncell = "{cell}"\nrole = "{role}"\nprotocol = "{words}"\n')
    (folder / "measurements.toml").write_text("\n".join(tables), encoding="utf-8")
    table = twin.validate(folder, draws=3).set_index("id")
    told = table[table["observable"] == "discharge capacity"]
    assert told["role"].to_dict() == {
        f"{role}: discharge_capacity {cycle}": role for role in ("fit", "validate") for cycle in (1, 2)
    }
    assert (told["measured"] == [2.4, 2.4, 2.3, 2.3]).all()
    assert told["predicted"].notna().all()
    assert (told["low"] < told["high"]).all()
