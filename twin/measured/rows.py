"""Measured rows of the papers, checked once.

``experiments/<paper>/rows.csv`` holds the rows, ``protocols.toml`` what was done to the cells and
``spread.toml`` how far equal cells differ.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from twin.errors import ObservationError
from twin.measured.experiment import folder

COLUMNS = (
    "id", "cell", "settings", "protocol", "at", "observable",
    "value", "unit", "kind", "role", "where", "note",
)  # fmt: skip


KINDS = ("value", "event", "lower_bound", "upper_bound", "context")


ROLES = ("fit", "validate", "context", "parameter")


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


def read_rows(paper: str | Path) -> tuple[Row, ...]:
    """Rows of a shipped paper, or of a user's own CSV file with the same columns.

    Raises ObservationError: file and line of a row that cannot be read.
    """
    path = Path(paper)
    if path.suffix != ".csv":
        path = folder(str(paper)) / "rows.csv"
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
