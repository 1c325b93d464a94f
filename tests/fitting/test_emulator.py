"""What an emulator predicts: lines exactly, bends closely, and nothing of what stands beyond a wall."""

import numpy as np
import pytest

from twin.fitting.emulator import LINEAR, Emulator

pytestmark = pytest.mark.usefixtures("one_process")


def scored(entries):
    """Entries that are standard deviations already."""
    return entries


def points(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 4))


def test_a_line_is_predicted_as_it_is_and_has_no_process():
    slopes = np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 3.0], [0.5, 0.0]])
    emulator = Emulator(points(40), points(40) @ slopes + 7, scored)
    assert len(emulator.bent) == 0
    away = 5 * points(10, seed=1)
    assert emulator(away) == pytest.approx(away @ slopes + 7)


def bent(x):
    return np.column_stack([np.exp(0.5 * x[:, 0]) + x[:, 1], 3 * np.sin(x[:, 2]), x[:, 3]])


def test_a_bend_is_learnt_along_the_parameters_that_bend_it():
    emulator = Emulator(points(250), bent(points(250)), scored)
    assert emulator.bent.tolist() == [0, 1]
    inside = np.clip(points(100, seed=1), -1.5, 1.5)
    # no prediction errs by more than the deviation that no process would mend
    assert np.abs(emulator(inside) - bent(inside)).max() < 2 * LINEAR
    lengths = emulator.kernels[1, False].k1.length_scale
    assert lengths.argmin() == 2
    assert np.delete(lengths, 2).min() > 5 * lengths[2]


def test_lengths_are_taken_over_without_learning():
    first = Emulator(points(120), bent(points(120)), scored)
    more = points(240, seed=3)
    second = Emulator(more, bent(more), scored, before=first, learn=False)
    assert second.kernels[1, False] is first.kernels[1, False]
    inside = np.clip(points(100, seed=1), -1.5, 1.5)
    errors = [np.abs(own(inside) - bent(inside)).max() for own in (first, second)]
    assert errors[1] < errors[0]


def test_what_stands_beyond_a_wall_does_not_blur_this_side():
    """A tenth of the points deliver nothing: their entry is at the least that counts."""

    def walled(x):
        return np.where(x[:, :1] > 1.2, -60.0, 2 * np.sin(x[:, :1]))

    taught = points(250)
    assert 0.05 < (taught[:, 0] > 1.2).mean() < 0.2
    emulator = Emulator(taught, walled(taught), scored)
    inside = np.clip(points(100, seed=1), -1.2, 1.1)
    assert np.abs(emulator(inside) - walled(inside)).max() < 2 * LINEAR
