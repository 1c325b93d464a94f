"""The runs that measured rows belong to: what was done to which cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.cell import Cell
from twin.errors import ObservationError
from twin.measured import readings
from twin.measured.rows import Row
from twin.protocols import Protocol

if TYPE_CHECKING:
    from twin.results.dataset import Results


@dataclass(frozen=True)
class MeasuredRun:
    """A protocol that was run on a kind of cell, and the rows measured in it."""

    cell: str
    settings: Mapping[str, float]
    protocol: Protocol
    rows: tuple[Row, ...]

    def cell_as_measured(self, cell: Cell) -> Cell:
        """`cell` with the settings of this run."""
        return cell.replace(self.settings)


def predict(run: "Results", row: Row, cell: Cell) -> float:
    """What a run says for a row, in the row's unit; NaN where the run ended before it.

    Raises ObservationError: an observable that runs of this cell do not hold.
    """
    cycle = row.cycle
    if cycle is None and row.time is not None:
        cycle = readings.running_at(run, row.time)
    return _read(run, row, cycle, cell)


def predict_survivor(run: "Results", row: Row, cell: Cell, protocol: Protocol) -> float:
    """As :func:`predict`; where the run ended before the row, what its last whole cycle like it says.

    A cell that was measured in a cycle had survived up to it. Where the run has not, its last cycle but
    the one that ended it is the nearest thing to such a survivor, failed as it may be: what is read
    changes little where a run just reaches the row. How far it is from surviving is another matter
    (:func:`survived`). NaN where no such cycle ran.
    """
    cycle = row.cycle
    if not row.reading.in_a_cycle or cycle is None or cycle <= readings.cycles_of(run):
        return predict(run, row, cell)
    last = readings.cycles_of(run) - 1
    wanted = protocol.cycle(cycle - 1).kind
    alike = (number for number in range(last, 0, -1) if protocol.cycle(number - 1).kind == wanted)
    return _read(run, row, next(alike, None), cell)


def survived(run: "Results", protocol: Protocol) -> float:
    """Cycles that a cell lives: those that ran or, where it lives on, its end at the pace of the run."""
    cycles = readings.cycles_of(run)
    if cycles < protocol.number_of_cycles:
        return float(cycles)
    progress = float(run["failure_progress"][1])
    # one that has failed and runs on has lived so long at least
    return cycles / min(max(progress, readings.SMALLEST_PROGRESS), 1.0)


def last_cycle_of(row: Row, protocol: Protocol) -> int:
    """Up to which cycle a run must go for a row to be read."""
    if row.cycle is None or not row.reading.in_a_cycle:
        return protocol.number_of_cycles
    return max(row.cycle, 1)


def _read(run: "Results", row: Row, cycle: int | None, cell: Cell) -> float:
    try:
        return row.reading.read(run, cycle, cell)
    except ObservationError as error:
        raise row.error(str(error)) from None


def grouped(rows: Sequence[tuple[Row, Protocol]]) -> tuple[MeasuredRun, ...]:
    """The runs that rows need: one for all that were measured on equal cells in the same way."""
    members: dict[tuple, list[Row]] = {}
    protocols: dict[tuple, Protocol] = {}
    for row, protocol in rows:
        key = (row.cell, tuple(row.settings.items()), protocol.block, protocol.cycles)
        members.setdefault(key, []).append(row)
        protocols.setdefault(key, protocol)
    return tuple(
        MeasuredRun(own[0].cell, own[0].settings, protocols[key], tuple(own))
        for key, own in members.items()
    )
