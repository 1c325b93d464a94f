"""The runs that measured rows belong to: what was done to which cell, and where in it a row was read."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from twin.cell import Cell
from twin.errors import ObservationError, unknown
from twin.measured.experiment import papers, read_protocols
from twin.measured.rows import Row, read_rows
from twin.parameter_sets import load_cell
from twin.protocols import Protocol

WHOLE_RUN = ("average", "conversion complete")
"""Words for rows that no single cycle holds."""


FIRST_CYCLES = 5
"""What "first cycles" means: the end of the first five (assumed, as in the rate tests)."""


@dataclass(frozen=True)
class MeasuredRun:
    """A protocol that was run on a kind of cell, and the rows measured in it."""

    cell: str
    settings: Mapping[str, float]
    protocol: Protocol
    rows: tuple[Row, ...]

    def configured(self, cell: Cell) -> Cell:
        """`cell` with the settings of this run."""
        return cell.replace(self.settings)


def measured_runs(paper: str, rows: tuple[Row, ...] | None = None) -> list[MeasuredRun]:
    """The runs that a paper's rows (or the given ones) need, each with its rows.

    Rows without a protocol (parameters of the cells) or of no particular cell need no run.
    """
    groups: dict[tuple, list[Row]] = {}
    found: dict[tuple, Protocol] = {}
    for row in read_rows(paper) if rows is None else rows:
        if not row.has_run:
            continue
        protocols = read_protocols(paper, row.cell)
        if row.protocol not in protocols:
            raise ObservationError(
                f"{row.id}: {unknown(row.protocol, protocols, f'a protocol of {paper}')}"
            )
        protocol = protocols[row.protocol]
        key = (row.cell, tuple(row.settings.items()), protocol.block, protocol.cycles)
        groups.setdefault(key, []).append(row)
        found.setdefault(key, protocol)
    return [
        MeasuredRun(members[0].cell, members[0].settings, found[key], tuple(members))
        for key, members in groups.items()
    ]


def measured_rows(paper: str) -> pd.DataFrame:
    """Measured rows of a shipped paper as a table, each with the protocol that its cell went through.

    Returns
    -------
    pandas.DataFrame indexed by the row's `id`
        `cell` (a name), `settings` (for ``cell.replace``), `protocol` (a Protocol; None for what is a
        parameter of the cells), `cycle` (from 1, 0 is fresh; NaN for the whole run), `observable`,
        `value` (NaN where it is words), `unit`, `kind`, `role`, `at`, `where` and `note`.

    Raises
    ------
    ObservationError : no such paper.
    """
    protocols = {row.id: run.protocol for run in measured_runs(paper) for row in run.rows}
    table = []
    for row in read_rows(paper):
        protocol = protocols.get(row.id)
        cycle = None if protocol is None or row.value is None else cycle_of(row, protocol)
        value = math.nan if row.value is None else row.value
        number = math.nan if cycle is None else float(cycle)
        table.append(vars(row) | {"protocol": protocol, "cycle": number, "value": value})
    columns = [
        "cell", "settings", "protocol", "cycle", "observable", "value", "unit", "kind", "role", "at",
        "where", "note",
    ]  # fmt: skip
    return pd.DataFrame(table).set_index("id")[columns]


def paper_cells(paper: str, *, fitted: bool = True) -> dict[str, Cell]:
    """Every cell that a paper's rows are about, by name."""
    wanted = {row.cell for row in read_rows(paper) if row.has_run}
    return {name: load_cell(name, fitted=fitted) for name in sorted(wanted)}


def cycle_of(row: Row, protocol: Protocol) -> int | None:
    """The cycle (from 1, 0 before the first) at which a row was read; None: the whole run.

    Raises ObservationError: words for a place that nobody understands.
    """
    at = row.at
    if row.kind == "event" or row.observable == "lifetime" or at in WHOLE_RUN:
        return None
    if at == "fresh":
        return 0
    if at == "first cycle":
        return 1
    if at.startswith("first cycles"):
        return FIRST_CYCLES
    if found := re.fullmatch(r"cycle (\d+)", at):
        return int(found[1])
    if found := re.match(r"after (\d+) cycles", at):
        return int(found[1])
    if re.fullmatch(r"\d+ h", at):
        return protocol.number_of_cycles
    back = at.startswith("back at ")
    cycles = list(protocol.cycles_at(at.removeprefix("back at ").replace(" C", "C")))
    if not cycles:
        raise ObservationError(f"{row.id}: cannot tell which cycle of the protocol '{at}' means")
    if back:
        return cycles[-1] + 1
    return next(n for n in cycles if n + 1 not in cycles) + 1


def measured_retention(cell: str, protocol: Protocol) -> list[tuple[float, float]]:
    """Measured (cycle, retention in %) of a shipped cell in just this protocol's cycle."""
    paper = cell.split("_")[0]
    if paper not in papers():
        return []
    return [
        (float(cycle), row.value)
        for run in measured_runs(paper)
        for row in run.rows
        if run.cell == cell
        and run.protocol.block == protocol.block
        and row.observable == "capacity retention"
        and row.value is not None
        and (cycle := cycle_of(row, run.protocol)) is not None
    ]
