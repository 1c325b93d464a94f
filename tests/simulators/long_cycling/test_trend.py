"""Polynomials through solved cycles: exact where the truth is one, calm where it is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.simulators.long_cycling.trend import MOST_NODES, Trends

NODES = [40, 31, 22, 21, 20]


def polynomial(coefficients, cycles):
    """In ln(1 + n), centred so that no power dominates."""
    x = np.log1p(np.asarray(cycles, dtype=float)) - np.log1p(30)
    return sum(c * x**power for power, c in enumerate(coefficients))


def trend_of(at, rows, wanted, judged):
    """A single trend."""
    return Trends([at], np.asarray(rows)[None], [wanted], [judged])


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=4), st.integers(1, 200))
def test_polynomials_of_fewer_degrees_than_nodes_are_reproduced(coefficients, length):
    """The last term is then nothing but rounding, so that no larger one is left out."""
    wanted = np.arange(41, 42 + length)
    trend = trend_of(NODES, polynomial(coefficients, NODES)[:, None], wanted, judged=-1)
    # nodes side by side: differences of neighbours are divided by a fortieth, four times over
    size = max(np.abs(coefficients)) + 1e-300
    np.testing.assert_allclose(
        trend.values()[0][:, 0], polynomial(coefficients, wanted), atol=1e-7 * size
    )


def test_each_quantity_has_a_degree_of_its_own():
    rows = np.column_stack([polynomial(c, NODES) for c in ([3.0], [1.0, 2.0], [0.0, 0.0, 5.0])])
    trend = trend_of(NODES, rows, np.array([60]), judged=0)
    np.testing.assert_allclose(
        trend.values()[0][0], [3, polynomial([1, 2], 60), polynomial([0, 0, 5], 60)], rtol=1e-10
    )
    # what a polynomial leaves over is rounding, and the smallest of it ends it
    assert trend.degree[0, 1] >= 1
    assert trend.degree[0, 2] >= 2


def test_rounding_errors_are_not_extrapolated():
    """A straight line with noise in its last digits: higher degrees would multiply the noise."""
    rng = np.random.default_rng(0)
    nodes, wanted = [104, 103, 102, 101, 100], np.array([1000])
    noise = 1e-9 * rng.normal(size=(5, 400))
    line = polynomial([1.0, 1.0], nodes)[:, None] + noise
    right = polynomial([1.0, 1.0], wanted)
    trend = trend_of(nodes, line, wanted, judged=0)
    x = np.log1p(nodes)
    whole = np.array([np.polynomial.Polynomial.fit(x, one, 4)(np.log1p(1000.0)) for one in line.T])
    miss, miss_whole = np.median(np.abs(trend.values()[0][0] - right)), np.median(np.abs(whole - right))
    # the nodes are a hundredth apart and 2.3 away: each further degree multiplies the noise by some 200
    assert miss < 1e-9 * 200**2 * 2.5
    assert miss < miss_whole / 1000


def test_one_node_is_a_constant():
    trend = trend_of([7], np.array([[2.0, -3.0]]), np.array([8, 9, 500]), judged=-1)
    np.testing.assert_array_equal(trend.values()[0], [[2, -3]] * 3)
    np.testing.assert_array_equal(trend.degree, [[0, 0]])


@pytest.mark.parametrize("nodes", range(1, MOST_NODES + 1))
def test_sum_and_last_two_are_those_of_the_values(nodes):
    at = np.arange(100, 100 - nodes, -1)
    rows = np.random.default_rng(nodes).normal(size=(nodes, 3))
    trend = trend_of(at, rows, np.arange(101, 131), judged=-1)
    ((added, before, last),), _ = trend.ahead()
    values = trend.values()[0]
    scale = np.abs(values).max()
    np.testing.assert_allclose(added, values[:-1].sum(axis=0), atol=1e-12 * scale * 30)
    np.testing.assert_allclose([before, last], values[-2:], atol=1e-12 * scale)


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize("length", [2, 30])
def test_gain_is_what_one_more_node_changes_the_sum_by(nodes, length):
    """Against a polynomial fitted anew, with the landing cycle as a node."""
    at = np.array([50, 38])[:nodes]
    wanted = np.arange(51, 52 + length)
    rows = np.random.default_rng(1).normal(size=nodes)
    trend = trend_of(at, rows[:, None], wanted, judged=-1)
    assert trend.degree == nodes - 1
    miss = 0.7
    measured = trend.values()[0][-1, 0] + miss
    x = np.log1p(np.append(at, wanted[-1]))
    anew = np.polynomial.Polynomial.fit(x, np.append(rows, measured), nodes)(np.log1p(wanted))
    change = (anew - trend.values()[0][:, 0])[:-1].sum()
    _, gain = trend.ahead()
    np.testing.assert_allclose(gain[0] * miss, change, rtol=1e-9)


def test_many_trends_together_are_each_one_alone():
    at = [NODES, [90, 70, 55, 41, 40], [5, 3, 2, 1, 0]]
    wanted = [np.arange(41, 44), np.arange(91, 120), np.arange(6, 8)]
    rows = np.random.default_rng(2).normal(size=(3, 5, 4))
    together = Trends(at, rows, wanted, judged=[1, 14, -1])
    (ahead, gain), values = together.ahead(), together.values()
    for place, judged in enumerate([1, 14, -1]):
        alone = trend_of(at[place], rows[place], wanted[place], judged)
        np.testing.assert_array_equal(values[place], alone.values()[0])
        np.testing.assert_array_equal(ahead[place], alone.ahead()[0][0])
        np.testing.assert_array_equal(gain[place], alone.ahead()[1][0])
