"""Text with a header: which line that is, what parts its columns, how its decimals are written.

Nothing in the text is run or worked out. What cannot be told from its beginning is an error that says
what was looked for.
"""

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from twin.errors import MeasurementError, shown
from twin.measured.cycler.headers import read_unit
from twin.measured.cycler.raw_table import PROGRESS_FROM, ROWS_AT_ONCE, Piece, RawTable
from twin.measured.cycler.remarks import Remarks
from twin.measured.cycler.terms import find_columns, is_battery_data_format, is_known

BEGINNING = 262_144
"""Bytes in which the header is looked for: the longest preamble known, EC-Lab's, has a tenth of it."""
MOST_PREAMBLE = 400
"""Lines in which the header is looked for."""
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
    first : line of the first row of numbers, counted from 0
    headers : tuple of str
    """

    encoding: str
    delimiter: str
    decimal: str
    first: int
    headers: tuple[str, ...]


class FileSoFar(io.RawIOBase):
    """`lead`, then the bytes that a file had when it was opened, whatever is appended meanwhile."""

    def __init__(self, path: Path, lead: bytes):
        self.lead = lead
        self.file = path.open("rb")
        self.size = self.file.seek(0, io.SEEK_END)
        self.file.seek(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self.lead:
            content, self.lead = self.lead[: len(buffer)], self.lead[len(buffer) :]
            buffer[: len(content)] = content
            return len(content)
        left = self.size - self.file.tell()
        content = self.file.read(max(0, min(len(buffer), left)))
        buffer[: len(content)] = content
        return len(content)

    def grown(self) -> bool:
        """True where the file has more bytes now."""
        place = self.file.tell()
        grown = self.file.seek(0, io.SEEK_END) > self.size
        self.file.seek(place)
        return grown

    def close(self) -> None:
        self.file.close()
        super().close()


def text_table(path: Path) -> RawTable:
    """The table of a text file.

    Raises MeasurementError: an empty file, no text, or no line in which the columns are called by names
    that are known.
    """
    form = find_form(path)
    remarks = Remarks()
    if form.decimal == ",":
        remarks.say("Decimals are written with commas.")
    native = is_battery_data_format(form.headers)
    return RawTable(
        path=path,
        form="Battery Data Format, text" if native else "text",
        headers=form.headers,
        pieces=lambda wanted: _pieces(path, form, wanted, remarks),
        remarks=remarks,
        positive_charges=native,
    )


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
    decimal = _decimal(
        path, [split(line, delimiter) for line in lines[first : first + 50]], len(headers)
    )
    return Form(encoding, delimiter, decimal, first, headers)


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


def _pieces(path: Path, form: Form, wanted: Sequence[int], remarks: Remarks) -> Iterator[Piece]:
    """The rows of the columns wanted, some at a time."""
    import pandas as pd

    beyond = len(form.headers)  # an entry there is one too many
    places = [*sorted(set(wanted)), beyond]
    surplus = 0
    so_far = FileSoFar(path, _lead(form).encode(form.encoding.removesuffix("-sig")))
    small = so_far.size < PROGRESS_FROM
    shown = tqdm(total=so_far.size, unit="B", unit_scale=True, desc=path.name, disable=small or None)
    with (
        shown,
        so_far,
        io.TextIOWrapper(io.BufferedReader(so_far, 1 << 20), form.encoding, "replace") as text,
    ):
        whole = _ends_with_a_line(so_far)
        held: pd.DataFrame | None = None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", pd.errors.ParserWarning)
            for frame in _frames(path, text, form, places):
                if held is not None:
                    yield _entries(held)
                too_many = frame.pop(str(beyond)).notna()
                surplus += int(too_many.sum())
                held = frame[~too_many]
                shown.update(so_far.file.tell() - shown.n)
        skipped = sum(str(one.message).count("Skipping line") for one in caught)
        remarks.count("Lines with more entries than the header, left out", skipped + surplus)
        if held is None:
            return
        cut = not whole and len(held) and (so_far.grown() or held.iloc[-1].isna().any())
        if cut:
            remarks.say(
                "The last line is cut short, as of a file that is still written; it is left out."
            )
            held = held.iloc[:-1]
        yield _entries(held)


def _frames(path: Path, text: io.TextIOBase, form: Form, places: Sequence[int]):
    import pandas as pd

    try:
        yield from pd.read_csv(
            text,
            sep=form.delimiter,
            index_col=False,
            usecols=[str(place) for place in places],
            skiprows=range(1, form.first + 1),
            decimal=form.decimal,
            chunksize=ROWS_AT_ONCE,
            on_bad_lines="warn",
            skipinitialspace=True,
            skip_blank_lines=True,
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, ValueError, OverflowError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise MeasurementError(f"{path}: its rows cannot be read as a table: {reason}") from None


def _ends_with_a_line(file: FileSoFar) -> bool:
    place = file.file.tell()
    file.file.seek(max(0, file.size - 2))
    last = file.file.read(2)
    file.file.seek(place)
    return b"\n" in last or b"\r" in last


def _entries(frame) -> dict[int, np.ndarray]:
    return {int(place): frame[place].to_numpy() for place in frame.columns}


def _lead(form: Form) -> str:
    """A first line that numbers the columns, and one more, in which entries too many are found."""
    between = " " if form.delimiter == SPACES else form.delimiter
    return between.join(map(str, range(len(form.headers) + 1))) + "\n"
