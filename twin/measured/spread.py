"""How far equal cells differ, and how well a row was read: ``spread.toml`` of an experiment.

All numbers are standard deviations: of the natural logarithm, or in points of percent. A table
``[observable."…"]`` for each observable of the rows, and ``[parameter."…"]`` for each parameter that
differs from cell to cell. ``[curves.…]`` says how curves over the cycles of a measured file err; what it
leaves out is assumed (:data:`ASSUMED`)::

    [curves.discharge_capacity]
    noise = 0.001     # of each cycle alone
    scatter = 0.005   # of what drifts along the curve
    length = 100      # cycles over which the drift is forgotten
    cell = 0.05       # shared by the whole curve, another in the next cell
    source = "…"
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin.measured.folder import folder_of
from twin.protocols.half_cycle_voltages import voltage_named
from twin.table import Table, read_table

SPREAD = "spread.toml"
"""The file of an experiment that says how far equal cells differ."""
LARGEST_LN = 5.0
"""Largest standard deviation of a logarithm: cells that differ by a factor of 150 are not equal."""
LARGEST_POINTS = 100.0
"""Largest standard deviation of a percentage [points]: all that there is."""
LARGEST_LENGTH = 1e6
"""Most cycles over which a drift is forgotten: a hundred times what any cell has lived."""
TABLES = ("observable", "parameter", "curves")
"""What the file may hold."""


@dataclass(frozen=True)
class Spread:
    """Standard deviations of one observable: each row's own, and shared by a physical cell.

    With `points` they are of the value itself, in points of percent, otherwise of its logarithm.
    """

    scatter: float
    cell: float
    points: bool


@dataclass(frozen=True)
class CurveSpread(Spread):
    """Standard deviations along a curve over the cycles of one physical cell.

    `cell` is shared by all of it, `scatter` that of a drift which is forgotten over `length` cycles, and
    `noise` each cycle's own (:mod:`twin.fitting.drift`).
    """

    noise: float
    length: float


LENGTH = 100.0
"""Cycles over which the drift of a curve is forgotten, assumed: a tenth of a long life, so that a curve
over it holds some ten independent proofs beside its noise."""
RELATIVE = CurveSpread(scatter=0.005, cell=0.05, points=False, noise=0.001, length=LENGTH)
"""Of capacities, assumed: a cycler repeats a charge to 0.1 %, a model drifts from it by half a percent,
and equal cells differ by the 5 % that discharge capacities of Chang2023 do."""
VOLTAGE = CurveSpread(scatter=0.005, cell=0.005, points=False, noise=0.0005, length=LENGTH)
"""Of mean voltages of full cells, assumed: as the rows of Luo2021, and 1 or 2 mV of noise."""
POLARISATION = CurveSpread(scatter=0.05, cell=0.2, points=False, noise=0.01, length=LENGTH)
"""Of overpotentials and resistances, assumed: equal cells differ by a fifth, as those of Chang2023."""
EFFICIENCY = CurveSpread(scatter=0.2, cell=0.2, points=True, noise=0.05, length=LENGTH)
"""Of efficiencies [points], assumed: half of a thousandth of noise, as two capacities to 0.05 % each."""
ASSUMED: Mapping[str, CurveSpread] = MappingProxyType(
    {
        "discharge_capacity": RELATIVE,
        "charge_capacity": RELATIVE,
        "coulombic_efficiency": EFFICIENCY,
        "energy_efficiency": EFFICIENCY,
        "mean_discharge_voltage": VOLTAGE,
        "mean_charge_voltage": VOLTAGE,
        "discharge_voltage": VOLTAGE,
        "charge_voltage": VOLTAGE,
        "cell_overpotential": POLARISATION,
        "plating_overpotential": POLARISATION,
        "stripping_overpotential": POLARISATION,
    }
)
"""Results of a run that may be measured as a curve, and how a curve errs where nobody says."""


def spread_along(name: str, spreads: Mapping[str, CurveSpread]) -> CurveSpread | None:
    """How the curve of a result errs; None of what is no curve. A voltage errs alike at any charge."""
    voltage = voltage_named(name)
    return spreads.get(name if voltage is None else voltage.curve)


def read_spread(experiment: str | Path) -> tuple[Mapping[str, Spread], Mapping[str, float]]:
    """Spread of each observable, and ln standard deviation of the parameters from cell to cell.

    Raises ObservationError: no such experiment, or file and line of a spread that cannot be read.
    """
    content = read_table(folder_of(experiment) / SPREAD)
    content.only(TABLES)
    observables = {table.name: _spread(table) for table in content.table("observable").tables()}
    parameters = {table.name: _deviation(table) for table in content.table("parameter").tables()}
    return MappingProxyType(observables), MappingProxyType(parameters)


def read_curve_spreads(experiment: str | Path) -> Mapping[str, CurveSpread]:
    """How the curve of each result errs: as an experiment says or, where it does not, as assumed.

    Raises ObservationError: no such experiment, or file and line of what cannot be read.
    """
    content = read_table(folder_of(experiment) / SPREAD)
    if "curves" not in content.content:
        return ASSUMED
    curves = content.table("curves")
    curves.only(ASSUMED)
    said = {table.name: _curve_spread(table, ASSUMED[table.name]) for table in curves.tables()}
    return MappingProxyType({**ASSUMED, **said})


def _curve_spread(table: Table, assumed: CurveSpread) -> CurveSpread:
    """What a table says, and of the rest what is assumed."""
    table.only(("noise", "scatter", "length", "cell", "source"))
    table.text("source")
    largest = LARGEST_POINTS if assumed.points else LARGEST_LN
    said: dict[str, Any] = {
        name: table.number(name, lowest=0.0, highest=LARGEST_LENGTH if name == "length" else largest)
        for name in ("noise", "scatter", "length", "cell")
        if name in table.content
    }
    spread = dataclasses.replace(assumed, **said)
    if spread.noise == 0 or spread.length == 0:
        raise table.error(
            "needs a noise and a length of more than 0: no cycle is read without any error"
        )
    return spread


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
