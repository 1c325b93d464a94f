"""How a text file is laid out: its header, what parts its columns, how its decimals are written.

Nothing in the text is run or worked out. What cannot be told from its beginning is an error that says
what was looked for.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.errors import MeasurementError, shown
from twin.measured.cycler.headers import read_unit
from twin.measured.cycler.terms import find_columns, is_known

BEGINNING = 262_144
"""Bytes in which the header is looked for: the longest preamble known, EC-Lab's, has a tenth of it."""
MOST_PREAMBLE = 400
"""Lines in which the header is looked for."""
ROWS_LOOKED_AT = 50
"""Rows from which decimals and quotation marks are told."""
LONGEST_LINE = 20_000
"""Characters of a line that is looked at; BioLogic's longest headers have 700."""
MOST_COLUMNS = 1_000
SPACES = r"\s+"
DELIMITERS = (",", ";", "\t", "|", SPACES)
"""Between columns; spaces come last, as headers hold some of their own."""
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8-sig"}
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
WITH_COMMA = re.compile(r"\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*")
WITH_POINT = re.compile(rf"\s*{NUMBER}\s*")


@dataclass(frozen=True)
class Form:
    """How a text is laid out.

    Attributes
    ----------
    encoding : as Python calls it
    delimiter : between columns
    decimal : "." or ","
    quoted : True where entries stand in quotation marks
    first : line of the first row of numbers, counted from 0
    headers : tuple of str
    """

    encoding: str
    delimiter: str
    decimal: str
    quoted: bool
    first: int
    headers: tuple[str, ...]


def find_form(path: Path) -> Form:
    """How a text file is laid out. Raises MeasurementError: as :func:`text_table`."""
    with path.open("rb") as file:
        beginning = file.read(BEGINNING)
    if not beginning.strip():
        raise MeasurementError(f"{path}: is empty")
    encoding = _encoding(path, beginning)
    text = beginning.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")[:MOST_PREAMBLE]
    best: tuple[int, int, str, tuple[str, ...]] | None = None
    for number, line in enumerate(lines):
        for delimiter in DELIMITERS if len(line) <= LONGEST_LINE else ():
            headers = tuple(split(line, delimiter))
            if not 1 < len(headers) <= MOST_COLUMNS:
                continue
            if delimiter == SPACES and len(headers) != len(" ".join(lines[number + 1 :][:1]).split()):
                continue  # some spaces are within headers
            columns = find_columns_of(path, headers)
            if is_known(columns) and (best is None or len(columns) > best[0]):
                best = (len(columns), number, delimiter, headers)
        if best is not None:
            break
    if best is None:
        raise _no_header(path, lines)
    _, number, delimiter, headers = best
    first = number + 1
    if first < len(lines) and _are_units(split(lines[first], delimiter)):
        units = split(lines[first], delimiter)
        headers = tuple(_with_unit(*pair) for pair in _side_by_side(headers, units))
        first += 1
    rows = lines[first : first + ROWS_LOOKED_AT]
    decimal = _decimal(path, [split(line, delimiter) for line in rows], len(headers))
    marks = [line.count('"') for line in rows]
    quoted = any(marks) and not any(count % 2 for count in marks)  # a lone mark is none
    return Form(encoding, delimiter, decimal, quoted, first, headers)


def find_columns_of(path: Path, headers: Sequence[str]):
    """As ``terms.find_columns``, with the file in the error."""
    try:
        return find_columns(headers)
    except MeasurementError as error:
        raise MeasurementError(f"{path}: {error}") from None


def split(line: str, delimiter: str) -> list[str]:
    """The entries of a line, quoted ones too; an end that is empty is none."""
    if delimiter == SPACES:
        return line.split()
    try:
        (entries,) = csv.reader(
            [line.replace("\0", "")], delimiter=delimiter, skipinitialspace=True
        ) or [[]]
    except (csv.Error, ValueError):
        return []
    while entries and not entries[-1].strip():
        entries.pop()
    return entries


def _encoding(path: Path, beginning: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if beginning.startswith(mark):
            return encoding
    if b"\0" in beginning:
        raise MeasurementError(
            f"{path}: is a binary file of no format that is read; export it as text from its cycler's "
            "program"
        )
    return "utf-8"


def _no_header(path: Path, lines: Sequence[str]) -> MeasurementError:
    shown_line = next((line for line in lines if line.strip()), "")
    return MeasurementError(
        f"{path}: no line of it names columns that are known: time, voltage and current; or cycle and "
        "capacities; or frequency and impedance (re, im). Its first line is "
        f"{shown(shown_line.strip()[:80])}; write a header with units, like 'Test Time / s,Voltage / V,"
        "Current / A'"
    )


def _are_units(entries: Sequence[str]) -> bool:
    """True of a line below the header that holds the units of its columns."""
    filled = [entry.strip("()[] ") for entry in entries if entry.strip("()[] ")]
    return bool(filled) and all(read_unit(entry) and not entry.isdigit() for entry in filled)


def _side_by_side(headers: Sequence[str], units: Sequence[str]) -> Iterator[tuple[str, str]]:
    padded = [*units, *[""] * len(headers)]
    return zip(headers, padded, strict=False)


def _with_unit(header: str, unit: str) -> str:
    return f"{header} ({unit.strip('()[] ')})" if unit.strip() else header


def _decimal(path: Path, rows: Sequence[Sequence[str]], columns: int) -> str:
    """Whether decimals are written with points or commas."""
    entries = [entry for row in rows for entry in row]
    full = [row for row in rows if row]
    if full and all(len(row) < min(columns, 2) for row in full):
        raise MeasurementError(
            f"{path}: its header has {columns} columns and its first row one: header and rows are "
            "parted by different characters; use one of them throughout"
        )
    commas = sum(bool(WITH_COMMA.fullmatch(entry)) for entry in entries)
    points = sum("." in entry and bool(WITH_POINT.fullmatch(entry)) for entry in entries)
    return "," if commas > points else "."
