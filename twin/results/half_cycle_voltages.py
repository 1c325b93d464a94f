"""The voltage of each cycle at a share of the nominal capacity, where a protocol stops there."""

from collections.abc import Sequence

import numpy as np

from twin import names
from twin.cell import Cell
from twin.protocols.half_cycle_voltages import HalfCycleVoltage
from twin.results.record import REST_CURRENT_DENSITY, Record

ROUNDING = 1e-6
"""Share of a charge that the integration of a step of known time may miss it by."""


def voltages_of(
    record: Record, voltages: Sequence[HalfCycleVoltage], cell: Cell
) -> dict[str, np.ndarray]:
    """Name -> (cycle,) [V]: at the end of the first step that has passed the charge.

    Of a half-cycle that ended before, the voltage at its end, which is its cut-off: a cell that fades
    comes to that without a jump. NaN where no current passed in that direction.
    """
    last = np.flatnonzero(np.diff(record.cycle, append=record.cycle[-1] + 1))
    if len(last) < 2:
        return {voltage.name: np.array([]) for voltage in voltages}
    begins, place = last[:-1] + 1, np.arange(len(record.cycle))
    current, net = record.values[names.CURRENT_DENSITY], record.values[names.NET_CAPACITY]
    moved = np.abs(np.diff(net, prepend=net[0]))
    return {
        own.name: _read(
            record.values[names.VOLTAGE],
            place,
            begins,
            own.sign * current > REST_CURRENT_DENSITY,
            moved,
            own.charge(cell) * (1 - ROUNDING),
        )
        for own in voltages
    }


def _read(
    voltage: np.ndarray,
    place: np.ndarray,
    begins: np.ndarray,
    driven: np.ndarray,
    moved: np.ndarray,
    charge: float,
) -> np.ndarray:
    """The voltage at the first of the steps `driven` after which `charge` has passed in its cycle."""
    passed = np.cumsum(np.where(driven, moved, 0.0))
    of_cycle = np.searchsorted(begins, place, side="right") - 1
    since = passed - np.where(of_cycle >= 0, passed[begins - 1][of_cycle], 0.0)
    there = np.minimum.reduceat(np.where(driven & (since >= charge), place, len(place)), begins)
    latest = np.maximum.reduceat(np.where(driven, place, -1), begins)
    chosen = np.where(there < len(place), there, latest)
    return np.where(chosen >= 0, voltage[chosen], np.nan)
