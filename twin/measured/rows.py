"""Measured rows, checked once: a CSV file with one number a line.

The first columns say what was measured on what; those after the note say where in the run it was read
and on which physical cell:

* ``cycle``: a number, counted from 1 (0: before the first), or the name of a block of the protocol,
  which stands for its last cycle;
* ``time [h]``: in its place, a time since the start of the run: the cycle that is running then;
* ``specimen``: any name; rows that share it were measured on one physical cell;
* ``compared``: of a ranking, what was compared, e.g. "ALD cycles=50, 100, 150, 200".
"""

import csv
import dataclasses
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin.arguments import checked_path
from twin.errors import ObservationError, shown, unknown
from twin.files import read_text
from twin.measured import readings
from twin.measured.folder import ROWS, folder_of
from twin.measured.spread import Spread
from twin.units import convert

COLUMNS = (
    "id", "cell", "settings", "protocol", "at", "observable",
    "value", "unit", "kind", "role", "where", "note",
)  # fmt: skip
"""Columns that every file has, in this order."""

PLACES = ("cycle", "time [h]", "specimen", "compared")
"""Columns that may follow, in any order; a file leaves out those that it can do without."""

KINDS = ("value", "event", "lower_bound", "upper_bound", "context")
"""What a row's value is: a number, the time of an event, one side of a number, or words."""

ROLES = ("fit", "validate", "context", "parameter")
"""What a row is for: to fit, to hold out, to read beside, or to set a parameter of its cell."""


COMMENT = "#"
"""What a line begins with that is not read: it explains the file."""


LARGEST_FILE = 1_000_000
"""Largest file of rows [bytes]: a hundred times those that ship; a cycler's files are no rows."""


@dataclass(frozen=True)
class Compared:
    """What a ranking compares: versions of a cell that differ in one parameter."""

    key: str
    values: tuple[float, ...]

    def answer(self, best: float) -> str:
        """The words of a row whose best version is that with the value `best`."""
        return f"{best:g} lowest"


@dataclass(frozen=True)
class Row:
    """One measured number: of which cell, where in which protocol, and what it may be used for.

    `value` is in `unit`, that of the observable; `text` is what the file says. A place that the file
    gives as a block of the protocol or as a time has no `cycle` until the protocol is known.
    """

    id: str
    cell: str
    settings: Mapping[str, float]
    protocol: str
    at: str
    observable: str
    value: float | None
    text: str
    unit: str
    kind: str
    role: str
    where: str
    note: str
    cycle: int | None
    block: str
    time: float | None
    specimen: str
    compared: Compared | None
    line: str
    """File and line."""
    place: float | None = None
    """Frequency [Hz] or delay [s] at which it was read, of what has a value at each."""
    spread: Spread | None = None
    """How far equal cells differ in it, where ``spread.toml`` does not say: of a row that was read off a
    cycler's file (:mod:`twin.measured.file_rows`)."""

    @property
    def is_of_a_run(self) -> bool:
        """False of a parameter of the cells, and where there is no number to compare with."""
        return self.role != "parameter" and bool(self.protocol) and self.value is not None

    @property
    def reading(self) -> readings.Observable:
        """How a run is read for it."""
        if self.place is not None:
            return readings.placed(self.observable, self.place)
        return readings.find(self.observable, self.unit)

    @property
    def physical_cell(self) -> str:
        """Same for rows that were measured on one; a row that names none shares its with no other."""
        return self.specimen or f"that of {self.id}"

    def error(self, message: str) -> ObservationError:
        """An error that says where the row stands: `raise row.error("…")`."""
        return ObservationError(f"{self.line}: {self.id:.40}: {message}")


def read_rows(experiment: str | Path) -> tuple[Row, ...]:
    """Rows of an experiment that ships, of a user's own folder, or of a CSV file with the same columns.

    Raises ObservationError: file and line of a row that cannot be read.
    """
    path = checked_path(experiment)
    if path.suffix != ".csv":
        path = folder_of(experiment) / ROWS
    text = read_text(path, ObservationError, largest=LARGEST_FILE)
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        columns = _columns(path, next(table, []))
        for cells in filter(None, table):
            if cells[0].startswith(COMMENT):
                continue
            line = f"{path}, line {table.line_num}"
            rows.append(_row(_entry(columns, cells, line), line))
    except csv.Error as error:
        raise ObservationError(f"{path}, line {table.line_num}: not readable as CSV: {error}") from None
    _check_together(rows)
    return tuple(rows)


def _columns(path: Path, header: list[str]) -> list[str]:
    if tuple(header[: len(COLUMNS)]) != COLUMNS:
        raise ObservationError(f"{path}, line 1: the columns must be {', '.join(COLUMNS)}")
    for place, column in enumerate(header[len(COLUMNS) :], start=len(COLUMNS)):
        if column not in PLACES:
            raise ObservationError(f"{path}, line 1: {unknown(column, PLACES, 'a further column')}")
        if column in header[:place]:
            raise ObservationError(f"{path}, line 1: the column '{column}' stands twice")
    return header


def _entry(columns: list[str], cells: list[str], line: str) -> dict[str, str]:
    if len(cells) != len(columns):
        raise ObservationError(f"{line}: {len(cells)} columns instead of {len(columns)}")
    return dict.fromkeys(PLACES, "") | dict(zip(columns, map(str.strip, cells), strict=True))


def _row(entry: dict[str, str], line: str) -> Row:
    for column, allowed in (("kind", KINDS), ("role", ROLES)):
        if entry[column] not in allowed:
            raise ObservationError(
                f"{line}: {column} must be one of {', '.join(allowed)}, not {shown(entry[column])}"
            )
    cycle, block = _cycle(entry["cycle"], line)
    time = entry["time [h]"]
    texts: dict[str, Any] = {n: entry[n] for n in COLUMNS if n not in ("settings", "value")}
    row = Row(
        **texts,
        settings=_settings(entry["settings"], line),
        value=_value(entry["value"], entry["kind"], line),
        text=entry["value"],
        cycle=cycle,
        block=block,
        time=_number(time, line, "a time") if time else None,
        specimen=entry["specimen"],
        compared=_compared(entry["compared"], line),
        line=line,
    )
    _check_use(row)
    return _in_its_unit(row)


def _cycle(text: str, line: str) -> tuple[int | None, str]:
    """The number of a cycle, or the name of a block."""
    try:
        number = int(text)
    except ValueError:
        return None, text
    if not 0 <= number <= LARGEST_CYCLE:
        raise ObservationError(f"{line}: cycle must lie in 0 to {LARGEST_CYCLE:,}, not {text:.40}")
    return number, ""


LARGEST_CYCLE = 1_000_000
"""Largest number of a cycle: a hundred times what any cell has lived."""


def _value(text: str, kind: str, line: str) -> float | None:
    """The number; None of words, which only a row of the kind "context" may have."""
    try:
        float(text)
    except ValueError:
        if kind == "context":
            return None
    return _number(text, line, "a value")


def _number(text: str, line: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ObservationError(f"{line}: {shown(text)} is not a number, as {what} must be")
    return number


def _settings(text: str, line: str) -> Mapping[str, float]:
    settings: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, equals, number = (piece.strip() for piece in part.partition("="))
        if not key or not equals:
            raise ObservationError(f"{line}: cannot read the setting {shown(part)}; write key=number")
        if key in settings:
            raise ObservationError(f"{line}: the setting {shown(key)} stands twice")
        settings[key] = _number(number, line, f"the setting {shown(key)}")
    return MappingProxyType(settings)


def _compared(text: str, line: str) -> Compared | None:
    if not text:
        return None
    key, equals, numbers = (piece.strip() for piece in text.partition("="))
    if not key or not equals or "," not in numbers:
        raise ObservationError(
            f"{line}: cannot read what {shown(text)} compares; write key=number, number"
        )
    return Compared(
        key, tuple(_number(number.strip(), line, "what is compared") for number in numbers.split(","))
    )


def _check_use(row: Row) -> None:
    """Raise ObservationError where role and kind contradict each other, or something is left out."""
    if not row.id:
        raise ObservationError(f"{row.line}: a row needs an id")
    if row.kind == "context" and row.role in ("fit", "parameter"):
        raise row.error(f"the kind 'context' is for words, which the role '{row.role}' cannot use")
    if row.role == "parameter" and (row.kind != "value" or row.protocol):
        raise row.error("a parameter is of the kind 'value' and belongs to no protocol")
    if row.role in ("fit", "validate") and row.value is not None and not row.protocol:
        raise row.error(f"the role '{row.role}' asks for the protocol in which it was measured")
    if row.time is not None and (row.cycle is not None or row.block):
        raise row.error("a cycle and a time are two places; give one of them")
    if row.time is not None and row.time <= 0:
        raise row.error(f"a time since the start of the run must be more than 0 h, not {row.time:g}")
    if row.compared is not None:
        answers = [row.compared.answer(value) for value in row.compared.values]
        if row.kind != "context" or row.text not in answers:
            raise row.error(
                f"a ranking is of the kind 'context', with one of the values {', '.join(answers)}"
            )


def _in_its_unit(row: Row) -> Row:
    """The row in the unit of its observable, once it is sure that a run can be read for it."""
    if not row.is_of_a_run:
        return row
    try:
        observable = readings.find(row.observable, row.unit)
    except ObservationError as error:
        raise row.error(str(error)) from None
    if row.kind == "event" and not isinstance(observable, readings.Event):
        raise row.error(f"'{row.observable}' is no event")
    placed = row.cycle is not None or row.time is not None or row.block
    if placed and not observable.in_a_cycle:
        raise row.error(f"'{row.observable}' is read off the whole run: leave cycle and time empty")
    if row.cycle == 0 and not observable.of_a_fresh_cell:
        raise row.error(f"'{row.observable}' cannot be read before the first cycle, which cycle 0 means")
    assert row.value is not None  # or it would be of no run
    value = convert(row.value, row.unit, observable.unit, observable.name)
    return dataclasses.replace(row, value=value, unit=observable.unit)


def _check_together(rows: list[Row]) -> None:
    """Raise ObservationError for an id that stands twice, or where physical cells are not clear."""
    seen: dict[str, Row] = {}
    named: dict[str, Row] = {}
    for row in rows:
        if row.id in seen:
            raise row.error(f"the id stands twice, here and in {seen[row.id].line}")
        seen[row.id] = row
        if row.specimen and named.setdefault(row.specimen, row).cell != row.cell:
            other = named[row.specimen]
            raise row.error(
                f"the specimen '{row.specimen}' is a {row.cell} here and a {other.cell} in {other.line}"
            )
    alike: dict[tuple, Row] = {}
    for row in (row for row in rows if row.role == "fit"):
        key = (row.cell, tuple(sorted(row.settings.items())), row.observable)
        first = alike.setdefault(key, row)
        if first is not row and not (first.specimen and row.specimen):
            raise row.error(
                f"'{row.observable}' was measured on the same kind of cell in {first.id}: was it one "
                "physical cell or two? Name it in the column 'specimen' of both rows"
            )
