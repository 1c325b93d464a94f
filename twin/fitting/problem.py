"""What is fitted to what: the cells of an experiment, its runs with their rows, and the search space.

What is minimised is -ln(posterior) = (sum of squared residuals of the rows and of the priors) / 2, over
every parameter that has a prior in the cells of one experiment. A parameter belongs to a part; cells
that share the part share the value.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.errors import FittedSetError
from twin.fitting import likelihood
from twin.measured.experiment import Experiment, read_experiment
from twin.measured.rows import Row
from twin.measured.runs import MeasuredRun
from twin.measured.spread import Spread
from twin.parameters import Prior, label
from twin.protocols import Protocol
from twin.results.fingerprint import fingerprint

Simulate = Callable[[Cell, Protocol], xr.Dataset]

REMARKS = ("at", "text", "where", "note", "line")
"""What a measured row says to people alone: a fit does not depend on it."""


@dataclass(frozen=True)
class Searched:
    """A parameter that a fit may move."""

    part: str
    key: str
    prior: Prior

    @property
    def name(self) -> str:
        return label(self.part, self.key)


@dataclass(frozen=True)
class Problem:
    """What is fitted to what: cells, runs with their `fit` rows, and the parameters that may move."""

    experiment: Experiment
    cells: Mapping[str, Cell]
    runs: tuple[MeasuredRun, ...]
    searched: tuple[Searched, ...]
    simulate: Simulate

    @property
    def paper(self) -> str:
        """Name of the experiment, under which studies and fitted sets are kept."""
        return self.experiment.name

    @property
    def spreads(self) -> Mapping[str, Spread]:
        """How far equal cells differ, and how well a row was read, by observable."""
        return self.experiment.spreads

    def cells_at(self, coordinates: np.ndarray) -> dict[str, Cell]:
        """The cells at a point given in standard deviations of the priors, (parameter,)."""
        return with_values(self.cells, self.searched, self.values(coordinates), self.paper)

    def values(self, coordinates: np.ndarray) -> list[float]:
        """Parameter values of a point."""
        return [
            searched.prior.from_unit_normal(float(coordinate))
            for searched, coordinate in zip(self.searched, coordinates, strict=True)
        ]

    def coordinates(self, values: Sequence[float]) -> np.ndarray:
        """Inverse of :meth:`values`."""
        pairs = zip(self.searched, values, strict=True)
        return np.array([searched.prior.to_unit_normal(value) for searched, value in pairs])

    @property
    def start(self) -> np.ndarray:
        """The values in the parts' files."""
        return np.zeros(len(self.searched))

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the ends of the search ranges."""
        ranges = [(s.prior, *s.prior.search_range) for s in self.searched]
        lower = [prior.to_unit_normal(low) for prior, low, _ in ranges]
        upper = [prior.to_unit_normal(high) for prior, _, high in ranges]
        return np.array(lower), np.array(upper)

    def row_residuals(self, coordinates: np.ndarray) -> np.ndarray:
        """Residuals of the rows [standard deviations]."""
        cells = self.cells_at(coordinates)
        done = []
        for run in self.runs:
            cell = run.cell_as_measured(cells[run.cell])
            done.append((run, cell, self.simulate(cell, run.protocol)))
        return likelihood.residuals(done, self.spreads)

    def residuals(self, coordinates: np.ndarray) -> np.ndarray:
        """Residuals of the rows and of the priors: half their sum of squares is minimised."""
        return np.concatenate([self.row_residuals(coordinates), coordinates])

    @property
    def version(self) -> str:
        """Fingerprint of everything that must not change between the trials of one study."""
        asked = [
            {name: cell.hash for name, cell in self.cells.items()},
            [(s.name, dataclasses.astuple(s.prior)) for s in self.searched],
            [
                [
                    run.cell_as_measured(self.cells[run.cell]).hash,
                    repr(run.protocol.block),
                    run.protocol.cycles,
                ]
                + [_that_decides(row) for row in run.rows]
                for run in self.runs
            ],
            {name: dataclasses.astuple(spread) for name, spread in self.spreads.items()},
        ]
        return fingerprint(asked, computed_by=(__name__, self.simulate.__module__))


def _that_decides(row: Row) -> dict:
    return {name: value for name, value in vars(row).items() if name not in REMARKS}


def problem_of(experiment: str | Path, simulate: Simulate, *, leave_out: Sequence[str] = ()) -> Problem:
    """The fit of an experiment's cells to its rows marked `fit`, without those in `leave_out`.

    The cells start from the values in their parts' files. A cell without such rows informs nothing and
    is no part of the fit.

    Raises ObservationError: no such experiment, or one that cannot be read. FittedSetError: a row to
    leave out that does not exist.
    """
    whole = read_experiment(experiment)
    missing = set(leave_out) - {row.id for row in whole.rows}
    if missing:
        raise FittedSetError(f"{whole.name} has no row {', '.join(sorted(missing))} to leave out")
    runs = whole.runs_of([
        row for row in whole.rows if row.role == "fit" and row.id not in leave_out
    ])  # fmt: skip
    informed = {run.cell for run in runs}
    cells = {name: cell for name, cell in whole.cells.items() if name in informed}
    searched: dict[str, Searched] = {}
    for cell in cells.values():
        for key, entry in cell.parameters.items():
            if entry.prior is not None:
                candidate = Searched(entry.part, key, entry.prior)
                searched[candidate.name] = candidate
    return Problem(whole, cells, runs, tuple(searched[name] for name in sorted(searched)), simulate)


def with_values(
    cells: Mapping[str, Cell], searched: Sequence[Searched], values: Sequence[float], fitted_set: str
) -> dict[str, Cell]:
    """The cells with values of the searched parameters, each in the part that it belongs to.

    `fitted_set` names the fit that they are of.
    """
    changed = {}
    for name, cell in cells.items():
        changes = {
            s.key: value
            for s, value in zip(searched, values, strict=True)
            if s.key in cell.parameters and cell.parameters[s.key].part == s.part
        }
        changed[name] = cell.fitted(changes, fitted_set)
    return changed
