"""Candidates side by side: which of the variants of a paper's cells do its measured rows ask for?

All variants see the same rows. Each is fitted on its own and judged by how well it says rows that it has
not seen: the sum over the rows of ln of their density, left out in turn (elpd). The simplest variant
within one standard error of the best wins. The rows marked `validate` are told once, at the end, beside
the choice; they do not make it.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from twin.arguments import (
    checked_count,
    checked_path,
    checked_processes,
    checked_seed,
    checked_several,
)
from twin.errors import DatasetError, FittedSetError
from twin.files import check_writable, load_groups, save
from twin.fitting import candidate
from twin.fitting.draws import flat
from twin.fitting.optimum import AGREEMENT
from twin.fitting.pareto import smoothed
from twin.fitting.posterior import MOST_DRAWS, REFIT_DRAWS
from twin.fitting.problem import Problem, problem_of
from twin.measured.experiment import read_experiment
from twin.measured.spread import Spread
from twin.measured.variants import Variant, read_variants
from twin.results.fingerprint import fingerprint
from twin.results.intervals import NORMAL_END
from twin.validation import held_out

TRIALS = 200
"""Trials of CMA-ES before the descents of each variant: a few generations."""
MOST_TRIALS = 100_000
"""Most trials that may be asked for: a day of runs."""
LEAST_ROWS = 2
"""Rows without which there is nothing to leave out."""
WIDE = 2.0
"""An interval so many times as wide as equal cells and readings differ: a fit leaves the row open."""
HELD_OUT = ("predicted", "low", "high", "inside", "wide")
"""What is told of each row that was held out."""


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
    return _told(candidates, problems, found, asked)


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


def _told(
    candidates: Sequence[Variant],
    problems: Mapping[str, Problem],
    found: Mapping[str, xr.DataTree],
    asked: _Asked,
) -> xr.Dataset:
    """The whole table, and the held-out rows of each variant."""
    names = [variant.name for variant in candidates]
    rows = found[names[0]]["leave_one_out"].to_dataset()["row"].values.tolist()
    scores = [_scores(found[name], asked.refits) for name in names]
    elpd, k, refitted, lpd, by_chance = (np.array(column) for column in zip(*scores, strict=True))
    difference, error = differences(elpd, by_chance)
    told = [_about(found[name]) for name in names]
    over = {name: ("variant", [one[name] for one in told]) for name in told[0]}
    data = xr.Dataset(
        {
            "description": ("variant", [variant.description for variant in candidates]),
            "elpd": ("variant", elpd.sum(axis=1)),
            "difference": ("variant", difference),
            "standard_error": ("variant", error),
            "parameters": ("variant", [len(problems[name].searched) for name in names]),
            "effective_parameters": ("variant", (lpd - elpd).sum(axis=1)),
            **over,
            "unreliable": ("variant", ((k > candidate.RELIABLE) & ~refitted).sum(axis=1)),
            "refits": ("variant", refitted.sum(axis=1)),
            "row_elpd": (("variant", "row"), elpd),
            "pareto_k": (("variant", "row"), k),
            "refitted": (("variant", "row"), refitted.astype("i1")),
        },
        coords={"variant": names, "row": rows},
        attrs={"paper": problems[names[0]].paper, "seed": asked.seed, "draws": asked.draws},
    )
    chosen = simplest(data["parameters"].values, elpd.sum(axis=1), difference, error)
    data["chosen"] = ("variant", (np.arange(len(names)) == chosen).astype("i1"))
    data.attrs["chosen"] = names[chosen]
    return data.merge(_held_out(problems, found, asked), combine_attrs="no_conflicts")


def _scores(groups: xr.DataTree, refits: bool) -> tuple[np.ndarray, ...]:
    """Of each row: ln density left out, Pareto k, whether it was refitted, ln density within, and the
    Monte-Carlo error of the first."""
    told = groups["leave_one_out"].to_dataset()
    rows = told["row"].values.tolist()
    elpd, k = told["elpd"].values.copy(), told["pareto_k"].values
    pointwise = groups["log_likelihood"].to_dataset()["rows"].values.astype(float).reshape(-1, len(rows))
    effective = float(groups.attrs["effective_draws"])
    by_chance = np.array([
        candidate.monte_carlo_error(own, smoothed(own)[0], effective) for own in pointwise.T
    ])  # fmt: skip
    refitted = np.zeros(len(rows), dtype=bool)
    for one in candidate.refits_of(groups) if refits else ():
        place = rows.index(one.row)
        elpd[place], by_chance[place], refitted[place] = one.elpd, one.error, True
    return elpd, k, refitted, np.asarray(candidate.log_mean(pointwise)), by_chance


def _about(groups: xr.DataTree) -> dict[str, float | int | str]:
    about, starts = groups.attrs, groups["starts"].to_dataset()["objective"].values
    doubts = [
        about["doubt"],
        *(f"Without {r.row}: {r.doubt}" for r in candidate.refits_of(groups) if r.doubt),
    ]
    return {
        "objective": float(about["objective"]),
        "starts": len(starts),
        "starts_agree": int((starts <= starts.min() + AGREEMENT).sum()),
        "effective_draws": float(about["effective_draws"]),
        "largest_rhat": float(about["largest_rhat"]),
        "doubt": " ".join(doubt for doubt in doubts if doubt),
    }


def differences(elpd: np.ndarray, by_chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of elpd (variant, row): the differences of the sums to the best, and their standard errors.

    Differences are paired over the rows (Vehtari et al. 2017, eq. 24). Two variants that say the same of
    every row differ by the draws alone: `by_chance`, (variant, row), is the Monte-Carlo error of elpd.
    """
    best = elpd.sum(axis=1).argmax()
    by_row = elpd - elpd[best]
    drawn = (by_chance**2).sum(axis=1)
    drawn = np.where(np.arange(len(elpd)) == best, 0.0, drawn + drawn[best])
    return by_row.sum(axis=1), np.sqrt(elpd.shape[1] * by_row.var(axis=1, ddof=1) + drawn)


def simplest(parameters: np.ndarray, elpd: np.ndarray, difference: np.ndarray, error: np.ndarray) -> int:
    """Place of the variant with the fewest parameters within one standard error of the best.

    Of several with as few, the one with the highest elpd.
    """
    near = np.flatnonzero(difference >= -error)
    return int(min(near, key=lambda place: (parameters[place], -elpd[place])))


def _held_out(
    problems: Mapping[str, Problem], found: Mapping[str, xr.DataTree], asked: _Asked
) -> xr.Dataset:
    """What each variant says of the rows marked `validate`, (variant, held_out_row)."""
    tables = []
    for name, problem in problems.items():
        groups = found[name]
        drawn = flat(groups.to_dataset(), groups["posterior"].to_dataset())
        table = held_out(problem, drawn, count=asked.draws, seed=asked.seed, workers=asked.workers)
        tables.append(_with_width(table, problem.experiment.spreads))
    first = tables[0]
    if first.empty:
        return xr.Dataset()
    columns = {
        column: (
            ("variant", "held_out_row"),
            np.array([pd.to_numeric(table[column], errors="coerce") for table in tables], dtype=float),
        )
        for column in HELD_OUT
    }
    inside, wide = columns["inside"][1], columns["wide"][1]
    return xr.Dataset(
        {
            **columns,
            "measured": ("held_out_row", first["measured"].astype(str).to_numpy(dtype=object)),
            "unit": ("held_out_row", first["unit"].astype(str).to_numpy(dtype=object)),
            "held_out_inside": ("variant", np.nansum(inside, axis=1).astype(int)),
            "held_out_compared": ("variant", np.isfinite(inside).sum(axis=1)),
            "held_out_wide": ("variant", np.nansum(wide, axis=1).astype(int)),
        },
        coords={"variant": list(problems), "held_out_row": first["id"].tolist()},
    )


def _with_width(table: pd.DataFrame, spreads: Mapping[str, Spread]) -> pd.DataFrame:
    """The table with `wide`: 1 where an interval is far wider than equal cells and readings differ."""
    if table.empty:
        return table
    wide = [_is_wide(line, spreads.get(line["observable"])) for line in table.to_dict("records")]
    inside = [math.nan if one is None else float(one) for one in table["inside"]]
    return table.assign(wide=wide, inside=inside)


def _is_wide(line: Mapping, spread: Spread | None) -> float:
    low, high = line["low"], line["high"]
    if spread is None or low is None or math.isnan(low):
        return math.nan
    own = 2 * NORMAL_END * math.hypot(spread.scatter, spread.cell)
    if spread.points:
        return float(high - low > WIDE * own)
    return float(low <= 0 or math.log(high / low) > WIDE * own)


__all__ = ["compare", "differences", "simplest"]
