"""Which evaluated points teach an emulator: what lies apart, and what was drawn, if it has an answer."""

import numpy as np
import pytest

from twin.fitting.teachers import CLOSE, DEEPER, FEWEST_APART, LEAST, NEAR, TAUGHT_BY, Teachers


def log_density(points, entries):
    return -entries[:, 0]


def at_depths(depths):
    """Points apart from each other, in one dimension, that lie so deep below the best."""
    depths = np.asarray(depths, dtype=float)
    return (np.arange(len(depths)) * 2 * CLOSE)[:, None], depths[:, None]


def test_of_heaps_that_descents_leave_the_highest_point_teaches():
    heap = np.array([[0.0], [0.1], [0.2], [3.0]])
    points, entries = Teachers(log_density, heap, np.array([[2.0], [1.0], [3.0], [4.0]])).near
    assert points.ravel().tolist() == [0.1, 3.0]
    assert entries.ravel().tolist() == [1.0, 4.0]


def test_what_was_known_teaches_near_the_best_and_what_was_drawn_deeper_too():
    near = NEAR + 0.5
    known, depths = at_depths([0, near - 1, near + 1])
    seen = Teachers(log_density, known, depths)
    assert len(seen.near[0]) == 2
    drawn = np.linspace(0, near + DEEPER - 1, LEAST)
    seen.add(100 + np.arange(LEAST)[:, None], drawn[:, None])
    seen.add(np.array([[900.0]]), np.array([[near + DEEPER + 1]]))
    assert len(seen.near[0]) == 2 + LEAST


def test_the_latest_draws_teach_and_none_without_an_answer():
    seen = Teachers(log_density, *at_depths([0.0]))
    draws = 100.0 + np.arange(TAUGHT_BY + 50)[:, None]
    entries = np.ones_like(draws)
    entries[-1] = np.nan
    seen.add(draws, entries)
    points, told = seen.near
    assert np.isfinite(told).all()
    assert points[:-1].ravel() == pytest.approx(draws[49:-1].ravel())
    assert points[-1].tolist() == [0.0]


def test_the_best_is_the_highest():
    seen = Teachers(log_density, *at_depths([3.0, 1.0, 2.0]))
    point, height = seen.best
    assert point.tolist() == [2 * CLOSE]
    assert height == -1.0


def test_points_of_a_narrow_posterior_teach_although_they_are_close():
    """A thousandth of a prior's width, as hundreds of cycles leave it: all points are one to CLOSE."""
    points = 1e-3 * np.random.default_rng(0).standard_normal((200, 3))

    def narrow(points, entries):
        return -0.5 * ((points / 1e-3) ** 2).sum(axis=1)

    taught = Teachers(narrow, points, points)
    near, _ = taught.near
    assert len(near) >= FEWEST_APART * 4
