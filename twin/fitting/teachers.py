"""What has been evaluated of a posterior, and which of it an emulator learns from."""

from collections.abc import Callable

import numpy as np

NEAR = 15.0
"""Points known before whose ln(posterior) is this far below the best, and a half more for each
parameter, teach nothing about where the posterior is."""
DEEPER = 25.0
"""How much deeper draws may lie: an emulator that has led there once would lead there again."""
LEAST = 300
"""Draws, the highest, that teach even where they lie deeper: the first emulators err everywhere."""
TAUGHT_BY = 900
"""Draws, the latest, that an emulator is fitted to at most: its time grows as their number squared."""
KNOWN = 600
"""Points evaluated before the first draw that it is fitted to at most."""
CLOSE = 0.5
"""Distance from a higher point, in standard deviations of a prior, within which one known before teaches
nothing new: descents leave heaps of points, from which they took derivatives."""
FEWEST_APART = 4
"""Points for each coefficient of a line, that are to stand apart: fewer tell no noise from a slope."""
CLOSEST = 1e-4
"""Distance below which points are one: steps of derivatives are a thousand times as long."""


class Teachers:
    """What was evaluated, and what of it lies where the posterior is.

    Parameters
    ----------
    log_density : (point, parameter), (point, entry) -> (point,)
    points, entries : (point, parameter), (point, entry)
        Known before the first draw.
    """

    def __init__(self, log_density: Callable, points: np.ndarray, entries: np.ndarray):
        self.log_density = log_density
        self.points, self.entries, self.heights = points[:0], entries[:0], np.empty(0)
        self.place: dict[bytes, int] = {}
        self.add(points, entries)
        self.known = len(points)

    def add(self, points: np.ndarray, entries: np.ndarray) -> None:
        """Take in points that were evaluated."""
        first = len(self.points)
        self.place |= {point.tobytes(): first + number for number, point in enumerate(points)}
        heights = self.log_density(points, entries)
        heights = np.where(np.isfinite(entries).all(axis=1), heights, -np.inf)
        self.points = np.concatenate([self.points, points])
        self.entries = np.concatenate([self.entries, entries])
        self.heights = np.concatenate([self.heights, heights])

    def heights_of(self, points: np.ndarray) -> np.ndarray:
        """ln(posterior), (point,), of points that were taken in."""
        return self.heights[[self.place[point.tobytes()] for point in points]]

    def found(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Entries and ln(posterior) of points (chain, draw, parameter) that were taken in."""
        places = np.array([[self.place[point.tobytes()] for point in chain] for chain in points])
        return self.entries[places], self.heights[places]

    @property
    def near(self) -> tuple[np.ndarray, np.ndarray]:
        """What teaches the emulator: the latest draws, and of what was known what lies apart."""
        depth = NEAR + 0.5 * self.points.shape[1]
        below = self.heights.max() - self.heights
        before = np.flatnonzero(below[: self.known] <= depth)
        drawn = self.known + np.argsort(below[self.known :], kind="stable")
        enough = max(np.count_nonzero(below[self.known :] <= depth + DEEPER), LEAST)
        answered = np.count_nonzero(np.isfinite(below[self.known :]))
        drawn = np.sort(drawn[: min(enough, answered)])
        before = before[np.argsort(-self.heights[before], kind="stable")]
        before = before[_enough_apart(self.points[before])]
        drawn = drawn[-TAUGHT_BY:]
        some = np.linspace(0, len(before) - 1, min(KNOWN, len(before), TAUGHT_BY + KNOWN - len(drawn)))
        chosen = np.concatenate([drawn, before[some.astype(int)]])
        return self.points[chosen], self.entries[chosen]

    @property
    def best(self) -> tuple[np.ndarray, float]:
        """The highest point, (parameter,), and its ln(posterior)."""
        place = int(np.argmax(self.heights))
        return self.points[place], float(self.heights[place])


def _enough_apart(points: np.ndarray) -> list[int]:
    """Which points, (point, parameter), are not close to one that stands before them.

    Where they are too few for a line, because hundreds of cycles tell so much that all of the posterior
    is closer than :data:`CLOSE`, the distance is halved until enough of them teach.
    """
    kept, close = _apart(points, CLOSE), CLOSE
    if len(kept) <= points.shape[1]:
        wanted = min(len(points), FEWEST_APART * (points.shape[1] + 1))
        while len(kept) < wanted and close > CLOSEST:
            close /= 2
            kept = _apart(points, close)
    return kept


def _apart(points: np.ndarray, close: float) -> list[int]:
    """Which points, (point, parameter), are farther than `close` from all that stand before them."""
    kept: list[int] = []
    for place, point in enumerate(points):
        if not kept or ((points[kept] - point) ** 2).sum(axis=1).min() > close**2:
            kept.append(place)
    return kept
