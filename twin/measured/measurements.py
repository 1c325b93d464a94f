"""Files of cyclers that belong to an experiment: ``measurements.toml``, and ``files`` beside it.

A table for each file, named by its path::

    ["files/cell_07.bdf.csv"]
    cell = "my_cell"                                 # its file beside this one, or a shipped cell
    role = "fit"                                     # or "validate", "context", "follow"
    specimen = "cell 07"                             # the physical cell; by default the file's name
    settings = { "Coating thickness [m]" = 1e-7 }    # of this cell, other than its file says
    protocol = "1C ageing"                           # words of protocols.toml; by default the file tells
    enters = ["discharge_capacity"]                  # what of it counts, in a fit or to follow it:
                                                     # curves, "discharge_voltage_at_50_percent",
                                                     # "start_resistance" (in a fit); of a spectrum
                                                     # "impedance", "total_resistance", …
    cycle = 100                                      # of a spectrum: after which; by default fresh
    current = "positive charges"                     # what the file does not say of itself, as in
    current_unit = "mA"                              # twin.read_measurements
"""

import dataclasses
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from twin.cell import Cell
from twin.errors import CellError, MeasurementError, ObservationError, unknown
from twin.measured.consistency import cell_file
from twin.measured.cycler.conventions import Conventions
from twin.measured.folder import holds
from twin.measured.procedure import PROTOCOLS, Procedure
from twin.measured.rows import LARGEST_CYCLE
from twin.parameter_sets import cells as shipped_cells
from twin.parameter_sets import load_cell
from twin.protocols import Protocol
from twin.table import Table, read_table

if TYPE_CHECKING:
    import xarray as xr

MEASUREMENTS = "measurements.toml"
"""The file of an experiment that says what the files of cyclers in it are."""
FILES = "files"
"""The folder in which they are expected; any path below the experiment's folder will do."""
FOLLOW = "follow"
"""Role of a file whose cell is followed as its cycles arrive (``twin update``): no fit sees it."""
ROLES = ("fit", "validate", "context", FOLLOW)
"""What a file is for: to fit, to hold out, to look at, to be followed."""
OWN_KEYS = ("cell", "role", "specimen", "settings", "protocol", "enters", "cycle")
CONVENTIONS = tuple(entry.name for entry in dataclasses.fields(Conventions))
"""Keys that say of a file what it does not say of itself."""


@dataclass(frozen=True)
class Measurement:
    """A file of a cycler, of which cell it is, and what it may be used for.

    Attributes
    ----------
    folder : Path
        Of the experiment.
    file : str
        Path within the folder.
    cell : str
        Name of the cell.
    role : one of :data:`ROLES`
    specimen : str
        The physical cell that was measured.
    settings : mapping of key to float
        What this cell has other than its file says.
    protocol : str or None
        Words of ``protocols.toml``; None where the protocol is told by the file.
    conventions : Conventions
        What the file does not say of itself.
    enters : tuple of str or None
        What of it enters a fit; None leaves the choice to the fit.
    cycle : int
        After which a spectrum was taken; 0 of a fresh cell.
    table : Table
        Where it stands in ``measurements.toml``.
    """

    folder: Path
    file: str
    cell: str
    role: str
    specimen: str
    settings: Mapping[str, float]
    protocol: str | None
    conventions: Conventions
    enters: tuple[str, ...] | None
    cycle: int
    table: Table = dataclasses.field(repr=False, compare=False)

    @property
    def path(self) -> Path:
        """Of the file."""
        return self.folder / self.file

    @property
    def readings(self) -> Mapping[str, str]:
        """What is said of the file, as keywords of ``twin.read_measurements``."""
        return self.conventions.said

    @functools.cached_property
    def data(self) -> "xr.Dataset":
        """What the file holds, as ``twin.read_measurements`` gives it; read when it is first asked for.

        Raises MeasurementError: line of this file's table, and what is wrong.
        """
        from twin.measured.cycler.reading import read_file

        try:
            return read_file(self.path, self.conventions, self.cell_as_measured())
        except MeasurementError as error:
            said = str(error).removeprefix(f"{self.path}: ")  # its table says which file it is
            raise MeasurementError(str(self.error(said))) from None

    def cell_as_measured(self, cell: Cell | None = None) -> Cell:
        """A cell, by default that of its file without any fit, with the settings of this file.

        Raises CellError: settings that it cannot have.
        """
        if cell is None:
            cell = load_cell(cell_file(self.folder, self.cell), fitted=False)
        return cell.replace(self.settings)

    def protocol_of(self, procedures: Mapping[str, Procedure]) -> Protocol:
        """What the cell went through: as ``protocols.toml`` says, or as its file tells.

        `procedures` are those of the experiment, by the words for them.

        Raises ObservationError: words that are not in ``protocols.toml``, a file without steps.
        """
        if self.protocol is None:
            from twin.measured.cycler.reading import protocol_of

            return protocol_of(self.data, self.cell_as_measured())
        if self.protocol not in procedures:
            raise self.error(unknown(self.protocol, procedures, f"a protocol of {PROTOCOLS}"))
        return procedures[self.protocol].of(self.cell)

    def error(self, message: str) -> ObservationError:
        """An error that says where its table stands: `raise measurement.error("…")`."""
        return ObservationError(str(self.table.error(message)))


def read_measurement_files(folder: Path) -> tuple[Measurement, ...]:
    """The files of cyclers of an experiment, in the order of ``measurements.toml``; none without it.

    Nothing of them is read yet but that they are there.

    Raises ObservationError: file and line of what is wrong.
    """
    if not holds(folder, MEASUREMENTS):
        return ()
    return tuple(_measurement(folder, table) for table in read_table(folder / MEASUREMENTS).tables())


def _measurement(folder: Path, table: Table) -> Measurement:
    table.only((*OWN_KEYS, *CONVENTIONS))
    role = table.text("role")
    if role not in ROLES:
        raise table.error(unknown(role, ROLES, "a role of a file"))
    said = {key: table.text(key) for key in CONVENTIONS if key in table.content}
    try:
        conventions = Conventions.of(said)
    except MeasurementError as error:
        raise table.error(str(error)) from None
    found = Measurement(
        folder=folder,
        file=_file(folder, table),
        cell=_cell(folder, table),
        role=role,
        specimen=table.text("specimen") if "specimen" in table.content else Path(table.name).stem,
        settings=_settings(table),
        protocol=table.text("protocol") if "protocol" in table.content else None,
        conventions=conventions,
        enters=table.texts("enters") if "enters" in table.content else None,
        cycle=table.whole("cycle", highest=LARGEST_CYCLE) if "cycle" in table.content else 0,
        table=table,
    )
    try:
        found.cell_as_measured()
    except CellError as error:
        raise table.error(str(error)) from None
    return found


def _file(folder: Path, table: Table) -> str:
    """The path of the file, which is there and lies below the folder."""
    path = Path(table.name)
    if path.is_absolute() or ".." in path.parts:
        raise table.error(
            f"must be the path of a file below {folder}, like '{FILES}/cell_07.bdf.csv': a folder that "
            "is moved takes its files along"
        )
    if not holds(folder, table.name):
        raise table.error(f"is no file of {folder}")
    return table.name


def _cell(folder: Path, table: Table) -> str:
    name = table.text("cell")
    if isinstance(cell_file(folder, name), str) and name not in shipped_cells():
        kind = f"a cell that ships, nor {name}.toml a file of {folder}"
        raise table.error(unknown(name, shipped_cells(), kind))
    return name


def _settings(table: Table) -> Mapping[str, float]:
    if "settings" not in table.content:
        return MappingProxyType({})
    own = table.table("settings")
    return MappingProxyType({key: own.number(key, lowest=-math.inf) for key in own.content})
