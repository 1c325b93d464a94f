"""The points of a series in the twin's units and sign, piece by piece.

Time never falls: where a clock jumps back, what follows goes on from where it was. A row without a
finite time, voltage and current is left out. All that was changed is said.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twin.errors import MeasurementError, shown
from twin.measured.cycler.column_units import size_of
from twin.measured.cycler.conventions import Conventions, how_to_say
from twin.measured.cycler.current_sign import sign_of_current, signed_by_state
from twin.measured.cycler.raw_table import Piece, RawTable, numbers
from twin.measured.cycler.terms import Column, Columns

CLOCKS = ("time", "unix time", "date", "step time")
"""Columns that tell the time, the surest first."""
MOST_CHANNELS_SHOWN = 6


@dataclass(frozen=True)
class Points:
    """Some points of a series, arrays of one length.

    Attributes
    ----------
    time : [s] since the first point, never falling
    current : [A], positive where it discharges
    voltage : [V]
    cycle : number that the file gives, NaN where it gives none
    step : number from 1 that changes where the file has a new step, 0 where it counts none
    """

    time: np.ndarray
    current: np.ndarray
    voltage: np.ndarray
    cycle: np.ndarray
    step: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, places) -> "Points":
        return Points(*(values[places] for values in vars(self).values()))

    def followed_by(self, other: "Points") -> "Points":
        """These points and then the others."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Points(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class Understood:
    """How the columns of a series were read, in words and numbers.

    Attributes
    ----------
    sizes : term -> what turns its column into SI
    sign : multiplies the file's current so that positive discharges
    sign_words : why
    used : terms whose columns are read, in the order of the file
    """

    sizes: dict[str, float]
    sign: float
    sign_words: str
    used: tuple[str, ...]


def points_of(
    table: RawTable, columns: Columns, conventions: Conventions, area: float | None, mass: float | None
) -> tuple[Iterator[Points], Understood]:
    """The points of a series, and how they were understood.

    `area` [m2] and `mass` [kg] are those by which a current may be given; None where nobody knows them.

    Raises MeasurementError: units or a sign that may be read in two ways, several channels, no rows.
    """
    wanted = [column.place for name, column in columns.items() if name in WANTED]
    pieces = (_of_channel(table, piece, columns, conventions) for piece in table.pieces(wanted))
    first = next((piece for piece in pieces if _length(piece)), None)
    if first is None:
        raise MeasurementError(f"{table.path}: has a header and no rows")
    current = numbers(first[columns["current"].place])
    sizes = {
        name: size_of(
            columns[name],
            table.path,
            conventions,
            area,
            mass,
            examples=numbers(first[columns[name].place]),
        )
        for name in ("voltage", "current")
    }
    if "time" in columns and numbers_of_time(first[columns["time"].place]) is None:
        entries = numbers(first[columns["time"].place])
        sizes["time"] = size_of(columns["time"], table.path, conventions, None, None, examples=entries)
    by_state = signed_by_state(current, _entries(first, columns, "state"))
    voltage = numbers(first[columns["voltage"].place])
    if by_state is not None and conventions.current is None:
        sign, words = (
            -1.0,
            "the file's current has no sign; the words of its step type tell the direction",
        )
    else:
        by_state = None
        sign, words = sign_of_current(
            current, voltage, conventions.current, table.positive_charges, table.path, table.remarks
        )
    clock_used = next(name for name in CLOCKS if name in columns)
    read = {
        clock_used,
        "voltage",
        "current",
        "cycle",
        "step" if "step" in columns else "state",
        "channel",
    }
    read |= {"state"} if by_state is not None else set()
    used = tuple(name for name in columns if name in read)
    understood = Understood(sizes, sign, words, used)

    def converted() -> Iterator[Points]:
        clock = _Clock(table, columns, sizes)
        steps = _Steps()
        for piece in _first_and_rest(first, pieces):
            yield from _converted(table, piece, columns, understood, clock, steps, by_state is not None)
        clock.say()

    return converted(), understood


WANTED = (*CLOCKS, "voltage", "current", "cycle", "step", "state", "channel")
"""Terms of a series whose columns are read."""


def _first_and_rest(first: Piece, rest: Iterator[Piece]) -> Iterator[Piece]:
    yield first
    yield from rest


def _length(piece: Piece) -> int:
    return len(next(iter(piece.values())))


def _entries(piece: Piece, columns: Columns, name: str) -> np.ndarray | None:
    return piece[columns[name].place] if name in columns else None


def _of_channel(table: RawTable, piece: Piece, columns: Columns, conventions: Conventions) -> Piece:
    """The rows of the channel that is meant."""
    entries = _entries(piece, columns, "channel")
    if entries is None or not len(entries):
        return piece
    import pandas as pd

    known = pd.Series(entries).dropna().unique()
    names = [str(channel).strip() for channel in known]
    if conventions.channel is not None:
        meant = np.array([str(entry).strip() == conventions.channel for entry in entries])
        if not meant.any() and len(names) and conventions.channel not in names:
            listed = ", ".join(names[:MOST_CHANNELS_SHOWN])
            raise MeasurementError(
                f"{table.path}: has no channel {shown(conventions.channel)}; it has {listed}"
            )
        return {place: column[meant] for place, column in piece.items()}
    if len(names) > 1:
        listed = " and ".join(names[:2]) if len(names) == 2 else f"{names[0]}, {names[1]} and more"
        raise MeasurementError(
            f"{table.path}: holds several channels ({listed}) in column "
            f"{shown(columns['channel'].header.text)}; say which one is meant: "
            f"{how_to_say('channel', names[0])}"
        )
    return piece


class _Steps:
    """Numbers that change where the file has a new step, whatever its column counts.

    What is called a step index may be the number of a step in the program, or count the points within a
    step (ontology 1.2 of the Battery Data Format); the second rises by one from point to point.
    """

    def __init__(self):
        self.counts_points: bool | None = None
        self.last: float | None = None
        self.number = 1

    def numbered(self, entries: np.ndarray) -> np.ndarray:
        if self.counts_points is None:
            rises = np.diff(entries)
            self.counts_points = len(rises) >= FEWEST_COUNTED and bool(np.mean(rises == 1) > 0.5)
        before = entries[0] if self.last is None else self.last
        change = np.diff(entries, prepend=before)
        new = change < 0 if self.counts_points else (change != 0) & ~np.isnan(change)
        numbered = self.number + np.cumsum(new)
        self.last, self.number = entries[-1], int(numbered[-1])
        return numbered


FEWEST_COUNTED = 4
"""Rises from point to point from which it is told whether a column counts points or steps."""


class _Clock:
    """Seconds since the first point, from whichever column tells the time."""

    def __init__(self, table: RawTable, columns: Columns, sizes: dict[str, float]):
        self.table = table
        self.name = next(name for name in CLOCKS if name in columns)
        self.column: Column = columns[self.name]
        self.size = sizes.get("time", 1.0) if self.name == "time" else 1.0
        if self.name in ("step time", "unix time") and self.column.header.unit is not None:
            self.size = self.column.header.unit.size
        self.last: float | None = None
        self.reached = 0.0
        self.falls = 0

    def seconds(self, entries: np.ndarray) -> np.ndarray:
        """What the column says [s], as it says it."""
        if self.name == "date":
            return _seconds_of_dates(entries, self.table)
        clock = numbers_of_time(entries)
        return numbers(entries) * self.size if clock is None else clock

    def since_start(self, seconds: np.ndarray) -> np.ndarray:
        """Seconds since the first point, which go on where the clock jumps back."""
        before = seconds[0] if self.last is None else self.last
        rises = np.diff(seconds, prepend=before)
        falling = rises < 0
        self.falls += int((rises < -ROUNDED).sum())
        # the clock of a step begins anew: what it shows has passed since
        rises = np.where(falling, seconds if self.name == "step time" else 0.0, rises)
        passed = self.reached + np.cumsum(np.maximum(rises, 0.0))
        self.last, self.reached = float(seconds[-1]), float(passed[-1])
        return passed

    def say(self) -> None:
        if self.falls and self.name != "step time":
            self.table.remarks.count(
                "Time falls {count} times; the series goes on from where it was.", self.falls
            )
        if self.name == "step time":
            self.table.remarks.say(
                "Only the time within each step is given; steps are put one after another."
            )


ROUNDED = 1e-3
"""[s] by which a clock may fall without a word: what writing it in decimals rounds off."""


def numbers_of_time(entries: np.ndarray) -> np.ndarray | None:
    """Seconds of a clock like 26:15:03.5; None where the entries are plain numbers."""
    if entries.dtype.kind in "fiub":
        return None
    import pandas as pd

    text = pd.Series(entries, dtype="str").str.strip()
    some = text.dropna()
    if not len(some) or not some.iloc[:50].str.contains(":").any():
        return None
    parts = text.str.extract(CLOCK_FORM)
    known = parts.astype(float).fillna({"days": 0.0, "seconds": 0.0})
    found = known["days"] * 86400 + known["hours"] * 3600 + known["minutes"] * 60 + known["seconds"]
    return found.to_numpy(dtype=float)


CLOCK_FORM = (
    r"^(?:(?P<days>\d{1,6})[d.\s-]+\s*)?"
    r"(?P<hours>\d{1,7}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}(?:\.\d*)?))?$"
)
"""Days, hours, minutes and seconds: "1d 02:03:04.5", "125:00:10", "02:03"."""


def _seconds_of_dates(entries: np.ndarray, table: RawTable) -> np.ndarray:
    import pandas as pd

    text = pd.Series(entries)
    if text.dtype.kind != "M":
        text = text.astype("str").str.strip()
    # where dots part day, month and year, the day comes first
    day_first = text.dtype.kind != "M" and bool(text.iloc[:50].str.match(r"\d{1,2}\.\d").any())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a form that the first entry does not tell
            dates = pd.to_datetime(text, errors="coerce", utc=True, dayfirst=day_first)
        if dates.isna().any():
            dates = pd.to_datetime(text, errors="coerce", utc=True, dayfirst=day_first, format="mixed")
        seconds = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(dtype=float)
    except (ValueError, OverflowError, TypeError):  # pandas does not coerce every year
        seconds = np.full(len(entries), np.nan)
    if np.isnan(seconds).all():
        raise MeasurementError(
            f"{table.path}: its only column of time holds dates that cannot be read, like "
            f"{shown(str(entries[0])[:40])}; write seconds, or dates like 2024-01-31 12:00:00"
        )
    return seconds


def _converted(
    table: RawTable,
    piece: Piece,
    columns: Columns,
    understood: Understood,
    clock: _Clock,
    steps: _Steps,
    unsigned: bool,
) -> Iterator[Points]:
    voltage = numbers(piece[columns["voltage"].place]) * understood.sizes["voltage"]
    current = numbers(piece[columns["current"].place])
    if unsigned:
        signed = signed_by_state(current, _entries(piece, columns, "state"))
        current = current if signed is None else signed
    current = current * understood.sizes["current"] * understood.sign
    seconds = clock.seconds(piece[clock.column.place])
    finite = np.isfinite(voltage) & np.isfinite(current) & np.isfinite(seconds)
    # what no cycler measures would overflow when it is added up
    finite &= (np.abs(voltage) < LARGEST) & (np.abs(current) < LARGEST) & (np.abs(seconds) < LARGEST)
    table.remarks.count(
        "{count} rows have no number for time, voltage or current; they are left out.", (~finite).sum()
    )
    if not finite.any():
        return
    count = int(finite.sum())
    cycle = _entries(piece, columns, "cycle")
    step = _entries(piece, columns, "step")
    state = _entries(piece, columns, "state")
    if step is None and state is not None:
        step = _codes(state)
    yield Points(
        time=clock.since_start(seconds[finite]),
        current=current[finite] + 0.0,  # no negative zero
        voltage=voltage[finite],
        cycle=np.full(count, np.nan) if cycle is None else _whole(numbers(cycle)[finite]),
        step=np.zeros(count, int) if step is None else steps.numbered(numbers(step)[finite]),
    )


LARGEST = 1e12
"""In V, A or s: beyond it lies nothing that a cycler has measured."""


def _whole(values: np.ndarray) -> np.ndarray:
    """Numbers of cycles; NaN where one is no whole number or far too large."""
    plausible = np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 1e9)
    return np.where(plausible, values, np.nan)


def _codes(entries: np.ndarray) -> np.ndarray:
    """A number for each word, the same in every piece."""
    import zlib

    words, places = np.unique([str(entry).strip().lower() for entry in entries], return_inverse=True)
    return np.array([float(zlib.crc32(word.encode())) for word in words])[places]
