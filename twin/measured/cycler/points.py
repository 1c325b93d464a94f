"""The points of a series in the twin's units and sign, piece by piece.

Time never falls: where a clock jumps back, what follows goes on from where it was. A row without a
finite time, voltage and current is left out. All that was changed is said.
"""

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twin.errors import MeasurementError, shown
from twin.measured.cycler.clock import CLOCKS, Clock, numbers_of_time
from twin.measured.cycler.column_units import size_of
from twin.measured.cycler.conventions import Conventions, how_to_say
from twin.measured.cycler.current_sign import StateWords, sign_of_current
from twin.measured.cycler.raw_table import Piece, RawTable, distinct_words, no_rows, numbers
from twin.measured.cycler.step_counter import StepCounter
from twin.measured.cycler.terms import Columns

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
    clock_name = next(name for name in CLOCKS if name in columns)
    used = tuple(name for name in columns if name in (clock_name, *WANTED))
    whole = table.pieces([columns[name].place for name in used])
    pieces = (_of_channel(table, piece, columns, conventions) for piece in whole)
    first = next((piece for piece in pieces if len(next(iter(piece.values())))), None)
    if first is None:
        raise MeasurementError(no_rows(table))
    sizes = _sizes(table, first, columns, conventions, area, mass)
    sign, words = _sign(table, first, columns, conventions)
    understood = Understood(sizes, sign, words, used)
    converter = _Converter(table, columns, understood, by_words=conventions.current is None)

    def converted() -> Iterator[Points]:
        for piece in itertools.chain([first], pieces):
            points = converter.points(piece)
            if len(points):
                yield points
        converter.clock.say()

    return converted(), understood


WANTED = ("voltage", "current", "cycle", "step", "state", "channel")
"""Terms of a series whose columns are read, beside that of its clock."""


def _sizes(
    table: RawTable,
    first: Piece,
    columns: Columns,
    conventions: Conventions,
    area: float | None,
    mass: float | None,
) -> dict[str, float]:
    """What turns each column with a unit into SI; `first` rows are shown where a user is asked."""
    named = ["voltage", "current"]
    if "time" in columns and numbers_of_time(first[columns["time"].place]) is None:
        named.append("time")
    return {
        name: size_of(
            columns[name], table.path, conventions, area, mass,
            examples=numbers(first[columns[name].place]),
        )
        for name in named
    }  # fmt: skip


def _sign(
    table: RawTable, first: Piece, columns: Columns, conventions: Conventions
) -> tuple[float, str]:
    """What turns the current so that positive discharges, and why."""
    current, voltage = (numbers(first[columns[name].place]) for name in ("current", "voltage"))
    if conventions.current is None:
        words = StateWords()
        words.signed(current, _entries(first, columns, "state"))
        if words.turned:
            return -1.0, "the current has no sign; the words of its step type tell the direction"
    return sign_of_current(
        current, voltage, conventions.current, table.positive_charges, table.path, table.remarks
    )


def _entries(piece: Piece, columns: Columns, name: str) -> np.ndarray | None:
    return piece[columns[name].place] if name in columns else None


def _of_channel(table: RawTable, piece: Piece, columns: Columns, conventions: Conventions) -> Piece:
    """The rows of the channel that is meant."""
    entries = _entries(piece, columns, "channel")
    if entries is None or not len(entries):
        return piece
    names, places = distinct_words(entries)
    if conventions.channel is not None:
        meant = np.array([*(name == conventions.channel for name in names), False])[places]
        if names and conventions.channel not in names:
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


class _Converter:
    """Turns one piece of a series after the other into points."""

    def __init__(self, table: RawTable, columns: Columns, understood: Understood, *, by_words: bool):
        self.table = table
        self.columns = columns
        self.understood = understood
        self.clock = Clock(table, columns, understood.sizes)
        self.steps = StepCounter()
        self.words = StateWords() if by_words else None

    def points(self, piece: Piece) -> Points:
        """The points of a piece, without the rows that lack a number."""
        columns, understood = self.columns, self.understood
        voltage = numbers(piece[columns["voltage"].place]) * understood.sizes["voltage"]
        current = numbers(piece[columns["current"].place])
        state = _entries(piece, columns, "state")
        if self.words is not None:
            current = self.words.signed(current, state)
        current = current * understood.sizes["current"] * understood.sign
        seconds = self.clock.seconds(piece[self.clock.column.place])
        known = np.ones(len(voltage), bool)
        for values in (voltage, current, seconds):
            known &= np.abs(values) < LARGEST  # False of NaN
        self.table.remarks.count(
            "Rows without a number for time, voltage or current, left out",
            int((~known).sum()),
        )
        count = int(known.sum())
        cycle = _entries(piece, columns, "cycle")
        step = _entries(piece, columns, "step")
        step = numbers(step) if step is not None else None if state is None else _codes(state)
        return Points(
            time=self.clock.since_start(seconds[known]),
            current=current[known] + 0.0,  # no negative zero
            voltage=voltage[known],
            cycle=np.full(count, np.nan) if cycle is None else _whole(numbers(cycle)[known]),
            step=np.zeros(count, int) if step is None else self.steps.numbered(step[known]),
        )


LARGEST = 1e12
"""In V, A or s: beyond it lies nothing that a cycler has measured."""


def _whole(values: np.ndarray) -> np.ndarray:
    """Numbers of cycles; NaN where one is no whole number or far too large."""
    plausible = np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 1e9)
    return np.where(plausible, values, np.nan)


def _codes(entries: np.ndarray) -> np.ndarray:
    """A number for each word, the same in every piece."""
    different, places = distinct_words(entries)
    return np.array([*(float(zlib.crc32(word.lower().encode())) for word in different), 0.0])[places]
