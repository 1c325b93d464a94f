"""Quantiles over draws, and what a few draws say of a chance."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from twin.errors import ObservationError
from twin.results.intervals import HIGH, LOW, MEDIAN, chance_interval, interval


def of_draws(values, name="capacity_retention", outcomes=None, **attributes):
    values = np.asarray(values, dtype=float)
    outcomes = ["completed"] * len(values) if outcomes is None else outcomes
    return xr.Dataset({name: ("draw", values), "outcome": ("draw", outcomes)}, attrs=attributes)


def test_an_interval_is_that_of_the_draws_with_an_answer():
    outcomes = ["completed"] * 5 + ["infeasible", "solver_failure"]
    found = interval(of_draws([1, 2, 3, 4, 5, 90, 99], outcomes=outcomes), "capacity_retention")
    assert found.values.tolist() == pytest.approx([1.2, 3, 4.8])
    assert found["quantile"].values.tolist() == [LOW, MEDIAN, HIGH]


def test_where_nothing_has_a_value_nothing_is_known():
    assert interval(of_draws([np.nan] * 3), "capacity_retention").isnull().all()
    unknown = of_draws([1, 2], outcomes=["infeasible"] * 2)
    assert interval(unknown, "capacity_retention").isnull().all()


def test_an_event_that_did_not_come_is_infinitely_late():
    found = interval(of_draws([100, 200, np.nan, np.nan], "lifetime"), "lifetime")
    assert found.values.tolist() == [100, 200, np.inf]  # draws themselves: 200 and never have no mean
    spoiled = of_draws([100, np.nan], "lifetime", outcomes=["completed", "solver_failure"])
    assert interval(spoiled, "lifetime").values.tolist() == [100] * 3


def test_what_has_no_draws_has_no_interval():
    with pytest.raises(ObservationError, match="has no draws"):
        interval(of_draws([1, 2]).assign(time=3.0), "time")


@given(st.integers(1, 60), st.data())
def test_a_chance_lies_within_its_interval_which_narrows_with_the_draws(count, data):
    cases = data.draw(st.integers(0, count))
    happened = xr.DataArray([1.0] * cases + [0.0] * (count - cases), dims="draw")
    low, share, high = chance_interval(happened).values
    assert 0 <= low <= share <= high <= 1
    assert share == pytest.approx(cases / count)
    many = xr.concat([happened] * 4, "draw")
    assert np.ptp(chance_interval(many).values) < high - low


@pytest.mark.parametrize("chance", [0.02, 0.1, 0.3, 0.5])
def test_the_interval_holds_the_chance_about_as_often_as_it_says(chance):
    """Nine times in ten, on the mean over chances nearby: counts are whole, so that each alone jumps."""
    draws, held = 100, []
    for nearby in np.linspace(0.8 * chance, 1.2 * chance, 21):
        for cases in range(draws + 1):
            happened = xr.DataArray(np.arange(draws) < cases, dims="draw").astype(float)
            low, _, high = CACHED.setdefault(cases, chance_interval(happened).values)
            held.append((low <= nearby <= high) * binom.pmf(cases, draws, nearby))
    assert sum(held) / 21 == pytest.approx(HIGH - LOW, abs=0.03)


CACHED: dict[int, np.ndarray] = {}


def test_draws_that_are_worth_fewer_say_less():
    happened = xr.DataArray([1.0] * 20 + [0.0] * 180, dims="draw")
    wide, narrow = chance_interval(happened, worth=20), chance_interval(happened)
    assert wide[1] == narrow[1] == 0.1
    few = chance_interval(xr.DataArray([1.0] * 2 + [0.0] * 18, dims="draw"))
    assert wide.values == pytest.approx(few.values)
    assert narrow[2] - narrow[0] < 0.5 * (wide[2] - wide[0])


def test_draws_without_an_answer_say_nothing_of_a_chance():
    happened = xr.DataArray([1.0, 0.0, np.nan, np.nan], dims="draw")
    known = chance_interval(happened.dropna("draw"))
    assert chance_interval(happened).values.tolist() == known.values.tolist()
    assert chance_interval(happened[2:]).isnull().all()
