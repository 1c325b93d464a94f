"""Measured points to set beside a run: of its own cell, or of the cell that it was changed from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from twin import names
from twin.cell import Cell
from twin.errors import CellError
from twin.measured import readings
from twin.measured.consistency import cell_file
from twin.measured.experiment import read_experiment
from twin.measured.folder import ROWS, holds, shipped_experiments
from twin.measured.rows import read_rows
from twin.measured.runs import MeasuredRun
from twin.parameter_sets import load_cell
from twin.protocols import Protocol
from twin.results.phrases import in_a_sentence
from twin.units import in_words, words_of_key

SAME = 1e-9
"""Relative difference of two values that rounding alone makes: a thickness from its ALD cycles, say."""


@dataclass(frozen=True)
class MeasuredBeside:
    """What was measured in a protocol, and whether it was measured on the cell at hand.

    Attributes
    ----------
    points : (cycle, retention [%]); of a symmetric cell (cycle, overpotential [V])
    label : "measured", or "measured at coating thickness 200 nm"
    is_own : False where the points are those of the cell before it was changed
    """

    points: tuple[tuple[float, float], ...] = ()
    label: str = "measured"
    is_own: bool = True


def measured_beside(cell: Cell, protocol: Protocol) -> MeasuredBeside:
    """Measured retention (of a symmetric cell: overpotential) in just this protocol's cycle.

    A changed cell shows the rows that were measured with those changes; where there are none, the rows
    of the cell as it was, labelled by what was different. The rows are those of the folder that the
    cell's file lies in; of a shipped cell, those that ship. No points: nothing was measured.
    """
    measured = [(run, points) for run in _runs_of(cell, protocol) if (points := _points(run, cell))]
    if not measured:
        return MeasuredBeside()
    loaded = _as_loaded(cell)
    wanted = _changed_values(cell)
    for changes, label, is_own in ((wanted, "measured", True), ({}, _before(cell), False)):
        found = [
            point
            for run, points in measured
            if _same(_changed_values(run.cell_as_measured(loaded)), changes)
            for point in points
        ]
        if found:
            return MeasuredBeside(tuple(sorted(found)), label, is_own)
    return MeasuredBeside()


def _runs_of(cell: Cell, protocol: Protocol) -> list[MeasuredRun]:
    """The measured runs of the cell that `cell` is, changed or not, in just these steps."""
    try:
        loaded = _as_loaded(cell)
    except CellError:
        return []
    if _stated(loaded) != _stated(cell):  # its file was edited since, or is another of that name
        return []
    own = [cell.folder] if cell.folder is not None and holds(cell.folder, ROWS) else []
    return [
        run
        for rows in (shipped_experiments() if cell.folder is None else own)
        if any(row.cell == cell.name for row in read_rows(rows))
        for run in read_experiment(rows).runs
        if run.cell == cell.name and run.protocol.block == protocol.block
    ]


def _as_loaded(cell: Cell) -> Cell:
    """The cell as its file gives it. Raises CellError: there is no such file, or it cannot be read."""
    if cell.folder is None:
        return load_cell(cell.name)
    return load_cell(cell_file(cell.folder, cell.name), beside=cell.folder)


def _points(run: MeasuredRun, cell: Cell) -> tuple[tuple[float, float], ...]:
    observable = readings.CAPACITY_RETENTION if cell.has_cathode else readings.CELL_OVERPOTENTIAL
    return tuple(
        (float(row.cycle), row.value)
        for row in run.rows
        if row.observable == observable
        and row.kind == "value"
        and row.cycle is not None
        and row.value is not None
    )


def _changed_values(cell: Cell) -> dict[str, float]:
    return {key: entry.value for key, entry in cell.changes.items()}


def _stated(cell: Cell) -> dict[str, float]:
    """What the files of its parts say, before fits and changes."""
    return {key: entry.stated.value for key, entry in cell.parameters.items()}


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(
        math.isclose(one[key], other[key], rel_tol=SAME) for key in one
    )


def _before(cell: Cell) -> str:
    """What the points of the cell before its changes are called."""
    changes = dict(cell.changes)
    if names.COATING_THICKNESS in changes:
        changes.pop(names.ALD_CYCLES, None)  # they follow the thickness
    if len(changes) != 1:
        return "measured on the unchanged cell"
    ((key, entry),) = changes.items()
    (was,) = in_words([entry.loaded.value], key)
    return f"measured at {in_a_sentence(words_of_key(key))} {was}"
