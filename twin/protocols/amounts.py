"""Amounts as people type them in a step: "0.1 mA/cm2", "C/20", "4.2 V", "0.5 mA.h cm-2", "60 oC"."""

import math
import re
from dataclasses import dataclass

from twin.errors import ProtocolError

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
C_RATE = re.compile(rf"^(?:C\s*/\s*(?P<hours>{NUMBER})|(?P<rate>{NUMBER})\s*C)$", re.IGNORECASE)
STATE_OF_CHARGE = re.compile(
    rf"^(?:(?P<number>{NUMBER})\s*(?P<percent>%)?\s*SoC|SoC\s*(?P<after>{NUMBER})\s*(?P<share>%)?)$",
    re.IGNORECASE,
)
WITH_UNIT = re.compile(rf"^(?P<number>{NUMBER})\s*(?P<unit>\D.*)$")
UNIT = re.compile(r"^(?P<prefix>[munkMµμ]?)(?P<base>A[.\s·*]?h|A|V|W|Ohm|ohm|Ω)(?P<per>.*)$")
PER = re.compile(r"^(?:\s*/\s*|[\s.·*]+)(?P<of>cm|m|g|kg)(?:\^|\*\*)?(?P<power>-?[12]|²|⁻²|⁻¹)?$")
PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "k": 1e3, "M": 1e6}
"""Both micro signs of Unicode, and the u that stands for them."""
QUANTITIES = {
    "A": ("current", "current density", "specific current"),
    "A.h": ("charge", "areal charge", "specific charge"),
    "W": ("power", "power density", "specific power"),
    "V": ("voltage", None, None),
    "Ohm": ("resistance", None, None),
}
"""Unit -> the quantity of a cell, by area, and by mass of active material."""
SIZES = {"cm": ("area", 1e-4), "m": ("area", 1.0), "g": ("mass", 1e-3), "kg": ("mass", 1.0)}
POWERS = {"area": ("2", "²", "-2", "⁻²"), "mass": ("", "-1", "⁻¹", "1")}
"""Exponents with which an area or a mass stands under the line; a slash makes them positive."""
SECONDS = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
    "week": 604800.0, "weeks": 604800.0, "year": 365 * 86400.0, "years": 365 * 86400.0,
}  # fmt: skip
PASCALS = {"Pa": 1.0, "kPa": 1e3, "MPa": 1e6, "GPa": 1e9, "bar": 1e5}
COLDEST = 173.15
"""[K] below which no cell is kept: -100 oC."""
HOTTEST = 453.15
"""[K] above which no cell is kept: at 454 K lithium melts."""
HIGHEST_PRESSURE = 1e9
"""[Pa] above which no stack is pressed: pellets are, at half of it."""


@dataclass(frozen=True)
class Amount:
    """A number of some quantity, in SI units; charges in A.h, by area A.h/m2, by mass A.h/kg."""

    value: float
    quantity: str


def read_amount(text: str) -> Amount:
    """The amount that a text says. Raises ProtocolError: unreadable number or unit."""
    text = text.strip()
    if found := C_RATE.match(text):
        if found["hours"] is None:
            return Amount(_number(found["rate"]), "C-rate")
        hours = _number(found["hours"])
        if hours == 0:
            raise ProtocolError(f"'{text}' divides by zero")
        return Amount(1 / hours, "C-rate")
    if found := STATE_OF_CHARGE.match(text):
        share = _number(found["number"] or found["after"])
        share /= 100 if found["percent"] or found["share"] else 1
        if not 0 <= share <= 1:
            raise ProtocolError(f"'{text}' lies outside 0 to 100 % (write 50 % SoC, or SoC 0.5)")
        return Amount(share, "state of charge")
    found = WITH_UNIT.match(text)
    if found is None:
        raise ProtocolError(f"'{text}' is no number with a unit (mA/cm2, mA, C, V, mW, mAh/cm2, mA/g …)")
    number = _number(found["number"])
    unit = UNIT.match(found["unit"].strip())
    if unit is None:
        raise ProtocolError(
            f"'{found['unit']}' is no unit of a step (A, V, W, Ohm, A.h, C, by cm2 or g)"
        )
    base = "A.h" if "h" in unit["base"] and unit["base"][0] == "A" else unit["base"]
    base = "Ohm" if base in ("ohm", "Ω") else base
    of_cell, by_area, by_mass = QUANTITIES[base]
    value = number * PREFIXES[unit["prefix"]]
    if not unit["per"].strip():
        return Amount(value, of_cell)
    kind, size = _under_the_line(unit["per"], found["unit"])
    quantity = by_area if kind == "area" else by_mass
    if quantity is None:
        raise ProtocolError(f"'{found['unit']}' is no unit of a step: a {of_cell} has no {kind}")
    return Amount(value / size, quantity)


def read_time(text: str) -> float:
    """Seconds that a text says, e.g. "30 minutes", "8760 h". Raises ProtocolError: no time."""
    found = WITH_UNIT.match(text.strip())
    if found is None or found["unit"].strip().lower() not in SECONDS:
        raise ProtocolError(f"'{text}' is no time (seconds, minutes, hours, days)")
    return _number(found["number"]) * SECONDS[found["unit"].strip().lower()]


def read_temperature(text: str) -> float:
    """Kelvin that a text says, e.g. "60 oC", "333 K".

    Raises ProtocolError: no unit, or what no cell is kept at.
    """
    found = WITH_UNIT.match(text.strip())
    if found is None or (unit := found["unit"].strip()) not in ("K", "oC", "°C", "degC"):
        raise ProtocolError(f"'{text}' is no temperature: write 60 oC or 333 K")
    number = _number(found["number"])
    return checked_temperature(number if unit == "K" else number + 273.15, text)


def checked_temperature(kelvin: float, text: str) -> float:
    """`kelvin`, if a cell may be kept at it; `text` is what was given, for the error."""
    if COLDEST <= kelvin <= HOTTEST:
        return kelvin
    meant = ""
    if kelvin > 0 and kelvin + 273.15 <= HOTTEST:
        meant = f"; did you mean {kelvin:g} oC, which is {kelvin + 273.15:g} K?"
    raise ProtocolError(
        f"'{text}' is {kelvin:g} K, and no cell is kept outside {COLDEST:g} to {HOTTEST:g} K{meant}"
    )


def _under_the_line(text: str, unit: str) -> tuple[str, float]:
    found = PER.match(text)
    if found is not None:
        kind, size = SIZES[found["of"]]
        power, slash = found["power"] or "", "/" in text
        if power in POWERS[kind] and slash == (power in ("2", "²", "", "1")):
            return kind, size
    raise ProtocolError(f"'{unit}' is no unit of a step: under the line stands cm2, m2, g or kg")


def read_pressure(text: str) -> float:
    """Pascal that a text says, e.g. "5 MPa". Raises ProtocolError: no pressure, or none that is."""
    found = WITH_UNIT.match(text.strip())
    if found is None or (unit := found["unit"].strip()) not in PASCALS:
        raise ProtocolError(f"'{text}' is no pressure: write 5 MPa, 500 kPa or 50 bar")
    return checked_pressure(_number(found["number"]) * PASCALS[unit], text)


def checked_pressure(pascal: float, text: str) -> float:
    """`pascal`, if a stack may be pressed so; `text` is what was given, for the error."""
    if 0 < pascal <= HIGHEST_PRESSURE:
        return pascal
    raise ProtocolError(f"'{text}' is {pascal:g} Pa; a stack pressure lies above 0, up to 1 GPa")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ProtocolError(f"the number {text[:20]} is too large")
    return number
