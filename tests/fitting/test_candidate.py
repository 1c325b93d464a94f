"""A row left out in truth: its density is that of the posterior without it, known of linear rows."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from twin import parallel
from twin.fitting import candidate
from twin.fitting.evaluated import Evaluated
from twin.fitting.likelihood import Likelihood
from twin.fitting.problem import Problem, Searched
from twin.measured.experiment import Experiment
from twin.parameters import Prior

ROWS = np.array([[3.0, 1.0], [0.0, 2.0], [2.5, 1.0]])
MEASURED = np.array([2.0, -1.0, 4.0])
"""Of the last row something that the others would not say."""
DRAWS = 400


class Straight(Likelihood):
    """Rows whose entries are their residuals."""

    rows = tuple(SimpleNamespace(id=f"R{number}", role="fit") for number in range(3))
    survivals = ()

    def residuals(self, entries):
        return entries

    def pointwise(self, entries):
        return -0.5 * entries**2


class Linear(Problem):
    """Two parameters against three rows."""

    likelihood = Straight((), {})

    def entries(self, points, *, processes=None, found=lambda entries: None):
        entries = points @ ROWS.T - MEASURED
        found(entries)
        return entries


@pytest.fixture
def evaluated(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    prior = Prior("normal", -1e3, 1e3, 0.0, 1.0)
    nothing = {name: {} for name in ("protocols", "cells", "spreads", "cell_to_cell", "parameter_rows")}
    experiment = Experiment("Toy", Path(), rows=(), **nothing)
    problem = Linear(experiment, {}, (), tuple(Searched("pairs/of_two", key, prior) for key in "ab"))
    known = Evaluated(problem)
    known.entries(np.random.default_rng(1).standard_normal((60, 2)))
    return known


@pytest.mark.parametrize("row", [0, 2])
def test_a_refit_says_a_row_as_the_posterior_without_it_does(evaluated, row):
    left = np.delete(ROWS, row, axis=0)
    covariance = np.linalg.inv(left.T @ left + np.eye(2))
    mean = covariance @ left.T @ np.delete(MEASURED, row)
    off = ROWS[row] @ mean - MEASURED[row]
    width = 1 + ROWS[row] @ covariance @ ROWS[row]
    known = -0.5 * np.log(width) - 0.5 * off**2 / width
    found = candidate.refitted(evaluated, f"R{row}", np.zeros((1, 2)), draws=DRAWS, seed=0)
    assert found.doubt == ""
    # the densities of the draws differ by about their mean, so that ln of it errs by some 2/sqrt(draws)
    assert found.elpd == pytest.approx(known, abs=4 / np.sqrt(DRAWS))


def test_the_error_of_a_mean_density_is_that_of_repeated_draws():
    """By the delta method, against the spread of ln(mean) over 4000 repetitions of 200 draws."""
    heights = np.random.default_rng(3).normal(0.0, 0.5, size=(4000, 200))
    told = candidate.monte_carlo_error(heights[0], np.zeros(200), 200)
    assert told == pytest.approx(candidate.log_mean(heights, axis=1).std(), rel=0.15)
    assert candidate.monte_carlo_error(heights[0], np.zeros(200), 50) == pytest.approx(2 * told)
