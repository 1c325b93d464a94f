"""BioLogic's .mpr, by whichever library its user has: galvani or yadg.

Both are under the GPL: they are used where they are installed, and never required.
"""

import importlib
import types
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from twin.errors import MeasurementError
from twin.measured.cycler.extras import unreadable
from twin.measured.cycler.raw_table import RawTable, in_pieces

MPR = "BioLogic .mpr"
Columns = dict[str, np.ndarray]
"""Header, with its unit as EC-Lab writes it ("I/mA"), -> values."""


def _galvani(biologic: types.ModuleType, path: Path) -> Columns:
    rows = np.asarray(biologic.MPRfile(str(path)).data)
    return {name: rows[name] for name in rows.dtype.names or ()}


def _yadg(extractors: types.ModuleType, path: Path) -> Columns:
    data = extractors.extract("eclab.mpr", path).to_dataset()
    found = {}
    for name, own in data.variables.items():
        if own.ndim == 1:  # others are settings of the whole file
            unit = own.attrs.get("units")
            found[f"{name}/{unit}" if unit else str(name)] = own.values
    return found


READERS: Mapping[str, tuple[str, Callable[[types.ModuleType, Path], Columns]]] = {
    "galvani": ("galvani.BioLogic", _galvani),
    "yadg": ("yadg.extractors", _yadg),
}
"""Library -> the module of it that reads a .mpr, and how; the first that is installed is taken."""


def mpr(path: Path) -> RawTable:
    """The table of a .mpr file. Raises MeasurementError: damaged, or neither library is installed."""
    library, columns = _columns(path)
    headers = tuple(columns)
    return RawTable(
        path=path,
        form=f"{MPR}, by {library}",
        headers=headers,
        pieces=lambda wanted: in_pieces(
            {place: columns[headers[place]] for place in sorted(set(wanted))}
        ),
    )


def _columns(path: Path) -> tuple[str, Columns]:
    """The library that is installed, and what it reads."""
    for library, (module, read) in READERS.items():
        try:
            imported = importlib.import_module(module)
        except ImportError:
            continue
        try:
            return library, read(imported, path)
        except Exception as problem:  # of a foreign file: what they raise has no common base
            raise unreadable(path, MPR, problem) from None
    raise MeasurementError(
        f"{path}: {MPR} is read with {' or '.join(READERS)}: pip install galvani (GPL, so that it does "
        "not come along), or export the file as text (.mpt) from EC-Lab"
    )
