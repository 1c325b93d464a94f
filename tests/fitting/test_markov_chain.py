"""Chains around a normal: what they find where the posterior is another, and that nothing is lost."""

import numpy as np
import pytest
from scipy.stats import norm

from twin.fitting.markov_chain import Normal, sample
from twin.fitting.saved_chains import SavedChains

NORMAL = Normal(np.array([0.0, 1.0, 0.0]), np.diag([1.0, 4.0, 1.0]))


def at(points):
    return NORMAL.log_density(points)


def walled(points):
    """The normal with a wall: nothing below 0.5 in the first parameter."""
    return np.where(points[:, 0] > 0.5, NORMAL.log_density(points), -1e6)


def starts(chains, first=1.0):
    points = np.random.default_rng(1).multivariate_normal(NORMAL.mean, NORMAL.covariance, chains)
    points[:, 0] = first
    return points


def test_a_normal_comes_back_as_it_is():
    chains = sample(at, NORMAL, starts(16), steps=1500, generator=np.random.default_rng(0))
    kept = chains.without_first(0.25).points
    error = 3 / np.sqrt(chains.effective_draws)
    deviations = np.sqrt(np.diag(NORMAL.covariance))
    assert error < 0.1
    assert kept.mean((0, 1)) == pytest.approx(NORMAL.mean, abs=error * deviations.max())
    assert kept.std((0, 1)) == pytest.approx(deviations, rel=error)
    # half of the moves are refused by nothing at all
    assert chains.accepted > 0.5


def bent(points):
    """A banana that no normal describes: the second parameter follows the square of the first."""
    return -0.5 * points[:, 0] ** 2 - 0.5 * ((points[:, 1] - 2 * points[:, 0] ** 2) / 0.5) ** 2


def test_a_bent_posterior_is_followed_round_its_bend():
    normal = Normal(np.zeros(2), np.diag([1.0, 0.25]))  # what its middle looks like
    first = np.random.default_rng(0).normal(scale=0.3, size=(16, 2))
    chains = sample(bent, normal, first, steps=6000, generator=np.random.default_rng(0))
    kept = chains.without_first(0.5)
    assert kept.largest_rhat < 1.1
    error = 3 / np.sqrt(kept.effective_draws)
    assert error < 0.3
    assert kept.points[..., 0].std() == pytest.approx(1.0, abs=error)
    assert kept.points[..., 1].mean() == pytest.approx(2.0, abs=error * np.sqrt(8.25))


def test_a_wall_cuts_the_draws_as_it_cuts_the_posterior():
    chains = sample(walled, NORMAL, starts(16), steps=1500, generator=np.random.default_rng(0))
    kept = chains.without_first(0.25).points
    tail = norm.sf(0.5)
    expected = norm.pdf(0.5) / tail  # mean of a normal cut at 0.5
    # 0.5 deviations over the root of the effective draws, three times
    error = 3 * 0.5 / np.sqrt(chains.effective_draws)
    assert error < 0.05
    assert kept[..., 0].mean() == pytest.approx(expected, abs=error)
    assert kept[..., 1].mean() == pytest.approx(1.0, abs=3 * 2.0 / np.sqrt(chains.effective_draws))
    assert kept[..., 0].min() > 0.5
    assert chains.largest_rhat < 1.02


def test_a_killed_chain_goes_on_with_the_same_numbers(tmp_path):
    whole = sample(walled, NORMAL, starts(4), steps=40, generator=np.random.default_rng(0))
    calls = []

    def dies(points):
        calls.append(len(points))
        if len(calls) > 25:
            raise KeyboardInterrupt
        return walled(points)

    saved = SavedChains(tmp_path / "chains.npz", "v1")
    settings = {"steps": 40, "saved": saved}
    with pytest.raises(KeyboardInterrupt):
        sample(dies, NORMAL, starts(4), generator=np.random.default_rng(0), **settings)
    again = sample(walled, NORMAL, starts(4), generator=np.random.default_rng(7), **settings)
    assert np.array_equal(again.points, whole.points)
    assert again.accepted == whole.accepted
    assert not saved.path.exists()


def test_the_best_point_is_the_highest_that_any_chain_met():
    chains = sample(walled, NORMAL, starts(8), steps=100, generator=np.random.default_rng(0))
    point, height = chains.best
    assert height == chains.heights.max()
    assert walled(point[None])[0] == pytest.approx(height)
