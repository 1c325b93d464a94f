"""Gauss-Newton descent that goes along walls.

A cell that stops charging is a wall in the sum of squares: a little further on, a capacity falls to
nothing. Where a wall lies across the full step, steps in fewer parameters go on along it. Each round
linearises the residuals, tries damped steps in all parameters and in random subsets of them, all over
the processes, and takes the best.
"""

import math
from collections.abc import Callable

import numpy as np

from twin import parallel

DERIVATIVE_STEP = 0.1
"""Finite-difference step in standard deviations of a prior: well above the tolerance of a jump."""
ROUNDS = 20
"""Most rounds of a descent: those that still gain after so many crawl along a wall."""
TOLERANCE = 1e-3
"""Relative gain of a round that counts as one: less moves no fitted value by what its rows tell."""
PATIENCE = 3
"""Rounds in a row without a gain that end the descent: each tries other random subsets of parameters."""
DAMPINGS = (0.1, 0.3, 3.0, 30.0)
"""Dampings that each round tries on its Gauss-Newton step, in the unit of the priors' curvature: from a
step that trusts the linearised residuals to one that goes a little downhill."""
SUBSETS = 12
"""Random subsets of parameters in which each round tries a step: some lie along the wall that it met."""

Residuals = Callable[[np.ndarray], np.ndarray]


def descend(
    residuals: Residuals,
    start: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    *,
    processes: int | None = None,
    keep: Callable[[np.ndarray, float], None] | None = None,
) -> np.ndarray:
    """The point, (parameter,), at which half the sum of squared residuals no longer falls.

    `keep(point, objective)` is told of the start and of every better point.
    """
    generator = np.random.default_rng(0)
    point = np.clip(start, *bounds)
    best, stalled = math.inf, 0
    for _ in range(ROUNDS):
        base, jacobian = linearise(residuals, point, processes=processes)
        if not math.isfinite(best):
            best = objective(base)
            if keep is not None:
                keep(point, best)
        tried = [np.clip(point + step, *bounds) for step in _candidates(base, jacobian, generator)]
        found = parallel.map_tasks(residuals, tried, processes=processes)
        values = [objective(each) for each in found]
        place = int(np.argmin(values))
        stalled = 0 if values[place] < best * (1 - TOLERANCE) else stalled + 1
        if values[place] < best:
            point, best = tried[place], values[place]
            if keep is not None:
                keep(point, best)
        if stalled == PATIENCE:
            break
    return point


def linearise(
    residuals: Residuals, point: np.ndarray, *, processes: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals at a point and their derivatives, (residual,) and (residual, parameter).

    Each parameter is stepped both ways and the gentler slope is taken: a wall is no slope.
    """
    steps = np.eye(len(point)) * DERIVATIVE_STEP
    points = [point, *(point + sign * step for step in steps for sign in (1, -1))]
    base, *values = parallel.map_tasks(residuals, points, processes=processes)
    columns = []
    for plus, minus in zip(values[::2], values[1::2], strict=True):
        slopes = [(plus - base) / DERIVATIVE_STEP, (base - minus) / DERIVATIVE_STEP]
        columns.append(min(slopes, key=np.linalg.norm))
    return base, np.stack(columns, axis=1)


def objective(residuals: np.ndarray) -> float:
    """Half the sum of squares: -ln(posterior) up to a constant."""
    return 0.5 * float(residuals @ residuals)


def _candidates(residuals, jacobian, generator) -> list[np.ndarray]:
    """Steps to try: damped Gauss-Newton in all parameters and in random subsets."""
    count = jacobian.shape[1]
    everything = np.ones(count, dtype=bool)
    subsets = [generator.random(count) < generator.uniform(0.1, 0.7) for _ in range(SUBSETS)]
    choices = [(everything, damping) for damping in DAMPINGS]
    choices += [(subset, damping) for subset in subsets if subset.any() for damping in DAMPINGS[1:3]]
    steps = []
    for chosen, damping in choices:
        slopes = jacobian[:, chosen]
        curvature = slopes.T @ slopes + damping * np.eye(slopes.shape[1])
        step = np.zeros(count)
        step[chosen] = -np.linalg.solve(curvature, slopes.T @ residuals)
        steps.append(step)
    return steps
