"""A search around the end of a descent goes on where a wall has stopped it, and loses nothing."""

import numpy as np
import pytest

from twin.fitting.around_an_end import descend_around
from twin.fitting.descent import descend

BOUNDS = (np.full(2, -5.0), np.full(2, 5.0))
WIDTH = 0.02


def corridor(points):
    """A lowest point at (1, 1) whose only way from (0, 0) is a corridor between walls."""
    across = np.abs(points[:, 0] - points[:, 1]) > WIDTH
    return np.column_stack([points - 1.0, np.where(across, 10.0, 0.0)])


def test_it_goes_along_a_corridor_that_stops_a_descent():
    end, stopped = descend(corridor, np.zeros(2), BOUNDS)
    assert stopped > 0.5
    point, lowest = descend_around(corridor, end, BOUNDS)
    assert lowest < 0.01
    assert point == pytest.approx([1, 1], abs=0.1)


def test_an_end_that_is_the_optimum_stays():
    point, lowest = descend_around(lambda points: points - 1.0, np.ones(2), BOUNDS)
    assert point == pytest.approx([1, 1])
    assert lowest == pytest.approx(0)
