"""What was evaluated: asked again, it is not run again, and it is told once."""

import numpy as np
import pytest

from twin.fitting.evaluated import Evaluated


class Counted:
    """A problem whose entries are twice its points, and that counts what it is asked."""

    def __init__(self):
        self.asked = []

    def entries(self, points, *, processes, found):
        for point in points:
            self.asked.append(point.tolist())
            found(2 * point[None])


@pytest.fixture
def problem():
    return Counted()


def test_asked_again_it_is_not_run_again(problem):
    evaluated = Evaluated(problem)
    points = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.array_equal(evaluated.entries(points), 2 * points)
    more = np.array([[3.0, 4.0], [5.0, 6.0], [1.0, 2.0], [5.0, 6.0]])
    assert np.array_equal(evaluated.entries(more), 2 * more)
    assert problem.asked == [[1, 2], [3, 4], [5, 6]]
    assert len(evaluated) == 3


def test_new_points_are_told_once_with_their_entries(problem):
    told = []
    evaluated = Evaluated(problem, keep=lambda points, entries: told.append((points, entries)))
    evaluated.entries(np.array([[1.0], [2.0]]))
    evaluated.entries(np.array([[2.0], [3.0]]))
    assert [points.ravel().tolist() for points, _ in told] == [[1, 2], [3]]
    assert [entries.ravel().tolist() for _, entries in told] == [[2, 4], [6]]


def test_what_was_taken_in_is_known(problem):
    evaluated = Evaluated(problem)
    evaluated.add(np.array([[7.0]]), np.array([[70.0]]))
    assert evaluated.entries(np.array([[7.0]])).item() == 70
    assert problem.asked == []
    points, entries = evaluated.everything
    assert (points.item(), entries.item()) == (7, 70)


def test_progress_counts_points_that_were_known(problem):
    evaluated, done = Evaluated(problem), []
    evaluated.entries(np.array([[1.0]]))
    evaluated.entries(np.array([[1.0], [2.0], [3.0]]), done.append)
    assert sum(done) == 3
