"""Draws of targets whose answer is known: means, ends, modes, cuts, and what is said of too few."""

import numpy as np
import pytest
from scipy.stats import norm

from twin.fitting.emulator import Emulator
from twin.fitting.sampling import LARGEST_RHAT, Target, effective, largest_rhat, sample

WIDE = 8.0


pytestmark = pytest.mark.usefixtures("one_process")


def target_of(size, entries, lower=-WIDE, upper=WIDE):
    """Standard normal priors in a box, and entries that are deviations from rows."""

    def log_density(points, entries):
        return -0.5 * ((entries**2).sum(axis=1) + (points**2).sum(axis=1))

    bounds = (np.full(size, float(lower)), np.full(size, float(upper)))
    return Target(bounds, entries, log_density, lambda entries: entries)


def drawn(target, starts, *, draws=400, seed=0, around=0.5):
    starts = np.atleast_2d(starts).astype(float)
    near = starts[:, None] + around * np.random.default_rng(1).standard_normal(
        (len(starts), 60, starts.shape[1])
    )
    known = np.clip(np.vstack([starts, near.reshape(-1, starts.shape[1])]), *target.bounds)
    found = sample(
        target,
        (known, target.entries(known)),
        starts,
        draws=draws,
        generator=np.random.default_rng(seed),
    )
    return found, found.points.reshape(-1, starts.shape[1])


def test_a_normal_has_its_mean_and_its_correlations():
    size = 10
    rows = np.random.default_rng(2).standard_normal((6, size)) * 2
    covariance = np.linalg.inv(rows.T @ rows + np.eye(size))
    mean = covariance @ rows.T @ np.ones(6)
    found, points = drawn(target_of(size, lambda points: points @ rows.T - 1.0), mean)
    assert found.converged
    assert found.doubt == ""
    deviations = np.sqrt(np.diag(covariance))
    error = 3 / np.sqrt(found.effective_draws)
    assert (points.mean(axis=0) - mean) / deviations == pytest.approx(np.zeros(size), abs=error)
    scaled = np.cov(points.T) / np.outer(deviations, deviations)
    expected = covariance / np.outer(deviations, deviations)
    assert scaled == pytest.approx(expected, abs=2 * error)
    for share in (0.05, 0.95):
        ends = (np.quantile(points, share, axis=0) - mean) / deviations
        # an end errs by 2.1 standard errors
        assert ends == pytest.approx(np.full(size, norm.ppf(share)), abs=2.1 * error)


def on_a_grid(log_density, size=400, width=5.0):
    """Means of both coordinates and of their squares, by sums over a fine grid."""
    axis = np.linspace(-width, width, size)
    x, y = (own.ravel() for own in np.meshgrid(axis, axis, indexing="ij"))
    points = np.column_stack([x, y])
    weight = np.exp(log_density(points))
    weight /= weight.sum()
    return weight @ points, weight @ points**2


def test_a_banana_is_followed_round_its_bend():
    target = target_of(2, lambda points: ((points[:, 1] - points[:, 0] ** 2 + 1) / 0.3)[:, None])
    found, points = drawn(target, [0.0, -1.0])
    mean, square = on_a_grid(lambda points: target.log_density(points, target.entries(points)))
    error = 3 / np.sqrt(found.effective_draws)
    deviation = np.sqrt(square - mean**2)
    assert (points.mean(axis=0) - mean) / deviation == pytest.approx(np.zeros(2), abs=error)
    assert (points**2).mean(axis=0) == pytest.approx(square, rel=2 * error)


def test_modes_that_a_start_knows_have_their_shares():
    """Two of them, of which one has three times the weight of the other."""

    def entries(points):
        x = points[:, 0]
        left, right = 0.25 * norm.pdf(x, -2, 0.4), 0.75 * norm.pdf(x, 2, 0.4)
        # the prior is taken out again, so that the mixture is the whole density
        height = np.log(left + right + 1e-12) + 0.5 * x**2
        return np.sqrt(np.maximum(2 * (20 - height), 0))[:, None]

    target = target_of(2, entries, lower=-4, upper=4)
    found, points = drawn(target, [[-2.0, 0.0], [2.0, 0.0]], draws=300)
    share = (points[:, 0] > 0).mean()
    # a share of three quarters errs by 0.43/sqrt(n); chains see it by their changes of side
    assert share == pytest.approx(0.75, abs=4 * 0.43 / np.sqrt(found.effective_draws))


@pytest.mark.parametrize("signs", [(-1, 1), (-1, -1, -1, -1, 1)])
def test_shares_of_modes_are_not_those_of_the_starts(signs):
    """In eight dimensions, with a barrier that no walker climbs, and most starts in the lesser one."""

    def entries(points):
        x = points[:, 0]
        return np.column_stack([(x**2 - 4) / 0.5, (x - 1.6) / 2.5, 1.5 * points[:, 1:]])

    starts = np.zeros((len(signs), 8))
    starts[:, 0] = 1.94 * np.array(signs)
    target = target_of(8, entries)
    found, points = drawn(target, starts, draws=300, around=0.3)
    axis = np.zeros((100_001, 8))
    axis[:, 0] = np.linspace(-WIDE, WIDE, len(axis))
    weight = np.exp(target.log_density(axis, entries(axis)))
    expected = weight[axis[:, 0] > 0].sum() / weight.sum()
    # the starts alone would say 0.5 and 0.2
    assert expected == pytest.approx(0.731, abs=1e-3)
    # four standard errors of a share, of as many draws as are effective at least
    error = 4 * np.sqrt(expected * (1 - expected) / found.effective_draws)
    assert (points[:, 0] > 0).mean() == pytest.approx(expected, abs=error)


def test_runs_without_an_answer_teach_nothing(monkeypatch):
    """A row far from zero, which a single answer that is none must not turn into zero for all points."""
    seen = []

    def watched(points, entries, *others, **options):
        seen.append(entries)
        return Emulator(points, entries, *others, **options)

    def entries(points):
        return np.where(points[:, :1] > 0.3, np.nan, 3 * points[:, 1:] - 2)

    monkeypatch.setattr("twin.fitting.sampling.Emulator", watched)
    drawn(target_of(2, entries), [0.0, 0.6], draws=100)
    assert len(seen) > 1  # the second is the first to learn from draws
    assert all(np.isfinite(taught).all() for taught in seen)


@pytest.mark.parametrize("wall", ["box", "jump", "no answer"])
def test_a_half_space_ends_at_its_cut(wall):
    """Close to the optimum: by the bounds, by rows that jump, or where a run has no answer."""
    cut = 0.3

    def entries(points):
        beyond = points[:, 0] > cut
        jumped = np.where(beyond, np.nan if wall == "no answer" else 12.0, 0.0)
        return np.column_stack([points[:, 1] - 0.5, np.zeros(len(points)) if wall == "box" else jumped])

    target = target_of(3, entries)
    if wall == "box":
        target.bounds[1][0] = cut
    found, points = drawn(target, [0.0, 0.25, 0.0])
    assert points[:, 0].max() <= cut
    error = 4 / np.sqrt(found.effective_draws)
    # a standard normal below the cut
    expected = -norm.pdf(cut) / norm.cdf(cut)
    assert points[:, 0].mean() == pytest.approx(expected, abs=error)
    assert np.quantile(points[:, 0], 0.95) == pytest.approx(norm.ppf(0.95 * norm.cdf(cut)), abs=error)
    assert points[:, 1].mean() == pytest.approx(0.25, abs=error)


def test_the_same_seed_draws_the_same():
    target = target_of(2, lambda points: points[:, :1] * 2)
    first, again, other = (drawn(target, [0.0, 0.0], draws=50, seed=seed)[0] for seed in (3, 3, 4))
    assert np.array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)


def test_each_round_says_how_far_it_has_come():
    target, told = target_of(2, lambda points: points[:, :1] * 2), []
    known = np.random.default_rng(1).standard_normal((60, 2))
    found = sample(
        target,
        (known, target.entries(known)),
        np.zeros((1, 2)),
        draws=300,
        generator=np.random.default_rng(0),
        progress=told.append,
    )
    assert told[-1] == found.effective_draws
    assert all(reached < 300 or found.largest_rhat > LARGEST_RHAT for reached in told[:-1])


def test_entries_and_heights_are_those_of_the_draws():
    target = target_of(2, lambda points: np.sin(points[:, :1]) * 2)
    found, points = drawn(target, [0.0, 0.0], draws=50)
    entries = found.entries.reshape(len(points), -1)
    assert np.array_equal(entries, target.entries(points))
    assert found.heights.ravel() == pytest.approx(target.log_density(points, entries))
    assert found.best_height >= found.heights.max()


def test_chains_that_do_not_agree_are_said(monkeypatch):
    apart = np.random.default_rng(0).standard_normal((4, 200, 2))
    assert effective(apart) > 300
    assert largest_rhat(apart) < LARGEST_RHAT
    apart[0] += 1
    assert largest_rhat(apart) > LARGEST_RHAT
    monkeypatch.setattr("twin.fitting.sampling.most_evaluations", int)
    few, _ = drawn(target_of(2, lambda points: points[:, :1]), [0.0, 0.0], draws=400)
    assert not few.converged
    assert few.doubt.startswith("The posterior has not converged: ")
