"""The mixture that all draws come from: its constants are those of densities that are known."""

import numpy as np
import pytest
from scipy.stats import norm

from twin.fitting.proposals import Mixture


class Normal:
    """An unnormalised normal in one dimension, as an emulated posterior is one; it counts its points."""

    def __init__(self, centre, deviation, height):
        self.centre, self.deviation, self.height, self.asked = centre, deviation, height, 0

    def __call__(self, points):
        self.asked += len(points)
        return self.height - 0.5 * ((points[:, 0] - self.centre) / self.deviation) ** 2

    def draws(self, count, seed):
        normal = np.random.default_rng(seed).standard_normal((count, 1))
        return self.centre + self.deviation * normal


def test_constants_are_the_integrals():
    """One density is 50 e-folds higher than the other by an arbitrary constant; the mixture is not."""
    first, second = Normal(0.0, 1.0, 0.0), Normal(1.5, 0.5, 50.0)
    mixture = Mixture(1)
    for seed, own in enumerate((first, second)):
        mixture.add(own, own.draws(4000, seed))
    x = mixture.points[:, 0]
    exact = np.log(norm.pdf(x, 0.0, 1.0) + norm.pdf(x, 1.5, 0.5))
    found = mixture.log_density()
    shift = np.median(found - exact)
    assert found - shift == pytest.approx(exact, abs=0.05)


def test_each_is_asked_once_for_each_point():
    normals = [Normal(centre, 1.0, 0.0) for centre in (0.0, 0.2, 0.4)]
    mixture = Mixture(1)
    for seed, own in enumerate(normals):
        mixture.add(own, own.draws(10, seed))
        mixture.log_density()
    assert [own.asked for own in normals] == [30, 30, 30]


def test_emulators_without_a_draw_in_common_end_their_iteration():
    mixture = Mixture(1)
    for seed, centre in enumerate((0.0, 1e4)):
        own = Normal(centre, 1.0, 0.0)
        mixture.add(own, own.draws(10, seed))
    assert np.isfinite(mixture.log_density()).all()
