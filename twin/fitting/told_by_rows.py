"""What the rows say of a fit: predictions before and after it, and which rows pull.

A row pulls where leaving it out would move the posterior. Pareto-smoothed importance sampling weighs
each draw by one over the row's likelihood, given the other rows of its physical cell (PSIS-LOO: Vehtari
et al. 2017, Statistics and Computing 27, 1413); Pareto's k of these weights says how much it would move.
"""

import math

import numpy as np
import xarray as xr
from scipy.stats import truncnorm

from twin.fitting.pareto import smoothed
from twin.fitting.problem import Problem

PRIOR_POINTS = 200
"""Points of the prior whose runs are made: enough for 5 and 95 % ends of what it predicts."""


def drawn_from_priors(problem: Problem, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draws of the priors within their bounds, (point, parameter): none heaps up at a bound."""
    size = (count, len(problem.searched))
    return truncnorm.rvs(*problem.bounds, size=size, random_state=generator)


def groups_of(problem: Problem, entries: np.ndarray, prior_entries: np.ndarray) -> dict[str, xr.Dataset]:
    """Groups, as ArviZ names them, of what draws say for the rows.

    Parameters
    ----------
    entries : (chain, draw, entry), of the posterior
    prior_entries : (draw, entry), of the prior

    Returns
    -------
    dict of name to xarray.Dataset
        `posterior_predictive` and `prior_predictive`: `prediction` (chain, draw, row), in the unit of
        each row. `observed_data`, over row: `measured`, `unit`, `observable`, `kind`, the standard
        `deviation` of equal cells, of the natural logarithm or, where `points` is 1, in points.
        `log_likelihood`: `rows` (chain, draw, row). `leave_one_out`: of each row its expected ln density
        `elpd` left out and `pareto_k`.
    """
    likelihood, count = problem.likelihood, len(problem.likelihood.rows)
    rows = {"row": likelihood.names[:count]}
    spreads = [likelihood.spread_of(row) for row in likelihood.rows]
    pointwise = likelihood.pointwise(entries)[..., :count]
    flat = pointwise.reshape(-1, count)
    found = [smoothed(flat[:, row]) for row in range(count)]
    weights = np.array([own for own, _ in found]).T
    elpd = np.log((np.exp(weights) * np.exp(flat)).sum(axis=0) / np.exp(weights).sum(axis=0))
    places = {"chain": np.arange(len(entries)), "draw": np.arange(entries.shape[1]), **rows}
    prior_places = {"chain": [0], "draw": np.arange(len(prior_entries)), **rows}
    dims = ("chain", "draw", "row")
    return {
        "posterior_predictive": xr.Dataset(
            {"prediction": (dims, _predictions(problem, entries))}, coords=places
        ),
        "prior_predictive": xr.Dataset(
            {"prediction": (dims, _predictions(problem, prior_entries[None]))}, coords=prior_places
        ),
        "observed_data": xr.Dataset(
            {
                "measured": ("row", [row.value for row in likelihood.rows]),
                "unit": ("row", [row.unit for row in likelihood.rows]),
                "observable": ("row", [row.observable for row in likelihood.rows]),
                "kind": ("row", [row.kind for row in likelihood.rows]),
                "deviation": ("row", [math.hypot(own.scatter, own.cell) for own in spreads]),
                "points": ("row", [int(own.points) for own in spreads]),
            },
            coords=rows,
        ),
        "log_likelihood": xr.Dataset({"rows": (dims, pointwise.astype("f4"))}).assign_coords(
            chain=places["chain"], draw=places["draw"]
        ),
        "leave_one_out": xr.Dataset(
            {"elpd": ("row", elpd), "pareto_k": ("row", [k for _, k in found])}, coords=rows
        ),
    }


def _predictions(problem: Problem, entries: np.ndarray) -> np.ndarray:
    """What entries (chain, draw, entry) say for the rows, in their units, (chain, draw, row)."""
    rows = problem.likelihood.rows
    measured = np.array([row.value for row in rows], dtype=float)
    points = np.array([problem.likelihood.spread_of(row).points for row in rows])
    own = entries[..., : len(rows)]
    return np.where(points, measured + own, measured * np.exp(np.where(points, 0.0, own))).astype("f4")
