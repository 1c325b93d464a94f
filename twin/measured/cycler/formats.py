"""Which format a file has, and what reads it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from twin.errors import MeasurementError
from twin.files import check_regular
from twin.measured.cycler.biologic import mpr
from twin.measured.cycler.excel import excel
from twin.measured.cycler.foreign import PLUGINS, by_batterydf
from twin.measured.cycler.neware import neware
from twin.measured.cycler.parquet import parquet
from twin.measured.cycler.raw_table import RawTable
from twin.measured.cycler.text_table import text_table

OF_LAND = "LAND's own format, which only LANDT's program reads: export the records as CSV or Excel"
EXPORT_INSTEAD = {
    ".cex": OF_LAND,
    ".ccs": OF_LAND,
    ".res": "Arbin's database: export the channel as CSV from MITS Pro or Data Watcher",
    ".mps": "settings of EC-Lab without data: give the .mpr or .mpt beside it",
    ".h5": "HDF5 without a form that is known: write time, voltage and current as CSV or Parquet",
    ".zip": "an archive: unpack it",
    ".gz": "packed: unpack it (gunzip)",
    ".pkl": "a pickle, which would be run and is never opened: write the table as CSV or Parquet",
    ".pickle": "a pickle, which would be run and is never opened: write the table as CSV or Parquet",
}
"""Ending -> what the file is, and what to do instead."""
READERS: Mapping[str, Callable[[Path], RawTable]] = MappingProxyType({
    ".parquet": parquet,
    ".nda": neware,
    ".ndax": neware,
    ".xlsx": excel,
    ".xlsm": excel,
    **dict.fromkeys(PLUGINS, by_batterydf),
    ".mpr": mpr,
})  # fmt: skip
"""Ending -> what reads it; every other file is read as text."""
PARQUET = b"PAR1"
"""How a Parquet file begins, whatever its name is."""


def open_table(path: Path) -> RawTable:
    """The table of a file, by its format.

    Raises MeasurementError: no such file, a folder, a link that loops; a format that is not read, with
    what to export instead; a file that is not what it says; a library that is not installed.
    """
    check_regular(path, MeasurementError)
    ending = path.suffix.lower()
    if ending in EXPORT_INSTEAD:
        raise MeasurementError(f"{path}: is {EXPORT_INSTEAD[ending]}")
    try:
        with path.open("rb") as file:
            beginning = file.read(len(PARQUET))
    except OSError as problem:
        raise MeasurementError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    if not beginning:
        raise MeasurementError(f"{path}: is empty")
    if beginning == PARQUET:
        return parquet(path)
    return READERS.get(ending, text_table)(path)
