"""Excel workbooks (.xlsx), row by row, by openpyxl: the sheet with the most columns that are known.

Cells give their last values; no formula is worked out and no macro is run.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from twin.errors import MeasurementError
from twin.measured.cycler.extras import reader_for, unreadable
from twin.measured.cycler.neware import check_unpacked
from twin.measured.cycler.raw_table import ROWS_AT_ONCE, Piece, RawTable
from twin.measured.cycler.terms import find_columns, is_known

WHAT = "Excel"
MOST_PREAMBLE = 100
"""Rows of a sheet in which the header is looked for."""
MOST_COLUMNS = 1_000


def excel(path: Path) -> RawTable:
    """The table of a workbook.

    Raises MeasurementError: no workbook, no sheet with columns that are known, or openpyxl is not
    installed.
    """
    openpyxl = reader_for(path, "openpyxl", WHAT)
    check_unpacked(path, WHAT)
    best: tuple[int, str, int, tuple[str, ...]] | None = None
    with _opened(openpyxl, path) as book:
        for sheet in book.worksheets:
            for number, row in enumerate(_rows(path, sheet, last=MOST_PREAMBLE)):
                headers = tuple("" if entry is None else str(entry) for entry in row[:MOST_COLUMNS])
                with contextlib.suppress(MeasurementError):
                    columns = find_columns(headers)
                    if is_known(columns) and (best is None or len(columns) > best[0]):
                        best = (len(columns), sheet.title, number, headers)
    if best is None:
        raise MeasurementError(
            f"{path}: no sheet of it has a row that names columns that are known: time, voltage and "
            "current; or cycle and capacities; or frequency and impedance (re, im)"
        )
    _, title, number, headers = best
    return RawTable(
        path=path,
        form=f"{WHAT}, sheet '{title}'",
        headers=headers,
        pieces=lambda wanted: _pieces(openpyxl, path, title, number + 1, wanted),
    )


@contextlib.contextmanager
def _opened(openpyxl, path: Path):
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as problem:  # of a foreign file: what it raises has no common base
        raise unreadable(path, WHAT, problem) from None
    try:
        yield book
    finally:
        book.close()


def _rows(path: Path, sheet, *, first: int = 0, last: int | None = None) -> Iterator[tuple]:
    try:
        yield from sheet.iter_rows(min_row=first + 1, max_row=last, values_only=True)
    except Exception as problem:
        raise unreadable(path, WHAT, problem) from None


def _pieces(openpyxl, path: Path, title: str, first: int, wanted: Sequence[int]) -> Iterator[Piece]:
    places = sorted(set(wanted))
    with _opened(openpyxl, path) as book:
        held: list[list] = []
        for row in _rows(path, book[title], first=first):
            held.append([row[place] if place < len(row) else None for place in places])
            if len(held) == ROWS_AT_ONCE:
                yield _columns(places, held)
                held = []
        if held:
            yield _columns(places, held)


def _columns(places: Sequence[int], rows: list[list]) -> Piece:
    found = {}
    for number, place in enumerate(places):
        entries = [row[number] for row in rows]
        plain = all(entry is None or isinstance(entry, int | float) for entry in entries)
        found[place] = np.array(
            [np.nan if entry is None else entry for entry in entries] if plain else entries,
            dtype=float if plain else object,
        )
    return found
