"""Candidates side by side: which of the variants of a paper's cells do its measured rows ask for?

All variants see the same rows. Each is fitted on its own and judged by how well it says rows that it has
not seen: the sum over the rows of ln of their density, left out in turn (elpd). The simplest variant
within one standard error of the best wins. The rows marked `validate` are told once, at the end, beside
the choice; they do not make it.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin.arguments import (
    checked_count,
    checked_path,
    checked_processes,
    checked_seed,
    checked_several,
)
from twin.comparison_table import side_by_side
from twin.errors import DatasetError, FittedSetError
from twin.files import check_writable, load_groups, save
from twin.fitting import candidate
from twin.fitting.posterior import MOST_DRAWS, REFIT_DRAWS
from twin.fitting.problem import Problem, problem_of
from twin.measured.experiment import read_experiment
from twin.measured.variants import read_variants
from twin.results.fingerprint import fingerprint

TRIALS = 200
"""Trials of CMA-ES before the descents of each variant: a few generations."""
MOST_TRIALS = 100_000
"""Most trials that may be asked for: a day of runs."""
LEAST_ROWS = 2
"""Rows without which there is nothing to leave out."""


def compare(
    paper: str | Path,
    *,
    variants: Sequence[str] = (),
    draws: int = REFIT_DRAWS,
    seed: int = 0,
    trials: int = TRIALS,
    refits: bool = True,
    workers: int | None = None,
    kept: str | Path | None = None,
) -> xr.Dataset:
    """The variants of a paper's cells (``variants.toml`` beside its rows), compared on these rows.

    Parameters
    ----------
    paper : str or Path
        An experiment: a shipped one by name, or the folder of a user's own.
    variants : names of those to compare with "shipped", the parts as they are; all by default.
    draws : int
        Effective draws from each posterior, of every parameter; from that of a refit 100 at most.
    seed : int
    trials : int
        Of CMA-ES, before the descents.
    refits : bool
        Whether rows with a high Pareto k are left out in truth.
    workers : int, optional
        Processes, by default one for each core.
    kept : path of a folder, optional
        Where finished variants and refits are kept: asked again, they are not made again.

    Returns
    -------
    xarray.Dataset
        Over variant: `elpd` (of all rows), `difference` to the best and its `standard_error`,
        `objective`, `parameters` that the fit moves, `effective_parameters` (p_loo), `starts`,
        `starts_agree`, `effective_draws`, `largest_rhat`, `unreliable` (rows with a high Pareto k that
        were not refitted), `refits`, `doubt`, `description`, `chosen`, and how many held-out rows were
        compared and lie inside their interval, and of how many it is wide: `held_out_compared`,
        `held_out_inside`, `held_out_wide`. Over (variant, row): `row_elpd`, `pareto_k`, `refitted`. Over
        (variant, held_out_row): `predicted`, `low`, `high` (5 and 95 %), `inside`, `wide` (NaN where a
        row has no number); `measured`.

    Raises
    ------
    ArgumentError : draws, seed, trials or workers that are no such numbers.
    ObservationError : no such paper, no file of variants or no such variant in it.
    ParameterError : what a variant says wrongly (:func:`twin.measured.variants.read_variants`).
    FittedSetError : too few rows to leave one out, or nothing to fit.
    """
    draws = checked_count("draws", draws, most=MOST_DRAWS)
    trials = checked_count("trials", trials, most=MOST_TRIALS)
    seed, workers = checked_seed(seed), checked_processes(workers, "workers")
    names = [str(name) for name in checked_several("variants", variants)]
    experiment = read_experiment(paper)
    candidates = read_variants(experiment, names)
    problems = {variant.name: problem_of(variant.experiment) for variant in candidates}
    _check_rows(problems)
    folder = None if kept is None else checked_path(kept)
    if folder is not None:
        check_writable(folder)
    asked = _Asked(draws, seed, trials, refits, workers, folder)
    optima: dict[str, Mapping[str, float]] = {}
    found: dict[str, xr.DataTree] = {}
    bar = tqdm(candidates, desc=f"compare {experiment.name}", unit=" variants", disable=None)
    for variant in bar:
        bar.set_postfix_str(variant.name)
        others = {name: optima[name] for name in variant.based_on if name in optima}
        found[variant.name] = _candidate(problems[variant.name], others, asked)
        optima[variant.name] = _optimum(found[variant.name])
    return side_by_side(
        candidates, problems, found, refits=refits, draws=draws, seed=seed, workers=workers
    )


@dataclasses.dataclass(frozen=True)
class _Asked:
    """What every variant is asked."""

    draws: int
    seed: int
    trials: int
    refits: bool
    workers: int | None
    folder: Path | None

    @property
    def refit_draws(self) -> int:
        """One density is all that a refit is asked for."""
        return min(self.draws, REFIT_DRAWS)

    def path(self, problem: Problem) -> Path | None:
        """File of the variant with this problem."""
        if self.folder is None:
            return None
        asked = [problem.version, self.draws, self.seed, self.trials]
        return self.folder / f"{fingerprint(asked, computed_by=(candidate.__name__,))}.nc"


def _check_rows(problems: Mapping[str, Problem]) -> None:
    """Raise FittedSetError: rows that do not compare, or too few."""
    rows = {name: problem.likelihood.names for name, problem in problems.items()}
    first, *others = rows
    for name in others:
        if rows[name] != rows[first]:
            raise FittedSetError(
                f"'{name}' and '{first}' are fitted to different rows, whose densities do not compare"
            )
    if len(problems[first].likelihood.rows) < LEAST_ROWS:
        raise FittedSetError(
            f"{problems[first].paper} has one row marked 'fit': a comparison leaves one out of several"
        )


def _candidate(problem: Problem, others: Mapping, asked: _Asked) -> xr.DataTree:
    """The fit of a variant with its refits, made now or read."""
    path = asked.path(problem)
    groups = _read(path)
    if groups is None:
        posterior, evaluated = candidate.fitted(
            problem,
            trials=asked.trials,
            draws=asked.draws,
            seed=asked.seed,
            workers=asked.workers,
            others=others,
        )
        groups = _kept(candidate.with_evaluated(posterior.groups, evaluated), path)
    done = candidate.refits_of(groups)
    left = [row for row in candidate.high(groups) if row not in {one.row for one in done}]
    if not asked.refits or not left:
        return groups
    evaluated = candidate.evaluated_of(problem, groups, asked.workers)
    values = [_optimum(groups)[s.name] for s in problem.searched]
    ends = np.clip(problem.coordinates(values), *problem.bounds)[None]
    for row in left:
        refit = candidate.refitted(evaluated, row, ends, draws=asked.refit_draws, seed=asked.seed)
        done.append(refit)
        groups = _kept(candidate.with_refits(groups, done), path)
    return groups


def _read(path: Path | None) -> xr.DataTree | None:
    """What was kept; None where nothing was, or nothing that can be read."""
    if path is None or not path.is_file():
        return None
    try:
        return load_groups(path)
    except DatasetError:
        return None


def _kept(groups: xr.DataTree, path: Path | None) -> xr.DataTree:
    if path is not None:
        save(groups, path)
    return groups


def _optimum(groups: xr.DataTree) -> dict[str, float]:
    above = groups.to_dataset()
    names = above["parameter"].values.tolist()
    return dict(zip(names, above["optimum"].values.tolist(), strict=True))
