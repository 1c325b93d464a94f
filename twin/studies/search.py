"""The best point: Optuna over protocol and design, under constraints on chances."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
import xarray as xr

from twin import optuna_study
from twin.cell import Cell
from twin.errors import StudyError
from twin.parallel import map_tasks
from twin.parameter_sets import load_cell
from twin.protocols import Protocol
from twin.results import provenance
from twin.studies.ensemble import attributes, common_draws, joined, run_draws
from twin.studies.factors import Factor, read_factor
from twin.studies.finished_points import code_version
from twin.studies.goals import Constraint, Objective, read_constraints, read_objectives
from twin.studies.templates import Template, read_templates

CYCLES = 800
DRAWS = 100
EVALUATIONS = 300
CHUNK = 16
"""Draws after which an evaluation looks whether its constraints can still be met."""
STORAGE = "sqlite:///search.db"
EDGE = 0.01
"""Of a bound, so near to which a value lies at the end of its range."""
PLATEAU = 1e-3
"""Weight of a shortfall beside a chance: the way out where no draw meets a constraint."""
MET = 1e-9
"""Excess of a constraint that rounding alone makes."""


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
        content = [code_version(), self.cell.hash, list(self.drawn), [repr(part) for part in parts]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


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
    StudyError : an unknown objective or constraint, no variables, a study in use or of another question.
    """
    cell = load_cell(cell) if isinstance(cell, str) else cell
    question = _question(
        cell, objective, constraints, variables or {}, protocol, cycles,
        common_draws(cell, draws, seed, draw_from).factors,
    )  # fmt: skip
    if evaluations < 1:
        raise StudyError(f"evaluations must be 1 or more, not {evaluations}")
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
        data = _dataset(question, study)
        front = data.isel(evaluation=np.flatnonzero(data["on_front"].values))
        met = front.sizes["evaluation"] > 0
        chosen = _nearest_to_the_best_of_each(question, front) if met else _nearest(question, data)
        point = _point(question, data.sel(evaluation=chosen))
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
    met = sum(_feasible(question, trial) for trial in optuna_study.complete(study))
    return f"{met} meet the constraints"


def _feasible(question: Question, trial) -> bool:
    pairs = zip(question.constraints, trial.user_attrs["chances"], strict=True)
    finite = all(math.isfinite(value) for value in trial.values)
    return finite and all(constraint.excess(chance) <= MET for constraint, chance in pairs)


def _dataset(question: Question, study: optuna.Study) -> xr.Dataset:
    """Every finished evaluation, in the order of the study."""
    trials = optuna_study.complete(study)
    data = xr.Dataset(coords={"evaluation": [trial.number for trial in trials]})
    for variable in question.variables:
        values = [trial.params[variable.name] for trial in trials]
        about = {"units": variable.unit or "1", "long_name": variable.long_name}
        bounds = {"low": variable.low, "high": variable.high}
        data[variable.name] = ("evaluation", values, about | bounds)
    for place, objective in enumerate(question.objectives):
        is_variable = objective.quantity in data
        about = data[objective.quantity].attrs if is_variable else attributes(objective.quantity)
        edges = np.array([trial.user_attrs["intervals"][place] for trial in trials])
        values = [trial.values[place] for trial in trials]
        goal = {"goal": objective.goal, "quantile": objective.quantile}
        data[objective.label] = ("evaluation", values, about | goal)
        for edge, column in zip(("low", "high"), edges.T, strict=True):
            data[f"{objective.label}_{edge}"] = ("evaluation", column, about)
    labels = [constraint.label for constraint in question.constraints]
    sizes = (len(trials), len(labels))
    chances = np.array([trial.user_attrs["chances"] for trial in trials]).reshape(sizes)
    excess = [
        [constraint.excess(chance) for constraint, chance in zip(question.constraints, row, strict=True)]
        for row in chances
    ]
    data = data.assign_coords(constraint=np.array(labels, dtype=str))
    both = ("evaluation", "constraint")
    data["chance"] = (both, chances, {"units": "1", "long_name": "Chance that a constraint asks about"})
    data["excess"] = (
        both,
        np.array(excess).reshape(sizes),
        {"units": "1", "long_name": "How far the chance is from what is asked; above zero: not met"},
    )
    reached = np.array([[float(b) for b in trial.user_attrs["reached"]] for trial in trials])
    data["reached"] = (both, reached.reshape(sizes))
    data["reached"].attrs = {"long_name": "Bound that would be met with the probability asked"}
    data["draws_run"] = ("evaluation", [trial.user_attrs["draws"] for trial in trials])
    data["draws_run"].attrs = {"units": "1", "long_name": "Draws run before the answer was clear"}
    feasible = np.array([_feasible(question, trial) for trial in trials])
    data["feasible"] = ("evaluation", feasible, {"long_name": "Meets every constraint"})
    data["on_front"] = ("evaluation", feasible & _unbeaten(_costs(question, data), feasible))
    data["on_front"].attrs = {"long_name": "No feasible point is better in every objective"}
    return data


def at_the_edge(data: xr.Dataset, point: Mapping[str, float]) -> list[str]:
    """Variables of a point that lie at an end of their range: what is best may lie beyond it."""
    return [
        name
        for name, value in point.items()
        if any(math.isclose(value, data[name].attrs[end], rel_tol=EDGE) for end in ("low", "high"))
    ]


def _costs(question: Question, data: xr.Dataset) -> np.ndarray:
    """Objectives turned so that less is better, (evaluation, objective)."""
    signs = [1.0 if objective.goal == "minimise" else -1.0 for objective in question.objectives]
    columns = [data[objective.label].values for objective in question.objectives]
    return np.stack(columns, axis=1) * signs


def _unbeaten(costs: np.ndarray, feasible: np.ndarray) -> np.ndarray:
    """True where no feasible point is as good in every objective and better in one."""
    rivals = costs[feasible]
    as_good = (rivals[None, :, :] <= costs[:, None, :]).all(axis=2)
    better = (rivals[None, :, :] < costs[:, None, :]).any(axis=2)
    return ~(as_good & better).any(axis=1)


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


def _nearest_to_the_best_of_each(question: Question, front: xr.Dataset) -> int:
    """The evaluation on the front that is nearest to the best of every objective."""
    costs = _costs(question, front)
    spread = np.ptp(costs, axis=0)
    scaled = (costs - costs.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    return int(front["evaluation"][np.argmin(np.linalg.norm(scaled, axis=1))])


def _nearest(question: Question, data: xr.Dataset) -> int:
    """The evaluation that is nearest to meeting every constraint."""
    return int(data["evaluation"][np.argmin(_missed(question, data))])


def _missed(question: Question, data: xr.Dataset) -> np.ndarray:
    """How far each evaluation is from meeting every constraint, (evaluation,)."""
    missed = np.zeros(data.sizes["evaluation"])
    for place, constraint in enumerate(question.constraints):
        own = data.isel(constraint=place)
        short = np.array([constraint.shortfall(reached) for reached in own["reached"].values])
        excess = own["excess"].values
        missed += np.where(excess > MET, excess + PLATEAU * short, 0.0)
    return missed


def _point(question: Question, evaluation: xr.Dataset) -> dict[str, float]:
    return {variable.name: float(evaluation[variable.name]) for variable in question.variables}
