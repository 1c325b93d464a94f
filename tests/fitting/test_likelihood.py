"""Rows against runs: values, events, bounds, spread, and who may enter a fit."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import norm

import twin
from twin.errors import ObservationError
from twin.fitting import likelihood
from twin.fitting.likelihood import Likelihood, Simulated
from twin.measured import readings
from twin.measured.experiment import read_experiment
from twin.measured.runs import predict
from twin.measured.spread import CurveSpread, Spread
from twin.parameter_sets import load_cell
from twin.results.dataset import unlabelled

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


def simulated(cell, protocol):
    return Simulated(unlabelled(twin.simulate(cell, protocol)), cell, protocol)


def residuals(measured, cell):
    """Of the rows alone: what their survival costs comes after them."""
    scored = Likelihood((measured,), SPREAD)
    return scored.residuals(scored.entries([simulated(cell, measured.protocol)]))[: len(measured.rows)]


def test_perfect_prediction_leaves_no_residual(coated):
    measured = measured_run("C02")
    run = unlabelled(twin.simulate(coated, measured.protocol))
    exact = measured_run("C02", value=predict(run, ROWS["C02"], coated))
    assert residuals(exact, coated) == pytest.approx([0.0])


def test_values_of_one_cell_share_its_offset(coated):
    """Two rows off by one ln-sd of the cell together are likelier than two off in opposite ways."""
    measured = measured_run("C02", "C03", specimen="one cell")
    run = unlabelled(twin.simulate(coated, measured.protocol))
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
    run = unlabelled(twin.simulate(coated, measured.protocol))
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


@pytest.fixture(scope="module")
def lived(coated):
    """A row at cycle 1500 of a cell of which no row says how long it lived, and its likelihood."""
    return Likelihood((measured_run("C02", specimen="one that lived"),), SPREAD)


def ended_after(run, cycles):
    """The same run, had the cell failed and died in that cycle."""
    cut = {
        name: (dims, values[:cycles] if "cycle" in dims else values)
        for name, (dims, values) in run.items()
    }
    return cut | {"lifetime": ((), run["time"][1][cycles - 1]), "failure_progress": ((), np.array(1.0))}


def test_survival_is_scored_by_how_far_away_it_is_from_either_side(lived, coated):
    """From a cell that dies early to one that outlives the row, each is better than the one before."""
    assert lived.names == ["C02", "survival of one that lived"]
    protocol = lived.runs[0].protocol
    whole = unlabelled(twin.simulate(coated, protocol))
    runs = [ended_after(whole, cycles) for cycles in range(500, 1500, 100)]
    runs += [whole | {"failure_progress": ((), np.array(share))} for share in (1.2, 1.0, 0.8, 0.6)]
    entries = np.array([lived.entries([Simulated(run, coated, protocol)]) for run in runs])
    margins, costs = entries[:, 1], lived.residuals(entries)[:, 1]
    expected = [*range(500, 1500, 100), 1500, 1500, 1500 / 0.8, 1500 / 0.6]
    assert margins == pytest.approx(np.log(np.array(expected) / 1500))
    assert np.all(np.diff(costs) <= 0)
    chance = norm.cdf(margins / SPREAD["lifetime"].cell)
    assert costs == pytest.approx(likelihood.heavy_tailed(np.sqrt(-2 * np.log(chance))))
    # the overpotential of the dead is that of their last whole cycle, not of their death
    sound = whole["cell_overpotential"][1][[498, 898]]
    assert entries[[0, 4], 0] == pytest.approx(np.log(sound / 0.2))


def test_a_cell_whose_lifetime_is_a_row_is_not_counted_twice():
    both = Likelihood((measured_run("C01", "C02"),), SPREAD)
    assert both.names == ["C01", "C02"]


def test_leaving_a_row_out_weighs_it_given_the_others_of_its_cell():
    """ln p(y_i | the others), of a normal with the covariance of one cell."""
    rows = Likelihood((measured_run("C02", "C03", specimen="one cell"),), SPREAD)
    entries = np.array([0.2, -0.1, 3.0])
    slope = 0.04 / 0.05
    for place, other in ((0, 1), (1, 0)):
        off = entries[place] - slope * entries[other]
        z = off / math.sqrt(0.05 - slope * 0.04)
        expected = -0.5 * likelihood.heavy_tailed(z) ** 2
        assert rows.pointwise(entries)[place] == pytest.approx(expected)


def test_many_points_are_scored_as_each_alone(lived, coated):
    rows = Likelihood((measured_run("C02", "C03", specimen="one cell"), measured_run("C01")), SPREAD)
    entries = np.random.default_rng(0).normal(size=(5, len(rows.names)))
    for scored in (rows.residuals, rows.pointwise):
        assert scored(entries) == pytest.approx(np.array([scored(own) for own in entries]))


@pytest.mark.parametrize("role", ["validate", "context", "parameter"])
def test_rows_not_marked_fit_cannot_reach_a_fit(role, coated):
    run = measured_run("C02")
    run = dataclasses.replace(run, rows=tuple(dataclasses.replace(row, role=role) for row in run.rows))
    with pytest.raises(ObservationError, match="must not enter a fit"):
        residuals(run, coated)


# --- curves ------------------------------------------------------------------------------------------
ALONG = CurveSpread(scatter=0.05, cell=0.2, points=False, noise=0.01, length=20.0)


def curve_run(cycles, factors, predicted):
    """Overpotentials in some cycles, off by factors from what is predicted, as points of one curve."""
    base = ROWS["C02"]
    rows = tuple(
        dataclasses.replace(
            base, id=f"point {cycle}", cycle=cycle, time=None, value=predicted[cycle - 1] / factor,
            specimen="one cell", where="file.csv", spread=ALONG,
        )
        for cycle, factor in zip(cycles, factors, strict=True)
    )  # fmt: skip
    measured = measured_run("C02")
    return dataclasses.replace(measured, rows=rows)


def cost_of(cycles, factors, coated):
    measured = measured_run("C02")
    found = simulated(coated, measured.protocol.first(max(cycles)))
    predicted = found.results["cell_overpotential"][1]
    scored = Likelihood((curve_run(cycles, factors, predicted),), SPREAD)
    own = scored.residuals(scored.entries([found]))[: len(cycles)]
    return own @ own


def test_points_of_a_curve_err_together(coated):
    cycles = [1, 5, 20, 60]
    together, alternating = (
        cost_of(cycles, [math.exp(0.1 * sign) for sign in signs], coated)
        for signs in ((1, 1, 1, 1), (1, -1, 1, -1))
    )
    assert alternating > 3 * together


def test_more_points_of_one_curve_cost_hardly_more(coated):
    few, many = list(range(1, 61, 6)), list(range(1, 61))
    one, other = (cost_of(cycles, [1.1] * len(cycles), coated) for cycles in (few, many))
    # of independent points it would be six times as much
    assert one < other < 1.5 * one
