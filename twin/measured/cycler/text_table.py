"""Text as a table, some rows at a time, by pandas."""

import csv
import io
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from twin.errors import MeasurementError
from twin.measured.cycler.file_so_far import FileSoFar
from twin.measured.cycler.raw_table import PROGRESS_FROM, ROWS_AT_ONCE, Piece, RawTable
from twin.measured.cycler.remarks import Remarks
from twin.measured.cycler.terms import is_battery_data_format
from twin.measured.cycler.text_form import SPACES, Form, find_form

if TYPE_CHECKING:
    import pandas as pd


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
        whole = so_far.ends_with_a_line()
        held: pd.DataFrame | None = None
        frames = _frames(path, text, form, places)
        while True:
            frame, skipped = _next(frames)
            surplus += skipped
            if frame is None:
                break
            if held is not None:
                yield _entries(held)
            too_many = frame.pop(str(beyond)).notna()
            surplus += int(too_many.sum())
            held = frame[~too_many]
            shown.update(so_far.file.tell() - shown.n)
        remarks.count("Lines with more entries than the header, left out", surplus)
        if held is None:
            return
        if not whole and len(held) and (so_far.grown() or held.iloc[-1].isna().any()):
            remarks.say("The last line is cut short, as of a file still written; it is left out.")
            held = held.iloc[:-1]
        yield _entries(held)


def _next(frames: "Iterator[pd.DataFrame]") -> "tuple[pd.DataFrame | None, int]":
    """The next rows, None after the last, and how many lines were skipped among them."""
    import pandas as pd

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", pd.errors.ParserWarning)
        frame = next(frames, None)
    return frame, sum(str(one.message).count("Skipping line") for one in caught)


def _frames(
    path: Path, text: io.TextIOBase, form: Form, places: Sequence[int]
) -> "Iterator[pd.DataFrame]":
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
            # where no entry stands in them, a lone mark must not swallow the rows that follow
            quoting=csv.QUOTE_MINIMAL if form.quoted else csv.QUOTE_NONE,
            skipinitialspace=True,
            skip_blank_lines=True,
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, ValueError, OverflowError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise MeasurementError(f"{path}: its rows cannot be read as a table: {reason}") from None


def _entries(frame) -> dict[int, np.ndarray]:
    return {int(place): frame[place].to_numpy() for place in frame.columns}


def _lead(form: Form) -> str:
    """A first line that numbers the columns, and one more, in which entries too many are found."""
    between = " " if form.delimiter == SPACES else form.delimiter
    return between.join(map(str, range(len(form.headers) + 1))) + "\n"
