"""What a family says of one cell: a density of its draws, and how equal cells differ on top."""

import numpy as np
import pytest
from following_cell import CELL
from scipy.integrate import quad

from twin.fitting.draws import load_draws
from twin.fitting.family import spread_of
from twin.following.this_cell import ThisCell, this_cell
from twin.parameter_sets import load_cell

UTILISATION = "Cathode utilisation"


@pytest.fixture(scope="module")
def cell():
    return load_cell(CELL)


@pytest.fixture(scope="module")
def draws(cell):
    return load_draws(cell)


@pytest.fixture(scope="module")
def prior(cell, draws):
    return this_cell(cell, draws)


def test_points_have_the_mean_and_covariance_of_the_draws(prior, cell, draws):
    places = [draws["parameter"].values.tolist().index(cell.label(key)) for key in prior.fitted]
    values = draws["value"].values[:, places]
    cloud = np.column_stack([
        [cell.parameters[key].prior.to_unit_normal(float(value)) for value in column]
        for key, column in zip(prior.fitted, values.T, strict=True)
    ])  # fmt: skip
    points = prior.sample(20_000, np.random.default_rng(0))[:, : len(prior.fitted)]
    deviation = cloud.std(axis=0)
    # the draws are a thousand: what is cut off at the bounds of the priors is within their own error
    assert np.abs(points.mean(axis=0) - cloud.mean(axis=0)).max() < 0.1 * deviation.max()
    assert points.std(axis=0) == pytest.approx(deviation, rel=0.1)
    assert np.corrcoef(points.T) == pytest.approx(np.corrcoef(cloud.T), abs=0.1)


def test_points_stay_within_the_bounds_of_the_priors(prior):
    points = prior.sample(5_000, np.random.default_rng(1))
    assert np.isfinite(prior.log_density(points)).all()
    outside = points[:1].copy()
    outside[0, 0] = 100.0
    assert prior.log_density(outside)[0] == -np.inf


def test_the_density_is_that_of_the_points(cell):
    """Of one parameter, where it can be integrated: the share of points on either side of a place."""
    kernels = np.random.default_rng(2).normal(0.3, 0.5, (200, 1))
    own = ThisCell(cell, {UTILISATION: 1.0}, (), {}, kernels, np.array([[0.2]]))

    def height(place):
        return float(np.exp(own.log_density(np.array([[place]]))[0]))

    share = quad(height, -3, 0.3, limit=200)[0] / quad(height, -3, 3, limit=200)[0]
    points = own.sample(20_000, np.random.default_rng(3))[:, 0]
    assert (points < 0.3).mean() == pytest.approx(share, abs=0.015)  # four standard errors


def test_the_middle_of_everything_is_the_fitted_cell(prior, cell):
    point = [cell.parameters[key].prior.to_unit_normal(value) for key, value in prior.fitted.items()]
    middle = np.array([*point, *np.zeros(len(prior.unseen) + len(prior.deviations))])[None]
    (version,) = prior.versions(middle)
    for key in prior.fitted:
        # values of the set are written with six digits
        assert version.values[key] == pytest.approx(cell.values[key], rel=1e-5)


def test_a_deviation_of_this_cell_is_that_of_equal_cells(prior, cell):
    points = np.zeros((2, len(prior.names)))
    points[1, prior.names.index(f"{cell.label(UTILISATION)}: this cell")] = 1.0
    one, other = prior.factors(points)
    assert np.log(other[UTILISATION] / one[UTILISATION]) == pytest.approx(spread_of(cell)[UTILISATION])


def test_what_was_changed_in_the_cell_stays_changed(cell, draws):
    half = cell.replace({UTILISATION: cell.values[UTILISATION] / 2})
    points = this_cell(cell, draws).sample(3, np.random.default_rng(0))
    pairs = zip(
        this_cell(cell, draws).versions(points), this_cell(half, draws).versions(points), strict=True
    )
    for whole, changed in pairs:
        assert changed.values[UTILISATION] == pytest.approx(whole.values[UTILISATION] / 2)
