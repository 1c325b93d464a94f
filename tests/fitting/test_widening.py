"""Forecasts outside what was fitted are wider; inside, nothing moves."""

import numpy as np
import pytest

import twin
from twin import names
from twin.fitting import widening
from twin.fitting.draws import drawn_factors, load_draws, scaled
from twin.fitting.widening import AGEING_RATES, model_error, widened
from twin.protocols import Protocol
from twin.results import inside
from twin.simulators import simulate_many

CELL = "Chang2023_LiAlO2_LGPS_LCO"
INSIDE = Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=20)
BEYOND = Protocol(["Charge at 2C until 4.2 V", "Discharge at 2C until 2.6 V"], cycles=20)


def test_inside_what_was_fitted_a_forecast_is_that_of_the_draws_to_the_last_bit():
    cell = twin.load_cell(CELL)
    data = twin.forecast(cell, INSIDE, draws=4, seed=1, processes=1)
    factors = drawn_factors(cell, load_draws(cell), 4, 1)
    plain = simulate_many([(scaled(cell, one), INSIDE) for one in factors], processes=1)
    assert np.array_equal(data["capacity_retention"], plain["capacity_retention"], equal_nan=True)
    assert float(data["model_error"]) == 0
    assert (data["times_beyond"] == 1).all()
    assert inside.sentence(data) == "The protocol lies inside what was fitted."


def test_twice_the_current_is_said():
    data = twin.forecast(twin.load_cell(CELL), BEYOND, draws=3, seed=1, processes=1)
    assert data["times_beyond"].sel(condition=names.CHARGE_CURRENT).item() == pytest.approx(2)
    # both directions of the current are beyond
    expected = widening.ERROR_PER_DISTANCE * np.sqrt(2) * np.log(2)
    assert float(data["model_error"]) == pytest.approx(expected, rel=1e-3)
    assert "charge current density" in inside.sentence(data)
    said = {row[0]: row[3] for row in inside.rows_of(data)}
    assert said["Charge current density"] == "no, 2 times above"
    assert said["Temperature"] == "yes"


def test_at_twice_the_current_the_rates_of_the_draws_are_wider():
    cell = twin.load_cell(CELL)
    error = model_error(cell, BEYOND)
    factors = drawn_factors(cell, load_draws(cell), 2000, 1)
    wide = [widened(cell, one, error) for one in factors]
    for key in {*AGEING_RATES} & {*cell.parameters}:
        before, after = (np.var([np.log(one.get(key, 1.0)) for one in own]) for own in (factors, wide))
        # variances add; the covariance of 2000 independent pairs is off by a few times this
        luck = 2 * np.sqrt(before) * error / np.sqrt(len(factors))
        assert after == pytest.approx(before + error**2, rel=0.1, abs=4 * luck)


def test_where_nothing_else_spreads_the_answer_does_by_the_rule():
    cell = twin.load_cell(CELL)
    alike = [{names.AREA: 1 + number * 1e-9} for number in range(12)]
    spread = []
    for error in (0.0, model_error(cell, BEYOND)):
        tasks = [(scaled(cell, widened(cell, one, error)), BEYOND) for one in alike]
        loss = 1 - simulate_many(tasks, processes=1)["capacity_retention"].isel(cycle=-1)
        spread.append(float(loss.std() / abs(loss.mean())))
    # rates move by a third: an answer that moves by less than a hundredth was not reached
    assert spread[0] < 1e-3
    assert spread[1] > 1e-2


def test_a_draw_errs_alike_at_every_point_by_more_where_that_is_farther_away():
    cell = twin.load_cell(CELL)
    factors = {names.GROWTH_RATE: 1.3, names.AREA: 0.9}
    near, far = (widened(cell, factors, error) for error in (0.1, 0.2))
    assert widened(cell, factors, 0.0) is factors
    assert near[names.AREA] == far[names.AREA] == 0.9
    for key in {*AGEING_RATES} & {*cell.parameters}:
        moved = [np.log(own[key] / factors.get(key, 1.0)) for own in (near, far)]
        assert moved[1] == pytest.approx(2 * moved[0])
    assert (
        widened(cell, {**factors, names.AREA: 0.91}, 0.1)[names.GROWTH_RATE] != near[names.GROWTH_RATE]
    )


def test_moves_have_the_deviation_that_is_stated():
    cell = twin.load_cell(CELL)
    drawn = [widened(cell, {names.AREA: float(number)}, 0.5) for number in range(1, 2000)]
    moves = [np.log(own[key]) for own in drawn for key in own if key != names.AREA]
    # the deviation of 2000 x 9 normal numbers is known to half a percent
    assert np.std(moves) == pytest.approx(0.5, rel=0.03)


def test_distances_of_several_conditions_add_in_quadrature():
    cell = twin.load_cell(CELL)
    longer = Protocol(INSIDE.steps, cycles=1600)
    # twice the cycles, and 3200 h where the slowest fitted run took 1920 h
    expected = widening.ERROR_PER_DISTANCE * np.hypot(np.log(2), np.log(3200 / 1920))
    assert model_error(cell, longer) == pytest.approx(expected, rel=1e-3)
