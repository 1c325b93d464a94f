"""Pareto-smoothed importance weights (Vehtari et al. 2024, JMLR 25, 72)."""

import numpy as np
from arviz_stats.base import array_stats

SAME = 1e-9
"""Range of heights below which every draw weighs the same."""


def smoothed(heights: np.ndarray) -> tuple[np.ndarray, float]:
    """Pareto-smoothed ln weights (draw,) of draws that are divided by exp(heights), and Pareto's k.

    Infinite where the largest weights are one draw's, over and over: they say nothing then.
    """
    if np.ptp(heights) < SAME:
        return np.zeros_like(heights), 0.0
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # a prior's grid meets a tail of no width
            weights, k = array_stats.psislw(heights)
    except ValueError:  # "All tail values are the same"
        return -heights, np.inf
    return np.asarray(weights), float(k)
