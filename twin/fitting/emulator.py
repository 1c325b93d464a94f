"""A cheap stand-in for the runs: what an evaluation would say at a point, learnt from those made.

Each entry is a linear function of the coordinates, fitted by least squares, plus a Gaussian process on
what that leaves (Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, Chapter 2), with a
squared exponential kernel whose length in each coordinate all entries share: one kernel for all makes a
prediction of forty entries as cheap as that of one. The lengths maximise the marginal likelihood.
"""

import warnings

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

FIRST_LENGTH = 4.0
"""Length of the kernel from which the search begins [standard deviations of a prior]."""
LENGTHS = (0.3, 100.0)
"""Shortest and longest length: shorter is noise, longer is the linear function."""
NOISES = (1e-7, 0.1)
"""Least and most variance of what is no function of the coordinates, relative to the entry's own: what
jumps of the simulator and walls leave."""
LEARNT_FROM = 300
"""Points, spread evenly over all, that the lengths are learnt from: the time grows as the number cubed."""
STEPS = 25
"""Most iterations of that search: the likelihood is flat long before."""
SMALLEST_SPREAD = 1e-9
"""An entry that varies by less is constant."""


class Emulator:
    """Predicts entries at points, from evaluations.

    Parameters
    ----------
    points : (point, parameter)
    entries : (point, entry)
        Finite.
    before : Emulator, optional
        One of fewer points, whose lengths this one starts from.
    """

    def __init__(self, points: np.ndarray, entries: np.ndarray, before: "Emulator | None" = None):
        self.centre = points.mean(axis=0)
        self.linear = np.linalg.lstsq(self._raised(points), entries, rcond=None)[0]
        left = entries - self._raised(points) @ self.linear
        spread = left.std(axis=0)
        self.spread = np.where(spread > SMALLEST_SPREAD, spread, 0.0)
        self.bent = self.spread > 0
        kernel = (
            before.kernel
            if before
            else RBF(np.full(points.shape[1], FIRST_LENGTH), length_scale_bounds=LENGTHS)
            + WhiteKernel(1e-3, noise_level_bounds=NOISES)
        )
        scaled = left[:, self.bent] / self.spread[self.bent]
        some = np.unique(np.linspace(0, len(points) - 1, min(LEARNT_FROM, len(points))).astype(int))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer
            learnt = GaussianProcessRegressor(kernel, optimizer=_climb).fit(points[some], scaled[some])
        self.kernel = learnt.kernel_
        self.process = GaussianProcessRegressor(self.kernel, optimizer=None).fit(points, scaled)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Entries at points (point, parameter), (point, entry)."""
        found = self._raised(points) @ self.linear
        bent = self.process.predict(points).reshape(len(points), -1)
        found[:, self.bent] += bent * self.spread[self.bent]
        return found

    def _raised(self, points: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(points)), points - self.centre])


def _climb(negative, start, bounds):
    """Where the negative ln of the marginal likelihood is least, and its value there."""
    found = minimize(
        negative, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    return found.x, found.fun
