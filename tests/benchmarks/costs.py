"""What a run costs, and where: hence how many cores one asking process keeps busy."""

import math
from dataclasses import dataclass

NETWORK = 1.25e9
"""Bytes a second that reach the asking process: the 10 Gbit/s Ethernet that nodes of clusters have."""


@dataclass(frozen=True)
class Costs:
    """Of one run among many.

    Parameters
    ----------
    run : float
        Seconds of a core that makes it.
    task : float
        Seconds of the scheduler for a task, however many runs are in it.
    asked : float
        Seconds of the process that asks, for what it does with each run beside that.
    travels : float
        Bytes there and back.
    """

    run: float
    task: float
    asked: float
    travels: float

    def limits(self, runs: float, *, cores: int, batch: int) -> dict[str, float]:
        """Seconds that each part would need alone for runs in tasks of `batch`: the longest counts."""
        return {
            "the cores": runs * self.run / cores,
            "the scheduler": runs / batch * self.task,
            "the asking process": runs * self.asked,
            "the network": runs * self.travels / NETWORK,
        }

    def cores(self, batch: int) -> float:
        """Cores that are busy all the time in tasks of `batch` runs: more would wait for the rest."""
        alone = self.limits(1, cores=1, batch=batch)
        return alone.pop("the cores") / max(alone.values())

    def batch(self, cores: int) -> int:
        """Fewest runs of a task with which the scheduler keeps so many cores busy."""
        return math.ceil(cores * self.task / self.run)
