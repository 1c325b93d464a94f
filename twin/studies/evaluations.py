"""What a search has evaluated, as a Dataset: who meets the constraints, who is best, who is nearest."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from twin.results.quantities import EDGES, QUANTITIES, SEARCHES, variable_of
from twin.studies.study import Study

if TYPE_CHECKING:  # a report reads evaluations and does not wait for Optuna
    from optuna.trial import FrozenTrial

EDGE = 0.01
"""A value that is within this share of an end of its range lies at that end."""


def feasible(study: Study, trial: "FrozenTrial") -> bool:
    """True where an evaluation has an answer and meets every constraint."""
    pairs = zip(study.constraints, trial.user_attrs["chances"], strict=True)
    answered = all(math.isfinite(value) for value in trial.values)
    return answered and all(constraint.is_met(chance) for constraint, chance in pairs)


def evaluations_of(study: Study, trials: Sequence["FrozenTrial"]) -> xr.Dataset:
    """Every evaluation of a search, from the finished trials of its Optuna study, in their order.

    Returns
    -------
    xarray.Dataset over `evaluation`
        What varies, and the objectives with their 5-95 % interval (`_low` and `_high`); those of
        :data:`twin.results.quantities.SEARCHES` that every evaluation has, of which `chance`, `excess`
        and `reached` are over `constraint` too.
    """
    data = xr.Dataset(coords={"evaluation": [trial.number for trial in trials]})
    for own in study.ranges:
        ends = {"low": own.low, "high": own.high}
        values = [trial.params[own.name] for trial in trials]
        data[own.name] = ("evaluation", values, own.attributes | ends)
    for place, objective in enumerate(study.objectives):
        name = objective.quantity
        about = data[name].attrs if name in data else QUANTITIES[name].attributes
        goal = {"goal": objective.goal, "quantile": objective.quantile}
        values = [trial.values[place] for trial in trials]
        data[objective.label] = ("evaluation", values, about | goal)
        edges = np.array([trial.user_attrs["intervals"][place] for trial in trials])
        for edge, column in zip(EDGES, edges.T, strict=True):
            data[f"{objective.label}_{edge}"] = ("evaluation", column, about)
    return data.merge(_constraints_of(study, trials)).pipe(_with_front, study)


def _constraints_of(study: Study, trials: Sequence["FrozenTrial"]) -> xr.Dataset:
    """How each evaluation stands to the constraints."""
    labels = np.array([constraint.label for constraint in study.constraints], dtype=str)
    shape = (len(trials), len(labels))
    chance = np.array([trial.user_attrs["chances"] for trial in trials]).reshape(shape)
    reached = np.array([trial.user_attrs["reached"] for trial in trials], dtype=float).reshape(shape)
    excess, missed = np.zeros(shape), np.zeros(shape)
    for place, constraint in enumerate(study.constraints):
        pairs = [*zip(chance[:, place], reached[:, place], strict=True)]
        excess[:, place] = [constraint.excess(own) for own, _ in pairs]
        missed[:, place] = [constraint.missed_by(*pair) for pair in pairs]
    both = ("evaluation", "constraint")
    data = xr.Dataset(
        {
            "chance": (both, chance),
            "excess": (both, excess),
            "reached": (both, reached),
            "missed": ("evaluation", missed.sum(axis=1)),
            "draws_run": ("evaluation", [trial.user_attrs["draws"] for trial in trials]),
            "feasible": ("evaluation", [feasible(study, trial) for trial in trials]),
        },
        coords={"constraint": labels},
    )
    for name, variable in data.data_vars.items():
        variable.attrs = SEARCHES[str(name)].attributes
    return data


def _with_front(data: xr.Dataset, study: Study) -> xr.Dataset:
    met = data["feasible"].values
    on_front = met & _unbeaten(_costs(study, data), met)
    return data.assign(on_front=("evaluation", on_front, SEARCHES["on_front"].attributes))


def _costs(study: Study, data: xr.Dataset) -> np.ndarray:
    """Objectives turned so that less is better, (evaluation, objective)."""
    signs = [1.0 if objective.goal == "minimise" else -1.0 for objective in study.objectives]
    columns = [data[objective.label].values for objective in study.objectives]
    return np.stack(columns, axis=1) * signs


def _unbeaten(costs: np.ndarray, feasible: np.ndarray) -> np.ndarray:
    """True where no feasible point is as good in every objective and better in one."""
    rivals = costs[feasible]
    as_good = (rivals[None, :, :] <= costs[:, None, :]).all(axis=2)
    better = (rivals[None, :, :] < costs[:, None, :]).any(axis=2)
    return ~(as_good & better).any(axis=1)


def best_of_front(study: Study, data: xr.Dataset) -> int:
    """Place of the evaluation on the front that is nearest to the best of every objective."""
    places = np.flatnonzero(data["on_front"].values)
    costs = _costs(study, data)[places]
    spread = np.ptp(costs, axis=0)
    scaled = (costs - costs.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    return int(places[np.argmin(np.linalg.norm(scaled, axis=1))])


def nearest_first(data: xr.Dataset) -> np.ndarray:
    """Places of the evaluations of a search, from the nearest to meeting every constraint on.

    Raises DatasetError: the Dataset is not one of a search, or one of an older version.
    """
    return np.argsort(variable_of(data, "missed").values, kind="stable")


def at_the_edge(data: xr.Dataset, point: Mapping[str, float]) -> list[str]:
    """What varies and lies at an end of its range at a point: what is best may lie beyond it."""
    return [
        name
        for name, value in point.items()
        if any(math.isclose(value, data[name].attrs[end], rel_tol=EDGE) for end in EDGES)
    ]
