"""An experiment: a folder of measured rows, what was done to the cells, and how far equal cells differ.

::

    rows.csv          the measured rows (``rows``)
    protocols.toml    what was done to the cells (``procedure``)
    spread.toml       how far equal cells differ, and how well a row was read (``spread``)
    parameters.toml   what the cells use for the rows that are parameters of them (``parameter_rows``)
    measurements.toml what the files of cyclers are, in files/ (``measurements``)
    priors.toml       which fits say what is known of shipped parts before these rows (``priors``)
    my_cell.toml, …   cells that do not ship with the package
    fitted/           what the fit of these rows has found

A folder that ships, under its name, and a user's own, under its path, are the same to all that follows.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from twin.cell import Cell
from twin.measured import consistency
from twin.measured.folder import folder_of
from twin.measured.measurements import Measurement, read_measurement_files
from twin.measured.parameter_rows import ParameterRow, read_parameter_rows
from twin.measured.priors import read_earlier_fits
from twin.measured.procedure import Procedure, read_procedures
from twin.measured.rows import Row, read_rows
from twin.measured.runs import MeasuredRun, grouped
from twin.measured.spread import Spread, read_spread
from twin.parameter_sets import NO_CHANGES, load_cell
from twin.parts import Changes
from twin.protocols import Protocol

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Experiment:
    """A folder of measurements, read and checked once.

    Attributes
    ----------
    name : str
        That of the folder, e.g. "Chang2023".
    folder : Path
    rows : tuple of Row
        In the order of the file, each with the cycle in which it was read, as far as that is known
        before a run.
    protocols : mapping of words to Procedure
        What was done to the cells, under the words that rows use for it.
    cells : mapping of name to Cell
        Every cell that a run was measured on, with the values of its parts' files.
    changes : mapping of part to what is said instead of its entries
        Of a variant (:mod:`twin.measured.variants`); empty of the experiment as it stands.
    spreads : mapping of observable to Spread
    cell_to_cell : mapping of key to float
        Standard deviation of ln of a parameter between equal cells.
    parameter_rows : mapping of observable to ParameterRow
    measurements : files of cyclers, and what each is for (``measurements``)
    earlier_fits : names of the shipped fits whose posteriors are priors of the parts that they fitted
    runs : tuple of MeasuredRun
        Every run that a row with a number belongs to, with its rows.
    """

    name: str
    folder: Path
    rows: tuple[Row, ...]
    protocols: Mapping[str, Procedure]
    cells: Mapping[str, Cell]
    spreads: Mapping[str, Spread]
    cell_to_cell: Mapping[str, float]
    parameter_rows: Mapping[str, ParameterRow]
    measurements: tuple[Measurement, ...] = ()
    earlier_fits: tuple[str, ...] = ()
    changes: Changes = field(default_factory=lambda: NO_CHANGES, repr=False)
    runs: tuple[MeasuredRun, ...] = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "runs", self.runs_of(self.rows))

    def runs_of(self, rows: Sequence[Row]) -> tuple[MeasuredRun, ...]:
        """The runs that some of its rows belong to, each with those rows."""
        return grouped([
            (row, self.protocol_of(row))
            for row in rows
            if row.is_of_a_run and row.protocol in self.protocols
        ])  # fmt: skip

    def protocol_of(self, row: Row) -> Protocol:
        """The protocol that the cell of a row went through."""
        return self.protocols[row.protocol].of(row.cell)

    def fitted_cells(self) -> dict[str, Cell]:
        """Its cells with the values that fits found, by name."""
        return {name: self._loaded(name, self.changes, fitted=True) for name in self.cells}

    def changed(self, changes: Changes) -> "Experiment":
        """The same rows of cells whose parts give something else.

        Raises CellError, ParameterError: what they give is not allowed, or contradicts itself.
        """
        cells = {name: self._loaded(name, changes, fitted=False) for name in self.cells}
        return dataclasses.replace(self, cells=MappingProxyType(cells), changes=changes)

    def _loaded(self, name: str, changes: Changes, *, fitted: bool) -> Cell:
        file = consistency.cell_file(self.folder, name)
        own = consistency.own_folder(self.folder)
        return load_cell(file, fitted=fitted, changes=changes, beside=own)


def read_experiment(experiment: str | Path) -> Experiment:
    """An experiment that ships, by its name, or a user's own, by the path of its folder.

    Raises ObservationError: no such experiment, or file and line of what is wrong in it. CellError: a
    cell of it that cannot be read.
    """
    folder = folder_of(experiment)
    rows = read_rows(folder)
    protocols = read_procedures(folder)
    spreads, cell_to_cell = read_spread(folder)
    parameter_rows = read_parameter_rows(folder)
    with_run = {row.id: row for row in rows if consistency.asks_for_a_run(row, protocols)}
    measurements = read_measurement_files(folder)
    cells = consistency.load_cells(folder, list(with_run.values()))
    for own in measurements:
        if own.cell not in cells:
            cells[own.cell] = consistency.loaded(folder, own.cell)
    consistency.check_procedures(folder, rows, protocols)
    consistency.check_spreads(folder, list(with_run.values()), spreads, cell_to_cell, cells)
    consistency.check_parameters(folder, rows, parameter_rows, cells)
    return Experiment(
        name=folder.resolve().name,
        folder=folder,
        rows=tuple(
            consistency.placed(row, protocols[row.protocol]) if row.id in with_run else row
            for row in rows
        ),
        protocols=protocols,
        cells=MappingProxyType(cells),
        spreads=spreads,
        cell_to_cell=cell_to_cell,
        parameter_rows=parameter_rows,
        measurements=measurements,
        earlier_fits=read_earlier_fits(folder),
    )


def measured_rows(experiment: str | Path) -> "pd.DataFrame":
    """Measured rows as a table, each with the protocol that its cell went through.

    Parameters
    ----------
    experiment : str or Path
        One that ships, e.g. "Chang2023", or the folder of a user's own.

    Returns
    -------
    pandas.DataFrame
        One line per row, by its id: `cell` (a name), `settings` (for ``cell.replace``), `protocol` (a
        Protocol; None for what is a parameter of the cells), `cycle` (from 1, 0 is fresh; NaN for the
        whole run, and where only a run tells which one ran at `time`), `observable`, `value` (NaN where
        it is words), `unit` (that of the observable), `kind`, `role`, `at`, `where`, `note`, `time` [h]
        (NaN where the file gives a cycle) and `specimen` (the physical cell).

    Raises
    ------
    ObservationError : no such experiment, or rows that cannot be read.
    """
    import pandas as pd

    found = read_experiment(experiment)
    protocols = {row.id: run.protocol for run in found.runs for row in run.rows}
    table = [
        vars(row)
        | {
            "protocol": protocols.get(row.id),
            "cycle": _or_nan(row.cycle if row.id in protocols else None),
            "value": _or_nan(row.value),
            "time": _or_nan(row.time),
        }
        for row in found.rows
    ]
    columns = [
        "cell", "settings", "protocol", "cycle", "observable", "value", "unit", "kind", "role", "at",
        "where", "note", "time", "specimen",
    ]  # fmt: skip
    return pd.DataFrame(table, columns=["id", *columns]).set_index("id")


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else float(number)
