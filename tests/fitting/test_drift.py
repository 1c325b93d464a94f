"""The error along a curve: its innovations are those of the dense covariance; no proof counts twice."""

import numpy as np
import pytest

from twin.fitting.drift import innovations, whitening
from twin.measured.spread import CurveSpread

SPREAD = CurveSpread(scatter=0.02, cell=0.05, points=False, noise=0.004, length=30.0)
CYCLES = np.array([1, 2, 3, 7, 20, 21, 60, 200, 201, 450.0])


def dense(cycles, spread):
    """The covariance of the errors, as the module's equations say it."""
    apart = np.abs(np.subtract.outer(cycles, cycles))
    drift = spread.scatter**2 * np.exp(-apart / spread.length)
    return drift + spread.cell**2 + spread.noise**2 * np.eye(len(cycles))


def width(cycles, spread, slope):
    """Standard deviation of the factor before `slope` that errors in these cycles leave open."""
    white = innovations(slope, cycles, spread)
    return 1 / np.sqrt(white @ white)


def test_innovations_have_the_quadratic_form_of_the_dense_covariance():
    errors = np.random.default_rng(0).normal(size=(5, len(CYCLES)))
    white = innovations(errors, CYCLES, SPREAD)
    form = np.einsum("ij,jk,ik->i", errors, np.linalg.inv(dense(CYCLES, SPREAD)), errors)
    assert (white**2).sum(axis=1) == pytest.approx(form, rel=1e-9)  # rounding of ten steps


def test_whitened_errors_are_independent_and_of_unit_deviation():
    matrix = whitening(CYCLES, SPREAD)
    white = matrix @ dense(CYCLES, SPREAD) @ matrix.T
    assert white == pytest.approx(np.eye(len(CYCLES)), abs=1e-9)


def test_more_cycles_change_nothing_of_those_before():
    errors = np.random.default_rng(1).normal(size=len(CYCLES))
    whole = innovations(errors, CYCLES, SPREAD)
    part = innovations(errors[:6], CYCLES[:6], SPREAD)
    assert part == pytest.approx(whole[:6], rel=1e-12)


@pytest.mark.parametrize("slope", [np.ones_like, lambda c: c / 400])
def test_eight_times_the_points_are_not_eight_times_the_proof(slope):
    few, many = np.linspace(1, 400, 50), np.linspace(1, 400, 400)
    own = CurveSpread(scatter=0.02, cell=0.0, points=False, noise=0.004, length=100.0)
    ratio = width(many, own, slope(many)) / width(few, own, slope(few))
    # independent points would make it 0.35
    assert 0.9 < ratio < 1.0


def test_doubling_the_points_of_the_same_cycles_halves_no_variance():
    cycles = np.repeat(np.linspace(1, 400, 50), 2)
    own = CurveSpread(scatter=0.02, cell=0.0, points=False, noise=0.004, length=100.0)
    ratio = width(cycles, own, np.ones(100)) / width(cycles[::2], own, np.ones(50))
    assert 0.95 < ratio < 1.0
