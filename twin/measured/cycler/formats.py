"""Which format a file has, and what reads it."""

from pathlib import Path

from twin.errors import MeasurementError
from twin.files import check_regular
from twin.measured.cycler.raw_table import RawTable
from twin.measured.cycler.text_table import text_table

OF_LAND = "LAND's own format, which only LANDT's program reads: export the records as CSV or Excel"
EXPORT_INSTEAD = {
    ".cex": OF_LAND,
    ".ccs": OF_LAND,
    ".res": "Arbin's database: export the channel as CSV from MITS Pro or Data Watcher",
    ".mps": "settings of EC-Lab without data: export the .mpr beside it as text (.mpt)",
    ".xls": "Excel's old format: save it as .xlsx or CSV",
    ".mat": "MATLAB's format: write time, voltage and current as CSV (writetable)",
    ".h5": "HDF5 without a form that is known: write time, voltage and current as CSV or Parquet",
    ".zip": "an archive: unpack it",
    ".gz": "packed: unpack it (gunzip)",
    ".pkl": "a pickle, which would be run and is never opened: write the table as CSV or Parquet",
}
"""Ending -> what the file is, and what to do instead."""


def open_table(path: Path) -> RawTable:
    """The table of a file, by its format.

    Raises MeasurementError: no such file, a folder, a link that loops; a format that is not read, with
    what to export instead; a file that is not what it says.
    """
    check_regular(path, MeasurementError)
    ending = path.suffix.lower()
    if ending in EXPORT_INSTEAD:
        raise MeasurementError(f"{path}: is {EXPORT_INSTEAD[ending]}")
    return text_table(path)
