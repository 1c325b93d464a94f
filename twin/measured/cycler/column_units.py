"""The size of a column's unit in the twin's: from its header, from its user, or an error that asks."""

from pathlib import Path

import numpy as np

from twin.errors import MeasurementError, shown
from twin.measured.cycler.conventions import Conventions, how_to_say
from twin.measured.cycler.headers import Unit, read_unit
from twin.measured.cycler.terms import TERMS, Column

ASKED_FOR = {
    "time": ("time_unit", ("s", "h")),
    "voltage": ("voltage_unit", ("V", "mV")),
    "current": ("current_unit", ("mA", "A")),
    "discharge capacity": ("capacity_unit", ("mAh", "mAh/g")),
    "charge capacity": ("capacity_unit", ("mAh", "mAh/g")),
    "capacity": ("capacity_unit", ("mAh", "mAh/g")),
    "impedance real": ("impedance_unit", ("Ohm", "Ohm.cm2")),
    "impedance imaginary": ("impedance_unit", ("Ohm", "Ohm.cm2")),
}
"""Term -> the entry by which a user says its unit, and the two readings that an error shows."""
LARGEST_PLAIN_VOLTAGE = 30.0
"""[V] up to which a voltage without a unit is one in volts: no cell has more, and one in millivolts that
stays below is that of no cell."""


def size_of(
    column: Column,
    path: Path,
    conventions: Conventions,
    area: float | None,
    mass: float | None,
    *,
    examples: np.ndarray,
) -> float:
    """What turns a column into V, A, s, A.h or Ohm of the whole cell.

    `area` [m2] and `mass` [kg] are for columns by area and by mass; `examples` are values of the column,
    to be shown in the error.

    Raises MeasurementError: no unit in the header and none said, an amount by mass or area that nobody
    knows.
    """
    unit = column.header.unit or _unit_said(column, path, conventions, examples)
    by, _, of = unit.kind.partition(" ")
    if by == "specific":
        if mass is None:
            raise MeasurementError(
                f"{path}: {shown(column.header.text)} is by mass ({unit.text}); say the mass of active "
                f"material: {how_to_say('active_mass', '12.3 mg')}, or give the cell"
            )
        return unit.size * mass
    if by == "areal" and of == "impedance":
        return unit.size / _known(area, column, unit, path)
    if by == "areal":
        return unit.size * _known(area, column, unit, path)
    return unit.size


def _known(area: float | None, column: Column, unit: Unit, path: Path) -> float:
    if area is None:
        raise MeasurementError(
            f"{path}: {shown(column.header.text)} is by area ({unit.text}); say the electrode's: "
            f"{how_to_say('area', '0.785 cm2')}, or give the cell"
        )
    return area


def _unit_said(column: Column, path: Path, conventions: Conventions, examples: np.ndarray) -> Unit:
    entry, readings = ASKED_FOR[column.term]
    said = getattr(conventions, entry)
    term = next(term for term in TERMS if term.name == column.term)
    if said is not None:
        unit = read_unit(said)
        if unit is None or unit.kind not in term.kinds:
            raise MeasurementError(
                f"{entry} must be a unit of a {column.term}, like {readings[0]!r}, not {shown(said)}"
            )
        return unit
    finite = np.abs(examples[np.isfinite(examples)])
    largest = float(finite.max()) if len(finite) else 0.0
    if column.term == "voltage" and largest <= LARGEST_PLAIN_VOLTAGE:
        unit = read_unit("V")
        assert unit is not None
        return unit
    shown_readings = ", or ".join(f"up to {largest:.4g} {reading}" for reading in readings)
    raise MeasurementError(
        f"{path}: {shown(column.header.text)} has no unit. It may be read as {shown_readings}; say "
        f"which: {how_to_say(entry, readings[0])}, or write the unit into the header"
    )
