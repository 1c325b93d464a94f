"""Every point that a fit has evaluated: asked again, it is not run again.

The search, the descents and the sampler all ask here. What they have seen trains the sampler's emulator.
A job that was killed finds every run already made here; its sampler then knows more than it did before,
and so draws others.
"""

import time
from collections.abc import Callable

import numpy as np

from twin.fitting.problem import Problem

KEPT_EVERY = 2.0
"""Seconds of evaluations that a job that is killed may lose; to keep some takes some milliseconds."""


class Evaluated:
    """The points of a problem that were evaluated, with their entries.

    Parameters
    ----------
    problem : Problem
    processes : int, optional
        Over which new points are evaluated, by default one for each core.
    keep : callable, optional
        Told of new points (point, parameter) and their entries (point, entry), a few seconds after they
        are there at the latest: a job that is killed loses no more.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        processes: int | None = None,
        keep: Callable[[np.ndarray, np.ndarray], None] = lambda points, entries: None,
    ):
        self.problem, self.processes, self.keep = problem, processes, keep
        self._known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
        self.made = 0
        """Points that were evaluated here, and not taken in."""

    def add(self, points: np.ndarray, entries: np.ndarray) -> None:
        """Take in what was evaluated before."""
        for point, own in zip(points, entries, strict=True):
            self._known[point.tobytes()] = (point, own)

    def entries(
        self, points: np.ndarray, progress: Callable[[int], object] = lambda finished: None
    ) -> np.ndarray:
        """Entries of points (point, parameter), (point, entry); only new ones are run."""
        points = np.ascontiguousarray(points, dtype=float)
        new = {point.tobytes(): point for point in points if point.tobytes() not in self._known}
        progress(len(points) - len(new))
        if new:
            self._run(np.array(list(new.values())), progress)
        return np.array([self._known[point.tobytes()][1] for point in points])

    def _run(self, fresh: np.ndarray, progress: Callable[[int], object]) -> None:
        """Make the runs of points; what is there when it is stopped is kept too."""
        done, kept, last = 0, 0, time.monotonic()

        def take(entries: np.ndarray) -> None:
            nonlocal done
            self.add(fresh[done : done + len(entries)], entries)
            done += len(entries)
            self.made += len(entries)
            progress(len(entries))
            if time.monotonic() - last > KEPT_EVERY:
                keep()

        def keep() -> None:
            nonlocal kept, last
            points = fresh[kept:done]
            if len(points):
                self.keep(points, np.array([self._known[point.tobytes()][1] for point in points]))
            kept, last = done, time.monotonic()

        try:
            self.problem.entries(fresh, processes=self.processes, found=take)
        finally:
            keep()

    def residuals(self, points: np.ndarray) -> np.ndarray:
        """Residuals of the rows and of the priors, (point, residual)."""
        return self.problem.scored(points, self.entries(points))

    @property
    def everything(self) -> tuple[np.ndarray, np.ndarray]:
        """All points (point, parameter) and their entries (point, entry), as they came."""
        points, entries = zip(*self._known.values(), strict=True)
        return np.array(points), np.array(entries)

    def __len__(self) -> int:
        return len(self._known)
