"""The points of a what-if study as they arrive, for whoever watches them and may stop.

:func:`twin.what_if` answers when all are there and ends at the first that cannot be; here each comes by
itself, computed and kept in the same way, and one that cannot be is an arrival with its error.
"""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin import parallel
from twin.names import NO_ANSWER
from twin.studies.beyond import words_beyond
from twin.studies.finished_points import FinishedPoints
from twin.studies.on_draws import OnDraws
from twin.studies.point import Numbers, Task, run_draws


@dataclass(frozen=True)
class Arrival:
    """A point of a study that has come.

    Attributes
    ----------
    number : of the point in the grid, counted from 0
    numbers : what is kept of its runs; None where they could not be
    error : why not; None where they could
    outside : which of its conditions were not fitted, in words; "" inside
    """

    number: int
    numbers: Numbers | None
    error: Exception | None = None
    outside: str = ""


def arriving(asked: OnDraws, storage: str | Path, *, threads: int) -> Generator[Arrival, None, None]:
    """Every point: first those that `storage` (a folder) has, then the others as they are computed.

    A generator that is closed gives up what has not begun. Raises OutputError: the folder is not
    writable.
    """
    store = FinishedPoints(storage)
    study = asked.study
    tasks: dict[int, Task] = {}
    keys: dict[int, str] = {}
    for number, point in enumerate(study.grid.points()):
        try:
            cell, protocol = point.cell_and_protocol(study.cell)
            keys[number] = asked.key(cell, protocol)
            tasks[number] = (cell, protocol, asked.common.factors)
        except Exception as error:  # whatever a value makes of a cell: a hole, with its words
            yield Arrival(number, None, error)
    known = store.finished(set(keys.values()), names=asked.names, draws=asked.draws)
    for number, key in keys.items():
        if key in known:
            yield Arrival(number, known[key], outside=words_beyond(*tasks[number][:2]))
    missing = [number for number, key in keys.items() if key not in known]

    def computed(number: int) -> Arrival:
        """Keeps it at once: who stops does not wait for those that are under way."""
        arrival = _arrival(number, tasks[number])
        if arrival.numbers is not None:
            store.keep(keys[number], arrival.numbers)
        return arrival

    with contextlib.closing(parallel.map_in_threads(computed, missing, threads=threads)) as found:
        yield from found


def _arrival(number: int, task: Task) -> Arrival:
    cell, protocol, _ = task
    try:
        return Arrival(number, run_draws(task), outside=words_beyond(cell, protocol))
    except Exception as error:
        return Arrival(number, None, error)


def unanswered(asked: OnDraws) -> Numbers:
    """What stands for a point that has not come, or could not: no draw has an answer."""
    empty = {name: np.full(asked.draws, np.nan) for name in asked.names}
    return empty | {"outcome": np.full(asked.draws, NO_ANSWER[0])}
