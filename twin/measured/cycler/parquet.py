"""Parquet files, some rows at a time, by polars."""

import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from twin.measured.cycler.extras import reader_for, unreadable
from twin.measured.cycler.raw_table import PROGRESS_FROM, ROWS_AT_ONCE, Piece, RawTable
from twin.measured.cycler.terms import is_battery_data_format

WHAT = "Parquet"


def parquet(path: Path) -> RawTable:
    """The table of a Parquet file.

    Raises MeasurementError: no Parquet, damaged, or polars is not installed.
    """
    polars = reader_for(path, "polars", WHAT)
    try:
        lazy = polars.scan_parquet(path, glob=False)
        headers = tuple(lazy.collect_schema().names())
    except (Exception, polars.exceptions.PanicException) as problem:  # a panic is no Exception
        raise unreadable(path, WHAT, problem) from None
    native = is_battery_data_format(headers)
    return RawTable(
        path=path,
        form="Battery Data Format, Parquet" if native else WHAT,
        headers=headers,
        pieces=lambda wanted: _pieces(path, polars, lazy, wanted, headers),
        positive_charges=native,
    )


def columns_of(frame, places: Sequence[int], headers: Sequence[str]) -> Piece:
    """Columns of a polars DataFrame by their place."""
    return {place: _array(frame[headers[place]]) for place in places}


def _pieces(
    path: Path, polars: types.ModuleType, lazy, wanted: Sequence[int], headers: Sequence[str]
) -> Iterator[Piece]:
    places = sorted(set(wanted))
    chosen = lazy.select([polars.col(headers[place]) for place in places])
    small = path.stat().st_size < PROGRESS_FROM
    try:
        rows = int(lazy.select(polars.len()).collect().item())
        with tqdm(
            total=rows, unit=" rows", unit_scale=True, desc=path.name, disable=small or None
        ) as shown:
            for first in range(0, rows, ROWS_AT_ONCE):
                frame = chosen.slice(first, ROWS_AT_ONCE).collect()
                piece = columns_of(frame, places, headers)
                yield piece
                shown.update(len(frame))
    except (OSError, polars.exceptions.PolarsError, polars.exceptions.PanicException) as problem:
        raise unreadable(path, WHAT, problem) from None


def _array(series) -> np.ndarray:
    """A column as numpy has it: numbers and dates as such, everything else as text."""
    if series.dtype.is_numeric():
        return series.to_numpy()
    array = series.to_numpy()
    return (
        array
        if array.dtype.kind == "M"
        else np.array([_word(entry) for entry in series.to_list()], object)
    )


def _word(entry) -> str | None:
    return None if entry is None else str(entry)
