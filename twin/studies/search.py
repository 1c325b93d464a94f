"""The best point: Optuna over protocol and design, under constraints on chances."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
import xarray as xr

from twin.arguments import checked_count, checked_draws, checked_processes, checked_seed
from twin.cell import Cell
from twin.errors import StudyError
from twin.fitting import optuna_study
from twin.parallel import map_tasks
from twin.parameter_sets import load_cell
from twin.protocols import Protocol
from twin.results.fingerprint import fingerprint
from twin.results.provenance import provenance
from twin.studies.evaluations import (
    MET,
    PLATEAU,
    best_of_front,
    evaluations_of,
    feasible,
    nearest,
    point_of,
)
from twin.studies.factors import Factor, read_factor
from twin.studies.point import common_draws, joined, run_draws
from twin.studies.question import Constraint, Objective, read_constraints, read_objectives
from twin.studies.templates import Template, read_templates

CYCLES = 800
DRAWS = 100
EVALUATIONS = 300
MOST_EVALUATIONS = 1_000_000
"""Most evaluations of a search: Optuna's samplers look through all that went before at each new one."""
CHUNK = 16
"""Draws after which an evaluation looks whether its constraints can still be met."""
STORAGE = "sqlite:///search.db"


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    best : mapping, or None
        Variable -> value, in its unit, of the best point that meets the constraints; with several
        objectives, the point of the front that is nearest to the best of each. None: no point does.
    nearest : mapping
        The point that comes nearest to meeting the constraints; `best` where there is one.
    front : xarray.Dataset
        The points that no other beats in every objective, over `evaluation`.
    evaluations : xarray.Dataset
        Every evaluation: variables, objectives (with their 5-95 % interval, `_low` and `_high`),
        over `constraint` `chance`, `excess` and `reached` (the bound that would be met with the
        probability asked), `feasible`, `on_front`. `fresh_chance` over `constraint` is that of `best`.
    fresh : mapping
        Constraint -> chance at `best` on as many draws that the search has not seen. It chose the best
        of many on the same draws, so that the chances there are too good. Empty without a best point.
    """

    best: Mapping[str, float] | None
    nearest: Mapping[str, float]
    front: xr.Dataset
    evaluations: xr.Dataset
    fresh: Mapping[str, float]


@dataclass(frozen=True)
class Question:
    """What is searched for: cell, steps, variables, goals, and the draws of every evaluation."""

    cell: Cell
    template: Template
    variables: tuple[Factor, ...]
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...]
    drawn: Sequence[Mapping[str, float]]

    def configured(self, values: Mapping[str, float]) -> tuple[Cell, Protocol]:
        """The cell and the protocol of a point."""
        cell, texts = self.cell, {}
        for variable in self.variables:
            if variable.is_field:
                texts[variable.target] = variable.text(values[variable.name])
            else:
                cell = cell.replace(variable.changes(cell, values[variable.name]))
        return cell, self.template.filled(texts)

    def evaluate(self, values: Mapping[str, float]) -> dict[str, list]:
        """Objectives and chances at a point; it stops when a constraint can no longer be met."""
        cell, protocol = self.configured(values)
        parts: list[dict[str, np.ndarray]] = []
        for start in range(0, len(self.drawn), CHUNK):
            parts.append(run_draws((cell, protocol, self.drawn[start : start + CHUNK])))
            runs = joined(parts)
            if any(constraint.hopeless(runs, len(self.drawn)) for constraint in self.constraints):
                break
        return {
            "objectives": [objective.values(runs, values) for objective in self.objectives],
            "chances": [constraint.chance(runs) for constraint in self.constraints],
            "reached": [constraint.reached(runs) for constraint in self.constraints],
            "draws": [len(runs["outcome"])],
        }

    @property
    def version(self) -> str:
        """Fingerprint of everything that must not change between the evaluations of one study."""
        parts = [self.template, *self.variables, *self.objectives, *self.constraints]
        asked = [self.cell.hash, list(self.drawn), [repr(part) for part in parts]]
        return fingerprint(asked, computed_by=(__name__,))


def search(
    cell: Cell | str,
    objective,
    constraints=(),
    variables: Mapping | None = None,
    protocol: Protocol | Template | Sequence[str] | None = None,
    cycles: int = CYCLES,
    evaluations: int = EVALUATIONS,
    draws: int = DRAWS,
    *,
    storage: str = STORAGE,
    study_name: str = "search",
    seed: int = 0,
    draw_from: str = "fit",
    processes: int | None = None,
) -> SearchResult:
    """Look for the protocol and the design that do best, under constraints on chances.

    Parameters
    ----------
    cell : Cell or str
    objective : str, mapping, or several
        "charge_time", "maximise current" (a variable itself), or with the quantile over the draws that
        counts, ``{"quantity": "capacity_retention", "goal": "maximise", "quantile": 0.05}``; the median
        by default. Several make a Pareto front.
    constraints : mappings
        ``{"quantity": "capacity_retention", "at_least": 0.8, "probability": 0.9}``,
        ``{"quantity": "short_circuit", "probability_at_most": 0.05}``.
    variables : mapping
        ``{"current": {"field": "current", "low": 0.1, "high": 2, "unit": "mA/cm2", "log": True}}``, as
        in :func:`twin.what_if`, with bounds in place of values.
    protocol : list of steps with fields, Template or Protocol
        By default that of :func:`twin.forecast`.
    evaluations : int
        In all, over every session of the study.
    storage : str
        Optuna storage URL; the dashboard opens it.

    Returns
    -------
    SearchResult

    Raises
    ------
    ArgumentError : evaluations, draws, seed or processes that are no such numbers.
    StudyError : an unknown objective or constraint, no variables, a study in use or of another question.
    """
    cell = load_cell(cell) if isinstance(cell, str) else cell
    draws, seed, processes = checked_draws(draws), checked_seed(seed), checked_processes(processes)
    evaluations = checked_count("evaluations", evaluations, most=MOST_EVALUATIONS)
    question = _question(
        cell, objective, constraints, variables or {}, protocol, cycles,
        common_draws(cell, draws, seed, draw_from).factors,
    )  # fmt: skip
    sampler = optuna.samplers.TPESampler(seed=seed)
    with optuna_study.locked(storage):
        study = optuna_study.open_study(
            study_name,
            storage,
            sampler=sampler,
            version=question.version,
            made_by="the cell, its draws or the question",
            directions=[objective.direction for objective in question.objectives],
        )
        _explore(question, study, evaluations, processes)
        data = evaluations_of(question, study)
        front = data.isel(evaluation=np.flatnonzero(data["on_front"].values))
        met = front.sizes["evaluation"] > 0
        chosen = best_of_front(question, front) if met else nearest(question, data)
        point = point_of(question, data.sel(evaluation=chosen))
        fresh = {}
        if met:
            unseen = common_draws(cell, draws, seed + 1, draw_from).factors
            chances = _on_fresh_draws(question, study, chosen, point, unseen, processes)
            fresh = dict(zip(data["constraint"].values.tolist(), chances, strict=True))
            data["fresh_chance"] = ("constraint", chances)
            data["fresh_chance"].attrs = {"units": "1", "long_name": "Chance on fresh draws at the best"}
    data.attrs = provenance(cell) | {
        "protocol": json.dumps(question.template.steps),
        "cycles": question.template.cycles,
        "draws": draws,
        "draw_from": draw_from,
        "seed": seed,
        "storage": storage,
    }
    return SearchResult(point if met else None, point, front, data, fresh)


def _question(cell, objective, constraints, variables, protocol, cycles, drawn) -> Question:
    templates = read_templates(protocol, cell, cycles)
    if len(templates) > 1:
        raise StudyError("a search has one protocol; vary its fields")
    template = next(iter(templates.values()))
    if not variables:
        raise StudyError("a search needs variables: [vary.<name>] with low and high")
    factors = tuple(
        read_factor(name, entry, cell, template.fields, search=True) for name, entry in variables.items()
    )
    objectives = read_objectives(objective, cell, [factor.name for factor in factors])
    question = Question(cell, template, factors, objectives, read_constraints(constraints, cell), drawn)
    for edge in ("low", "high"):
        question.configured({factor.name: getattr(factor, edge) for factor in factors})
    return question


def _explore(question: Question, study: optuna.Study, evaluations: int, processes: int | None):
    def suggest(trial):
        values = {
            variable.name: trial.suggest_float(
                variable.name, variable.low, variable.high, log=variable.log
            )
            for variable in question.variables
        }
        return values

    def tell(trial, answer):
        trial.set_user_attr("chances", answer["chances"])
        trial.set_user_attr("intervals", [list(edges) for _, *edges in answer["objectives"]])
        trial.set_user_attr("draws", answer["draws"][0])
        trial.set_user_attr("reached", [str(bound) for bound in answer["reached"]])  # JSON has no inf
        answers = zip(question.constraints, answer["chances"], answer["reached"], strict=True)
        for constraint, chance, reached in answers:
            excess = constraint.excess(chance)
            missed = excess + PLATEAU * constraint.shortfall(reached)
            trial.set_constraint(constraint.label, 0.0 if excess <= MET else missed)
        study.tell(trial, [value for value, *_ in answer["objectives"]])

    optuna_study.explore(
        study,
        evaluations,
        suggest=suggest,
        evaluate=question.evaluate,
        tell=tell,
        finished=lambda study: len(optuna_study.complete(study)),
        progress=lambda study: _progress(question, study),
        label="search",
        processes=processes,
    )


def _progress(question: Question, study: optuna.Study) -> str:
    met = sum(feasible(question, trial) for trial in optuna_study.complete(study))
    return f"{met} meet the constraints"


def _on_fresh_draws(
    question: Question, study: optuna.Study, chosen: int, point, unseen, processes: int | None
) -> list[float]:
    """Chance of each constraint at a point on other draws; the study keeps it."""
    key = f"fresh chances of {chosen}"
    if key not in study.user_attrs:
        parts = [unseen[start : start + CHUNK] for start in range(0, len(unseen), CHUNK)]
        tasks = [(*question.configured(point), part) for part in parts]
        runs = joined(list(map_tasks(run_draws, tasks, processes=processes)))
        study.set_user_attr(key, [constraint.chance(runs) for constraint in question.constraints])
    return study.user_attrs[key]
