"""What batterydf reads, which comes with the extra `files`: MATLAB's files and old Excel."""

import logging
from pathlib import Path

from twin.errors import MeasurementError
from twin.measured.cycler.extras import INSTALL, reader_for, unreadable
from twin.measured.cycler.raw_table import RawTable, in_pieces

PLUGINS = {".mat": "matlab-mat", ".xls": "excel-xlsx"}
"""Ending -> batterydf's name for what reads it; without one it would try everything that it has."""


def by_batterydf(path: Path) -> RawTable:
    """The table of a file that batterydf reads; it gives the Battery Data Format.

    Raises MeasurementError: it does not, or is not installed.
    """
    what = f"a file of the kind {path.suffix.lower()}"
    logging.getLogger("pint").setLevel(logging.ERROR)  # which batterydf teaches units that it knows
    bdf = reader_for(path, "bdf", what, INSTALL)
    if not hasattr(bdf, "read"):  # another package of that name
        raise MeasurementError(f"{path}: {what} is read with batterydf: {INSTALL}")
    try:
        frame = bdf.read(path.resolve(), plugin=PLUGINS[path.suffix.lower()], validate=False)
    except Exception as problem:  # of a foreign file: what it raises has no common base
        raise unreadable(path, what, problem) from None
    headers = tuple(str(name) for name in frame.columns)
    columns = {place: frame.iloc[:, place].to_numpy() for place in range(len(headers))}
    return RawTable(
        path=path,
        form=f"{path.suffix.lower()}, by batterydf",
        headers=headers,
        pieces=lambda wanted: in_pieces({place: columns[place] for place in sorted(set(wanted))}),
        positive_charges=True,
    )
