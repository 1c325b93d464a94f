"""Markov chains of a posterior that a normal distribution approximates.

Each step of a chain makes one of two moves. Preconditioned Crank-Nicolson (Cotter et al. 2013,
Statistical Science 28, 424) in some of the coordinates z in which the normal N(m, C) is round:

    z' = sqrt(1 - b^2) z + b e,    x = m + L z,    L L' = C,    e ~ N(0, 1)
    accepted with min(1, exp[r(x') - r(x)]),    r(x) = ln posterior(x) - ln N(x; m, C)

leaves N(m, C) as it is, so that only what the posterior differs from it by is ever refused: parameters
that nothing informs, whose posterior is the prior, cost nothing, however many they are. Differential
evolution from the past of all chains (ter Braak and Vrugt 2008, Statistics and Computing 18, 435):

    x' = x + g (x_a - x_b) + e in some of the parameters,    g = 2.38/sqrt(2 d)

learns where the posterior is longer or more bent than the normal. When a quarter of the steps is done,
the normal takes the mean and the covariance that the chains have found by then; those steps are to be
forgotten. The chains run in step with each other, over the processes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from tqdm.auto import tqdm

from twin.fitting.saved_chains import SavedChains, State

STEP_LENGTHS = (0.2, 0.5, 1.0)
"""Lengths b of a Crank-Nicolson move, of which each move takes one at random: a short one is accepted
where the posterior differs much from the normal, a long one forgets where it came from."""
CHANGED_SHARES = (0.1, 0.3, 1.0)
"""Shares of the coordinates or parameters that a move changes, of which each move takes one at random: a
move in a few is accepted more often, a move in all goes further."""
BURN_IN = 0.25
"""Share of the steps after which the normal is renewed, and up to which every point is forgotten."""
OWN_SHARE = 0.8
"""Share of the renewed normal's covariance that is the chains' own. The rest is the first normal's, so
that chains which have not moved along some direction yet do not close it."""
EVOLVED = 0.5
"""Share of the moves that are differential evolution; the others are Crank-Nicolson."""
WHOLE_JUMPS = 0.1
"""Share of the evolving moves that take g = 1 in all parameters: those lead from one mode to another
(ter Braak and Vrugt 2008)."""
JITTER = 1e-3
"""Standard deviation of e: just enough to keep evolving moves off the grid of past differences."""
SAVE_EVERY = 10
"""Steps between two savings of a chain that is to be resumed."""

Evaluate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Normal:
    """The normal distribution that approximates the posterior: mean (parameter,), covariance."""

    mean: np.ndarray
    covariance: np.ndarray

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Of points (point, parameter), up to a constant."""
        off = points - self.mean
        return -0.5 * np.einsum("ij,jk,ik->i", off, np.linalg.inv(self.covariance), off)


@dataclass(frozen=True)
class Chains:
    """Points (chain, step, parameter), their ln posterior (chain, step), the share accepted."""

    points: np.ndarray
    heights: np.ndarray
    accepted: float

    def without_first(self, share: float) -> "Chains":
        """The chains without the first share of their steps."""
        kept = slice(int(share * self.points.shape[1]), None)
        return Chains(self.points[:, kept], self.heights[:, kept], self.accepted)

    @property
    def best(self) -> tuple[np.ndarray, float]:
        """The highest point that any chain came across, (parameter,), and its height."""
        chain, step = np.unravel_index(np.argmax(self.heights), self.heights.shape)
        return self.points[chain, step], float(self.heights[chain, step])

    @property
    def effective_draws(self) -> float:
        """Independent draws that the chains are worth, of the parameter that has fewest (bulk ESS)."""
        return float(np.nanmin(array_stats.ess(self.points, chain_axis=0, draw_axis=1)))

    @property
    def largest_rhat(self) -> float:
        """Rank-normalised split R-hat of the worst parameter; chains that agree are below 1.05."""
        return float(np.nanmax(array_stats.rhat(self.points, chain_axis=0, draw_axis=1)))


def sample(
    log_posterior: Evaluate,
    normal: Normal,
    starts: np.ndarray,
    *,
    steps: int,
    generator: np.random.Generator,
    saved: SavedChains | None = None,
) -> Chains:
    """Chains of `steps` steps from `starts`, (chain, parameter).

    `log_posterior` takes points (chain, parameter) and gives (chain,). With `saved`, a run that was
    killed goes on from its file, with the same random numbers.
    """
    chains, size = starts.shape
    points, heights = np.empty((chains, steps, size)), np.empty((chains, steps))
    current, accepted, first = starts.copy(), 0, 0
    found = None if saved is None else saved.read(chains, size, generator)
    if found is not None:
        first, accepted = min(found.points.shape[1], steps), found.accepted
        points[:, :first], heights[:, :first] = found.points[:, :first], found.heights[:, :first]
        current = points[:, first - 1].copy()
    renewal, renewed = int(BURN_IN * steps), normal
    height = heights[:, first - 1].copy() if first else log_posterior(current)
    for step in tqdm(range(first, steps), initial=first, total=steps, desc="posterior", disable=None):
        if step >= renewal > 0 and renewed is normal:
            renewed = _renewed(normal, points[:, renewal // 2 : renewal].reshape(-1, size))
        archive = np.concatenate([starts, points[:, :step].reshape(-1, size)])
        evolved = generator.random((chains, 1)) < EVOLVED
        proposed = np.where(
            evolved,
            _evolution(current, archive, generator),
            _crank_nicolson(current, renewed, generator),
        )
        reached = log_posterior(proposed)
        gain = reached - height
        drift = renewed.log_density(current) - renewed.log_density(proposed)
        taken = np.log(generator.random(chains)) < np.where(evolved[:, 0], gain, gain + drift)
        current = np.where(taken[:, None], proposed, current)
        height = np.where(taken, reached, height)
        accepted += int(taken.sum())
        points[:, step], heights[:, step] = current, height
        if saved is not None and (step + 1) % SAVE_EVERY == 0:
            saved.keep(State(points[:, : step + 1], heights[:, : step + 1], accepted), generator)
    if saved is not None:
        saved.remove()
    return Chains(points, heights, accepted / (steps * chains))


def _renewed(normal: Normal, points: np.ndarray) -> Normal:
    """The normal of the chains' own mean and covariance, with a share of the first one's."""
    covariance = OWN_SHARE * np.cov(points.T) + (1 - OWN_SHARE) * normal.covariance
    return Normal(points.mean(axis=0), covariance)


def _crank_nicolson(current, normal: Normal, generator) -> np.ndarray:
    variances, axes = np.linalg.eigh(normal.covariance)
    root = axes * np.sqrt(variances)
    round_ = np.linalg.solve(root, (current - normal.mean).T).T
    length = generator.choice(STEP_LENGTHS, size=(len(current), 1))
    moved = np.sqrt(1 - length**2) * round_ + length * generator.standard_normal(current.shape)
    return normal.mean + np.where(_changed(current.shape, generator), moved, round_) @ root.T


def _changed(shape, generator) -> np.ndarray:
    """Which entries a move changes, (chain, entry): a random share, at least one."""
    changed = generator.random(shape) < generator.choice(CHANGED_SHARES, size=(shape[0], 1))
    changed[np.arange(shape[0]), generator.integers(shape[1], size=shape[0])] = True
    return changed


def _evolution(current, archive, generator) -> np.ndarray:
    chains, size = current.shape
    first, second = archive[generator.integers(len(archive), size=(2, chains))]
    crossed = _changed(current.shape, generator)
    scale = 2.38 / np.sqrt(2 * crossed.sum(axis=1, keepdims=True))
    whole = generator.random((chains, 1)) < WHOLE_JUMPS
    step = np.where(whole, 1.0, scale) * (first - second)
    return current + (crossed | whole) * (step + JITTER * generator.standard_normal((chains, size)))
