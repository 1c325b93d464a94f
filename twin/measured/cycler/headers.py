"""A column's header: what it names, and in which unit.

::

    Test Time / s      Current(A)     U[V]      I/mA     current_ampere     discharge_capacity_mAh_g

are all of the form "name, then unit". Units come from a table: a header is written by a stranger, and
nothing in it is worked out.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType

_SIZES = {
    "time": {
        1.0: "s sec secs second seconds", 3600.0: "h hr hrs hour hours", 60.0: "min mins minute minutes",
        1e-3: "ms millisecond milliseconds", 86400.0: "d day days",
    },
    "voltage": {1.0: "V volt volts", 1e-3: "mV millivolt millivolts", 1e-6: "uV microvolt"},
    "current": {
        1.0: "A amp amps ampere amperes", 1e-3: "mA milliamp milliamps milliampere milliamperes",
        1e-6: "uA microamp microampere microamperes", 1e-9: "nA nanoampere",
    },
    "areal current": {1.0: "A/m2 A.m-2", 10.0: "mA/cm2 mA.cm-2 mA_cm2", 1e-2: "uA/cm2 uA.cm-2"},
    "specific current": {1.0: "mA/g mA.g-1 A/kg mA_g", 1e3: "A/g"},
    "charge": {
        1.0: "Ah A.h amp-hr ampere-hour", 1e-3: "mAh mA.h mAhr", 1e-6: "uAh uA.h",
        1 / 3600: "As A.s", 1e-3 / 3600: "mAs mA.s",
    },
    "areal charge": {1.0: "Ah/m2 A.h/m2", 10.0: "mAh/cm2 mA.h/cm2 mAh_cm2 mAh.cm-2", 1e-2: "uAh/cm2"},
    "specific charge": {1.0: "mAh/g mA.h/g mAh_g mAh.g-1 mA.h.g-1 Ah/kg", 1e3: "Ah/g"},
    "energy": {
        1.0: "Wh W.h watt-hr watt-hour", 1e-3: "mWh mW.h", 1e-6: "uWh", 1 / 3600: "Ws W.s J",
        1e-3 / 3600: "mWs mW.s",
    },
    "specific energy": {1.0: "mWh/g mW.h/g Wh/kg", 1e3: "Wh/g"},
    "share": {1.0: "1 dimensionless fraction", 1e-2: "% percent"},
    "temperature": {1.0: "K kelvin"},
    "temperature in degrees": {1.0: "C oC degC deg.C celsius degree_celsius"},
    "impedance": {1.0: "Ohm ohms", 1e3: "kOhm", 1e-3: "mOhm", 1e6: "MOhm"},
    "areal impedance": {1.0: "Ohm.m2", 1e-4: "Ohm.cm2 Ohmcm2 Ohm*cm2", 0.1: "kOhm.cm2"},
    "frequency": {1.0: "Hz hertz", 1e3: "kHz", 1e-3: "mHz", 1e6: "MHz"},
}  # fmt: skip
"""Kind of quantity -> size of a unit in SI (charges in A.h, energies in W.h, areas m2, masses kg) -> how
it is written."""


@dataclass(frozen=True)
class Unit:
    """A unit that a header carries: what it measures, its size in SI, and how it was written."""

    kind: str
    size: float
    text: str


@dataclass(frozen=True)
class Header:
    """A header, read.

    Attributes
    ----------
    text : as it stands in the file
    name : in small letters, without unit, signs and brackets: "test time"
    unit : None where it carries none that is known
    negative : True where it begins with a minus: "-Im(Z)"
    """

    text: str
    name: str
    unit: Unit | None
    negative: bool


def _spelled(text: str) -> str:
    """One spelling for micro signs, dots, squares, degrees and the ohm."""
    plain = text.strip().replace("µ", "u").replace("μ", "u").replace("²", "2").replace("^", "")
    plain = plain.replace("Ω", "Ohm").replace("Ω", "Ohm").replace("ohm", "Ohm").replace("Ohms", "Ohm")
    plain = plain.replace("°", "o").replace("℃", "oC").replace("⋅", ".").replace("·", ".")
    return re.sub(r"\s*\*\s*|\s+", ".", plain)


_EXACT = {
    _spelled(text): (kind, size)
    for kind, sizes in _SIZES.items()
    for size, texts in sizes.items()
    for text in texts.split()
}
_MEGA = ("MOhm", "MHz")
"""Units that without their capitals would be a billion times smaller."""
_LOWER = {text.lower(): own for text, own in _EXACT.items() if text not in _MEGA}
WHOLE = MappingProxyType({
    "seconds": ("time", "s"), "volts": ("voltage", "V"), "amps": ("current", "A"),
    "milliamps": ("current", "mA"), "hours": ("time", "h"), "amp-hr": ("capacity", "Ah"),
    "amphr": ("capacity", "Ah"), "watt-hr": ("energy", "Wh"), "ah": ("capacity", "Ah"),
    "mah": ("capacity", "mAh"), "mah/g": ("capacity", "mAh/g"),
})  # fmt: skip
"""Headers that are a unit and nothing else -> what they name, and that unit."""
CLOCK = re.compile(r"(?:[dhmsf]+[:.\s]+)+[dhmsf]+", re.IGNORECASE)
"""What stands for a unit where entries are read like a clock: "h:m:s", "hh:mm:ss.ms"."""
LONGEST_HEADER = 120
"""Characters of a header that is looked at: the longest of the cyclers known has 40."""


def read_unit(text: str) -> Unit | None:
    """The unit that a text is; None where it is none that is known."""
    spelled = _spelled(text)
    found = _EXACT.get(spelled) or _LOWER.get(spelled.lower())
    return Unit(*found, text=text.strip()) if found else None


def read_header(text: str) -> Header:
    """What a header names, and its unit."""
    plain = text.replace("\ufeff", "").strip().strip("\"'~").strip()[:LONGEST_HEADER]
    if plain.lower() in WHOLE:
        whole, its_unit = WHOLE[plain.lower()]
        return Header(text, whole, read_unit(its_unit), negative=False)
    name, unit = _parted(plain)
    return Header(text, plain_name(name), unit, negative=plain.startswith("-"))


def plain_name(text: str) -> str:
    """Small letters, digits and primes; everything else is a space."""
    return " ".join(
        re.sub(r"[^a-z0-9']+", " ", text.lower().replace("″", "''").replace('"', "''")).split()
    )


def _parted(text: str) -> tuple[str, Unit | None]:
    """A header without its unit, and the unit."""
    bracketed = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]?\s*", text)
    if bracketed and (unit := read_unit(bracketed[2])):
        return bracketed[1], unit
    if bracketed and CLOCK.fullmatch(bracketed[2]):
        return bracketed[1], None
    for slash in re.finditer("/", text):
        if unit := read_unit(text[slash.end() :]):
            return text[: slash.start()], unit
    words = re.split(r"[_\s]+", text)
    for count in (2, 1):  # "mAh_g" before "g"
        if len(words) > count and (unit := read_unit("_".join(words[-count:]))):
            return " ".join(words[:-count]), unit
    return text, None
