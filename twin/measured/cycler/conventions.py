"""What a file does not say of itself, and its user does: units, the current's sign, mass, area, channel.

The same words serve everywhere: keywords of ``twin.read_measurements``, entries of `measurements.toml`,
options of `twin measurements`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin import names
from twin.cell import Cell
from twin.errors import MeasurementError, ParameterError, shown, unknown
from twin.units import convert

POSITIVE_CHARGES = "positive charges"
POSITIVE_DISCHARGES = "positive discharges"
SIGNS = (POSITIVE_CHARGES, POSITIVE_DISCHARGES)
"""What a current above zero may do."""
UNITS = {
    "time_unit": "s",
    "current_unit": "A",
    "voltage_unit": "V",
    "capacity_unit": "A.h",
    "impedance_unit": "Ohm",
}
"""Entry -> a unit of the kind that it takes."""


@dataclass(frozen=True)
class Conventions:
    """How a file is to be read where it does not say.

    Attributes
    ----------
    current : "positive charges" or "positive discharges"
    time_unit, current_unit, voltage_unit, capacity_unit, impedance_unit : str
        Of the columns whose header has none.
    active_mass : str
        Mass of active material with its unit, "12.3 mg": turns a charge per gram into a charge.
    area : str
        Area of the electrode with its unit, "0.785 cm2": turns a charge or resistance by area into one
        of the cell.
    channel : str
        The channel that is meant, of a file with several.

    Each is None where the user says nothing. Raises MeasurementError: one that is not allowed.
    """

    current: str | None = None
    time_unit: str | None = None
    current_unit: str | None = None
    voltage_unit: str | None = None
    capacity_unit: str | None = None
    impedance_unit: str | None = None
    active_mass: str | None = None
    area: str | None = None
    channel: str | None = None

    def __post_init__(self):
        for name, value in vars(self).items():
            if value is not None and not isinstance(value, str):
                raise MeasurementError(f"{name} must be words, not {shown(value)}")
        if self.current is not None and self.current not in SIGNS:
            raise MeasurementError(
                unknown(self.current, SIGNS, "what a positive current does (current = …)")
            )
        self.mass_of(None)
        self.area_of(None)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Conventions":
        """Those of a mapping. Raises MeasurementError: a word that is none of them, or its value."""
        known = [entry.name for entry in dataclasses.fields(cls)]
        for word in said:
            if word not in known:
                raise MeasurementError(unknown(word, known, "what can be said of a file"))
        return cls(**said)

    @property
    def said(self) -> dict[str, str]:
        """Those that the user gave."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def mass_of(self, cell: Cell | None) -> float | None:
        """Mass of active material [kg]: as said, or the cell's; None where neither is known."""
        if self.active_mass is not None:
            return _amount("active_mass", self.active_mass, "kg", "12.3 mg")
        if cell is None or not cell.has_cathode:
            return None
        return cell.values[names.ACTIVE_MASS]

    def area_of(self, cell: Cell | None) -> float | None:
        """Area of the electrode [m2]: as said, or the cell's; None where neither is known."""
        if self.area is not None:
            return _amount("area", self.area, "m2", "0.785 cm2")
        return None if cell is None else cell.area


def how_to_say(entry: str, value: str) -> str:
    """The remedy that an error names: how the user says what the file does not."""
    option = f"--{entry.replace('_', '-')}"
    return f'{entry}="{value}" (on the command line {option} "{value}")'


def _amount(entry: str, text: str, unit: str, example: str) -> float:
    """A positive amount with its unit, in the unit wanted."""
    number, _, own = text.strip().partition(" ")
    try:
        value = convert(float(number), own.strip(), unit, entry)
    except (ValueError, ParameterError):
        value = 0.0
    if not value > 0:
        raise MeasurementError(
            f"{entry} must be a positive number with its unit, like {example!r}, not {shown(text)}"
        )
    return value
