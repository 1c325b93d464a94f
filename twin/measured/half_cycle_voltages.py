"""Measured voltages at shares of the nominal capacity, read off a series as a run's are."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from twin.cell import Cell
from twin.errors import DatasetError
from twin.protocols.half_cycle_voltages import HalfCycleVoltage, voltages_named

if TYPE_CHECKING:
    import xarray as xr

REVERSED = 0.2
"""Share of a half-cycle's largest current below which a point counts as at rest: its end is no longer on
the curve of a constant current."""


def with_voltages(data: "xr.Dataset", names: Collection[str], cell: Cell) -> "xr.Dataset":
    """The measurements with the voltages within half-cycles that are among `names`, over `cycle` [V].

    Linear between the two points around the charge, since the first point of the half-cycle. NaN where a
    half-cycle, or its constant current, ends before. Voltages that are there already stay.

    Raises DatasetError: measurements without a series; a cell without a cathode.
    """
    from twin.results.quantities import curve_quantity

    asked = [own for own in voltages_named(names) if own.name not in data.data_vars]
    if not asked:
        return data
    if not cell.has_cathode:
        raise DatasetError(
            f"{cell.name} has no cathode, hence no nominal capacity at a share of which a voltage could "
            "be read; its 'cell_overpotential' tells of its half-cycles"
        )
    if "series_voltage" not in data:
        raise DatasetError(
            f"these measurements hold no series of voltages, so no {asked[0].name}: leave it out of "
            "'enters'"
        )
    cycles = data["cycle"].values.astype(int)
    of_point = data["series_cycle"].values.astype(int)
    begins = np.searchsorted(of_point, cycles, side="left")
    ends = np.searchsorted(of_point, cycles, side="right")
    found = {own.name: np.full(len(cycles), np.nan) for own in asked}
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        time, current, voltage = (
            data[f"series_{name}"].values[begin:end] for name in ("time", "current", "voltage")
        )
        for own in asked:
            found[own.name][place] = _read(time, current, voltage, own, cell)
    for name, values in found.items():
        quantity = curve_quantity(name)
        assert quantity is not None  # it is the name of a voltage
        data = data.assign({name: ("cycle", values, quantity.attributes)})
    return data


def _read(
    time: np.ndarray, current: np.ndarray, voltage: np.ndarray, asked: HalfCycleVoltage, cell: Cell
) -> float:
    """The voltage [V] in a cycle with these points: time [h], current [A] (positive discharges)."""
    driven = asked.sign * current
    largest = driven.max(initial=0.0)
    if not largest > 0:
        return np.nan
    inside = np.flatnonzero(driven > REVERSED * largest)
    first = int(inside[0])
    turned = np.flatnonzero(driven[first:] <= REVERSED * largest)
    last = first + int(turned[0]) if len(turned) else len(driven)
    own = slice(first, last)
    steps = np.diff(time[own]) * (driven[own][1:] + driven[own][:-1]) / 2
    charge = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = asked.charge(cell)
    if charge[-1] < wanted:
        return np.nan
    return float(np.interp(wanted, charge, voltage[own]))
