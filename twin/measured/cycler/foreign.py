"""What other libraries of the field read: batterydf for the rest, galvani for BioLogic's .mpr.

`batterydf` comes with the extra `files`. `galvani` is under the GPL: it is used where its user has
installed it, and never required.
"""

import logging
from pathlib import Path

import numpy as np

from twin.errors import MeasurementError
from twin.measured.cycler.extras import INSTALL, reader_for, unreadable
from twin.measured.cycler.raw_table import RawTable, in_pieces

MPR = "BioLogic .mpr"
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


def by_galvani(path: Path) -> RawTable:
    """The table of a .mpr file. Raises MeasurementError: damaged, or galvani is not installed."""
    install = (
        "pip install galvani (GPL, so that it does not come along), or export the file as text (.mpt) "
        "from EC-Lab"
    )
    biologic = reader_for(path, "galvani.BioLogic", MPR, install)
    try:
        rows = np.asarray(biologic.MPRfile(str(path)).data)
        headers = tuple(rows.dtype.names or ())
    except Exception as problem:
        raise unreadable(path, MPR, problem) from None
    return RawTable(
        path=path,
        form=f"{MPR}, by galvani",
        headers=headers,
        pieces=lambda wanted: in_pieces({place: rows[headers[place]] for place in sorted(set(wanted))}),
    )
