"""The points of a series that are kept to be looked at, however long the file is.

Every point of a file of ordinary length. Of a longer one every second, fourth, eighth … point, so that
memory stays bounded; capacities and all else are reckoned from every point.
"""

import numpy as np

from twin.measured.cycler.points import Points

MOST_KEPT = 1_000_000
"""Points kept at most: three numbers each make 24 MB, and no picture shows more."""


class KeptSeries:
    """Gathers every `stride`-th point, doubling it whenever there are too many."""

    def __init__(self):
        self.stride = 1
        self.seen = 0
        self.parts: list[Points] = []
        self.places: list[np.ndarray] = []

    def add(self, points: Points) -> None:
        """Take in the next points."""
        places = np.arange(self.seen, self.seen + len(points))
        self.seen += len(points)
        chosen = places % self.stride == 0
        self.parts.append(points[chosen])
        self.places.append(places[chosen])
        while sum(map(len, self.places)) > MOST_KEPT:
            self._thin()

    def _thin(self) -> None:
        self.stride *= 2
        for number, places in enumerate(self.places):
            chosen = places % self.stride == 0
            self.parts[number] = self.parts[number][chosen]
            self.places[number] = places[chosen]

    def points(self) -> tuple[Points, np.ndarray]:
        """What was kept, and its places in the file's series."""
        whole = self.parts[0]
        fields = vars(whole)
        joined = Points(
            *(np.concatenate([getattr(part, name) for part in self.parts]) for name in fields)
        )
        return joined, np.concatenate(self.places)
