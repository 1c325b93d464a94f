"""A cheap stand-in for the runs: what an evaluation would say at a point, learnt from those made.

Each entry is a linear function of the coordinates, fitted by least squares, plus a Gaussian process on
what that leaves (Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, Chapter 2). Its
squared exponential kernel has a length for each coordinate, which maximise the marginal likelihood: an
entry bends along the few parameters of its own cell. Entries that are linear as far as a score can tell
have no process; one that jumps has a process on each side (``walls``).

What lost: one kernel for all entries (it erred by half a standard deviation where one of each its own
errs by a tenth), and lengths that may be as short as a fifth of a prior's deviation (in twenty
dimensions every point then stands alone, and nothing is learnt but the linear function: one proposal in
ten was accepted where now one in three is).
"""

import warnings
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

from twin import parallel
from twin.fitting import walls
from twin.fitting.climb import LEARNT_FROM, climb, spread_over
from twin.fitting.linear_algebra import on_one_thread

FIRST_LENGTH = 6.0
"""Length of the kernel from which the search begins [standard deviations of a prior]."""
LENGTHS = (0.7, 100.0)
"""Shortest and longest length: shorter is noise, longer is the linear function."""
NOISES = (1e-4, 0.1)
"""Least and most variance of what is no function of the coordinates, relative to the entry's own: what
jumps of the simulator and walls leave."""
WALL = 6.0
"""Distance from its median, in interquartile ranges, at which an entry stands beyond a wall: eight
standard deviations of a normal."""
ENOUGH = 2
"""Points for each coefficient of a linear function that are enough to fit it."""
PRECISION = np.float32
"""Of the distances to what was learnt: an entry errs by far more than its rounding."""
SMALLEST_SPREAD = 1e-9
"""Spread of an entry that counts as constant."""
LINEAR = 0.05
"""Largest deviation from a linear function [standard deviations of a row] that no process need mend."""


class Emulator:
    """Predicts entries at points, from evaluations.

    Parameters
    ----------
    points : (point, parameter)
    entries : (point, entry)
        Finite.
    scored : (point, entry) -> (point, residual)
        By whose change it is judged which entries bend.
    before : Emulator, optional
        One of fewer points, whose lengths this one takes over or, where `learn`, starts from.
    learn : bool
        Whether lengths are learnt.
    """

    kernels: dict[tuple[int, bool], object]
    """Of each entry that bends, on this side of its wall (False) and beyond (True)."""
    walls: list[walls.Wall]
    """Those that enough points lie beyond."""

    def __init__(
        self,
        points: np.ndarray,
        entries: np.ndarray,
        scored: Callable[[np.ndarray], np.ndarray],
        *,
        before: "Emulator | None" = None,
        learn: bool = True,
    ):
        self.centre, self.count = points.mean(axis=0), entries.shape[1]
        known = {wall.entry: wall.kernel for wall in before.walls} if before else {}
        passed = walls.beyond(entries, scored)
        learners = [(entry, points, own, known.get(entry), learn) for entry, own in passed.items()]
        self.walls = list(parallel.map_tasks(walls.learnt, learners))
        # of each entry this side of its wall, then of each wall the side beyond
        self.entry = np.array([*range(self.count), *passed])
        usual = np.column_stack([_usual(entries, passed), *passed.values()])
        raised, sides = self._raised(points), entries[:, self.entry]
        self.linear = np.column_stack([
            _line(raised[own], values[own]) for own, values in zip(usual.T, sides.T, strict=True)
        ])  # fmt: skip
        left = np.where(usual, sides - raised @ self.linear, 0.0)
        kernels = before.kernels if before else {}
        names = [(int(entry), place >= self.count) for place, entry in enumerate(self.entry)]
        bends = np.array([
            _change(scored, entries, int(entry), own) > LINEAR
            for entry, own in zip(self.entry, left.T, strict=True)
        ])  # fmt: skip
        self.bent = np.flatnonzero(bends | np.array([name in kernels for name in names]))
        self.spread = np.maximum(left[:, self.bent].std(axis=0), SMALLEST_SPREAD)
        tasks = [
            (points, left[:, place] / spread, usual[:, place], kernels.get(names[place]), learn)
            for place, spread in zip(self.bent, self.spread, strict=True)
        ]
        found = list(parallel.map_tasks(_process, tasks))
        self.kernels = {
            names[place]: kernel for place, (kernel, _) in zip(self.bent, found, strict=True)
        }
        lengths = np.array([kernel.k1.length_scale for kernel, _ in found]).reshape(-1, points.shape[1])
        # a squared distance is |x|^2 + |X|^2 - 2 x.X: that of all entries is one product of matrices
        self.inverse = (1 / lengths).astype(PRECISION)
        self.learnt = (points - self.centre).astype(PRECISION) * self.inverse[:, None]
        self.lengths2 = (self.learnt**2).sum(axis=2)
        weights = np.array([weights for _, weights in found]).reshape(len(found), len(points))
        self.weights = weights.astype(PRECISION)

    def outcomes(self, points: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What may be at points: ln of its chance, (point,), and entries, (point, entry), one by one."""
        sides = self._sides(points)
        return walls.outcomes(self.walls, points, sides[:, : self.count], sides[:, self.count :])

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Entries at points (point, parameter), (point, entry), on this side of all walls."""
        return self._sides(points)[:, : self.count]

    def _sides(self, points: np.ndarray) -> np.ndarray:
        """Entries on this side, then those of each wall beyond it, (point, entry and wall)."""
        found = self._raised(points) @ self.linear
        if len(self.bent):
            own = (points - self.centre).astype(PRECISION) * self.inverse[:, None]
            squares = own @ (-2 * self.learnt.transpose(0, 2, 1))
            squares += (own**2).sum(axis=2)[:, :, None]
            squares += self.lengths2[:, None]
            squares *= PRECISION(-0.5)
            near = np.exp(np.minimum(squares, 0, out=squares), out=squares)
            found[:, self.bent] += (near @ self.weights[:, :, None])[:, :, 0].T * self.spread
        return found

    def _raised(self, points: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(points)), points - self.centre])


def _usual(entries: np.ndarray, passed: Mapping[int, np.ndarray]) -> np.ndarray:
    """Where entries (point, entry) are on this side of all walls, also of those that few points passed.

    What stands beyond says nothing of the shape on this side, and blurs it.
    """
    here = np.ones(entries.shape, dtype=bool)
    for entry, own in passed.items():
        here[:, entry] = ~own
    low, middle, high = np.nanquantile(np.where(here, entries, np.nan), [0.25, 0.5, 0.75], axis=0)
    near = np.abs(entries - middle) <= WALL * np.maximum(high - low, SMALLEST_SPREAD)
    return here & near


def _line(raised: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least squares; of too few points for that, their mean."""
    if len(values) >= ENOUGH * raised.shape[1]:
        return np.linalg.lstsq(raised, values, rcond=None)[0]
    return np.concatenate([[values.mean()], np.zeros(raised.shape[1] - 1)])


def _change(scored, entries: np.ndarray, entry: int, left: np.ndarray) -> float:
    """By how much an entry's own score changes without what is left of it, (point,): the deviation."""
    without = entries.copy()
    without[:, entry] -= left
    return float((scored(entries) - scored(without))[:, entry].std())


@on_one_thread
def _process(task) -> tuple:
    """Kernel of the process of one entry, and the weights of its points."""
    everything, values, usual, kernel, learn = task
    points, values = everything[usual], values[usual]
    if kernel is None:
        learn = True
        kernel = RBF(np.full(points.shape[1], FIRST_LENGTH), length_scale_bounds=LENGTHS) + WhiteKernel(
            1e-3, noise_level_bounds=NOISES
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer
        if learn:
            some = spread_over(np.arange(len(points)), LEARNT_FROM)
            kernel = (
                GaussianProcessRegressor(kernel, optimizer=climb).fit(points[some], values[some]).kernel_
            )
        process = GaussianProcessRegressor(kernel, optimizer=None).fit(points, values)
    weights = np.zeros(len(everything))
    weights[usual] = process.alpha_.ravel()
    return kernel, weights
