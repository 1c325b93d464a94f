"""Numbers of steps, from whatever a file counts."""

import numpy as np


class StepCounter:
    """Numbers that change where the file has a new step, whatever its column counts.

    What is called a step index may be the number of a step in the program, or count the points within a
    step (ontology 1.2 of the Battery Data Format); the second rises by one from point to point.
    """

    def __init__(self):
        self.counts_points: bool | None = None
        self.last: float | None = None
        self.number = 1

    def numbered(self, entries: np.ndarray) -> np.ndarray:
        if not len(entries):
            return entries.astype(int)
        if self.counts_points is None:
            rises = np.diff(entries)
            self.counts_points = len(rises) >= FEWEST_COUNTED and bool(np.mean(rises == 1) > 0.5)
        before = entries[0] if self.last is None else self.last
        change = np.diff(entries, prepend=before)
        new = change < 0 if self.counts_points else (change != 0) & ~np.isnan(change)
        numbered = self.number + np.cumsum(new)
        self.last, self.number = entries[-1], int(numbered[-1])
        return numbered


FEWEST_COUNTED = 4
"""Rises from point to point from which it is told whether a column counts points or steps."""
