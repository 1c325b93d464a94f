"""Factors: what a study varies, each a parameter of the cell or a field of the protocol's steps.

A what-if study goes along an :class:`Axis` of values, a search goes anywhere within a :class:`Range`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin import names, units
from twin.arguments import checked_count
from twin.cell import Cell
from twin.errors import ParameterError, StudyError, shown, unknown
from twin.results.quantities import QUANTITIES, SEARCHES

MOST_VALUES = 1_000_000
"""Most values of one factor, and most points of a study: a run takes a millisecond at the least, so that
a study of more would take days, and its points alone would fill the memory."""
IF_MEANT = "take fewer, or, if you mean so many, several studies one after the other"
"""What to do about a study that memory does not hold."""
VALUE_AND_UNIT = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\S.*?)?\s*")
"""A value as a text: "100 nm"."""
DIMENSIONS = ("protocol", "point", "evaluation", "constraint", "draw", "parameter", "quantile")
"""Dimensions of the Dataset of a study beside those that vary."""
RESERVED = frozenset((*DIMENSIONS, *QUANTITIES, *SEARCHES))
"""Names that the Dataset of a study needs itself."""
WHAT = ("parameter", "field", "unit")
"""Entries that say what is varied, and in which unit."""
ALONG = (*WHAT, "values")
"""Entries of a factor in a what-if study."""
WITHIN = (*WHAT, "low", "high", "log")
"""Entries of a factor in a search."""
ENDS = ("from", "to", "number")
"""Entries that evenly spread values need: values = { from = 0.1, to = 10, number = 20 }."""
SPACED = (*ENDS, "log")
"""Entries that evenly spread values may have: with log = true each is the same multiple of the last."""


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
    """One thing that a study varies, and what a value of it means.

    Attributes
    ----------
    name : str
        Its dimension in the study's Dataset.
    target : str
        PyBaMM-style key, one of ``COMBINED``, or the name of a field.
    is_field : bool
    unit : str
        Of the values as the user gives and sees them.
    """

    name: str
    target: str
    is_field: bool
    unit: str

    def changes(self, cell: Cell, value: float) -> dict[str, float]:
        """Parameter values (in the units of their keys) that `value` means for a cell."""
        what = f"'{self.name}'" if self.name == self.target else f"'{self.name}' ({self.target})"
        if self.target in COMBINED:
            unit, changes = COMBINED[self.target]
            return changes(cell, units.convert(value, self.unit, unit, what))
        return {self.target: units.convert(value, self.unit, units.unit_of_key(self.target), what)}

    def text(self, value: float) -> str:
        """The value of a field as it stands in a step: "0.25 mA/cm2"."""
        return f"{value:.6g}{self.unit}" if self.unit == "C" else f"{value:.6g} {self.unit}".strip()

    @property
    def attributes(self) -> dict[str, str]:
        """`units` and `long_name` of its values in a Dataset."""
        words = units.words_of_key(self.target).replace("_", " ")
        return {"units": self.unit or "1", "long_name": words[0].upper() + words[1:]}


@dataclass(frozen=True)
class Axis(Factor):
    """A factor with the values that a what-if study gives it."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class Range(Factor):
    """A factor with the ends between which a search may choose; `log`: it steps in decades."""

    low: float
    high: float
    log: bool


def read_axis(name: str, entry, cell: Cell, fields: Sequence[str]) -> Axis:
    """A factor of a what-if study, from a sequence of values or a [vary.<name>] table.

    Parameters
    ----------
    name : str
    entry : sequence or mapping
        Numbers (in the unit of the key) or texts ("100 nm"), or a mapping with `parameter` or `field`,
        `unit` and `values`.
    cell : Cell
    fields : sequence of str
        Those of the protocol's steps.

    Raises
    ------
    StudyError : unreadable, a field that no step has, or more than ``MOST_VALUES`` values.
    ParameterError : no such parameter, a wrong unit, or a value that the parameter may not have.
    """
    entry = entry if isinstance(entry, Mapping) else {"values": entry}
    if "low" in entry or "high" in entry:
        raise StudyError(
            f"vary.{name}: a what-if study takes values = [...]; low and high are for a search, which "
            "has an [[objective]]"
        )
    target, is_field, unit = _what(name, entry, ALONG, cell, fields)
    values, unit_of_values = _values(name, entry)
    if unit and unit_of_values:
        raise StudyError(
            f"vary.{name}: give one unit for all values, not {sorted({unit, unit_of_values})}"
        )
    unit = unit or unit_of_values or ("" if is_field else _own_unit(target))
    axis = Axis(name, target, is_field, unit, values)
    _check_values(axis, (min(values), max(values)), cell)
    return axis


def read_range(name: str, entry, cell: Cell, fields: Sequence[str]) -> Range:
    """A factor of a search, from a mapping: as :func:`read_axis`, with `low`, `high`, `log`, no values.

    Raises StudyError, ParameterError: as there.
    """
    if not isinstance(entry, Mapping) or "values" in entry:
        raise StudyError(f"vary.{name}: a search goes from low to high; it takes no values")
    target, is_field, unit = _what(name, entry, WITHIN, cell, fields)
    missing = [end for end in ("low", "high") if end not in entry]
    if missing:
        raise StudyError(f"vary.{name} needs low and high, low below high; it has no {missing[0]}")
    low, high = _number(name, entry["low"]), _number(name, entry["high"])
    log = _yes_or_no(name, entry)
    if not low < high:
        raise StudyError(f"vary.{name} needs low and high, low below high; it has {low:g} and {high:g}")
    if log and not low > 0:
        raise StudyError(f"vary.{name} is logarithmic: low must be above zero, not {low:g}")
    unit = unit or ("" if is_field else _own_unit(target))
    found = Range(name, target, is_field, unit, low, high, log)
    _check_values(found, (low, high), cell)
    return found


def _what(
    name: str, entry: Mapping, known_entries: Sequence[str], cell: Cell, fields: Sequence[str]
) -> tuple[str, bool, str]:
    """What is varied, whether it is a field, and the unit that the entry gives ("" where none)."""
    if not isinstance(name, str) or name in RESERVED or "/" in name:
        raise StudyError(f"a dimension cannot be called {shown(name)}; give it another name")
    for word in entry:
        if word not in known_entries:
            raise StudyError(unknown(word, known_entries, f"an entry of vary.{name}"))
    for word in WHAT:
        if not isinstance(entry.get(word, ""), str):
            raise StudyError(f"vary.{name}: {word} is a text, not {shown(entry[word])}")
    if "parameter" in entry and "field" in entry:
        raise StudyError(f"vary.{name} names a parameter and a field; it can be only one of them")
    target = entry.get("field", entry.get("parameter", name))
    is_field = "field" in entry or ("parameter" not in entry and target in fields)
    if is_field and target not in fields:
        raise StudyError(f"vary.{name}: {unknown(target, fields, 'a field of the steps')}")
    if not is_field and target not in COMBINED and target not in cell.parameters:
        if "[" in target:
            cell.check_key(target)
        known = (*fields, *cell.parameters, *COMBINED)
        raise ParameterError(
            unknown(target, known, f"a parameter of {cell.name} or a field of the steps")
        )
    return target, is_field, entry.get("unit", "")


def check_varied_once(factors: Sequence[Factor]) -> None:
    """Raise StudyError where two factors are of the same parameter or field."""
    targets = [factor.target for factor in factors]
    twice = [target for target in targets if targets.count(target) > 1]
    if twice:
        raise StudyError(f"'{twice[0]}' is varied twice")


def _own_unit(target: str) -> str:
    return COMBINED[target][0] if target in COMBINED else units.unit_of_key(target)


def _check_values(factor: Factor, extremes: tuple[float, float], cell: Cell) -> None:
    """Raise ParameterError where the cell may not have them: what a value may be has no gaps."""
    if not factor.is_field:
        for value in extremes:
            cell.replace(factor.changes(cell, value))


def _values(name: str, entry: Mapping) -> tuple[tuple[float, ...], str]:
    """The values, and the unit that they carry themselves ("" where they are bare)."""
    given = entry.get("values")
    if isinstance(given, Mapping):
        return _spaced(name, given), ""
    if given is None or isinstance(given, str) or not hasattr(given, "__len__") or not len(given):
        raise StudyError(f"vary.{name} has no values; give a list: values = [100, 200, 300]")
    _check_count(name, len(given))
    read = [_value_and_unit(name, value) for value in given]
    found = sorted({unit for _, unit in read})
    if len(found) > 1:
        raise StudyError(f"vary.{name}: give one unit for all values, not {found}")
    return tuple(value for value, _ in read), found[0]


def _value_and_unit(name: str, value) -> tuple[float, str]:
    if not isinstance(value, str):
        return _number(name, value), ""
    match = VALUE_AND_UNIT.fullmatch(value)
    if match is None:
        raise StudyError(f"vary.{name}: cannot read the value {shown(value)}; write '100 nm'")
    return _number(name, match[1]), match[2] or ""


def _spaced(name: str, given: Mapping) -> tuple[float, ...]:
    """Evenly spread values."""
    wrong = [word for word in given if word not in SPACED]
    missing = [word for word in ENDS if word not in given]
    if wrong or missing:
        raise StudyError(
            f"vary.{name}: values are a list or {{ from = 0.1, to = 10, number = 20, log = true }}; "
            f"{'what is ' + shown(wrong[0]) if wrong else 'there is no ' + repr(missing[0])}?"
        )
    first, last = _number(name, given["from"]), _number(name, given["to"])
    number = checked_count(f"number of vary.{name}", given["number"])
    _check_count(name, number)
    if _yes_or_no(name, given):
        if not (first > 0 and last > 0):
            raise StudyError(f"vary.{name}: log values start and end above zero")
        spread = np.geomspace(first, last, number)
    else:
        spread = np.linspace(first, last, number)
    return tuple(float(f"{value:.6g}") for value in spread)


def _check_count(name: str, number: int) -> None:
    if number > MOST_VALUES:
        raise StudyError(
            f"vary.{name} has {number:,} values; a study has room for {MOST_VALUES:,}: {IF_MEANT}"
        )


def _yes_or_no(name: str, entry: Mapping) -> bool:
    log = entry.get("log", False)
    if not isinstance(log, bool):
        raise StudyError(f"vary.{name}: log is true or false, not {shown(log)}")
    return log


def _number(name: str, value) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise StudyError(f"vary.{name}: {shown(value)} is not a number")
    return number
