"""Rows that nobody has measured: a cell drawn from the priors, and what its rows might have said.

The truth is drawn from the priors within their bounds, and the rows from the likelihood itself, so that
a fit to them asks for the very posterior that the truth is a draw of:

* a value is what the truth gives, less a deviation: whitened, these are draws of Student's t;
* an event (a lifetime) comes likewise, unless its test ends before: then its row is a lower bound;
* such bounds, those that the rows have had before, and the survival of a cell up to its last row hold
  with the chance that their residuals state, exp(-residual^2 / 2). Where one does not hold, truth and
  values are drawn anew: they are then those of the cells for which all of them hold.

The chance that an event comes after the end of its test is nearly, but not quite, the one that a lower
bound there states (Student's t against what heavy tails make of the normal's Phi). What is kept of such
draws is in the ratio of the two, which makes the posterior of each row that it leads to exact.

A row whose value is scored by its ratio cannot be made of a prediction of nothing. Such a truth is drawn
anew too, and counted: the posterior does not exclude them, but their rows speak strongly against them.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from twin.fitting.evaluation import simulated
from twin.fitting.likelihood import BOUNDS, DEGREES_OF_FREEDOM, Likelihood, deviation
from twin.fitting.problem import Problem
from twin.fitting.told_by_rows import drawn_from_priors
from twin.measured.rows import Row
from twin.measured.runs import predict_survivor

TOGETHER = 8
"""Truths that are tried at once, side by side: about half of them are kept."""
LONGEST_TEST = 3.0
"""End of the test of an event, over when it was measured: what comes later makes a lower bound."""
LARGEST_RATIO = 1.32
"""Of the chance that a lower bound states to that of Student's t, over all margins that are scored."""


@dataclass(frozen=True)
class MadeUp:
    """A truth, and a problem whose rows were made of it.

    Attributes
    ----------
    problem : Problem
    truth : (parameter,)
        In standard deviations of the priors.
    white : (row,)
        The whitened deviations that were drawn; what they say of a bound is not used.
    missed, nothing : int
        Truths that were drawn before it, for which a bound did not hold, or a row said nothing.
    """

    problem: Problem
    truth: np.ndarray
    white: np.ndarray
    missed: int
    nothing: int


def made_up(problem: Problem, generator: np.random.Generator) -> MadeUp:
    """A truth of the priors of `problem`, and the same problem with rows that it might have given."""
    missed = nothing = 0
    while True:
        points = drawn_from_priors(problem, TOGETHER, generator)
        whites = generator.standard_t(DEGREES_OF_FREEDOM, (TOGETHER, len(problem.likelihood.rows)))
        limits = generator.random(TOGETHER)
        tried = zip(points, predictions(problem, points), whites, limits, strict=True)
        for point, (predicted, entries), white, limit in tried:
            if not says_something(problem, predicted, entries):
                nothing += 1
                continue
            rows = made_rows(problem, predicted, coloured(problem.likelihood, white))
            own = with_rows(problem, rows)
            if limit <= kept_share(problem, own, predicted, entries):
                return MadeUp(own, point, white, missed, nothing)
            missed += 1


def predictions(problem: Problem, points: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each point, what its runs say for the rows, (row,), in their units, and the entries."""
    versions = [problem.cells_at(point) for point in points]
    return [
        (
            np.array([
                predict_survivor(one.results, row, one.cell, one.protocol)
                for run, one in zip(problem.runs, found, strict=True)
                for row in run.rows
            ]),
            problem.likelihood.entries(found),
        )
        for found in simulated(problem.simulations, versions, problem.simulate)
    ]  # fmt: skip


def says_something(problem: Problem, predicted: np.ndarray, entries: np.ndarray) -> bool:
    """Whether every row can be made of what a truth predicts."""
    enough = [
        own > 0 or problem.spreads[row.observable].points
        for row, own in zip(problem.likelihood.rows, predicted, strict=True)
    ]
    return all(enough) and bool(np.isfinite(entries).all())


def coloured(likelihood: Likelihood, white: np.ndarray) -> np.ndarray:
    """Deviations, (row,), whose whitened ones are `white`: rows of one cell share its offset."""
    deviations = np.zeros(len(white))
    together: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(likelihood.rows):
        if row.kind not in BOUNDS:
            together.setdefault((row.physical_cell, row.observable), []).append(place)
    for (_, observable), places in together.items():
        spread = likelihood.spreads[observable]
        covariance = np.eye(len(places)) * spread.scatter**2 + spread.cell**2
        deviations[places] = np.linalg.cholesky(covariance) @ white[places]
    return deviations


def made_rows(problem: Problem, predicted: np.ndarray, deviations: np.ndarray) -> list[Row]:
    """The rows, with what a truth predicts less deviations for values; bounds stay as they are."""
    made = []
    for row, own, off in zip(problem.likelihood.rows, predicted, deviations, strict=True):
        if row.kind in BOUNDS:
            made.append(row)
            continue
        points = problem.spreads[row.observable].points
        kind, value = row.kind, float(own - off if points else own * np.exp(-off))
        if kind == "event" and value > LONGEST_TEST * row.value:
            kind, value = "lower_bound", LONGEST_TEST * row.value
        made.append(
            dataclasses.replace(row, kind=kind, value=value, text=f"{value:.6g}", where="made up")
        )
    return made


def with_rows(problem: Problem, rows: Sequence[Row]) -> Problem:
    """The problem with other rows under the same ids."""
    named = {row.id: row for row in rows}
    runs = tuple(
        dataclasses.replace(run, rows=tuple(named[row.id] for row in run.rows)) for run in problem.runs
    )
    return dataclasses.replace(problem, runs=runs)


def kept_share(problem: Problem, made: Problem, predicted: np.ndarray, entries: np.ndarray) -> float:
    """With which chance a truth is kept with rows made of it: that all bounds hold, and see above."""
    likelihood, rows = made.likelihood, made.likelihood.rows
    scored = [
        deviation(row, own, problem.spreads[row.observable])
        for row, own in zip(rows, predicted, strict=True)
    ]
    bounded = [row.kind in BOUNDS for row in rows] + [True] * len(likelihood.survivals)
    residuals = likelihood.residuals(np.concatenate([scored, entries[len(rows) :]]))[bounded]
    share = np.exp(-0.5 * (residuals**2).sum())
    for row, before, own in zip(rows, problem.likelihood.rows, scored, strict=True):
        if row.kind != before.kind:
            spread = problem.spreads[row.observable]
            after = t.cdf(own / np.hypot(spread.scatter, spread.cell), DEGREES_OF_FREEDOM)
            share /= LARGEST_RATIO * after
    return float(share)
