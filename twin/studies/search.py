"""The best point: Optuna over protocol and design, under constraints on chances."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
import xarray as xr

from twin.arguments import checked_processes
from twin.fitting import optuna_study, storages
from twin.fitting.fitted_span import fitted_spans
from twin.parallel import cores, in_parts, map_tasks
from twin.results.fingerprint import fingerprint
from twin.results.provenance import provenance
from twin.results.quantities import SEARCHES
from twin.studies.common_draws import common_draws
from twin.studies.evaluations import best_of_front, evaluations_of, feasible, nearest_first
from twin.studies.point import Draws, Numbers, joined, run_draws
from twin.studies.study import Study
from twin.studies.study_file import load_search

DRAWS = 100
"""Draws of a search that says nothing else: a chance of 5 % is then five of them, not one."""
EVALUATIONS = 300
"""Evaluations of a search that says nothing else: the shipped ones take as many for three ranges."""
DRAWS_TOGETHER = 16
"""Draws that a point runs on before the search looks whether it can still meet its constraints: as many
as fill the widest vector lanes (eight numbers) twice."""
STORAGE = "sqlite:///search.db"


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    best : mapping, or None
        What varies -> value, in its unit, of the best point that meets the constraints; with several
        objectives, the point of the front that is nearest to the best of each. None: no point does.
    nearest : mapping
        The point that comes nearest to meeting the constraints; `best` where there is one.
    front : xarray.Dataset
        The points that no other beats in every objective, over `evaluation`.
    evaluations : xarray.Dataset
        Every evaluation: what varies, objectives (with their 5-95 % interval, `_low` and `_high`),
        over `constraint` `chance`, `excess` and `reached` (the bound that would be met with the
        probability asked), `missed` (how far from meeting them all), `feasible`, `on_front`.
        `fresh_chance` over `constraint` is that of `best`.
    fresh : mapping
        Constraint -> chance at `best` on as many draws that the search has not seen. It chose the best
        of many on the same draws, so that the chances there are too good. Empty without a best point.
    """

    best: Mapping[str, float] | None
    nearest: Mapping[str, float]
    front: xr.Dataset
    evaluations: xr.Dataset
    fresh: Mapping[str, float]


def search(
    study: Study | str | Path,
    *,
    evaluations: int | None = None,
    draws: int | None = None,
    seed: int | None = None,
    draw_from: str | None = None,
    storage: str = STORAGE,
    processes: int | None = None,
    watch: Callable[[xr.Dataset], object] | None = None,
) -> SearchResult:
    """Look for the protocol and the design that do best, under constraints on chances.

    Parameters
    ----------
    study : Study with an objective, or the name of a shipped one, or the path of a TOML file
    evaluations : int
        In all, over every session of the study. By default what the study's file says, or 300.
    draws : int
        Of every evaluation. By default what the study's file says, or 100.
    seed, draw_from : as in :func:`twin.what_if`
    processes : int, optional
        Worker processes, and points that are tried at once, of which none knows of the others: the
        answer depends on it. By default one for each core of this machine, also on a cluster.
    storage : str
        Optuna storage URL; the dashboard opens it. The Optuna study there has the study's name.
    watch : callable, optional
        Called with every evaluation so far (as `evaluations` of the result) after each. What it raises
        ends the search, and the next call goes on from there.

    Returns
    -------
    SearchResult

    Raises
    ------
    ArgumentError : evaluations, draws, seed or processes that are no such numbers.
    StudyError : no such study, it has no objective, or what is kept under its name cannot be opened, is
        in use, or is of another question.
    FittedSetError : no fit to draw from.
    """
    study = load_search(study)
    evaluations = study.setting("evaluations", evaluations, EVALUATIONS)
    draws = study.setting("draws", draws, DRAWS)
    seed = study.setting("seed", seed, 0)
    draw_from = study.setting("draw_from", draw_from, "fit")
    processes = checked_processes(processes)
    common = common_draws(study.cell, draws, seed, draw_from)
    drawn = common.factors
    with storages.locked(storage):
        kept = optuna_study.open_study(
            study.name,
            storage,
            sampler=optuna.samplers.TPESampler(seed=seed),
            version=_version(study, drawn),
            made_by="the cell, its draws or the question",
            directions=[objective.direction for objective in study.objectives],
        )
        if told := len(kept.get_trials(deepcopy=False)):
            # with the same seed, a search that goes on would ask for its first points again
            kept.sampler = optuna.samplers.TPESampler(seed=seed + told)
        _explore(study, drawn, kept, evaluations, processes, watch)
        data = evaluations_of(study, optuna_study.complete(kept))
        met = bool(data["on_front"].any())
        chosen = data.isel(evaluation=best_of_front(study, data) if met else nearest_first(data)[0])
        point = {own.name: float(chosen[own.name]) for own in study.ranges}
        fresh: dict[str, float] = {}
        if met:
            unseen = common_draws(study.cell, draws, seed + 1, draw_from).factors
            place = int(chosen["evaluation"])
            chances = _on_fresh_draws(study, unseen, kept, place, point, processes)
            fresh = dict(zip(data["constraint"].values.tolist(), chances, strict=True))
            data["fresh_chance"] = ("constraint", chances, SEARCHES["fresh_chance"].attributes)
    data.attrs = (
        provenance(study.cell)
        | study.attributes
        | {
            "protocol": json.dumps(study.template.words),
            "cycles": study.template.cycles,
            "draws": draws,
            "draw_from": draw_from,
            "effective_draws": common.effective,
            "doubt": common.doubt,
            "seed": seed,
            "storage": storages.public(storage),
        }
    )
    front = data.isel(evaluation=np.flatnonzero(data["on_front"].values))
    return SearchResult(point if met else None, point, front, data, fresh)


def _version(study: Study, drawn: Draws) -> str:
    """Fingerprint of everything that must not change between the evaluations of one search."""
    said = [study.template, *study.ranges, *study.objectives, *study.constraints]
    # outside what was fitted the draws are wider
    fitted = [f"{part}: {dict(span)}" for part, span in fitted_spans(study.cell).items()]
    asked = [study.cell.hash, list(drawn), [repr(own) for own in said], fitted]
    return fingerprint(asked, computed_by=(__name__,))


@dataclass(frozen=True)
class Evaluation:
    """A point on its draws: each objective as (what counts, low, high), and of each constraint the
    chance and the bound that would be met; `draws` says how many draws were run."""

    objectives: list[tuple[float, float, float]]
    chances: list[float]
    reached: list[float]
    draws: int


def evaluate(study: Study, drawn: Draws, values: Mapping[str, float]) -> Evaluation:
    """What a point is worth; it stops when a constraint can no longer be met."""
    parts: list[Numbers] = []
    for task in _tasks(study, drawn, values):
        parts.append(run_draws(task))
        runs = joined(parts)
        if any(constraint.hopeless(runs, len(drawn)) for constraint in study.constraints):
            break
    return Evaluation(
        [objective.values(runs, values) for objective in study.objectives],
        [constraint.chance(runs) for constraint in study.constraints],
        [constraint.reached(runs) for constraint in study.constraints],
        len(runs["outcome"]),
    )


def _tasks(study: Study, drawn: Draws, values: Mapping[str, float]) -> list:
    """The cell and the protocol of a point, on some of the draws at a time."""
    cell, protocol = study.chosen(values).cell_and_protocol(study.cell)
    return [(cell, protocol, part) for part in in_parts(drawn, DRAWS_TOGETHER)]


def _explore(
    study: Study,
    drawn: Draws,
    kept: optuna.Study,
    evaluations: int,
    processes: int | None,
    watch: Callable[[xr.Dataset], object] | None,
) -> None:
    """Ask Optuna for points and tell it what they are worth, until there are so many evaluations."""

    def suggest(trial: optuna.Trial) -> dict[str, float]:
        return {
            own.name: trial.suggest_float(own.name, own.low, own.high, log=own.log)
            for own in study.ranges
        }

    def tell(trial: optuna.Trial, found: Evaluation) -> None:
        trial.set_user_attr("chances", found.chances)
        trial.set_user_attr("intervals", [list(ends) for _, *ends in found.objectives])
        trial.set_user_attr("draws", found.draws)
        trial.set_user_attr("reached", [str(bound) for bound in found.reached])  # JSON has no inf
        answers = zip(study.constraints, found.chances, found.reached, strict=True)
        for constraint, chance, reached in answers:
            trial.set_constraint(constraint.label, constraint.missed_by(chance, reached))
        kept.tell(trial, [value for value, *_ in found.objectives])
        if watch is not None:
            watch(evaluations_of(study, optuna_study.complete(kept)))

    def progress(kept: optuna.Study) -> str:
        met = sum(feasible(study, trial) for trial in optuna_study.complete(kept))
        return f"{met} meet the constraints"

    optuna_study.explore(
        kept,
        evaluations,
        suggest=suggest,
        evaluate=lambda points: map_tasks(
            functools.partial(evaluate, study, drawn), points, processes=processes
        ),
        tell=tell,
        progress=progress,
        label="search",
        batch=processes or cores(),
    )


def _on_fresh_draws(
    study: Study,
    unseen: Draws,
    kept: optuna.Study,
    place: int,
    point: Mapping[str, float],
    processes: int | None,
) -> list[float]:
    """Chance of each constraint at a point on other draws; the Optuna study keeps it."""
    key = f"fresh chances of {place}"
    if key not in kept.user_attrs:
        runs = joined(map_tasks(run_draws, _tasks(study, unseen, point), processes=processes))
        kept.set_user_attr(key, [constraint.chance(runs) for constraint in study.constraints])
    return kept.user_attrs[key]
