"""Search space, Optuna study, fitted parameter set.

What is minimised is -ln(posterior) = (sum of squared residuals of the rows and of the priors) / 2, over
every parameter that has a prior in the cells of one paper. A parameter belongs to a part; cells that
share the part share the value. CMA-ES explores; a Gauss-Newton descent from the best trial then refines
it, and its iterates join the study as trials of their own.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
import tomli_w
import xarray as xr

from twin import likelihood, optuna_study
from twin.cell import Cell
from twin.descent import descend, objective
from twin.errors import FittedSetError, StudyError
from twin.files import write_whole
from twin.measured.rows import read_rows
from twin.measured.runs import MeasuredRun, measured_runs, paper_cells
from twin.measured.spread import Spread, read_spread
from twin.parameters import Prior
from twin.protocols import Protocol
from twin.results.provenance import twin_version

Simulate = Callable[[Cell, Protocol], xr.Dataset]

MODEL_VERSION = "2"
"""Raised when the equations change so much that trials of an old study no longer compare."""


@dataclass(frozen=True)
class Searched:
    """A parameter that a fit may move."""

    part: str
    key: str
    prior: Prior

    @property
    def name(self) -> str:
        return f"{self.part}: {self.key}"


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
        return with_values(self.cells, self.searched, self.values(coordinates))

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
        content = [
            MODEL_VERSION,
            [(s.name, dataclasses.astuple(s.prior)) for s in self.searched],
            [(row.id, row.value) for run in self.runs for row in run.rows],
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Fit:
    """A fitted point: parameter values by part and key, and how well it does.

    `objective` is -ln(posterior) up to a constant; `coordinates` the point in standard deviations of
    the priors; `trials` how many the study holds.
    """

    problem: Problem
    coordinates: np.ndarray
    objective: float
    trials: int

    @property
    def values(self) -> dict[str, float]:
        """ "part: key" -> value."""
        names = [searched.name for searched in self.problem.searched]
        return dict(zip(names, self.problem.values(self.coordinates), strict=True))

    def save(self, path: str | Path, intervals: dict[str, tuple[float, float]], steps: int) -> Path:
        """Write a fitted parameter set (TOML), with the 5 and 95 % quantiles of each value.

        `steps` are those of the chains that the quantiles come from.
        """
        fitted: dict[str, dict] = {}
        for searched in self.problem.searched:
            value = self.values[searched.name]
            low, high = intervals[searched.name]
            fitted.setdefault(searched.part, {})[searched.key] = {
                "value": float(f"{value:.6g}"),
                "low": float(f"{low:.4g}"),
                "high": float(f"{high:.4g}"),
            }
        content = {
            "paper": self.problem.paper,
            "made_by": f"twin fit {self.problem.paper} --trials {self.trials} --steps {steps}",
            "twin_version": twin_version(),
            "study_version": self.problem.version,
            "objective": float(f"{self.objective:.6g}"),
            "fitted": fitted,
        }
        text = tomli_w.dumps(content)
        return write_whole(Path(path), lambda beside: beside.write_text(text, encoding="utf-8"))


def problem(
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
    cells: dict[str, Cell], searched: Sequence[Searched], values: Sequence[float]
) -> dict[str, Cell]:
    """The cells with values of the searched parameters, each in the part that it belongs to."""
    changed = {}
    for name, cell in cells.items():
        changes = {
            s.key: value
            for s, value in zip(searched, values, strict=True)
            if s.key in cell.parameters and cell.parameters[s.key].part == s.part
        }
        changed[name] = cell.replace(changes)
    return changed


def fit(
    problem: Problem,
    *,
    trials: int,
    storage: str,
    seed: int = 0,
    processes: int | None = None,
    study_name: str | None = None,
) -> Fit:
    """Run or resume the study until it holds `trials` finished ones, then refine the best.

    Parameters
    ----------
    problem : Problem
    trials : int
        Total, over every session of the study.
    storage : str
        An Optuna storage URL, e.g. "sqlite:///fits.db"; the dashboard opens it.
    seed : int
        Of the sampler. A resumed study continues with a new random state.

    Raises
    ------
    StudyError
        The study is in use, cannot be opened, or belongs to another version of the model.
    """
    if trials < 1:
        raise StudyError(f"trials must be 1 or more, not {trials}")
    # by default it starts in the middle of the ranges, the priors' centres, a standard deviation wide
    sampler = optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    with optuna_study.locked(storage):
        study = optuna_study.open_study(
            study_name or problem.paper,
            storage,
            sampler=sampler,
            version=problem.version,
            made_by="the model, its priors or its rows",
        )
        _explore(problem, study, trials, processes)
        _refine(problem, study, processes)
        best = study.best_trial
        return Fit(
            problem,
            problem.coordinates([best.params[s.name] for s in problem.searched]),
            float(study.best_value),
            len(_finished(study)),
        )


def refined(problem: Problem, start: np.ndarray, processes: int | None = None) -> np.ndarray:
    """The optimum that the descent finds from `start`, in coordinates. No study is kept."""
    return descend(problem.residuals, start, problem.bounds, processes=processes)


def _explore(problem, study, trials, processes):
    if not _finished(study):
        start = dict(zip((s.name for s in problem.searched), problem.values(problem.start), strict=True))
        study.enqueue_trial(start, skip_if_exists=True)
    optuna_study.explore(
        study,
        trials,
        suggest=lambda trial: _suggest(problem, trial),
        evaluate=problem.residuals,
        tell=lambda trial, residuals: study.tell(trial, objective(residuals)),
        finished=lambda study: len(_finished(study)),
        progress=lambda study: f"best {study.best_value:.4g}",
        label=f"fit {problem.paper}",
        processes=processes,
    )


def _suggest(problem, trial) -> np.ndarray:
    distributions = _distributions(problem)
    values = [
        trial.suggest_float(name, found.low, found.high, log=found.log)
        for name, found in distributions.items()
    ]
    return problem.coordinates(values)


def _distributions(problem):
    return {
        s.name: optuna.distributions.FloatDistribution(
            *s.prior.search_range, log=s.prior.distribution == "lognormal"
        )
        for s in problem.searched
    }


def _refine(problem, study, processes):
    distributions = _distributions(problem)

    def keep(point, value):
        values = zip(distributions.items(), problem.values(point), strict=True)
        params = {name: min(max(v, d.low), d.high) for (name, d), v in values}
        study.add_trial(
            optuna.trial.create_trial(
                params=params,
                distributions=distributions,
                value=value,
                user_attrs={"phase": "refinement"},
            )
        )

    best = problem.coordinates([study.best_params[s.name] for s in problem.searched])
    descend(problem.residuals, best, problem.bounds, processes=processes, keep=keep)


def _finished(study):
    done = optuna_study.complete(study)
    return [trial for trial in done if trial.user_attrs.get("phase") != "refinement"]
