"""The runs that measured rows belong to: what was done to which cell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.cell import Cell
from twin.errors import ObservationError
from twin.measured import readings
from twin.measured.rows import Row
from twin.protocols import Protocol

if TYPE_CHECKING:
    import xarray as xr


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


def predict(run: "xr.Dataset", row: Row, cell: Cell) -> float:
    """What a run says for a row, in the row's unit; NaN where the run ended before it.

    Raises ObservationError: an observable that runs of this cell do not hold.
    """
    cycle = row.cycle
    if cycle is None and row.time is not None:
        cycle = readings.running_at(run, row.time)
    try:
        return row.reading.read(run, cycle, cell)
    except ObservationError as error:
        raise row.error(str(error)) from None


def shortfall(run: "xr.Dataset", row: Row, protocol: Protocol) -> float:
    """How many times longer a run would have had to be to reach a row that it did not."""
    if row.cycle is None and row.time is not None:
        return row.time / max(float(run["time"].max()) if run.sizes["cycle"] else 0.0, math.ulp(1.0))
    return (row.cycle or protocol.number_of_cycles) / max(run.sizes["cycle"], 1)


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
