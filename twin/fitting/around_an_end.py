"""On from an end where a wall has stopped a descent: CMA-ES in its neighbourhood, then a descent again.

Where a wall stands close on several sides, derivatives reach over it, and no step that they propose goes
along. An evolution strategy compares values alone: it learns from its population in which direction the
way is open (Hansen and Ostermeier 2001, Evolutionary Computation 9, 159).
"""

import numpy as np
from cmaes import CMA

from twin.fitting.descent import Residuals, descend, objective

NEIGHBOURHOOD = 0.1
"""Deviation of the first population around the end [standard deviations of a prior]: as far as the
derivatives of a descent reach."""
POPULATION = 24
"""Points of a generation: some more than CMA-ES takes by itself in twenty dimensions, since they are
evaluated side by side."""
GENERATIONS = 30
"""Generations: it takes some ten to learn the way, and what it gains later a descent gains faster."""


def descend_around(
    residuals: Residuals, end: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, float]:
    """A point, (parameter,), no worse than `end`, and half the sum of its squared residuals."""
    search = CMA(
        mean=end.copy(),
        sigma=NEIGHBOURHOOD,
        bounds=np.column_stack(bounds),
        population_size=POPULATION,
        seed=0,
    )
    best, lowest = end, objective(residuals(end[None])).item()
    for _ in range(GENERATIONS):
        points = np.array([search.ask() for _ in range(POPULATION)])
        values = objective(residuals(points))
        search.tell(list(zip(points, values.tolist(), strict=True)))
        place = int(values.argmin())
        if values[place] < lowest:
            best, lowest = points[place], float(values[place])
    return descend(residuals, best, bounds)
