"""The descent: known minima, bounds, and walls, which it goes along instead of stopping before them."""

import functools

import numpy as np
import pytest

from twin.fitting.descent import DERIVATIVE_STEP, TOLERANCE, descend, linearise, objective

NO_BOUNDS = (np.full(3, -np.inf), np.full(3, np.inf))
descend = functools.partial(descend, processes=1)
linearise = functools.partial(linearise, processes=1)


def linear(matrix, target):
    matrix, target = np.asarray(matrix, dtype=float), np.asarray(target, dtype=float)
    return lambda point: matrix @ point - target


SKEW = linear([[1, 0.5, 0], [0, 2, 0.3], [0.2, 0, 3], [1, 1, 1]], [1, 2, 3, 4])
"""Four rows for three parameters; none of them is met at the minimum."""


def test_a_straight_problem_ends_at_its_least_squares():
    found = descend(SKEW, np.array([5.0, -7.0, 2.0]), NO_BOUNDS)
    jacobian = np.column_stack([SKEW(axis) - SKEW(np.zeros(3)) for axis in np.eye(3)])
    expected = np.linalg.lstsq(jacobian, -SKEW(np.zeros(3)), rcond=None)[0]
    least = objective(SKEW(expected))
    assert least > 0.01
    # it ends where three rounds gain less than a thousandth each
    assert objective(SKEW(found)) == pytest.approx(least, rel=3 * TOLERANCE)


def test_rosenbrocks_valley_is_followed_round_its_bend():
    def valley(point):
        x, y = point
        return np.array([3 * (y - x**2), 1 - x])

    wide = (np.full(2, -3.0), np.full(2, 3.0))
    found = descend(valley, np.array([-1.2, 1.0]), wide)
    # twenty rounds of a linear problem each: the last ones gain what three digits show
    assert found == pytest.approx([1, 1], abs=1e-3)


def test_a_minimum_outside_the_bounds_is_sought_on_them():
    """Where one parameter is held at its bound, the others find the best beside it."""
    lower, upper = np.full(3, -10.0), np.array([0.5, 10.0, 10.0])
    free = descend(SKEW, np.zeros(3), NO_BOUNDS)
    assert free[0] > upper[0]
    found = descend(SKEW, np.zeros(3), (lower, upper))
    assert found[0] == upper[0]
    rest = np.column_stack([SKEW(axis) - SKEW(np.zeros(3)) for axis in np.eye(3)])[:, 1:]
    best = np.linalg.lstsq(rest, -SKEW(np.array([0.5, 0, 0])), rcond=None)[0]
    least = objective(SKEW(np.array([0.5, *best])))
    assert objective(SKEW(found)) == pytest.approx(least, rel=1e-2)


def test_a_start_outside_the_bounds_is_brought_inside():
    seen = []
    box = (np.zeros(3), np.ones(3))
    descend(SKEW, np.full(3, 50.0), box, keep=lambda point, _: seen.append(point))
    assert seen[0].tolist() == [1, 1, 1]
    assert all(np.all((point >= 0) & (point <= 1)) for point in seen)


def walled(point):
    """The best point lies behind a wall across the straight way to it: a cell that no longer charges."""
    x, y, z = point
    return np.array([x - 2, 3 * (y - 0.2 * x), z + 4, 100.0 if x > 1.0 else 0.0])


def test_a_wall_is_gone_along():
    x, y, z = descend(walled, np.array([-1.0, -1.0, 3.0]), NO_BOUNDS)
    # the shortest step tried is a 31st of the way to x = 2: none is left that does not cross
    assert 1 - 2 / 30 < x <= 1
    # beside the wall the others find the best for that x, but for what three rounds may leave
    assert y == pytest.approx(0.2 * x, abs=0.02)
    assert z == pytest.approx(-4, abs=0.05)


def test_a_wall_is_no_slope():
    """Beside it, the derivative is that of the side on which the run still answers."""
    beside = np.array([0.97, 0.0, 0.0])  # a step of 0.1 crosses the wall, a step back does not
    _, jacobian = linearise(walled, beside)
    assert jacobian[:, 0] == pytest.approx([1, -0.6, 0, 0])
    assert jacobian[:, 1] == pytest.approx([0, 3, 0, 0])


def test_derivatives_are_those_of_a_straight_line_and_those_over_a_step_of_a_bent_one():
    base, jacobian = linearise(SKEW, np.array([1.0, 2.0, 3.0]))
    assert base == pytest.approx(SKEW(np.array([1.0, 2.0, 3.0])))
    assert jacobian[1] == pytest.approx([0, 2, 0.3])
    _, bent = linearise(lambda point: point**2, np.array([1.0]))
    # the gentler of the two sides
    assert bent.item() == pytest.approx(2 - DERIVATIVE_STEP)


def test_every_better_point_is_told_and_the_best_is_given_back():
    told = []
    start = np.array([5.0, -7.0, 2.0])
    found = descend(SKEW, start, NO_BOUNDS, keep=lambda point, value: told.append((point, value)))
    points, values = zip(*told, strict=True)
    assert points[0].tolist() == start.tolist()
    assert list(values) == sorted(values, reverse=True)
    assert np.array_equal(points[-1], found)
    assert [objective(SKEW(point)) for point in points] == pytest.approx(values)


def test_the_same_problem_is_gone_down_the_same_way():
    first, again = (descend(walled, np.zeros(3), NO_BOUNDS) for _ in range(2))
    assert np.array_equal(first, again)


def test_objective_is_half_the_sum_of_squares():
    assert objective(np.array([3.0, -4.0])) == 12.5
