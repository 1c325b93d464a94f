"""Which values a parameter may have: its sign, and the range beyond which it is a slip of the unit."""

import math

from twin import names
from twin.errors import ParameterError, shown
from twin.units import unit_of_key

COLDEST = 173.0
"""Lowest temperature of a cell [K]: at -100 °C no solid electrolyte carries a current worth a test."""


HOTTEST = 500.0
"""Highest temperature of a cell [K]: lithium melts at 454 K, and nothing here describes a melt."""


ZERO_CELSIUS = 273.15
"""Freezing point of water [K], which tells degrees Celsius from kelvins."""


LOWEST_PRESSURE = 1e3
"""Lowest pressure on a stack [Pa]: what its own spring or the weight of a steel piston exerts."""


HIGHEST_PRESSURE = 1e11
"""Highest pressure on a stack [Pa]: a hundred times what any press puts on a pellet."""


LOWEST_ACTIVATION = 10.0
"""Lowest activation energy that is not zero [J/mol]: smaller numbers are electron volts."""


HIGHEST_ACTIVATION = 2e6
"""Highest activation energy [J/mol], 21 eV: with more, rates overflow at the temperatures above."""


ELECTRON_VOLT = 96485.332
"""One electron volt per particle [J/mol]: the Faraday constant."""


LARGEST_LENGTH = 0.1
"""Largest length [m]: nothing in a cell is thicker, and a number of nanometres is larger."""


LENGTHS_TO_INFINITY = {
    names.DIFFUSION_LIMIT_THICKNESS,
    names.PASSIVATION_THICKNESS,
    names.FILAMENT_ACCELERATION_LENGTH,
    names.CONVERSION_LIMIT,
}
"""Lengths of a law that switch it off where they are large: files say 1 m for "never acts"."""


LARGEST_AREA = 10.0
"""Largest area of an electrode [m2]: a whole stack of the largest cells that are built."""


FASTEST_GROWTH = 1e-3
"""Fastest growth of a layer [m/s]: it crosses any cell within a second."""


LARGEST_VOLTAGE = 1000.0
"""Largest voltage, of either sign [V]: ten times what any cycler of single cells reaches."""


LARGEST_CURRENT_DENSITY = 1e4
"""Largest current density that a filament may ask for [A.m-2], 1 A/cm2: ten times what any solid-state
cell has been charged at."""


LARGEST_VALUE = 1e30
"""Largest value of any parameter, in the unit of its key: products of ten of them still are numbers."""


SMALLEST_VALUE = 1e-30
"""Smallest value above zero of any parameter, in the unit of its key: its inverse still is a number."""


MAY_BE_NEGATIVE = {names.LOWER_CUT_OFF, names.UPPER_CUT_OFF, names.ANODE_POTENTIAL}
"""Voltages against another electrode."""


SHARES = {
    names.INITIAL_SOC,
    names.INITIAL_LITHIATION,
    names.SLOW_SHARE,
    names.ISOLATED_SHARE,
    names.FORMATION_SHARE,
    names.TRAPPED_SHARE,
    names.FILAMENT_RETRACTING_SHARE,
}
"""Parts of a whole, at most 1."""


MAY_BE_ZERO = {
    names.COATING_THICKNESS,
    names.COATING_RESISTIVITY,
    names.COATING_INSULATING_RESISTIVITY,
    names.INITIAL_LITHIATION,
    names.INITIAL_SOC,
    names.PINHOLE_DAMAGE,
    names.STRAIN_DAMAGE,
    names.GROWTH_RATE,
    names.INITIAL_INTERPHASE,
    names.GROWTH_PER_CHARGE,
    names.FILAMENT_COEFFICIENT,
    names.FILAMENT_INITIATION,
    names.COATED_FILAMENT_INITIATION,
    names.FILAMENT_ACCELERATION_EXPONENT,
    names.CALENDAR_FADE_RATE,
    names.ELECTRONIC_CONDUCTIVITY,
    names.PRESSURE_EXPONENT,
    names.SPOT_RADIUS,
    names.INTERPHASE_LITHIUM,
    names.BREACH_EXPONENT,
    names.ALD_CYCLES,
    names.HOST_CAPACITY,
    names.LITHIUM_INVENTORY,
    names.LAYER_DEPTH,
    names.CONVERSION_RATE,
    names.CONVERSION_LITHIUM,
    names.LAYER_STRENGTHENING,
    names.FILAMENT_PRESSURE_EXPONENT,
    names.FADE_TRANSFER,
    names.TRANSFER_COEFFICIENT,
    names.FORMATION_SHARE,
    names.ISOLATED_SHARE,
    names.TRAPPED_SHARE,
    names.FILAMENT_RETRACTING_SHARE,
}
"""Besides activation energies, the parameters that switch a mechanism off at zero."""


LIMITS = {
    "K": (COLDEST, HOTTEST),
    "Pa": (LOWEST_PRESSURE, HIGHEST_PRESSURE),
    "J.mol-1": (LOWEST_ACTIVATION, HIGHEST_ACTIVATION),
    "m": (SMALLEST_VALUE, LARGEST_LENGTH),
    "m2": (SMALLEST_VALUE, LARGEST_AREA),
    "m.s-1": (SMALLEST_VALUE, FASTEST_GROWTH),
    "V": (SMALLEST_VALUE, LARGEST_VOLTAGE),
}
"""Unit of a key -> the least and the largest size of its values, where zero does not mean "off"."""


def checked_value(key: str, value, where) -> float:
    """`value` as a float, if it is one that `key` may have; `where` says in the error where it stands.

    Raises ParameterError: not a finite number; negative or zero where that has no meaning; so large or
    so small that its unit must be another.
    """
    number = finite_number(f"'{key}'", value, where)
    unit = unit_of_key(key)
    may_be_zero = key in MAY_BE_ZERO or unit == "J.mol-1"
    if number == 0 and may_be_zero:
        return number
    low, high = LIMITS.get(unit, (SMALLEST_VALUE, LARGEST_VALUE))
    if key in MAY_BE_NEGATIVE:
        low = -high
    if key in SHARES:
        low, high = 0.0, 1.0
    if key in LENGTHS_TO_INFINITY:
        high = LARGEST_VALUE
    if low <= number <= high:
        return number
    if number <= 0 <= low and unit != "K":
        allowed = "zero or more" if may_be_zero else "more than zero"
        raise ParameterError(f"'{key}' must be {allowed}, not {number:g} ({where})")
    zero = "be zero or " if may_be_zero and low > 0 else ""
    allowed = f"{zero}lie between {low:g} and {high:g} {unit}".strip()
    raise ParameterError(f"'{key}' must {allowed}, not {number:g}{_meant(unit, number)} ({where})")


def _meant(unit: str, number: float) -> str:
    """'; did you mean …?' with the value in the unit of the key that was probably meant."""
    kelvin, joule = number + ZERO_CELSIUS, number * ELECTRON_VOLT
    if unit == "K" and COLDEST <= kelvin <= HOTTEST:
        return f"; did you mean {kelvin:.6g} K ({number:g} °C)?"
    if unit == "J.mol-1" and 0 < number < LOWEST_ACTIVATION:
        return f"; did you mean {joule:.6g} J/mol ({number:g} eV)?"
    return ""


def finite_number(what: str, value, where) -> float:
    """`value` as a float; `what` names it in the error and `where` says where it stands.

    Raises ParameterError: not a number (True is none), or an infinite one.
    """
    plain = value.item() if getattr(value, "shape", None) == () else value  # numpy's scalars are numbers
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        raise ParameterError(f"{what} must be a number, not {shown(plain)} ({where})")
    try:
        number = float(plain)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ParameterError(f"{what} must be a finite number, not {shown(plain)} ({where})")
    return number
