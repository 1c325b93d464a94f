"""A file of columns, whatever its format: headers, and rows that come in pieces.

Pieces keep memory bounded: nothing here holds a whole file of gigabytes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twin.measured.cycler.remarks import Remarks

ROWS_AT_ONCE = 500_000
"""Rows of a piece: a few columns of so many take some 50 MB while they are read."""

PROGRESS_FROM = 100_000_000
"""Bytes of a file from which its progress is shown: a smaller one is read in seconds."""

Piece = Mapping[int, np.ndarray]
"""Some rows of a file: place of a column -> its entries, numbers or text."""


@dataclass(frozen=True)
class RawTable:
    """A table as its file has it.

    Attributes
    ----------
    path : Path
    form : str
        What it was recognised as: "text", "Parquet", "Neware .ndax".
    headers : tuple of str
    pieces : (places of the columns wanted) -> pieces, in the order of the rows
    remarks : Remarks
        What there is to say about the file, while it is read and after.
    positive_charges : True where the format itself says that a positive current charges
    """

    path: Path
    form: str
    headers: tuple[str, ...]
    pieces: Callable[[Sequence[int]], Iterator[Piece]]
    remarks: Remarks = field(default_factory=Remarks)
    positive_charges: bool = False


def no_rows(table: RawTable) -> str:
    """Says that a table has none, and what became of those that there were."""
    return " ".join((f"{table.path}: has a header and no rows that fit it.", *table.remarks.sentences))


def in_pieces(columns: Mapping[int, np.ndarray]) -> Iterator[Piece]:
    """Columns that are in memory, some rows at a time."""
    rows = len(next(iter(columns.values()), ()))
    for first in range(0, rows, ROWS_AT_ONCE):
        yield {place: entries[first : first + ROWS_AT_ONCE] for place, entries in columns.items()}


def distinct_words(entries: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Different entries as words on one line, and for each entry the place of its own; -1 of none."""
    import pandas as pd

    places, different = pd.factorize(pd.Series(entries))
    return [_word(entry) for entry in different], places


def _word(entry) -> str:
    if isinstance(entry, float) and entry.is_integer():
        entry = int(entry)  # pandas makes 1 a 1.0 where an entry is missing
    return " ".join(str(entry).split())


def numbers(entries: np.ndarray) -> np.ndarray:
    """Entries as floats; NaN where one is no number, or larger than anything that is measured."""
    found = _floats(entries)
    return np.where(np.abs(found) <= LARGEST, found, np.nan)


LARGEST = 1e100
"""In any unit: beyond it lie infinity and what would overflow when it is added up."""


def _floats(entries: np.ndarray) -> np.ndarray:
    if entries.dtype.kind in "fiub":
        return entries.astype(float)
    import pandas as pd

    try:
        return pd.to_numeric(pd.Series(entries), errors="coerce").to_numpy(dtype=float)
    except (
        OverflowError,
        TypeError,
        ValueError,
    ):  # whole numbers of hundreds of digits, foreign objects
        return np.array([_float(entry) for entry in entries])


def _float(entry) -> float:
    try:
        return float(entry)
    except (OverflowError, TypeError, ValueError):
        return np.nan
