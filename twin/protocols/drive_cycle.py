"""Drive cycles: a current or power that follows given points, linear between them."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from twin.errors import ProtocolError, unknown
from twin.files import read_text
from twin.protocols.amounts import SECONDS
from twin.protocols.step import End, Profile, Step

UNITS = {
    "A": ("current", 1.0),
    "mA": ("current", 1e-3),
    "mA/cm2": ("current density", 10.0),
    "A/m2": ("current density", 1.0),
    "C": ("C-rate", 1.0),
    "W": ("power", 1.0),
    "mW": ("power", 1e-3),
    "mW/cm2": ("power density", 10.0),
    "W/m2": ("power density", 1.0),
}
"""Unit of the values -> what they are, and one of it in SI units."""
MOST_POINTS = 100_000
"""Points of a drive cycle: a day, second by second, is fewer."""
LARGEST_FILE = 20_000_000
"""Bytes of a file with a drive cycle."""
HEADER = re.compile(r"^\s*(?P<name>[A-Za-z -]+?)\s*(?:\[(?P<brackets>[^\]]+)\]|/\s*(?P<slash>\S+))\s*$")
"""A column's head: "Current [A]", as PyBaMM writes it, or "Current / A", as the Battery Data Format."""


def drive_cycle(
    time: ArrayLike,
    values: ArrayLike,
    unit: str = "A",
    *,
    name: str = "drive cycle",
    ends: Sequence[End] = (),
    temperature: float | None = None,
) -> Step:
    """A step that follows a current or a power.

    Parameters
    ----------
    time : (point,) [s], from 0, rising
    values : (point,) in `unit`, positive where the cell discharges
    unit : one of :data:`UNITS`
    name : str
        What the step is called in results.
    ends : of End, what stops it before its last point
    temperature : of the surroundings [K]

    Raises ProtocolError: fewer than two points, time that does not rise from 0, values that are no
    numbers, a unit that is not known.
    """
    if unit not in UNITS:
        raise ProtocolError(unknown(unit, UNITS, "a unit of a drive cycle"))
    points = np.asarray(time, dtype=float), np.asarray(values, dtype=float)
    if points[0].ndim != 1 or points[0].shape != points[1].shape or len(points[0]) < 2:
        raise ProtocolError(
            f"a drive cycle needs as many times as values, two or more; these are {points[0].shape} and "
            f"{points[1].shape}"
        )
    if len(points[0]) > MOST_POINTS:
        raise ProtocolError(f"a drive cycle of {len(points[0]):,} points is longer than {MOST_POINTS:,}")
    for what, column in zip(("time", "value"), points, strict=True):
        if not np.isfinite(column).all():
            place = int(np.flatnonzero(~np.isfinite(column))[0])
            raise ProtocolError(f"the {what} of point {place + 1} of a drive cycle is {column[place]}")
    if points[0][0] != 0 or (np.diff(points[0]) <= 0).any():
        fallen = np.flatnonzero(np.diff(points[0]) <= 0)
        where = f"stops or falls after point {fallen[0] + 1}" if fallen.size else "begins after 0"
        raise ProtocolError(f"the time of a drive cycle must rise from 0 s; it {where}")
    control, one = UNITS[unit]
    profile = Profile(tuple(points[0].tolist()), tuple((points[1] * one).tolist()))
    return Step(
        f"{name} of {points[0][-1]:g} s",
        control,
        profile.first_driving,
        float(points[0][-1]),
        tuple(ends),
        temperature,
        profile,
    )


def read_drive_cycle(path: str | Path) -> Step:
    """The drive cycle of a CSV file with a column of time and one of current or power.

    Heads carry units: "Time [s]" and "Current [A]" as PyBaMM writes them, positive where the cell
    discharges, or "Test Time / s" and "Current / A" as the Battery Data Format does, where charging is
    positive: its sign is turned.

    Raises ProtocolError: no such columns, unknown units, and what :func:`drive_cycle` refuses.
    """
    path = Path(path)
    lines = list(csv.reader(read_text(path, ProtocolError, largest=LARGEST_FILE).splitlines()))
    if not lines:
        raise ProtocolError(f"{path}: an empty file is no drive cycle")
    columns: list = [HEADER.match(head) for head in lines[0]]
    time = _column(columns, lambda name: "time" in name.lower())
    value = _column(columns, lambda name: any(w in name.lower() for w in ("current", "power", "rate")))
    if time is None or value is None:
        raise ProtocolError(
            f"{path}: a drive cycle needs a column of time and one of current or power, with units: "
            f"'Time [s],Current [A]'; the heads are {', '.join(map(repr, lines[0]))}"
        )
    try:
        numbers = [[float(line[place]) for place in (time, value)] for line in lines[1:] if line]
    except (ValueError, IndexError):
        raise ProtocolError(f"{path}: a line has no numbers for time and value") from None
    seconds, unit = _unit(columns[time]), _unit(columns[value])
    if seconds.lower() not in SECONDS:
        raise ProtocolError(f"{path}: {unknown(seconds, SECONDS, 'a unit of time')}")
    table = np.array(numbers).reshape(-1, 2)
    return drive_cycle(
        table[:, 0] * SECONDS[seconds.lower()],
        table[:, 1] * (-1.0 if columns[value]["slash"] else 1.0),
        unit,
        name=path.stem,
    )


def _unit(head: re.Match) -> str:
    return head["brackets"] or head["slash"]


def _column(columns, wanted) -> int | None:
    return next((n for n, head in enumerate(columns) if head is not None and wanted(head["name"])), None)
