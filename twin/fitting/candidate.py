"""One candidate of a comparison: its fit, and how well it says each row that it has not seen.

The fit is that of ``posterior`` with a study that lives in memory. A row whose Pareto k is high is left
out in truth: the posterior without it is drawn anew, with all that was evaluated before as its teacher,
because the runs are the same and only what counts of them is not (Vehtari et al. 2017, section 2.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
import xarray as xr
from scipy.special import logsumexp, softmax
from tqdm.auto import tqdm

from twin.fitting import optimum, optuna_study
from twin.fitting.evaluated import Evaluated
from twin.fitting.optimum import FAR
from twin.fitting.posterior import Posterior, explored, fitted_coordinates
from twin.fitting.problem import Problem
from twin.fitting.sampling import Target, sample

RELIABLE = 0.7
"""Pareto k up to which smoothed importance weights say what a refit would (Vehtari et al. 2024)."""
MOST_STARTS = 3
"""Points from which the walkers of a refit set out, the best and far from each other."""
REFITS = "refits"
"""The group of a candidate that tells of the rows that were left out in truth."""
EVALUATED = "evaluated"
"""The group of a candidate that holds all that was evaluated."""


@dataclass(frozen=True)
class Refit:
    """The fit without one row: ln of the mean density of that row, the Monte-Carlo error of that, and
    why it may be doubted."""

    row: str
    elpd: float
    error: float
    doubt: str


def fitted(
    problem: Problem,
    *,
    trials: int,
    draws: int,
    seed: int,
    workers: int | None = None,
    others: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[Posterior, Evaluated]:
    """The posterior of a problem, and all that was evaluated on the way.

    Descents set out from the middle of the priors, from the fit that is there, from trials of CMA-ES,
    and from the optima of `others`: words -> parameter -> value, of which it takes those it has.
    """
    evaluated = Evaluated(problem, processes=workers)
    study = optuna_study.open_study(
        problem.paper,
        optuna.storages.InMemoryStorage(),
        sampler=optimum.sampler(seed),
        version=problem.version,
        made_by="the variant",
    )
    optimum.explore(problem, study, trials, evaluated)
    starts = optimum.starts(problem, study, fitted_coordinates(problem))
    for words, values in (others or {}).items():
        starts.append((f"the optimum of '{words}'", _taken_over(problem, values)))
    found = optimum.refined(evaluated, starts)
    return explored(found, evaluated, draws=draws, seed=seed, trials=trials), evaluated


def _taken_over(problem: Problem, values: Mapping[str, float]) -> np.ndarray:
    """Coordinates of the values of another optimum, where the problem has its parameters."""
    own = problem.values(problem.start)
    taken = [values.get(s.name, value) for s, value in zip(problem.searched, own, strict=True)]
    low, high = zip(*(s.prior.search_range for s in problem.searched), strict=True)
    return np.clip(problem.coordinates(np.clip(taken, low, high).tolist()), *problem.bounds)


def refitted(evaluated: Evaluated, row: str, ends: np.ndarray, *, draws: int, seed: int) -> Refit:
    """The fit without a row. `ends` (end, parameter) are where descents of the whole fit ended."""
    problem, likelihood = evaluated.problem, evaluated.problem.likelihood
    place = likelihood.names.index(row)

    def log_density(points: np.ndarray, entries: np.ndarray) -> np.ndarray:
        return problem.log_density(points, entries) - likelihood.pointwise(entries)[..., place]

    points, entries = evaluated.everything
    with tqdm(desc=f"without {row}", unit=" runs of all rows", disable=None) as bar:
        target = Target(
            problem.bounds,
            lambda asked: evaluated.entries(asked, progress=bar.update),
            log_density,
            likelihood.residuals,
        )
        sampled = sample(
            target,
            (points, entries),
            np.concatenate([_far(points, log_density(points, entries)), ends]),
            draws=draws,
            generator=np.random.default_rng([seed, place]),
        )
    density = likelihood.pointwise(sampled.entries)[..., place].ravel()
    error = monte_carlo_error(density, np.zeros_like(density), sampled.effective_draws)
    return Refit(row, float(log_mean(density)), error, sampled.doubt)


def _far(points: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The highest of points (point, parameter) that are far from each other."""
    chosen: list[np.ndarray] = []
    for point in points[np.argsort(-heights)]:
        if all(np.sqrt(np.mean((point - other) ** 2)) >= FAR for other in chosen):
            chosen.append(point)
        if len(chosen) == MOST_STARTS:
            break
    return np.array(chosen)


def log_mean(heights: np.ndarray, axis: int = 0) -> np.ndarray | float:
    """ln of the mean of exp(heights) over the draws."""
    return logsumexp(heights, axis=axis) - np.log(heights.shape[axis])


def monte_carlo_error(heights: np.ndarray, weights: np.ndarray, effective: float) -> float:
    """Standard error of ln of the weighted mean of exp(heights), (draw,), by the delta method.

    `weights` are natural logarithms, (draw,); `effective` is what the draws are worth, because they
    follow each other in chains (Vehtari et al. 2017, section 2.2).
    """
    shares, sizes = softmax(weights), np.exp(heights - heights.max())
    mean = shares @ sizes
    independent = np.sqrt(((shares * (sizes - mean)) ** 2).sum()) / mean
    return float(independent * np.sqrt(len(heights) / min(effective, len(heights))))


def high(groups: xr.DataTree) -> list[str]:
    """Rows whose Pareto k is too high for the weights to be relied on."""
    told = groups["leave_one_out"].to_dataset()
    return [str(row) for row in told["row"].values[told["pareto_k"].values > RELIABLE]]


def with_refits(groups: xr.DataTree, refits: Sequence[Refit]) -> xr.DataTree:
    """The groups of a candidate with the refits that are done."""
    done = xr.Dataset(
        {
            "elpd": ("row", [float(one.elpd) for one in refits]),
            "error": ("row", [float(one.error) for one in refits]),
            "doubt": ("row", np.array([one.doubt for one in refits], dtype=object)),
        },
        coords={"row": np.array([one.row for one in refits], dtype=object)},
    )
    return xr.DataTree.from_dict({**groups.to_dict(), f"/{REFITS}": done})


def with_evaluated(groups: xr.DataTree, evaluated: Evaluated) -> xr.DataTree:
    """The groups of a candidate with all that was evaluated, so that refits go on from there."""
    points, entries = evaluated.everything
    found = xr.Dataset(
        {"points": (("evaluation", "coordinate"), points), "entries": (("evaluation", "entry"), entries)}
    )
    return xr.DataTree.from_dict({**groups.to_dict(), f"/{EVALUATED}": found})


def refits_of(groups: xr.DataTree) -> list[Refit]:
    """The refits that are done."""
    if REFITS not in groups.children:
        return []
    done = groups[REFITS].to_dataset()
    columns = (done[name].values.tolist() for name in ("row", "elpd", "error", "doubt"))
    return [Refit(*one) for one in zip(*columns, strict=True)]


def evaluated_of(problem: Problem, groups: xr.DataTree, workers: int | None = None) -> Evaluated:
    """All that was evaluated, of the groups of a candidate."""
    kept = groups[EVALUATED].to_dataset()
    evaluated = Evaluated(problem, processes=workers)
    evaluated.add(kept["points"].values, kept["entries"].values)
    return evaluated
