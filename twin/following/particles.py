"""Weighted particles, and how they take in what was newly measured.

New data re-weight the particles: each by the likelihood of the new part given the old. Where the
effective number of them falls below half, they are re-sampled (systematically: Kitagawa 1996, J. Comput.
Graph. Stat. 5, 1) and moved by Metropolis-Hastings steps that leave the posterior of all data so far as
it is: iterated batch importance sampling (IBIS: Chopin 2002, Biometrika 89, 539). Data that tell much at
once are let in little by little, by a power of their likelihood that rises from 0 to 1 just as fast as
half of the particles allow (Jasra et al. 2011, Scand. J. Stat. 38, 1).

A step proposes ``mean + sqrt(1 - b^2) (x - mean) + b L xi`` with the mean and the covariance ``L L'`` of
the particles themselves: it would be accepted always if they were normal (Neal 1998, Bayesian Statistics
6, 475). The size b is drawn for each particle and step, so that long and short steps mix.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

LEAST_EFFECTIVE = 0.5
"""Share of the particles that stay effective: below it they are re-sampled and moved (Chopin 2002)."""
STEP_SIZES = (0.15, 0.4, 0.8)
"""Sizes b of a step: short enough to be accepted where the posterior is no normal, long enough to forget
where it is one."""
ENOUGH_MOVED = 0.9
"""Share of the particles that have moved from where they were re-sampled, when moving ends."""
MOST_SWEEPS = 8
"""Most steps of each particle after one re-sampling: people wait for an update."""
LAST_SWEEPS = 3
"""Least steps of each particle after the last re-sampling: its particles are what is left."""
SHORTEST_RISE = 1e-6
"""Least rise of the power, so that it comes to 1 even where one particle outweighs all others."""
HALVINGS = 50
"""Bisections for a power: it is known to 1e-15 then."""
RIDGE = 1e-9
"""Variance that is added in each direction, so that particles that agree in one still have a Cholesky
factor."""

Density = Callable[[np.ndarray], np.ndarray]
"""Of points (particle, coordinate), ln of a density up to a constant, (particle,)."""
Likelihoods = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Of points (particle, coordinate), ln of the likelihood of the data before, and of all data."""


@dataclass(frozen=True)
class Particles:
    """Points (particle, coordinate) with ln of their weights, (particle,)."""

    points: np.ndarray
    log_weights: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Weights that add up to 1."""
        return softmax(self.log_weights)

    @property
    def effective(self) -> float:
        """How many equally weighted particles they are worth (Kong et al. 1994)."""
        return effective_number(self.log_weights)

    def resampled(self, generator: np.random.Generator, count: int | None = None) -> np.ndarray:
        """`count` points, each as often as its weight says, give or take one."""
        return self.points[systematic(self.weights, count or len(self.points), generator)]


@dataclass(frozen=True)
class TakenIn:
    """Particles after new data, and what it took.

    Attributes
    ----------
    particles : Particles
    effective : float
        Of the particles before, once they were re-weighted by all new data: how much these told.
    resamplings, sweeps : int
    accepted : share of the steps; NaN where none was made
    """

    particles: Particles
    effective: float
    resamplings: int
    sweeps: int
    accepted: float


def take_in(
    particles: Particles,
    log_prior: Density,
    log_likelihoods: Likelihoods,
    generator: np.random.Generator,
    progress: Callable[[float], object] = lambda power: None,
) -> TakenIn:
    """Particles of the posterior of all data, from those of the posterior of the data before.

    `progress` is told of the power at which new data have been let in, after each re-sampling.
    """
    points, log_weights = particles.points, particles.log_weights
    before, after = log_likelihoods(points)
    worth = effective_number(log_weights + after - before)
    power, resamplings, sweeps, steps, accepted = 0.0, 0, 0, 0, 0
    while True:
        rise = _rise(log_weights, after - before, 1.0 - power)
        power = min(1.0, power + rise)
        log_weights = log_weights + rise * (after - before)
        if power == 1.0 and effective_number(log_weights) >= LEAST_EFFECTIVE * len(points):
            break
        places = systematic(softmax(log_weights), len(points), generator)
        points, before, after = points[places], before[places], after[places]
        log_weights = np.zeros(len(points))
        walk = _Walk(points, before, after, log_prior, log_likelihoods, power, generator)
        least = LAST_SWEEPS if power == 1.0 else 1
        for sweep in range(1, MOST_SWEEPS + 1):
            accepted += walk.step()
            if sweep >= least and walk.moved.mean() >= ENOUGH_MOVED:
                break
        points, before, after = walk.points, walk.before, walk.after
        resamplings, sweeps, steps = resamplings + 1, sweeps + sweep, steps + sweep * len(points)
        progress(power)
        if power == 1.0:
            break
    share = accepted / steps if steps else np.nan
    return TakenIn(Particles(points, log_weights), worth, resamplings, sweeps, share)


class _Walk:
    """Metropolis-Hastings steps of all particles at one power of the new data's likelihood."""

    def __init__(self, points, before, after, log_prior, log_likelihoods, power, generator):
        self.points, self.before, self.after = points.copy(), before.copy(), after.copy()
        self.prior, self.likelihoods, self.power, self.generator = (
            log_prior, log_likelihoods, power, generator,
        )  # fmt: skip
        self.moved = np.zeros(len(points), dtype=bool)
        self.mean = points.mean(axis=0)
        covariance = np.atleast_2d(np.cov(points, rowvar=False))
        self.factor = np.linalg.cholesky(covariance + RIDGE * np.eye(points.shape[1]))
        self.height = self._height(self.points, self.before, self.after)

    def step(self) -> int:
        """One step of each particle: how many were accepted."""
        size = self.generator.choice(STEP_SIZES, (len(self.points), 1))
        shake = self.generator.standard_normal(self.points.shape) @ self.factor.T
        proposed = self.mean + np.sqrt(1 - size**2) * (self.points - self.mean) + size * shake
        before, after = self.likelihoods(proposed)
        height = self._height(proposed, before, after)
        limit = np.log(self.generator.random(len(self.points)))
        taken = limit < height - self.height
        for own, new in (
            (self.points, proposed), (self.before, before), (self.after, after), (self.height, height),
        ):  # fmt: skip
            own[taken] = new[taken]
        self.moved |= taken
        return int(taken.sum())

    def _height(self, points, before, after) -> np.ndarray:
        """ln(posterior) over the normal density that the steps leave as it is."""
        scaled = np.linalg.solve(self.factor, (points - self.mean).T)
        normal = -0.5 * (scaled**2).sum(axis=0)
        found = self.prior(points) + before + self.power * (after - before) - normal
        return np.where(np.isnan(found), -np.inf, found)


def effective_number(log_weights: np.ndarray) -> float:
    """(sum of the weights)^2 / sum of their squares."""
    return float(np.exp(2 * logsumexp(log_weights) - logsumexp(2 * log_weights)))


def systematic(weights: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Places (count,) that stand as often as their weights say, give or take one."""
    ends = np.cumsum(weights)
    marks = (generator.random() + np.arange(count)) / count
    return np.minimum(np.searchsorted(ends / ends[-1], marks), len(weights) - 1)


def _rise(log_weights: np.ndarray, gains: np.ndarray, most: float) -> float:
    """The largest rise of the power, `most` at most, after which half of the particles are effective."""
    least = LEAST_EFFECTIVE * len(log_weights)
    if effective_number(log_weights + most * gains) >= least:
        return most
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if effective_number(log_weights + middle * gains) >= least:
            low = middle
        else:
            high = middle
    return max(low, min(most, SHORTEST_RISE))
