"""Markov chains of a posterior that a normal distribution approximates: preconditioned Crank-Nicolson.

    x' = m + sqrt(1 - b^2) (x - m) + b L z,     z ~ N(0, 1),     L L' = C
    accepted with min(1, exp[r(x') - r(x)]),    r(x) = ln posterior(x) - ln N(x; m, C)

The proposal leaves N(m, C) as it is, so that only what the posterior differs from it by is ever refused:
walls, bends, heavy tails. Parameters that nothing informs, whose posterior is the prior, cost nothing,
however many they are. Each step of a chain takes one of three lengths b at random. The chains run in
step with each other, over the processes. Source: Cotter et al. 2013, Statistical Science 28, 424.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from arviz_stats.base import array_stats
from tqdm.auto import tqdm

from twin.files import write_whole

STEP_LENGTHS = (0.15, 0.4, 0.9)
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
    saved: Path | None = None,
) -> Chains:
    """Chains of `steps` steps from `starts`, (chain, parameter).

    `log_posterior` takes points (chain, parameter) and gives (chain,). With `saved`, a file that holds
    the chains so far: a run that was killed goes on from there, with the same random numbers.
    """
    chains, size = starts.shape
    points, heights = np.empty((chains, steps, size)), np.empty((chains, steps))
    current, accepted, first = starts.copy(), 0, 0
    if saved is not None and saved.is_file():
        first, accepted = _resume(saved, points, heights, generator)
        current = points[:, first - 1].copy()
    root = np.linalg.cholesky(normal.covariance)
    height = heights[:, first - 1].copy() if first else log_posterior(current)
    for step in tqdm(range(first, steps), initial=first, total=steps, desc="posterior", disable=None):
        length = generator.choice(STEP_LENGTHS, size=(chains, 1))
        noise = generator.standard_normal((chains, size)) @ root.T
        proposed = normal.mean + np.sqrt(1 - length**2) * (current - normal.mean) + length * noise
        found = log_posterior(proposed)
        gain = found - normal.log_density(proposed) - height + normal.log_density(current)
        taken = np.log(generator.random(chains)) < gain
        current[taken], height[taken] = proposed[taken], found[taken]
        accepted += int(taken.sum())
        points[:, step], heights[:, step] = current, height
        if saved is not None and (step + 1) % SAVE_EVERY == 0:
            _save(saved, points[:, : step + 1], heights[:, : step + 1], accepted, generator)
    if saved is not None:
        saved.unlink(missing_ok=True)
    return Chains(points, heights, accepted / (steps * chains))


def _save(path: Path, points, heights, accepted, generator) -> None:
    state = json.dumps(generator.bit_generator.state)

    def write(beside):
        with beside.open("wb") as file:
            np.savez(file, points=points, heights=heights, accepted=accepted, generator=state)

    write_whole(path, write)


def _resume(path: Path, points, heights, generator) -> tuple[int, int]:
    """Fill in what was saved; how many steps that is, and how many proposals were accepted."""
    with np.load(path, allow_pickle=False) as held:
        done = min(held["points"].shape[1], points.shape[1])
        points[:, :done], heights[:, :done] = held["points"][:, :done], held["heights"][:, :done]
        generator.bit_generator.state = json.loads(str(held["generator"]))
        return done, int(held["accepted"])
