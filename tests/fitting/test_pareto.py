"""Weights whose tail is heavy are said to be so."""

import numpy as np
import pytest

from twin.fitting.pareto import smoothed


def divided_by(factor, count=4000):
    """ln of a standard normal over one `factor` times as narrow, at draws of the latter, negative."""
    x = np.random.default_rng(0).standard_normal(count) / factor
    return 0.5 * x**2 - 0.5 * (factor * x) ** 2


def test_a_proposal_with_longer_tails_is_safe_and_one_with_shorter_is_not():
    """Of a normal over a narrower one k is 1 - 1/factor^2; over a wider one weights are bounded."""
    assert smoothed(divided_by(0.8))[1] < 0.3
    assert smoothed(divided_by(2.0))[1] == pytest.approx(0.75, abs=0.15)


def test_smoothing_keeps_the_order_of_weights():
    heights = divided_by(1.3)
    weights, _ = smoothed(heights)
    order = np.argsort(-heights)
    assert np.all(np.diff(weights[order]) >= -1e-9)


def test_equal_weights_have_no_tail():
    weights, k = smoothed(np.full(50, -3.0))
    assert k == 0
    assert np.ptp(weights) == 0


def test_one_draw_over_and_over_says_nothing():
    heights = np.concatenate([np.random.default_rng(0).standard_normal(100), np.full(300, -40.0)])
    assert smoothed(heights)[1] == np.inf


def test_a_few_draws_over_and_over_say_nothing():
    """A sticky chain: where the tail of the weights begins there is one value, again and again."""
    repeats = np.concatenate([[-9.0, -8.0], np.full(40, -7.0), np.full(2000, -1.0)])
    weights, k = smoothed(repeats)
    assert k == np.inf
    assert np.isfinite(weights).all()


def test_a_few_draws_that_weigh_hardly_more_do_no_harm():
    """A bound that nearly every draw keeps."""
    weights, k = smoothed(np.concatenate([[-1.0, -0.8], np.full(40, -0.2), np.zeros(2000)]))
    assert k == 0
    assert weights.max() == 1.0
