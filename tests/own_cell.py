"""A user's own cell as dictionaries, to write as files and to break on purpose."""

import copy
import datetime

import tomli_w

CELL = {
    "description": "mine",
    "interfaces": "both",
    "parts": {"anode_interface": "Li_LGPS", "separator": "LGPS"},
    "Electrode area [m2]": {"value": 1e-4, "source": "mine"},
    "Cell capacity [A.h]": {"value": 0.1, "source": "mine"},
    "Nominal cell capacity [A.h]": {"value": 1e-3, "source": "mine"},
}
"""The least that a symmetric cell of shipped parts says."""


PAIR = {
    "description": "Li | LLZO",
    "Pristine interface resistance [Ohm.m2]": {
        "value": 1e-3,
        "source": "mine",
        "prior": {"distribution": "lognormal", "factor": 3.0, "lower": 1e-4, "upper": 1.0},
    },
    "Interphase growth rate [m.s-1]": {"value": 0.0, "source": "assumed"},
    "Critical stripping current density [A.m-2]": {"value": 5.0, "source": "mine"},
    "Filament growth coefficient [m3.C-1]": {"value": 3e-9, "source": "assumed"},
    "Filament initiation current density [A.m-2]": {"value": 10.0, "source": "assumed"},
    "Lithium inventory [C.m-2]": {"value": 3.7e5, "source": "mine: 50 um"},
}
"""The six values that a pair gives."""


BROKEN_VALUES = (
    5, -1, 1e300, float("nan"), float("inf"), True, "", "wide", "\x07 bell", "a/b", "../Li_LGPS",
    "x" * 200, [], ["Li_LGPS"], [1, "two"], {}, {"value": 1}, {"a": {"b": {"c": 1}}}, 10**80,
    datetime.date(2026, 1, 1),
)  # fmt: skip
"""What may stand where something else belongs."""


def changed(content: dict, way: tuple, value) -> dict:
    """A copy of `content` with another value at the end of a way of keys; None takes it away."""
    copied = copy.deepcopy(content)
    *before, last = way
    table = copied
    for key in before:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return copied


def ways(content: dict, before: tuple = ()):
    """Ways of keys to everything in nested tables."""
    for key, entry in content.items():
        yield (*before, key)
        if isinstance(entry, dict):
            yield from ways(entry, (*before, key))


def write(folder, name: str, content: dict):
    """Write a TOML file and give its path."""
    path = folder / f"{name}.toml"
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path
