"""How far equal cells differ, and how well a row was read: ``spread.toml`` of an experiment.

All numbers are standard deviations: of the natural logarithm, or in points of percent. A table
``[observable."…"]`` for each observable of the rows, and ``[parameter."…"]`` for each parameter that
differs from cell to cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from twin.measured.folder import folder_of
from twin.table import Table, read_table

SPREAD = "spread.toml"
"""The file of an experiment that says how far equal cells differ."""
LARGEST_LN = 5.0
"""Largest standard deviation of a logarithm: cells that differ by a factor of 150 are not equal."""
LARGEST_POINTS = 100.0
"""Largest standard deviation of a percentage [points]: all that there is."""


@dataclass(frozen=True)
class Spread:
    """Standard deviations of one observable: each row's own, and shared by a physical cell.

    With `points` they are of the value itself, in points of percent, otherwise of its logarithm.
    """

    scatter: float
    cell: float
    points: bool


def read_spread(experiment: str | Path) -> tuple[Mapping[str, Spread], Mapping[str, float]]:
    """Spread of each observable, and ln standard deviation of the parameters from cell to cell.

    Raises ObservationError: no such experiment, or file and line of a spread that cannot be read.
    """
    content = read_table(folder_of(experiment) / SPREAD)
    content.only(("observable", "parameter"))
    observables = {table.name: _spread(table) for table in content.table("observable").tables()}
    parameters = {table.name: _deviation(table) for table in content.table("parameter").tables()}
    return MappingProxyType(observables), MappingProxyType(parameters)


def _spread(table: Table) -> Spread:
    table.only(("scatter", "cell", "points", "source"))
    table.text("source")
    points = table.yes("points")
    largest = LARGEST_POINTS if points else LARGEST_LN
    spread = Spread(
        scatter=table.number("scatter", lowest=0.0, highest=largest),
        cell=table.number("cell", lowest=0.0, highest=largest),
        points=points,
    )
    if spread.scatter == 0:
        raise table.error("needs a scatter of more than 0: no row is read without any error")
    return spread


def _deviation(table: Table) -> float:
    table.only(("ln_sd", "source"))
    table.text("source")
    return table.number("ln_sd", lowest=0.0, highest=LARGEST_LN)
