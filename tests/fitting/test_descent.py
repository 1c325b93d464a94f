"""The descent: known minima, bounds, and walls, which it goes along instead of stopping before them."""

import numpy as np
import pytest

from twin.fitting.descent import DERIVATIVE_STEP, TOLERANCE, descend, linearise, objective

NO_BOUNDS = (np.full(3, -np.inf), np.full(3, np.inf))


def linear(matrix, target):
    matrix, target = np.asarray(matrix, dtype=float), np.asarray(target, dtype=float)
    return lambda points: points @ matrix.T - target


SKEW = linear([[1, 0.5, 0], [0, 2, 0.3], [0.2, 0, 3], [1, 1, 1]], [1, 2, 3, 4])
"""Four rows for three parameters; none of them is met at the minimum."""


def test_a_straight_problem_ends_at_its_least_squares():
    found, reached = descend(SKEW, np.array([5.0, -7.0, 2.0]), NO_BOUNDS)
    jacobian = np.column_stack([SKEW(axis) - SKEW(np.zeros(3)) for axis in np.eye(3)])
    expected = np.linalg.lstsq(jacobian, -SKEW(np.zeros(3)), rcond=None)[0]
    least = objective(SKEW(expected))
    assert least > 0.01
    # it ends where two rounds gain less than the tolerance each
    assert objective(SKEW(found)) == pytest.approx(least, abs=2 * TOLERANCE)
    assert reached == pytest.approx(objective(SKEW(found)))


def test_rosenbrocks_valley_is_followed_round_its_bend():
    def valley(points):
        x, y = points.T
        return np.stack([3 * (y - x**2), 1 - x], axis=-1)

    wide = (np.full(2, -3.0), np.full(2, 3.0))
    found, reached = descend(valley, np.array([-1.2, 1.0]), wide)
    assert reached < 3 * TOLERANCE
    # along the valley, (1 - x)^2/2 is all that is left
    assert found[0] == pytest.approx(1, abs=np.sqrt(2 * reached) + 1e-12)
    assert found[1] == pytest.approx(found[0] ** 2, abs=0.1)


def test_a_minimum_outside_the_bounds_is_sought_on_them():
    """Where one parameter is held at its bound, the others find the best beside it."""
    lower, upper = np.full(3, -10.0), np.array([0.5, 10.0, 10.0])
    free, _ = descend(SKEW, np.zeros(3), NO_BOUNDS)
    assert free[0] > upper[0]
    found, _ = descend(SKEW, np.zeros(3), (lower, upper))
    assert found[0] == upper[0]
    rest = np.column_stack([SKEW(axis) - SKEW(np.zeros(3)) for axis in np.eye(3)])[:, 1:]
    best = np.linalg.lstsq(rest, -SKEW(np.array([0.5, 0, 0])), rcond=None)[0]
    least = objective(SKEW(np.array([0.5, *best])))
    assert objective(SKEW(found)) == pytest.approx(least, abs=2 * TOLERANCE)


def test_a_start_outside_the_bounds_is_brought_inside():
    seen = []
    box = (np.zeros(3), np.ones(3))

    def watched(points):
        seen.append(points[0])
        return SKEW(points)

    found, _ = descend(watched, np.full(3, 50.0), box)
    assert seen[0].tolist() == [1, 1, 1]
    assert np.all((found >= 0) & (found <= 1))


def walled(points):
    """The best point lies behind a wall across the straight way to it: a cell that no longer charges."""
    x, y, z = points.T
    return np.stack([x - 2, 3 * (y - 0.2 * x), z + 4, np.where(x > 1.0, 100.0, 0.0)], axis=-1)


def test_a_wall_is_gone_along():
    """Where it lies across the full step, the other parameters still find their best."""
    found, _ = descend(walled, np.array([-1.0, -1.0, 3.0]), NO_BOUNDS)
    x, y, z = found
    assert x <= 1
    assert y == pytest.approx(0.2 * x, abs=0.05)
    # a round that gains less than the tolerance may leave sqrt(2 * 0.01) of one parameter
    assert z == pytest.approx(-4, abs=2 * np.sqrt(2 * TOLERANCE))


def test_derivatives_are_those_of_a_straight_line():
    point = np.array([1.0, 2.0, 3.0])
    base, jacobian = linearise(SKEW, point, NO_BOUNDS)
    assert base == pytest.approx(SKEW(point))
    assert jacobian[1] == pytest.approx([0, 2, 0.3])


def test_derivatives_are_taken_inside_the_bounds():
    """At a bound, each parameter is stepped to the side on which it has room."""
    seen = []
    box = (np.zeros(3), np.ones(3))

    def watched(points):
        seen.append(points)
        return SKEW(points)

    _, jacobian = linearise(watched, np.array([0.0, 1.0, 0.4]), box)
    assert np.all((seen[0] >= 0) & (seen[0] <= 1))
    assert jacobian[1] == pytest.approx([0, 2, 0.3])
    (moved,) = {tuple(np.abs(row).max(axis=0)) for row in [seen[0][1:] - seen[0][0]]}
    assert moved == pytest.approx(np.full(3, DERIVATIVE_STEP))


def test_derivatives_are_taken_inside_a_box_narrower_than_their_step():
    seen = []

    def watched(points):
        seen.append(points)
        return SKEW(points)

    narrow = (np.zeros(3), np.full(3, DERIVATIVE_STEP / 2))
    _, jacobian = linearise(watched, np.full(3, DERIVATIVE_STEP / 5), narrow)
    assert np.all((seen[0] >= narrow[0]) & (seen[0] <= narrow[1] + 1e-15))
    assert jacobian[1] == pytest.approx([0, 2, 0.3])


def test_the_same_problem_is_gone_down_the_same_way():
    first, again = (descend(walled, np.zeros(3), NO_BOUNDS)[0] for _ in range(2))
    assert np.array_equal(first, again)


def test_objective_is_half_the_sum_of_squares():
    assert objective(np.array([3.0, -4.0])) == 12.5
    assert objective(np.array([[3.0, -4.0], [0.0, 2.0]])).tolist() == [12.5, 2.0]
