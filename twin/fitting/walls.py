"""Walls: surfaces in the space of the parameters at which an entry jumps.

A bare cell delivers nothing once its contact is lost; a coating lives, or fails early. No smooth
function does that: what is learnt on one side blurs the other. The chance that a point lies beyond is
told by a Gaussian process classifier (Rasmussen and Williams 2006, Gaussian Processes for Machine
Learning, Section 3.4), each side has an emulator of its own, and what is emulated is the sum over both,
by their chances.
"""

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import log_expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from twin.fitting.climb import LEARNT_FROM, climb, spread_over
from twin.fitting.linear_algebra import on_one_thread

LEAST = 10
"""Fewest points on either side: fewer teach nothing of where the wall stands."""
VALLEY = 0.25
"""Most points in the middle third between the medians of both sides, relative to those of the smaller
side: a normal cut at its middle has 0.35 there, a uniform distribution 0.33."""
FAR = 1.0
"""Least change of a score from the one side to the other [standard deviations of a row]."""
MOST = 5
"""Most walls, those that most points stand far beyond: each doubles what is summed over."""
THIRDS = np.array([[2, 1], [1, 2]]) / 3
"""What makes the ends of the middle third of two medians."""
OUTER = (0.005, 0.995)
"""Quantiles to which entries are clipped before they are told apart: one far point is no side."""
FIRST_LENGTH = 5.0
"""Length of the kernel from which the search begins [standard deviations of a prior]."""
LENGTHS = (0.3, 100.0)
"""Shortest and longest length."""
FIRST_VARIANCE = 30.0
"""Variance of the latent function from which the search begins."""
VARIANCES = (1.0, 1e4)
"""Least and most variance of it: it says how sharp the wall is."""
NEVER = -30.0
"""ln of a chance that is left out."""


@dataclass(frozen=True)
class Wall:
    """Where an entry jumps.

    Attributes
    ----------
    entry : int
        Its place.
    kernel : of scikit-learn
    points, weights : (point, parameter), (point,)
        What taught it.
    """

    entry: int
    kernel: Any
    points: np.ndarray
    weights: np.ndarray

    def log_odds(self, points: np.ndarray) -> np.ndarray:
        """ln of the chance to lie beyond over that to lie on this side, (point,)."""
        return self.kernel(points, self.points) @ self.weights


def beyond(entries: np.ndarray, scored: Callable[[np.ndarray], np.ndarray]) -> dict[int, np.ndarray]:
    """Of each entry that jumps, where the fewer of the points lie, (point,), of entries (point, entry).

    Otsu's cut (1979, IEEE Transactions on Systems, Man and Cybernetics 9, 62) tells the sides apart.
    """
    found = {}
    clipped = np.clip(entries, *np.quantile(entries, OUTER, axis=0))
    middle = np.median(entries, axis=0)
    for entry, values in enumerate(clipped.T):
        above = values > _cut(values)
        if not LEAST <= above.sum() <= len(values) - LEAST:
            continue
        smaller = above if 2 * above.sum() <= len(values) else ~above
        medians = np.array([np.median(values[own]) for own in (smaller, ~smaller)])
        low, high = np.sort(medians @ THIRDS)
        if np.count_nonzero((values > low) & (values < high)) > VALLEY * smaller.sum():
            continue
        sides = np.tile(middle, (2, 1))
        sides[:, entry] = medians
        far = abs(np.subtract(*scored(sides)[:, entry]))
        if far > FAR:
            found[entry] = (far * smaller.mean(), smaller)
    most = sorted(found, key=lambda entry: -found[entry][0])[:MOST]
    return {entry: found[entry][1] for entry in most}


def _cut(values: np.ndarray) -> float:
    """The value that leaves the least variance within those up to it and those above."""
    order = np.sort(values)
    below = np.arange(1, len(order))
    sums = np.cumsum(order)
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / (len(order) - below)
    between = below * (len(order) - below) * apart**2
    between[order[1:] == order[:-1]] = 0.0
    return order[int(between.argmax())]


def outcomes(
    walls: Sequence[Wall], points: np.ndarray, here: np.ndarray, there: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What may be at points: ln of its chance, (point,), and entries, (point, entry), one by one.

    `here` are the entries, (point, entry), on this side of all walls, `there` those of the walls alone,
    (point, wall), beyond.
    """
    odds = [wall.log_odds(points) for wall in walls]
    for sides in itertools.product((-1, 1), repeat=len(walls)):
        chance = np.zeros(len(points))
        for own, side in zip(odds, sides, strict=True):
            chance += log_expit(side * own)
        if chance.max() < NEVER:
            continue
        possible = here.copy()
        for number, (wall, side) in enumerate(zip(walls, sides, strict=True)):
            if side > 0:
                possible[:, wall.entry] = there[:, number]
        yield chance, possible


@on_one_thread
def learnt(task: tuple) -> Wall:
    """The wall of an entry.

    `task` holds its place, the points, whether each lies beyond, a kernel that is known (or None), and
    whether its lengths are learnt.
    """
    entry, points, passed, kernel, learn = task
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer
        if kernel is None or learn:
            kernel = kernel or ConstantKernel(FIRST_VARIANCE, VARIANCES) * RBF(
                np.full(points.shape[1], FIRST_LENGTH), length_scale_bounds=LENGTHS
            )
            some = np.concatenate([
                spread_over(np.flatnonzero(side), LEARNT_FROM // 2) for side in (passed, ~passed)
            ])  # fmt: skip
            kernel = _process(kernel, climb, points[some], passed[some]).kernel_
        process = _process(kernel, None, points, passed)
    return Wall(entry, kernel, points, process.y_train_ - process.pi_)


def _process(kernel, optimizer, points: np.ndarray, passed: np.ndarray):
    """The binary process within scikit-learn's classifier: it has the latent function."""
    classifier = GaussianProcessClassifier(kernel, optimizer=optimizer)
    return classifier.fit(points, passed).base_estimator_
