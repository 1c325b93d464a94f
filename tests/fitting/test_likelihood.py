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
from twin.measured.experiment import read_experiment
from twin.measured.runs import predict
from twin.measured.spread import Spread
from twin.parameter_sets import load_cell

SPREAD = {
    "cell overpotential": Spread(0.1, 0.2, False),
    "lifetime": Spread(0.0, 0.25, False),
}
EXPERIMENT = read_experiment("Chang2023")
ROWS = {row.id: row for row in EXPERIMENT.rows}


def measured_run(*identifiers, **changes):
    (run,) = EXPERIMENT.runs_of([dataclasses.replace(ROWS[i], **changes) for i in identifiers])
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
    exact = measured_run("C02", value=predict(run, ROWS["C02"], coated))
    assert residuals(exact, coated) == pytest.approx([0.0])


def test_values_of_one_cell_share_its_offset(coated):
    """Two rows off by one ln-sd of the cell together are likelier than two off in opposite ways."""
    measured = measured_run("C02", "C03", specimen="one cell")
    run = twin.simulate(coated, measured.protocol)
    predicted = [predict(run, row, coated) for row in measured.rows]

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
    run = measured_run("C02")
    run = dataclasses.replace(run, rows=tuple(dataclasses.replace(row, role=role) for row in run.rows))
    with pytest.raises(ObservationError, match="must not enter a fit"):
        residuals(run, coated)
