"""How the error of a measured curve goes on from cycle to cycle, and how it is whitened.

What a model misses a curve by has three parts, each with a standard deviation of its own
(:class:`twin.measured.spread.CurveSpread`)::

    error(c) = offset + drift(c) + noise(c)
    covariance of drift(c) and drift(d) = scatter^2 exp(-|c - d| / length)

The offset is how one cell differs from another. The drift is an autoregressive error of first order on
cycles that may be unevenly spaced (Jones 1980, Technometrics 22, 389): neighbours err together, so that
800 points are not 800 proofs. The noise is each cycle's own.

A Kalman filter over the cycles, whose state is the offset and the drift, gives the **innovations**: each
error less what those before it say of it, in standard deviations. They are independent, their squares
add up to the quadratic form of the dense covariance, and that takes as many operations as there are
cycles. Those of the first cycles do not change when more are measured: a likelihood grows cycle by
cycle.
"""

import numpy as np
from numpy.typing import ArrayLike

from twin.measured.spread import CurveSpread


def innovations(errors: np.ndarray, cycles: ArrayLike, spread: CurveSpread) -> np.ndarray:
    """Innovations in standard deviations, (…, cycle), of errors (…, cycle) in rising cycles.

    Two errors of one cycle share their offset and drift.
    """
    gains, deviations, memories = _filter(np.asarray(cycles, dtype=float), spread)
    offset = np.zeros(errors.shape[:-1])
    drift = np.zeros(errors.shape[:-1])
    found = np.empty(errors.shape)
    for place, (gain, deviation, memory) in enumerate(zip(gains, deviations, memories, strict=True)):
        drift = memory * drift
        surprise = errors[..., place] - offset - drift
        found[..., place] = surprise / deviation
        offset = offset + gain[0] * surprise
        drift = drift + gain[1] * surprise
    return found


def whitening(cycles: ArrayLike, spread: CurveSpread) -> np.ndarray:
    """The matrix that turns errors (cycle,) into innovations, (innovation, cycle)."""
    return innovations(np.eye(np.size(cycles)), cycles, spread).T


def _filter(cycles: np.ndarray, spread: CurveSpread) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each cycle the gains (cycle, 2) on offset and drift, the deviation of its innovation, and what
    is left of the drift of the cycle before. They do not depend on the errors.
    """
    memories = np.exp(-np.diff(cycles, prepend=cycles[:1]) / spread.length)
    covariance = np.diag([spread.cell**2, spread.scatter**2])
    gains, deviations = np.empty((len(cycles), 2)), np.empty(len(cycles))
    for place, memory in enumerate(memories):
        left = np.array([1.0, memory])
        covariance = covariance * np.outer(left, left)
        covariance[1, 1] += spread.scatter**2 * (1 - memory**2)
        shared = covariance.sum(axis=1)
        variance = shared.sum() + spread.noise**2
        gains[place], deviations[place] = shared / variance, np.sqrt(variance)
        covariance = covariance - np.outer(shared, shared) / variance
    return gains, deviations, memories
