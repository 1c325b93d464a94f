"""Rows against runs: values, events, bounds, spread, and who may enter a fit."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import norm

import twin
from twin.errors import ObservationError
from twin.fitting import likelihood
from twin.measured import readings
from twin.measured.experiment import read_protocols
from twin.measured.rows import read_rows
from twin.measured.runs import cycle_of, measured_runs
from twin.measured.spread import Spread, read_spread
from twin.parameter_sets import load_cell

SPREAD = {
    "cell overpotential": Spread(0.1, 0.2, False),
    "lifetime": Spread(0.0, 0.25, False),
}
ROWS = {row.id: row for row in read_rows("Chang2023")}


def measured_run(*identifiers, **changes):
    rows = tuple(dataclasses.replace(ROWS[i], **changes) for i in identifiers)
    (run,) = measured_runs("Chang2023", rows)
    return run


@pytest.fixture(scope="module")
def coated():
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    return cell.replace({"Filament growth coefficient [m3.C-1]": 0.0})


def residuals(measured, cell):
    return likelihood.residuals([(measured, cell, twin.simulate(cell, measured.protocol))], SPREAD)


def test_perfect_prediction_leaves_no_residual(coated):
    measured = measured_run("C02")
    run = twin.simulate(coated, measured.protocol)
    exact = measured_run("C02", value=readings.predict(run, ROWS["C02"], coated, measured.protocol))
    assert residuals(exact, coated) == pytest.approx([0.0])


def test_values_of_one_cell_share_its_offset(coated):
    """Two rows off by one ln-sd of the cell together are likelier than two off in opposite ways."""
    measured = measured_run("C02", "C03", where="one cell Fig. 1")
    run = twin.simulate(coated, measured.protocol)
    predicted = [readings.predict(run, row, coated, measured.protocol) for row in measured.rows]

    def cost(factors):
        rows = tuple(
            dataclasses.replace(row, value=value * factor)
            for row, value, factor in zip(measured.rows, predicted, factors, strict=True)
        )
        found = residuals(dataclasses.replace(measured, rows=rows), coated)
        return found @ found

    together, apart = cost([1.2, 1.2]), cost([1.2, 1 / 1.2])
    offset = math.log(1.2)
    covariance = np.array([[0.05, 0.04], [0.04, 0.05]])
    expected = np.full(2, offset) @ np.linalg.solve(covariance, np.full(2, offset))
    # the two whitened residuals each go through Student's t
    white = np.linalg.solve(np.linalg.cholesky(covariance), np.full(2, offset))
    student = likelihood.heavy_tailed(white)
    assert white @ white == pytest.approx(expected)
    assert together == pytest.approx(student @ student, rel=1e-6)
    assert apart > 3 * together


def test_survivor_contributes_the_chance_of_surviving(coated):
    measured = measured_run("C01")
    run = twin.simulate(coated, measured.protocol)
    expected = readings.lifetime(run)
    assert expected > 3000
    chance = norm.cdf(math.log(expected / 3000) / 0.25)
    found = residuals(measured, coated)
    student = likelihood.heavy_tailed(math.sqrt(-2 * math.log(chance)))
    assert found == pytest.approx(student, rel=1e-9)


def test_cell_that_fails_long_before_it_did_costs_dearly(coated):
    weak = coated.replace({"Coating pinhole damage [m2.C-1]": 1e-2})
    assert residuals(measured_run("C01"), weak) > 2
    assert residuals(measured_run("C04"), weak.replace({"Coating thickness [m]": 1e-7})) < -2


def test_row_that_the_run_did_not_reach_costs_the_more_the_earlier_it_ended(coated):
    early, late = (
        residuals(measured_run("C02"), coated.replace({"Overpotential limit [V]": limit}))
        for limit in (0.08, 0.16)
    )
    assert early > late >= likelihood.heavy_tailed(likelihood.MISSING)


@pytest.mark.parametrize("role", ["validate", "context", "parameter"])
def test_rows_not_marked_fit_cannot_reach_a_fit(role, coated):
    with pytest.raises(ObservationError, match="must not enter a fit"):
        residuals(measured_run("C02", role=role), coated)


def test_spread_of_capacities_is_that_of_the_repeated_cells():
    """C20 to C22 and C40 to C42 are two cells of one stack."""
    ratios = [math.log(ROWS[f"C4{k}"].value / ROWS[f"C2{k}"].value) for k in range(3)]
    expected = math.sqrt(np.mean(np.square(ratios))) / math.sqrt(2)
    observables, parameters = read_spread("Chang2023")
    assert observables["discharge capacity"].cell == pytest.approx(expected, abs=5e-4)
    assert parameters["Cathode utilisation"] == observables["discharge capacity"].cell


@pytest.mark.parametrize(
    ("row", "cycle"),
    [("C02", 1500), ("C03", 5), ("C08", 100), ("C12", 10), ("C14", 20), ("C20", 5), ("C22", 15),
     ("C23", 20), ("C24", 25), ("C50", 50), ("C55", 800), ("C62", 96), ("C01", None)],
)  # fmt: skip
def test_place_of_a_row_in_its_protocol(row, cycle):
    protocol = read_protocols("Chang2023", ROWS[row].cell)[ROWS[row].protocol]
    assert cycle_of(ROWS[row], protocol) == cycle


@pytest.mark.parametrize(
    ("paper", "count"), [("Chang2023", 49), ("Liu2018", 30), ("Luo2021", 19), ("Duan2023", 23)]
)
def test_rows_are_those_of_the_paper_and_all_have_a_place(paper, count):
    assert len(read_rows(paper)) == count
    for run in measured_runs(paper):
        for row in run.rows:
            cycle = cycle_of(row, run.protocol)
            assert cycle is None or 0 <= cycle <= run.protocol.number_of_cycles


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.2,V,value,fit", "high,V,value,fit", "line 3: 'high' is not a number"),
        ("0.2,V,value,fit", "0.2,V,guess,fit", "line 3: kind must be one of"),
        ("0.2,V,value,fit", "0.2,V,value,maybe", "line 3: role must be one of"),
        ("C02,", "C01,", "stands twice"),
        ("id,cell", "name,cell", "line 1: the columns must be"),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path, old, new, message):
    from twin.parameter_sets import shipped

    text = (shipped("experiments") / "Chang2023" / "rows.csv").read_text()
    assert old in text
    path = tmp_path / "rows.csv"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ObservationError, match=message):
        read_rows(path)
