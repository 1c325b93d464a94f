"""Factors: what a study varies, each a parameter of the cell or a field of the protocol's steps."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin import names, units
from twin.cell import Cell
from twin.errors import ParameterError, StudyError, unknown

VALUE_AND_UNIT = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\S.*?)?\s*")
ENTRIES = ("parameter", "field", "unit", "values", "low", "high", "log")
SPACED = ("from", "to", "number", "log")
"""Entries of evenly spread values: values = { from = 0.1, to = 10, number = 20, log = true }."""


def _temperature(cell: Cell, kelvin: float) -> dict[str, float]:
    return {names.AMBIENT_TEMPERATURE: kelvin, names.INITIAL_TEMPERATURE: kelvin}


def _areal_capacity(cell: Cell, wanted: float) -> dict[str, float]:
    if not cell.has_cathode:
        raise ParameterError(f"'areal_capacity' is that of a cathode, and {cell.name} has none")
    nominal = cell.values[names.NOMINAL_CAPACITY] * 1e3 / (cell.area * 1e4)
    keys = (names.ACTIVE_MASS, names.CELL_CAPACITY, names.NOMINAL_CAPACITY)
    return {key: cell.values[key] * wanted / nominal for key in keys}


COMBINED = {"temperature": ("K", _temperature), "areal_capacity": ("mA.h/cm2", _areal_capacity)}
"""Names that set several parameters at once: (unit, the changes that a value makes).

temperature: ambient and initial. areal_capacity: the cathode's nominal capacity over the electrode area;
active mass and capacities grow together, what is per area (exchange current, diffusion time) stays."""


@dataclass(frozen=True)
class Factor:
    """One thing that a study varies.

    Attributes
    ----------
    name : str
        Its dimension in the study's Dataset.
    target : str
        PyBaMM-style key, one of ``COMBINED``, or the name of a field.
    is_field : bool
    unit : str
        Of the values as the user gives and sees them.
    values : tuple of float
        Where a what-if study goes; empty for a search.
    low, high, log : float, float, bool
        Where a search may go, and whether it steps in decades.
    """

    name: str
    target: str
    is_field: bool
    unit: str = ""
    values: tuple[float, ...] = ()
    low: float = math.nan
    high: float = math.nan
    log: bool = False

    def changes(self, cell: Cell, value: float) -> dict[str, float]:
        """Parameter values (in the units of their keys) that `value` means for a cell."""
        what = f"'{self.name}'" if self.name == self.target else f"'{self.name}' ({self.target})"
        if self.target in COMBINED:
            unit, changes = COMBINED[self.target]
            return changes(cell, units.convert(value, self.unit, unit, what))
        cell.check_key(self.target)
        return {self.target: units.convert(value, self.unit, units.unit_of_key(self.target), what)}

    def text(self, value: float) -> str:
        """The value of a field as it stands in a step: "0.25 mA/cm2"."""
        return f"{value:.6g}{self.unit}" if self.unit == "C" else f"{value:.6g} {self.unit}".strip()

    @property
    def long_name(self) -> str:
        """For the axis of a plot."""
        words = self.target.split(" [")[0].replace("_", " ")
        return words[0].upper() + words[1:]


def read_factor(name: str, entry, cell: Cell, fields: Sequence[str], *, search: bool = False) -> Factor:
    """A factor from a sequence of values, or from a study's [vary.<name>] table.

    `entry` is a sequence of numbers (in the unit of the key) or of texts ("100 nm"), or a mapping with
    `parameter` or `field`, `unit`, and `values` (for a search: `low`, `high`, `log`). `fields` are those
    of the protocol.

    Raises StudyError (unreadable, or a field that no step has) or ParameterError (no such parameter, a
    wrong unit, a value that the parameter may not have).
    """
    if not isinstance(entry, Mapping):
        entry = {"values": entry}
    for word in entry:
        if word not in ENTRIES:
            raise StudyError(unknown(word, ENTRIES, f"an entry of vary.{name}"))
    if "parameter" in entry and "field" in entry:
        raise StudyError(f"vary.{name} names a parameter and a field; it can be only one of them")
    target = str(entry.get("field", entry.get("parameter", name)))
    is_field = "field" in entry or ("parameter" not in entry and target in fields)
    known = (*fields, *([] if "field" in entry else [*cell.parameters, *COMBINED]))
    if is_field and target not in fields:
        raise StudyError(f"vary.{name}: {unknown(target, fields, 'a field of the steps')}")
    if not is_field and target not in COMBINED and target not in cell.parameters:
        if "[" in target:
            cell.check_key(target)
        raise ParameterError(
            unknown(target, known, f"a parameter of {cell.name} and not a field of the steps")
        )
    values, unit = _values(name, entry, search=search)
    default = COMBINED[target][0] if target in COMBINED else units.unit_of_key(target)
    unit = unit if is_field or unit else default
    low, high, log = (entry.get("low", math.nan), entry.get("high", math.nan), entry.get("log", False))
    if search:
        _check_range(name, low, high, log)
    factor = Factor(name, target, is_field, unit, values, float(low), float(high), bool(log))
    if not is_field:
        for value in (low, high) if search else values:
            cell.replace(factor.changes(cell, value))
    return factor


def _values(name: str, entry: Mapping, *, search: bool) -> tuple[tuple[float, ...], str]:
    """The values and their unit."""
    unit = str(entry.get("unit", ""))
    if search:
        if "values" in entry:
            raise StudyError(f"vary.{name}: a search goes from low to high; it takes no values")
        return (), unit
    given = entry.get("values")
    if isinstance(given, Mapping):
        return _spaced(name, given), unit
    if given is None or isinstance(given, str) or not len(given):
        raise StudyError(f"vary.{name} has no values; give a list: values = [100, 200, 300]")
    numbers, found = [], set()
    for value in given:
        number = value
        if isinstance(value, str):
            match = VALUE_AND_UNIT.fullmatch(value)
            if match is None:
                raise StudyError(f"vary.{name}: cannot read the value {value!r}; write '100 nm'")
            number = match[1]
            found.add(match[2] or "")
        numbers.append(_number(name, number))
    if len(found) > 1 or (found and unit):
        raise StudyError(f"vary.{name}: give one unit for all values, not {sorted(found | {unit})}")
    return tuple(numbers), found.pop() if found else unit


def _spaced(name: str, given: Mapping) -> tuple[float, ...]:
    wrong = [word for word in given if word not in SPACED]
    missing = [word for word in SPACED[:3] if word not in given]
    if wrong or missing:
        raise StudyError(
            f"vary.{name}: values are a list or {{ from = 0.1, to = 10, number = 20, log = true }}; "
            f"{'what is ' + repr(wrong[0]) if wrong else 'there is no ' + repr(missing[0])}?"
        )
    first, last = _number(name, given["from"]), _number(name, given["to"])
    number = given["number"]
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise StudyError(f"vary.{name}: number must be a whole number from 1, not {number!r}")
    if given.get("log"):
        if not (first > 0 and last > 0):
            raise StudyError(f"vary.{name}: log values start and end above zero")
        spread = np.geomspace(first, last, number)
    else:
        spread = np.linspace(first, last, number)
    return tuple(float(f"{value:.6g}") for value in spread)


def _check_range(name: str, low, high, log):
    low, high = _number(name, low), _number(name, high)
    if not low < high:
        raise StudyError(f"vary.{name} needs low and high, low below high; it has {low:g} and {high:g}")
    if log and not low > 0:
        raise StudyError(f"vary.{name} is logarithmic: low must be above zero, not {low:g}")


def _number(name: str, value) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise StudyError(f"vary.{name}: {value!r} is not a number") from None
    return number
