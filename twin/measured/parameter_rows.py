"""What the cells use for the rows that are parameters of them: ``parameters.toml`` of an experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from twin.cell import Cell
from twin.measured.folder import holds
from twin.table import Table, read_table
from twin.units import convert, unit_of_key

PARAMETERS = "parameters.toml"
"""The file of an experiment that says what its cells use for the rows that are parameters."""
LARGEST_POWER = 10.0
"""Largest power of a parameter: no geometry asks for more than a volume's third."""


@dataclass(frozen=True)
class ParameterRow:
    """What a cell uses for a row that is a parameter of it: factor * (value / over) ** power.

    `unit` is that of the result; rows in another unit of its kind are converted.
    """

    cell: str
    key: str
    unit: str
    factor: float = 1.0
    power: float = 1.0
    over: str | None = None

    def of(self, cell: Cell, unit: str) -> float:
        """The value that a cell uses, in the unit of a row. Raises ParameterError: none that fits."""
        reference = 1.0 if self.over is None else cell.values[self.over]
        value = self.factor * (cell.values[self.key] / reference) ** self.power
        return value * convert(1.0, self.unit, unit, self.key)


def read_parameter_rows(folder: Path) -> Mapping[str, ParameterRow]:
    """What the cells of an experiment use for its parameter rows, by observable; none without a file.

    Raises ObservationError: file and line of one that cannot be read.
    """
    tables = read_table(folder / PARAMETERS).tables() if holds(folder, PARAMETERS) else ()
    return MappingProxyType({table.name: _parameter_row(table) for table in tables})


def _parameter_row(table: Table) -> ParameterRow:
    table.only(("cell", "key", "factor", "power", "over", "unit"))
    key = table.text("key")
    bare = set(table.content).isdisjoint(("factor", "power", "over"))
    return ParameterRow(
        cell=table.text("cell"),
        key=key,
        unit=unit_of_key(key) if bare and "unit" not in table.content else table.text("unit"),
        factor=_optional(table, "factor"),
        power=_optional(table, "power", LARGEST_POWER),
        over=table.text("over") if "over" in table.content else None,
    )


def _optional(table: Table, key: str, largest: float = 1e30) -> float:
    return table.number(key, lowest=-largest, highest=largest) if key in table.content else 1.0
