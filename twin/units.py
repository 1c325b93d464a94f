"""Numbers from one unit to another, by pint."""

import functools
import re

from twin.errors import ParameterError

BRACKETED = re.compile(r"\[([^\]]*)\]\s*$")


def unit_of_key(key: str) -> str:
    """The unit that a PyBaMM-style key carries: "A.m-2" of "Current density [A.m-2]", "" of none."""
    found = BRACKETED.search(key)
    return found[1] if found else ""


def convert(value: float, unit: str, wanted: str, what: str) -> float:
    """`value` in `unit`, as a number in the unit `wanted`; `what` names it in the error.

    Units as people and as PyBaMM's keys write them: "nm", "mA/cm2", "A.m-2", "degC", "%".

    Raises ParameterError: not a unit, or a unit of something else.
    """
    if unit == wanted:
        return value
    import pint

    try:
        quantity = _registry().Quantity(value, _unit(unit, what))
        converted = quantity.to(_unit(wanted, what)).magnitude
        return float(f"{converted:.14g}")  # 200 nm is 2e-07 m, not 2.0000000000000002e-07
    except pint.DimensionalityError:
        raise ParameterError(
            f"'{unit}' is the wrong unit for {what}; it is measured in {wanted or 'no unit'}"
        ) from None


@functools.cache
def _registry():
    import pint

    return pint.UnitRegistry()


def _unit(text: str, what: str):
    """pint's unit: exponents and products as pint writes them."""
    spelled = re.sub(r"([A-Za-z])\^?(-?\d+)", r"\1**\2", text).replace("Ohm", "ohm")
    spelled = re.sub(r"[.·\s]+", "*", spelled.strip())
    try:
        return _registry().Unit(spelled)
    except Exception:  # pint's errors for unreadable text have no common base
        raise ParameterError(f"'{text}' is not a unit ({what})") from None
