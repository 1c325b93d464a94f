"""A cheap stand-in for the runs: what an evaluation would say at a point, learnt from those made.

Each entry is a linear function of the coordinates, fitted by least squares, plus a Gaussian process on
what that leaves (Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, Chapter 2). Its
squared exponential kernel has a length for each coordinate, which maximise the marginal likelihood: an
entry bends along the few parameters of its own cell. One kernel for all entries was tried: it erred by
half a standard deviation where one of each its own errs by a tenth. Entries that are linear as far as a
score can tell have no process.
"""

import warnings
from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

from twin import parallel

FIRST_LENGTH = 3.0
"""Length of the kernel from which the search begins [standard deviations of a prior]."""
LENGTHS = (0.2, 50.0)
"""Shortest and longest length: shorter is noise, longer is the linear function."""
NOISES = (1e-6, 0.1)
"""Least and most variance of what is no function of the coordinates, relative to the entry's own: what
jumps of the simulator and walls leave."""
LEARNT_FROM = 300
"""Points, spread evenly over all, that lengths are learnt from: the time grows as the number cubed."""
STEPS = 30
"""Most iterations of that search: the likelihood is flat long before."""
WALL = 6.0
"""Distance from its median, in interquartile ranges, at which an entry stands beyond a wall: eight
standard deviations of a normal."""
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

    kernels: dict[int, object]
    """Of each entry that bends."""

    def __init__(
        self,
        points: np.ndarray,
        entries: np.ndarray,
        scored: Callable[[np.ndarray], np.ndarray],
        *,
        before: "Emulator | None" = None,
        learn: bool = True,
    ):
        self.centre = points.mean(axis=0)
        usual, raised = _usual(entries), self._raised(points)
        self.linear = np.column_stack([
            np.linalg.lstsq(raised[own], entry[own], rcond=None)[0]
            for own, entry in zip(usual.T, entries.T, strict=True)
        ])  # fmt: skip
        left = np.where(usual, entries - raised @ self.linear, 0.0)
        kernels = before.kernels if before else {}
        bends = np.abs(_change(scored, entries, left)).std(axis=0) > LINEAR
        self.bent = np.flatnonzero(bends | np.isin(np.arange(entries.shape[1]), list(kernels)))
        self.spread = np.maximum(left[:, self.bent].std(axis=0), SMALLEST_SPREAD)
        tasks = [
            (points, left[:, entry] / spread, usual[:, entry], kernels.get(int(entry)), learn)
            for entry, spread in zip(self.bent, self.spread, strict=True)
        ]
        found = list(parallel.map_tasks(_process, tasks))
        self.kernels = dict(zip(self.bent.tolist(), (kernel for kernel, _ in found), strict=True))
        lengths = np.array([kernel.k1.length_scale for kernel, _ in found]).reshape(-1, points.shape[1])
        # a squared distance is |x|^2 + |X|^2 - 2 x.X: that of all entries is one product of matrices
        self.inverse = 1 / lengths
        self.learnt = points[None] * self.inverse[:, None]
        self.lengths2 = (self.learnt**2).sum(axis=2)
        self.weights = np.array([weights for _, weights in found]).reshape(len(found), len(points))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Entries at points (point, parameter), (point, entry)."""
        found = self._raised(points) @ self.linear
        if len(self.bent):
            own = points[None] * self.inverse[:, None]
            product = own @ self.learnt.transpose(0, 2, 1)
            squares = (own**2).sum(axis=2)[:, :, None] + self.lengths2[:, None] - 2 * product
            bent = np.einsum("ekn,en->ke", np.exp(-0.5 * np.maximum(squares, 0.0)), self.weights)
            found[:, self.bent] += bent * self.spread
        return found

    def _raised(self, points: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(points)), points - self.centre])


def _usual(entries: np.ndarray) -> np.ndarray:
    """Where entries (point, entry) are not beyond a wall: a capacity that has fallen to nothing.

    What stands there says nothing of the shape on this side, and blurs it.
    """
    low, middle, high = np.quantile(entries, [0.25, 0.5, 0.75], axis=0)
    return np.abs(entries - middle) <= WALL * np.maximum(high - low, SMALLEST_SPREAD)


def _change(scored, entries: np.ndarray, left: np.ndarray) -> np.ndarray:
    """By how much each entry's own score changes without what is left of it, (point, entry)."""
    return scored(entries) - scored(entries - left)


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
            some = np.linspace(0, len(points) - 1, min(LEARNT_FROM, len(points))).astype(int)
            kernel = (
                GaussianProcessRegressor(kernel, optimizer=_climb)
                .fit(points[some], values[some])
                .kernel_
            )
        process = GaussianProcessRegressor(kernel, optimizer=None).fit(points, values)
    weights = np.zeros(len(everything))
    weights[usual] = process.alpha_.ravel()
    return kernel, weights


def _climb(negative, start, bounds):
    """Where the negative ln of the marginal likelihood is least, and its value there."""
    found = minimize(
        negative, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    return found.x, found.fun
