"""Gauss-Newton descent that goes along walls.

A capacity that falls to nothing a little further on is a wall in the sum of squares. Where one lies
across the full step, steps in fewer parameters go on along it. Each round linearises the residuals,
tries damped steps in all parameters and in random subsets of them, all at once, and takes the best.
"""

import math
from collections.abc import Callable

import numpy as np

DERIVATIVE_STEP = 0.1
"""Finite-difference step in standard deviations of a prior: well above the tolerance of a jump."""
ROUNDS = 20
"""Most rounds of a descent: those that still gain after so many crawl along a wall."""
TOLERANCE = 1e-2
"""Least gain of a round in -ln(posterior) that counts as one: less moves no fitted value by what its
rows tell."""
PATIENCE = 2
"""Rounds in a row without a gain that end the descent: each tries other random subsets of parameters."""
DAMPINGS = (0.1, 0.3, 1.0, 3.0, 30.0)
"""Dampings that each round tries on its Gauss-Newton step, in the unit of the priors' curvature: from a
step that trusts the linearised residuals to one that goes a little downhill."""
SUBSETS = 5
"""Random subsets of parameters in which each round tries a step: some lie along the wall that it met."""

Residuals = Callable[[np.ndarray], np.ndarray]
"""Of points (point, parameter), (point, residual): all at once."""


def descend(
    residuals: Residuals, start: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, float]:
    """The point, (parameter,), at which half the sum of squares no longer falls, and that half."""
    generator = np.random.default_rng(0)
    point = np.clip(start, *bounds)
    best, stalled = math.inf, 0
    for _ in range(ROUNDS):
        base, jacobian = linearise(residuals, point, bounds)
        best = min(best, objective(base).item())
        steps = _candidates(base, jacobian, generator)
        tried = np.array([np.clip(point + step, *bounds) for step in steps])
        values = objective(residuals(tried))
        place = int(np.argmin(values))
        stalled = 0 if values[place] < best - TOLERANCE else stalled + 1
        if values[place] < best:
            point, best = tried[place], float(values[place])
        if stalled == PATIENCE:
            break
    return point, best


def linearise(
    residuals: Residuals, point: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals at a point and their derivatives, (residual,) and (residual, parameter).

    Each parameter is stepped to the side on which it has more room within the bounds.
    """
    lower, upper = bounds
    above, below = upper - point, point - lower
    steps = np.where(
        above >= below, np.minimum(above, DERIVATIVE_STEP), -np.minimum(below, DERIVATIVE_STEP)
    )
    base, *stepped = residuals(np.vstack([point, point + np.diag(steps)]))
    return base, ((np.array(stepped) - base) / steps[:, None]).T


def objective(residuals: np.ndarray) -> np.ndarray:
    """Half the sum of squares, (…,), of residuals (…, residual): -ln(posterior) up to a constant."""
    return 0.5 * (residuals**2).sum(axis=-1)


def _candidates(residuals, jacobian, generator) -> list[np.ndarray]:
    """Steps to try: damped Gauss-Newton in all parameters and in random subsets."""
    count = jacobian.shape[1]
    everything = np.ones(count, dtype=bool)
    subsets = [generator.random(count) < generator.uniform(0.1, 0.7) for _ in range(SUBSETS)]
    choices = [(everything, damping) for damping in DAMPINGS]
    choices += [(subset, damping) for subset in subsets if subset.any() for damping in DAMPINGS[1:4:2]]
    steps = []
    for chosen, damping in choices:
        slopes = jacobian[:, chosen]
        curvature = slopes.T @ slopes + damping * np.eye(slopes.shape[1])
        step = np.zeros(count)
        step[chosen] = -np.linalg.solve(curvature, slopes.T @ residuals)
        steps.append(step)
    return steps
