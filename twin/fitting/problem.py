"""What is fitted to what: the cells of a paper, its runs with their rows, and the search space.

What is minimised is -ln(posterior) = (sum of squared residuals of the rows and of the priors) / 2, over
every parameter that has a prior in the cells of one paper. A parameter belongs to a part; cells that
share the part share the value.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.errors import FittedSetError
from twin.fitting import likelihood
from twin.measured.rows import Row, read_rows
from twin.measured.runs import MeasuredRun, measured_runs, paper_cells
from twin.measured.spread import Spread, read_spread
from twin.parameters import Prior, label
from twin.protocols import Protocol
from twin.results.fingerprint import fingerprint

Simulate = Callable[[Cell, Protocol], xr.Dataset]

REMARKS = ("text", "note")
"""What a measured row says to people alone: the value as it was written, and a note."""


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
    """What is fitted to what: cells, runs with their `fit` rows, parameters, spreads."""

    paper: str
    cells: dict[str, Cell]
    runs: tuple[MeasuredRun, ...]
    searched: tuple[Searched, ...]
    spreads: dict[str, Spread]
    simulate: Simulate

    def configured(self, coordinates: np.ndarray) -> dict[str, Cell]:
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
        cells = self.configured(coordinates)
        done = []
        for run in self.runs:
            cell = run.configured(cells[run.cell])
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
                    run.configured(self.cells[run.cell]).hash,
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


def problem_of(
    paper: str, simulate: Simulate, *, leave_out: Sequence[str] = (), fitted: bool = False
) -> Problem:
    """The fit of a paper's cells to its rows marked `fit`, without those in `leave_out`.

    A cell without such rows informs nothing and is no part of it.

    Cells start from the values in their parts' files; with `fitted`, from the shipped fit.

    Raises ObservationError: no such paper. FittedSetError: a row to leave out that does not exist.
    """
    all_rows = read_rows(paper)
    unknown = set(leave_out) - {row.id for row in all_rows}
    if unknown:
        raise FittedSetError(f"{paper} has no row {', '.join(sorted(unknown))} to leave out")
    rows = tuple(row for row in all_rows if row.role == "fit" and row.id not in leave_out)
    runs = tuple(measured_runs(paper, rows))
    informed = {run.cell for run in runs}
    cells = {name: cell for name, cell in paper_cells(paper, fitted=fitted).items() if name in informed}
    searched: dict[str, Searched] = {}
    for cell in cells.values():
        for key, entry in cell.parameters.items():
            if entry.prior is not None:
                candidate = Searched(entry.part, key, entry.prior)
                searched[candidate.name] = candidate
    observables, _ = read_spread(paper)
    return Problem(
        paper,
        cells,
        runs,
        tuple(searched[name] for name in sorted(searched)),
        observables,
        simulate,
    )


def with_values(
    cells: dict[str, Cell], searched: Sequence[Searched], values: Sequence[float], fitted_set: str
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
