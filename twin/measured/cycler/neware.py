"""Neware's own files, .nda and .ndax, by fastnda."""

import logging
import warnings
import zipfile
from pathlib import Path

from twin.errors import MeasurementError
from twin.measured.cycler.extras import one_line, reader_for, unreadable
from twin.measured.cycler.parquet import columns_of
from twin.measured.cycler.raw_table import RawTable, in_pieces
from twin.measured.cycler.remarks import Remarks

LARGEST_UNPACKED = 8_000_000_000
"""Bytes that a packed file may unpack to: it is held in memory, and more is a bomb."""


def neware(path: Path) -> RawTable:
    """The table of a .nda or .ndax file, whose positive current charges.

    Raises MeasurementError: no such file inside, damaged, or fastnda is not installed.
    """
    what = f"Neware {path.suffix.lower()}"
    fastnda = reader_for(path, "fastnda", what)
    if path.suffix.lower() == ".ndax":
        check_unpacked(path, what)
    logger = logging.getLogger("fastnda")
    before = logger.level
    logger.setLevel(logging.CRITICAL)  # what it cannot read is said here, in one line
    remarks = Remarks()
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            frame = fastnda.read(str(path))
        for warning in said:
            remarks.say(f"fastnda says: {one_line(str(warning.message))}")
    except (Exception, _panic(path)) as problem:
        raise unreadable(path, what, problem) from None
    finally:
        logger.setLevel(before)
    headers = tuple(frame.columns)
    return RawTable(
        path=path,
        form=what,
        headers=headers,
        pieces=lambda wanted: in_pieces(columns_of(frame, sorted(set(wanted)), headers)),
        remarks=remarks,
        positive_charges=True,
    )


def check_unpacked(path: Path, what: str) -> None:
    """Raise MeasurementError where a packed file is none, or would unpack to more than memory holds."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise unreadable(path, what, problem) from None
    if size > LARGEST_UNPACKED:
        raise MeasurementError(
            f"{path}: unpacks to {size / 1e9:,.0f} GB; at most {LARGEST_UNPACKED / 1e9:g} GB are read: "
            "export it as Parquet or CSV"
        )


def _panic(path: Path) -> type[BaseException]:
    """What polars raises where it breaks down, which is no Exception."""
    return reader_for(path, "polars", "Neware").exceptions.PanicException
