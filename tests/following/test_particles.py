"""Particles that take in data: against conjugate normals, whose posterior has a closed form."""

import numpy as np
import pytest

from twin.following.particles import (
    Particles,
    effective_number,
    systematic,
    take_in,
)

NOISE = 0.3
TRUTH = np.array([1.2, -0.7, 0.4])
DESIGN = np.random.default_rng(5).normal(size=(120, 3))
MEASURED = DESIGN @ TRUTH + NOISE * np.random.default_rng(6).normal(size=120)


def log_prior(points):
    return -0.5 * (points**2).sum(axis=1)


def likelihoods(before, after):
    """Of the first `before` and the first `after` measured values."""

    def found(points):
        squares = ((points @ DESIGN.T - MEASURED) / NOISE) ** 2
        return -0.5 * squares[:, :before].sum(axis=1), -0.5 * squares[:, :after].sum(axis=1)

    return found


def closed_form(count):
    """Mean and standard deviation of the posterior of the first `count` values."""
    rows = DESIGN[:count]
    covariance = np.linalg.inv(np.eye(3) + rows.T @ rows / NOISE**2)
    return covariance @ rows.T @ MEASURED[:count] / NOISE**2, np.sqrt(np.diag(covariance))


def followed(*counts, particles=1000):
    """Particles after updates at each of the counts, and what each update took."""
    generator = np.random.default_rng(0)
    known = Particles(generator.standard_normal((particles, 3)), np.zeros(particles))
    told, before = [], 0
    for after in counts:
        told.append(take_in(known, log_prior, likelihoods(before, after), generator))
        known, before = told[-1].particles, after
    return known, told


def moments(known):
    mean = known.weights @ known.points
    return mean, np.sqrt(known.weights @ (known.points - mean) ** 2)


@pytest.mark.parametrize("counts", [(120,), (4, 10, 30, 120)], ids=["at once", "as they come"])
def test_particles_follow_the_closed_form_of_conjugate_normals(counts):
    mean, deviation = closed_form(counts[-1])
    own_mean, own_deviation = moments(followed(*counts)[0])
    # 1000 particles, of which half at least are effective: four standard errors of their moments
    assert np.abs(own_mean - mean).max() < 4 * deviation.max() / np.sqrt(500)
    assert own_deviation == pytest.approx(deviation, rel=4 / np.sqrt(2 * 500))


def test_data_that_tell_much_at_once_are_let_in_little_by_little():
    _, (told,) = followed(120)
    assert told.effective < 20  # re-weighted in one go, hardly any particle would be left
    assert told.resamplings > 2
    assert told.particles.effective >= 500


def test_data_that_tell_little_only_re_weight():
    known, (_, told) = followed(119, 120)
    assert told.resamplings == 0
    assert np.isnan(told.accepted)
    assert known.effective >= 500


def test_no_new_data_change_nothing():
    known, told = followed(30, 30)
    assert known.log_weights == pytest.approx(told[0].particles.log_weights)
    assert np.array_equal(known.points, told[0].particles.points)


def test_a_part_of_space_without_density_is_never_entered():
    generator = np.random.default_rng(0)
    known = Particles(np.abs(generator.standard_normal((400, 3))), np.zeros(400))

    def positive(points):
        return np.where((points > 0).all(axis=1), log_prior(points), -np.inf)

    told = take_in(known, positive, likelihoods(0, 60), generator)
    assert told.sweeps
    assert (told.particles.points > 0).all()


def test_systematic_resampling_takes_each_as_often_as_its_weight_says_give_or_take_one():
    weights = np.array([0.5, 0.25, 0.0, 0.2, 0.05])
    counts = np.bincount(systematic(weights, 40, np.random.default_rng(3)), minlength=5)
    assert np.abs(counts - 40 * weights).max() <= 1
    assert counts[2] == 0


def test_equal_weights_are_all_effective_and_a_single_one_is_one():
    assert effective_number(np.full(7, -3.0)) == pytest.approx(7)
    assert effective_number(np.array([0.0, -1e4, -1e4])) == pytest.approx(1)
