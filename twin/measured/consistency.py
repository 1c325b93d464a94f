"""What the files of an experiment owe each other: each row its cell, protocol, place and spread."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from twin.cell import Cell
from twin.errors import ParameterError, unknown
from twin.measured.folder import holds, is_shipped_folder
from twin.measured.parameter_rows import PARAMETERS, ParameterRow
from twin.measured.procedure import PROTOCOLS, Procedure, cycle_running_at
from twin.measured.rows import Row
from twin.measured.spread import SPREAD, Spread
from twin.parameter_sets import cells as shipped_cells
from twin.parameter_sets import cells_in, load_cell
from twin.table import Table
from twin.units import checked_unit

PERCENT = "%"
"""Unit of the observables whose spread may be given in points."""


def asks_for_a_run(row: Row, protocols: Mapping[str, Procedure]) -> bool:
    """True of a row that a run is compared with; a row for readers may name a protocol that nobody ran.

    Raises ObservationError: a row to fit or to hold out names a protocol that is not there.
    """
    if not row.is_of_a_run and row.compared is None:
        return False
    if row.protocol in protocols:
        return True
    if row.role == "context":
        return False
    raise row.error(unknown(row.protocol, protocols, f"a protocol of {PROTOCOLS}"))


def cell_file(folder: Path, name: str) -> str | Path:
    """What a cell of an experiment is loaded by: its file in the folder, or its shipped name."""
    return folder / f"{name}.toml" if holds(folder, f"{name}.toml") else name


def own_folder(folder: Path) -> Path | None:
    """The folder, if it is a user's own: that which its cells take their fit from."""
    return None if is_shipped_folder(folder) else folder


def loaded(folder: Path, name: str) -> Cell:
    """A cell of an experiment with the values of its parts' files. Raises CellError: unreadable."""
    return load_cell(cell_file(folder, name), fitted=False, beside=own_folder(folder))


def load_cells(folder: Path, rows: Sequence[Row]) -> dict[str, Cell]:
    """The cells that rows were measured on, by name, with the values of their parts' files.

    Raises ObservationError: a cell that there is none of, or one that cannot have a row's settings.
    CellError: a file of a cell that cannot be read.
    """
    found: dict[str, Cell] = {}
    for row in sorted(rows, key=lambda row: row.cell):
        if row.cell not in found:
            file = cell_file(folder, row.cell)
            if isinstance(file, str) and file not in shipped_cells():
                kind = f"a cell that ships, nor {row.cell}.toml a file of {folder}"
                raise row.error(unknown(row.cell, [*cells_in(folder), *shipped_cells()], kind))
            found[row.cell] = loaded(folder, row.cell)
        try:
            cell = found[row.cell].replace(row.settings)
            if row.compared is not None:
                for value in row.compared.values:
                    cell.replace({row.compared.key: value})
        except ParameterError as error:
            raise row.error(str(error)) from None
    return found


def placed(row: Row, procedure: Procedure) -> Row:
    """The row with the cycle in which it was read, as far as its protocol tells that before a run.

    Raises ObservationError: no place, or one that the protocol does not have.
    """
    protocol = procedure.of(row.cell)
    cycle = row.cycle
    if row.block:
        if row.block not in procedure.last_cycles:
            kind = f"the number of a cycle, nor a block of the protocol '{row.protocol}'"
            raise row.error(unknown(row.block, procedure.last_cycles, kind))
        cycle = procedure.last_cycles[row.block]
    elif row.time is not None:
        cycle = cycle_running_at(protocol, row.time)
    elif cycle is None and (row.compared or row.reading.in_a_cycle):
        if protocol.number_of_cycles > 1:
            raise row.error(
                f"'{row.observable}' is read in one cycle of a run: say in the column 'cycle' which (a "
                "number, counted from 1, or the name of a block of the protocol), or in 'time [h]' when"
            )
        cycle = 1
    if cycle is not None and cycle > protocol.number_of_cycles:
        raise row.error(
            f"it was read in cycle {cycle}, and the protocol '{row.protocol}' has "
            f"{protocol.number_of_cycles}"
        )
    return dataclasses.replace(row, cycle=cycle)


def check_spreads(
    folder: Path,
    rows: Sequence[Row],
    spreads: Mapping[str, Spread],
    cell_to_cell: Mapping[str, float],
    cells: Mapping[str, Cell],
) -> None:
    """Raise ObservationError where a row cannot be scored, or a parameter belongs to no cell.

    As long as no row names a cell, nothing tells which parameters there are.
    """
    for row in rows:
        if row.value is None:
            continue
        if row.observable not in spreads:
            raise row.error(
                f"{SPREAD} does not say how far equal cells differ in it: it needs a table "
                f'[observable."{row.observable}"] with scatter, cell and source'
            )
        points = spreads[row.observable].points
        if points and row.unit != PERCENT:
            raise row.error(f"{SPREAD} gives its spread in points, which only what is in % can have")
        if not points and row.value <= 0:
            raise row.error(f"its logarithm is scored: it must be more than 0, not {row.value:g}")
    keys = {key for cell in cells.values() for key in cell.parameters}
    for key in cell_to_cell:
        if cells and key not in keys:
            raise Table(folder / SPREAD, key, {}).error(unknown(key, keys, "a parameter of its cells"))


def check_parameters(
    folder: Path,
    rows: Sequence[Row],
    parameter_rows: Mapping[str, ParameterRow],
    cells: Mapping[str, Cell],
) -> None:
    """Raise ObservationError where a parameter row and what cells use for it do not fit each other."""
    own = {row.observable: row for row in rows if row.role == "parameter"}
    for observable, used in parameter_rows.items():
        table = Table(folder / PARAMETERS, observable, {})
        if observable not in own:
            raise table.error(unknown(observable, own, "what a row with the role 'parameter' is about"))
        if used.cell not in cells:
            raise table.error(unknown(used.cell, cells, "a cell of the experiment's runs"))
        for key in (used.key, *([used.over] if used.over else [])):
            if key not in cells[used.cell].parameters:
                known = cells[used.cell].parameters
                raise table.error(unknown(key, known, f"a parameter of {used.cell}"))
    for observable, row in own.items():
        try:
            checked_unit(row.unit, observable)
            if observable in parameter_rows:
                used = parameter_rows[observable]
                used.of(cells[used.cell], row.unit)
        except ParameterError as error:
            raise row.error(str(error)) from None


def check_procedures(folder: Path, rows: Sequence[Row], protocols: Mapping[str, Procedure]) -> None:
    """Raise ObservationError where a protocol is for a cell that no row is about."""
    cells = {row.cell for row in rows}
    for words, procedure in protocols.items():
        for cell in procedure.of_some:
            if cell not in cells:
                error = unknown(cell, cells, "a cell of the rows")
                raise Table(folder / PROTOCOLS, words, {}).error(error)
