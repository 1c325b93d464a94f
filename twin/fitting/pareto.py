"""Pareto-smoothed importance weights (Vehtari et al. 2024, JMLR 25, 72)."""

import numpy as np
from arviz_stats.base import array_stats

SAME = 1e-9
"""Range of heights below which every draw weighs the same."""

NEARLY_EQUAL = 0.5
"""Kish's effective share of the draws (1965) from which a tail that cannot be fitted does not matter."""


def smoothed(heights: np.ndarray) -> tuple[np.ndarray, float]:
    """Pareto-smoothed ln weights (draw,) of draws that are divided by exp(heights), and Pareto's k.

    Infinite where the largest weights are those of a few draws, over and over: they say nothing then.
    """
    if np.ptp(heights) < SAME:
        return np.zeros_like(heights), 0.0
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # a prior's grid meets a tail of no width
            weights, k = array_stats.psislw(heights)
    except ValueError:  # "All tail values are the same"
        return -heights, np.inf
    if np.isnan(weights).any():  # one value over and over where the tail begins: it cannot be fitted
        shares = np.exp(heights.min() - heights)
        share = shares.sum() ** 2 / (shares**2).sum() / len(shares)
        return -heights, 0.0 if share >= NEARLY_EQUAL else np.inf
    return np.asarray(weights), float(k)
