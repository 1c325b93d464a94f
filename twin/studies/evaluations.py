"""What a search has evaluated, as a Dataset: who meets the constraints, who is best, who is nearest."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import optuna
import xarray as xr

from twin.fitting import optuna_study
from twin.studies.factors import Factor
from twin.studies.point import attributes
from twin.studies.question import Constraint, Objective

EDGE = 0.01
"""Of a bound, so near to which a value lies at the end of its range."""
PLATEAU = 1e-3
"""Weight of a shortfall beside a chance: the way out where no draw meets a constraint."""
MET = 1e-9
"""Excess of a constraint that rounding alone makes."""


class Goals(Protocol):
    """What a search varies and what it asks for."""

    @property
    def variables(self) -> Sequence[Factor]: ...

    @property
    def objectives(self) -> Sequence[Objective]: ...

    @property
    def constraints(self) -> Sequence[Constraint]: ...


def feasible(question: Goals, trial) -> bool:
    pairs = zip(question.constraints, trial.user_attrs["chances"], strict=True)
    finite = all(math.isfinite(value) for value in trial.values)
    return finite and all(constraint.excess(chance) <= MET for constraint, chance in pairs)


def evaluations_of(question: Goals, study: optuna.Study) -> xr.Dataset:
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
    met = np.array([feasible(question, trial) for trial in trials])
    data["feasible"] = ("evaluation", met, {"long_name": "Meets every constraint"})
    data["on_front"] = ("evaluation", met & _unbeaten(_costs(question, data), met))
    data["on_front"].attrs = {"long_name": "No feasible point is better in every objective"}
    return data


def at_the_edge(data: xr.Dataset, point: Mapping[str, float]) -> list[str]:
    """Variables of a point that lie at an end of their range: what is best may lie beyond it."""
    return [
        name
        for name, value in point.items()
        if any(math.isclose(value, data[name].attrs[end], rel_tol=EDGE) for end in ("low", "high"))
    ]


def _costs(question: Goals, data: xr.Dataset) -> np.ndarray:
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


def best_of_front(question: Goals, front: xr.Dataset) -> int:
    """The evaluation on the front that is nearest to the best of every objective."""
    costs = _costs(question, front)
    spread = np.ptp(costs, axis=0)
    scaled = (costs - costs.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    return int(front["evaluation"][np.argmin(np.linalg.norm(scaled, axis=1))])


def nearest(question: Goals, data: xr.Dataset) -> int:
    """The evaluation that is nearest to meeting every constraint."""
    return int(data["evaluation"][np.argmin(_missed(question, data))])


def _missed(question: Goals, data: xr.Dataset) -> np.ndarray:
    """How far each evaluation is from meeting every constraint, (evaluation,)."""
    missed = np.zeros(data.sizes["evaluation"])
    for place, constraint in enumerate(question.constraints):
        own = data.isel(constraint=place)
        short = np.array([constraint.shortfall(reached) for reached in own["reached"].values])
        excess = own["excess"].values
        missed += np.where(excess > MET, excess + PLATEAU * short, 0.0)
    return missed


def point_of(question: Goals, evaluation: xr.Dataset) -> dict[str, float]:
    return {variable.name: float(evaluation[variable.name]) for variable in question.variables}
