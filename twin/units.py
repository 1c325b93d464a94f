"""Numbers from one unit to another, by pint."""

import functools
import math
import re
from collections.abc import Sequence

from twin.errors import ParameterError, shown

READABLE = {
    "m": {"nm": 1e-9, "um": 1e-6, "mm": 1e-3, "m": 1.0},
    "m2": {"mm2": 1e-6, "cm2": 1e-4},
    "kg": {"mg": 1e-6, "g": 1e-3},
    "Pa": {"kPa": 1e3, "MPa": 1e6, "GPa": 1e9},
    "A.h": {"uA.h": 1e-6, "mA.h": 1e-3},
    "A.m-2": {"uA/cm2": 1e-2, "mA/cm2": 10.0},
    "C.m-2": {"mA.h/cm2": 36000.0},
    "S.m-1": {"mS/cm": 0.1},
    "Ohm.m2": {"Ohm.cm2": 1e-4, "kOhm.cm2": 0.1},
    "J.mol-1": {"kJ/mol": 1e3},
    "s": {"s": 1.0, "min": 60.0, "h": 3600.0},
}
"""Unit of a key -> the units in which people say such a value, rising, with their sizes in it."""


DIGITS_SAID = 6
"""Digits of a value in words; values that differ beyond them are spelled out."""


EXAMPLES = "nm, mA/cm2, A.m-2, degC or %"
"""Units as people and as PyBaMM's keys write them."""


LONGEST_UNIT = 60
"""Characters of the longest unit that is read."""


_FACTOR = r"\(*(?:[^\W\d]|[%°])+(?:\s*(?:\*\*|\^)?\s*\(?[-+]?\d{1,2})?\)*"
WRITTEN = re.compile(rf"\s*(?:1\s*|(?:1\s*/\s*)?{_FACTOR}(?:[\s.·*/]+{_FACTOR})*\s*)?")
"""A unit as it may be written: 1, or names with exponents of one or two digits. Pint would reckon out
whatever stands there, and 9**9**9**9 for ever."""


BRACKETED = re.compile(r"\[([^\]]*)\]\s*$")


def unit_of_key(key: str) -> str:
    """The unit that a PyBaMM-style key carries: "A.m-2" of "Current density [A.m-2]", "" of none."""
    found = BRACKETED.search(key)
    return found[1] if found else ""


def words_of_key(key: str) -> str:
    """A key without the unit that it carries: "Current density" of "Current density [A.m-2]"."""
    return BRACKETED.sub("", key).rstrip()


def in_words(values: Sequence[float], key: str) -> list[str]:
    """Values of a PyBaMM-style key as people say them, all in one unit.

    >>> in_words([1e-7, 2e-7], "Coating thickness [m]")
    ['100 nm', '200 nm']
    """
    own = unit_of_key(key)
    largest = max(abs(value) for value in values)
    known = READABLE.get(own, {own: 1.0})
    said = next(iter(known))
    for unit, size in known.items():
        if largest >= size:
            said = unit
    numbers = [f"{value / known[said]:.{DIGITS_SAID}g}" for value in values]
    if len(set(numbers)) < len(set(values)):
        said, numbers = own, [repr(value) for value in values]
    return [f"{number} {said}".strip() for number in numbers]


def convert(value: float, unit: str, wanted: str, what: str) -> float:
    """`value` in `unit`, as a number in the unit `wanted`; `what` names it in the error.

    Units as people and as PyBaMM's keys write them: "nm", "mA/cm2", "A.m-2", "degC", "%".

    Raises ParameterError: not a unit, or a unit of something else; a number that is not finite, or too
    large in the unit wanted.
    """
    if not _is_finite(value):
        raise ParameterError(f"{what} must be a finite number, not {shown(value)}")
    if unit == wanted:
        return value
    import pint

    try:
        quantity = _registry().Quantity(float(value), _unit(unit, what))
        converted = quantity.to(_unit(wanted, what)).magnitude
    except pint.DimensionalityError:
        raise ParameterError(
            f"{shown(unit)} is the wrong unit for {what}; it is measured in {wanted or 'no unit'}"
        ) from None
    if not _is_finite(converted):
        raise ParameterError(f"{what}: {shown(value)} {unit} is too large a number of {wanted}")
    return float(f"{converted:.14g}")  # 200 nm is 2e-07 m, not 2.0000000000000002e-07


def _is_finite(value) -> bool:
    try:
        return not isinstance(value, bool | str) and math.isfinite(value)
    except (TypeError, OverflowError):
        return False


@functools.cache
def _registry():
    import pint

    registry = pint.UnitRegistry()
    registry.define("cycle = [cycles]")  # of a battery: pint's own is a full turn, of 2 pi and no unit
    return registry


def checked_unit(text: str, what: str) -> str:
    """`text`, if it is a unit; `what` it is of, for the error. Raises ParameterError: it is none."""
    _unit(text, what)
    return text


def _unit(text: str, what: str):
    """pint's unit: exponents and products as pint writes them."""
    if not isinstance(text, str) or len(text) > LONGEST_UNIT or not WRITTEN.fullmatch(text):
        raise ParameterError(f"{shown(text)} is not a unit ({what}); units are written like {EXAMPLES}")
    spelled = re.sub(r"([A-Za-z])\^?(-?\d+)", r"\1**\2", text).replace("Ohm", "ohm")
    spelled = re.sub(r"[.·\s]+", "*", spelled.strip())
    try:
        return _registry().Unit(spelled)
    except Exception:  # pint's errors for unreadable text have no common base
        raise ParameterError(
            f"{shown(text)} is not a unit ({what}); units are written like {EXAMPLES}"
        ) from None
