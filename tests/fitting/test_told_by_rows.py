"""Draws of the priors that the rows are predicted from before a fit."""

import numpy as np
import pytest
from scipy.stats import norm

from twin.fitting.problem import problem_of
from twin.fitting.told_by_rows import drawn_from_priors


def test_priors_end_at_their_bounds():
    problem = problem_of("Duan2023")
    lower, upper = problem.bounds
    points = drawn_from_priors(problem, 2000, np.random.default_rng(2))
    assert np.all((points >= lower) & (points <= upper))
    # of a normal between its ends
    mass = norm.cdf(upper) - norm.cdf(lower)
    mean = (norm.pdf(lower) - norm.pdf(upper)) / mass
    assert points.mean(axis=0) == pytest.approx(mean, abs=4 / np.sqrt(2000))
    assert np.abs(mean).max() > 0.05
    assert len(np.unique(points)) == points.size  # none stands at a bound
