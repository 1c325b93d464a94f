"""Measured rows of the papers, checked once, and the runs that they belong to.

``experiments/<paper>/rows.csv`` holds the rows, ``protocols.toml`` what was done to the cells and
``spread.toml`` how far equal cells differ.
"""

import csv
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from twin.cell import Cell
from twin.errors import ObservationError, suggestion
from twin.parameter_sets import load_cell, shipped
from twin.protocols import Protocol

COLUMNS = (
    "id", "cell", "settings", "protocol", "at", "observable",
    "value", "unit", "kind", "role", "where", "note",
)  # fmt: skip
KINDS = ("value", "event", "lower_bound", "upper_bound", "context")
ROLES = ("fit", "validate", "context", "parameter")
WHOLE_RUN = ("average", "conversion complete")
"""Words for rows that no single cycle holds."""
FIRST_CYCLES = 5
"""What "first cycles" means: the end of the first five (assumed, as in the rate tests)."""


@dataclass(frozen=True)
class Row:
    """One measured number: of which cell, where in which protocol, and what it may be used for."""

    id: str
    cell: str
    settings: Mapping[str, float]
    protocol: str
    at: str
    observable: str
    value: float | None
    text: str
    unit: str
    kind: str
    role: str
    where: str
    note: str

    @property
    def has_run(self) -> bool:
        """False where there is no number to compare with, or no particular cell that it belongs to."""
        return bool(self.protocol) and self.value is not None and "_" in self.cell

    @property
    def specimen(self) -> tuple:
        """Rows that share it were measured on one physical cell."""
        publication = self.where.split(" Fig")[0]
        return (self.cell, tuple(self.settings.items()), self.protocol, publication)


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


@dataclass(frozen=True)
class ParameterRow:
    """What a cell uses for a row that is a parameter of it: factor * (value / over) ** power."""

    cell: str
    key: str
    factor: float
    power: float = 1.0
    over: str | None = None

    def of(self, cell: Cell) -> float:
        """The value in the row's unit."""
        reference = 1.0 if self.over is None else cell.values[self.over]
        return self.factor * (cell.values[self.key] / reference) ** self.power


@dataclass(frozen=True)
class Spread:
    """Standard deviations of one observable: each row's own, and shared by a physical cell."""

    scatter: float
    cell: float
    points: bool


def papers() -> list[str]:
    """Papers whose rows ship with the package."""
    return sorted(path.parent.name for path in shipped("experiments").glob("*/rows.csv"))


def read_rows(paper: str | Path) -> tuple[Row, ...]:
    """Rows of a shipped paper, or of a user's own CSV file with the same columns.

    Raises ObservationError: file and line of a row that cannot be read.
    """
    path = Path(paper)
    if path.suffix != ".csv":
        path = _folder(str(paper)) / "rows.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ObservationError(f"{path}: cannot be read: {error}") from None
    table = csv.reader(lines)
    header = next(table, [])
    if tuple(header) != COLUMNS:
        raise ObservationError(f"{path}, line 1: the columns must be {', '.join(COLUMNS)}")
    rows = tuple(
        _row(dict(zip(COLUMNS, entry, strict=False)), len(entry), f"{path.name}, line {number}")
        for number, entry in enumerate(table, start=2)
    )
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise ObservationError(f"{path}: the id {row.id} stands twice")
        seen.add(row.id)
    return rows


def read_protocols(paper: str, cell: str) -> dict[str, Protocol]:
    """Protocols of a paper, as a cell goes through them, by the words that its rows use for them."""
    path = _folder(paper) / "protocols.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {words: _protocol(entry, cell) for words, entry in content.items()}


def read_spread(paper: str) -> tuple[dict[str, Spread], dict[str, float]]:
    """Spread of each observable, and ln standard deviation of the parameters from cell to cell."""
    path = _folder(paper) / "spread.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    observables = {
        name: Spread(entry["scatter"], entry["cell"], entry.get("points", False))
        for name, entry in content["observable"].items()
    }
    parameters = {key: entry["ln_sd"] for key, entry in content["parameter"].items()}
    return observables, parameters


def read_parameter_rows(paper: str) -> dict[str, ParameterRow]:
    """What the cells of a paper use for the rows that are parameters of them, by observable."""
    path = _folder(paper) / "parameters.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {observable: ParameterRow(**entry) for observable, entry in content.items()}


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
                f"{row.id}: no protocol '{row.protocol}' in {paper}{suggestion(row.protocol, protocols)}"
            )
        protocol = protocols[row.protocol]
        key = (row.cell, tuple(row.settings.items()), protocol.block, protocol.cycles)
        groups.setdefault(key, []).append(row)
        found.setdefault(key, protocol)
    return [
        MeasuredRun(members[0].cell, members[0].settings, found[key], tuple(members))
        for key, members in groups.items()
    ]


def measured(paper: str) -> pd.DataFrame:
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


def _row(entry: dict[str, str], width: int, where: str) -> Row:
    if width != len(COLUMNS):
        raise ObservationError(f"{where}: {width} columns instead of {len(COLUMNS)}")
    for column, allowed in (("kind", KINDS), ("role", ROLES)):
        if entry[column] not in allowed:
            raise ObservationError(
                f"{where}: {column} must be one of {', '.join(allowed)}, not '{entry[column]}'"
            )
    value: float | None
    try:
        value = float(entry["value"])
    except ValueError:
        value = None
    if entry["kind"] != "context" and (value is None or not math.isfinite(value)):
        raise ObservationError(f"{where}: '{entry['value']}' is not a number")
    texts = {name: entry[name] for name in COLUMNS if name not in ("settings", "value")}
    return Row(settings=_settings(entry["settings"], where), value=value, text=entry["value"], **texts)


def _settings(text: str, where: str) -> Mapping[str, float]:
    settings = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, _, number = part.partition("=")
        try:
            settings[key.strip()] = float(number)
        except ValueError:
            raise ObservationError(f"{where}: cannot read the setting '{part}'") from None
    return MappingProxyType(settings)


def _protocol(entry: dict, cell: str) -> Protocol:
    """A protocol from its entry; what some cells go through first is part of their first cycle."""
    blocks = entry.get("blocks", [{"cycles": entry.get("cycles"), "steps": entry.get("steps")}])
    cycles = [tuple(block["steps"]) for block in blocks for _ in range(block["cycles"])]
    first = entry.get("first", {"cells": [], "steps": []})
    if cell in first["cells"]:
        cycles[0] = (*first["steps"], *cycles[0])
    if len(set(cycles)) == 1:
        return Protocol(cycles[0], cycles=len(cycles))
    return Protocol(cycles)


def _folder(paper: str) -> Path:
    folder = shipped("experiments") / paper
    if not (folder / "rows.csv").is_file():
        raise ObservationError(f"no measured rows of '{paper}'{suggestion(paper, papers())}")
    return folder


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
