"""What is fitted to what: the cells of an experiment, its runs with their rows, and the search space.

What is minimised is -ln(posterior) = (sum of squared residuals of the rows and of the priors) / 2, over
every parameter that has a prior in the cells of one experiment. A parameter belongs to a part; cells
that share the part share the value.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.cell import Cell
from twin.errors import FittedSetError
from twin.fitting.earlier_fits import EarlierFits, earlier_fits
from twin.fitting.evaluation import SimulateMany, Simulation, over_processes, simulated, simulations
from twin.fitting.likelihood import Likelihood
from twin.measured.experiment import Experiment, read_experiment
from twin.measured.file_rows import rows_of_files
from twin.measured.rows import Row
from twin.measured.runs import MeasuredRun, grouped
from twin.measured.spread import Spread
from twin.parameters import Parameter, Prior, label
from twin.results.fingerprint import fingerprint
from twin.simulators import results_of

REMARKS = ("at", "text", "where", "note", "line")
"""What a measured row says to people alone: a fit does not depend on it."""


@dataclass(frozen=True)
class Searched:
    """A parameter that a fit may move.

    Attributes
    ----------
    prior : of the fit
    stated : the prior in the part's file, where that of the fit is another: the posterior of `earlier`
    earlier : name of the earlier fit; "" of none
    """

    part: str
    key: str
    prior: Prior
    stated: Prior | None = None
    earlier: str = ""

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
    simulate: SimulateMany = results_of
    about_priors: tuple[str, ...] = ()
    """Sentences on the earlier fits that are priors, and on those that could not be."""

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
        """The middle of the priors: the values in the parts' files, or of an earlier fit."""
        return np.zeros(len(self.searched))

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the ends of the search ranges."""
        ranges = [(s.prior, *s.prior.search_range) for s in self.searched]
        lower = [prior.to_unit_normal(low) for prior, low, _ in ranges]
        upper = [prior.to_unit_normal(high) for prior, _, high in ranges]
        return np.array(lower), np.array(upper)

    @functools.cached_property
    def likelihood(self) -> Likelihood:
        """How the rows are scored."""
        return Likelihood(self.runs, self.spreads)

    @functools.cached_property
    def simulations(self) -> tuple[Simulation, ...]:
        """What is run at each point."""
        return simulations(self.runs, self.cells)

    def entries(
        self,
        points: np.ndarray,
        *,
        processes: int | None = None,
        found: Callable[[np.ndarray], object] = lambda entries: None,
    ) -> np.ndarray:
        """What the runs at points (point, parameter) say for the rows: entries, (point, entry).

        `found` is told of the entries of the next points as soon as they are there.
        """
        return over_processes(self._entries, points, processes=processes, found=found)

    def _entries(self, points: Sequence[np.ndarray]) -> np.ndarray:
        versions = [self.cells_at(point) for point in points]
        runs = simulated(self.simulations, versions, self.simulate)
        return np.array([self.likelihood.entries(own) for own in runs])

    def scored(self, points: np.ndarray, entries: np.ndarray) -> np.ndarray:
        """Residuals of the rows and of the priors, (…, residual), of points with their entries.

        Half their sum of squares is minimised.
        """
        return np.concatenate([self.likelihood.residuals(entries), points], axis=-1)

    def residuals(self, points: np.ndarray, *, processes: int | None = None) -> np.ndarray:
        """As :meth:`scored`, of points whose runs are still to be made, (point, residual)."""
        return self.scored(points, self.entries(points, processes=processes))

    def log_density(self, points: np.ndarray, entries: np.ndarray) -> np.ndarray:
        """ln(posterior) up to a constant, (point,), of points with their entries."""
        return -0.5 * (self.scored(points, entries) ** 2).sum(axis=-1)

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
    return {
        name: dataclasses.astuple(value) if isinstance(value, Spread) else value
        for name, value in vars(row).items()
        if name not in REMARKS
    }


def problem_of(experiment: str | Path | Experiment, *, leave_out: Sequence[str] = ()) -> Problem:
    """The fit of an experiment's cells to its rows and files marked `fit`, without rows in `leave_out`.

    The cells start from the values in their parts' files or, of shipped parts in a user's own folder,
    from the posteriors of the fits that ship (:mod:`twin.fitting.earlier_fits`). A cell without such
    rows informs nothing and is no part of the fit.

    Raises ObservationError: no such experiment, or one that cannot be read. FittedSetError: a row to
    leave out that does not exist, no rows to fit, no prior, or one without width.
    """
    whole = experiment if isinstance(experiment, Experiment) else read_experiment(experiment)
    of_files = rows_of_files(whole, ("fit",))
    missing = set(leave_out) - {row.id for row in (*whole.rows, *(row for row, _ in of_files))}
    if missing:
        raise FittedSetError(f"{whole.name} has no row {', '.join(sorted(missing))} to leave out")
    typed = whole.runs_of([
        row for row in whole.rows if row.role == "fit" and row.id not in leave_out
    ])  # fmt: skip
    runs = typed + grouped([own for own in of_files if own[0].id not in leave_out])
    if not runs:
        but = f" beside those left out, {', '.join(leave_out)}" if leave_out else ""
        raise FittedSetError(
            f"nothing to fit: {whole.name} has no row with the role 'fit'{but}, and no file"
        )
    informed = {run.cell for run in runs}
    cells = {name: cell for name, cell in whole.cells.items() if name in informed}
    earlier = earlier_fits(whole, cells)
    searched: dict[str, Searched] = {}
    for cell in cells.values():
        for key, entry in cell.parameters.items():
            if entry.prior is not None:
                searched[cell.label(key)] = _with_width(_searched(key, entry, earlier))
    if not searched:
        raise FittedSetError(f"nothing to fit: no parameter of the cells of {whole.name} has a prior")
    return Problem(
        whole,
        cells,
        runs,
        tuple(searched[name] for name in sorted(searched)),
        about_priors=earlier.sentences,
    )


def _searched(key: str, entry: Parameter, earlier: EarlierFits) -> Searched:
    """A parameter with a prior: that of its file, or the posterior of an earlier fit."""
    assert entry.prior is not None  # or it would not be searched
    found = earlier.priors.get(label(entry.part, key))
    if found is None:
        return Searched(entry.part, key, entry.prior)
    prior, name = found
    return Searched(entry.part, key, prior, stated=entry.prior, earlier=name)


def _with_width(searched: Searched) -> Searched:
    """The same. Raises FittedSetError: its prior leaves nothing to search."""
    low, high = searched.prior.search_range
    if not low < high:
        raise FittedSetError(
            f"the prior of {searched.name} has no width: it allows {low:g} alone; widen it, or "
            "leave it out, so that the value is fixed"
        )
    return searched


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
