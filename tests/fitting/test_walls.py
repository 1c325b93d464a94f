"""Walls: which entries jump, where, and what may be on either side."""

import numpy as np
import pytest
from scipy.special import logsumexp

from twin.fitting import walls
from twin.fitting.emulator import Emulator

pytestmark = pytest.mark.usefixtures("one_process")


def scored(entries):
    """Entries that are standard deviations already."""
    return entries


def points(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 4))


def jumping(x):
    """Beyond x0 + x1 = 1.2 the first entry is another function; the second never jumps."""
    beyond = x[:, 0] + x[:, 1] > 1.2
    return np.column_stack([np.where(beyond, -30.0 + 2 * x[:, 2], 1.5 * x[:, 2]), 2 * x[:, 3]])


@pytest.mark.parametrize(
    "drawn",
    [
        lambda generator, n: generator.standard_normal(n),
        lambda generator, n: generator.random(n),
        lambda generator, n: generator.exponential(size=n),
        lambda generator, n: generator.standard_t(3, n),
        lambda generator, n: np.exp(generator.standard_normal(n)),
        lambda generator, n: np.sin(generator.standard_normal(n)),
    ],
    ids=["normal", "uniform", "exponential", "Student", "lognormal", "sine"],
)
def test_an_entry_that_goes_on_smoothly_has_no_wall(drawn):
    values = 5 * drawn(np.random.default_rng(3), 1000)
    assert walls.beyond(values[:, None], scored) == {}


def test_the_fewer_points_lie_beyond():
    entries = jumping(points(600))
    found = walls.beyond(entries, scored)
    assert list(found) == [0]
    assert found[0].tolist() == (entries[:, 0] < -15).tolist()


def test_a_jump_too_small_for_a_score_or_of_too_few_points_is_no_wall():
    entries = jumping(points(600))
    assert walls.beyond(entries, lambda values: values / 100) == {}
    few = np.flatnonzero(entries[:, 0] < -15)[walls.LEAST - 1 :]
    assert walls.beyond(np.delete(entries, few, axis=0), scored) == {}


def test_each_side_has_its_own_shape_and_its_chance():
    emulator = Emulator(points(600), jumping(points(600)), scored)
    assert [wall.entry for wall in emulator.walls] == [0]
    away = np.array([[-1.0, 0.0, 0.7, 0.2], [1.5, 1.0, 0.7, 0.2], [0.6, 0.6, 0.7, 0.2]])
    (chance_here, here), (chance_there, there) = emulator.outcomes(away)
    assert logsumexp([chance_here, chance_there], axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    assert np.exp(chance_here[0]) > 0.99
    assert np.exp(chance_there[1]) > 0.99
    assert 0.1 < np.exp(chance_here[2]) < 0.9
    assert here[:, 0] == pytest.approx(1.5 * away[:, 2], abs=0.05)
    assert there[:, 0] == pytest.approx(-30 + 2 * away[:, 2], abs=0.2)
    assert here[:, 1] == pytest.approx(2 * away[:, 3], abs=0.05)
    assert there[:, 1] == pytest.approx(here[:, 1])


def test_a_kernel_that_is_known_is_taken_over():
    first = Emulator(points(300), jumping(points(300)), scored)
    more = points(500, seed=2)
    second = Emulator(more, jumping(more), scored, before=first, learn=False)
    assert second.walls[0].kernel is first.walls[0].kernel
