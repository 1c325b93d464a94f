"""Draws around a fit, of a problem whose posterior is known: linear residuals and a normal prior."""

import dataclasses
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import twin
from twin import parallel
from twin.errors import ArgumentError
from twin.fitting.descent import objective
from twin.fitting.fitted_set import Fit
from twin.fitting.markov_chain import sample
from twin.fitting.posterior import DRAWS, LEAST_STEPS, explored, fit
from twin.fitting.problem import Problem, Searched
from twin.measured.experiment import Experiment
from twin.parameters import Prior

ROWS = np.array([[3.0, 2.5, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.5, 0.0, 1.0, 0.0]])
MEASURED = np.array([2.0, -1.0, 0.5])
PRIORS = (
    Prior("lognormal", 1e-20, 1e20, 1e-3, 2.0),
    Prior("normal", -1e3, 1e3, 5.0, 0.5),
    Prior("lognormal", 1e-20, 1e20, 40.0, 1.3),
    Prior("lognormal", 1e-20, 1e20, 7.0, 3.0),
)
COVARIANCE = np.linalg.inv(ROWS.T @ ROWS + np.eye(4))
MEAN = COVARIANCE @ ROWS.T @ MEASURED
"""Of the normal posterior: rows with a deviation of one, and standard normal priors."""


class Linear(Problem):
    """Four parameters against three rows; the last parameter is in none of them."""

    def row_residuals(self, coordinates):
        return ROWS @ coordinates - MEASURED


@pytest.fixture(scope="module")
def problem():
    searched = tuple(
        Searched("pairs/of_two", f"Parameter {number} [m]", prior) for number, prior in enumerate(PRIORS)
    )
    experiment = Experiment(
        "Toy", Path(), rows=(), protocols={}, cells={}, spreads={}, cell_to_cell={}, parameter_rows={}
    )
    return Linear(experiment, {}, (), searched, twin.simulate)


@pytest.fixture(scope="module")
def one_process():
    """The residuals are a line of numpy: sending them elsewhere would take all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "workers", lambda: 1)
        yield


def fit_at(problem, coordinates):
    return Fit(problem, coordinates, objective(problem.residuals(coordinates)), trials=12)


@pytest.fixture(scope="module")
def posterior(problem, one_process):
    return explored(fit_at(problem, MEAN), steps=1000, seed=0)


@pytest.fixture(scope="module")
def drawn(posterior):
    """Coordinates of the draws, (draw, parameter)."""
    values = posterior.draws["value"].values
    return np.array([posterior.fit.problem.coordinates(row) for row in values])


def test_draws_have_the_posteriors_mean_and_covariance(drawn, posterior):
    # three standard errors, of as many draws as the chains are worth or are kept
    error = 3 / np.sqrt(min(DRAWS, posterior.draws.attrs["effective_draws"]))
    assert error < 0.2
    deviations = np.sqrt(np.diag(COVARIANCE))
    assert (drawn.mean(axis=0) - MEAN) / deviations == pytest.approx(np.zeros(4), abs=error)
    scaled = np.cov(drawn.T) / np.outer(deviations, deviations)
    expected = COVARIANCE / np.outer(deviations, deviations)
    # the rows make some of them go together, which independent draws would not show
    assert np.abs(np.triu(expected, 1)).max() > 0.5
    assert scaled == pytest.approx(expected, abs=2 * error)  # a product of two


def test_chains_set_out_from_laplaces_normal(problem, one_process, monkeypatch):
    """Which is the posterior itself where the residuals are straight."""
    given = []

    def seen(log_posterior, normal, starts, **settings):
        given.append(normal)
        return sample(log_posterior, normal, starts, **settings)

    monkeypatch.setattr("twin.fitting.posterior.sample", seen)
    explored(fit_at(problem, MEAN), steps=LEAST_STEPS, seed=0)
    (normal,) = given
    assert normal.mean == pytest.approx(MEAN)
    assert normal.covariance == pytest.approx(COVARIANCE, abs=1e-9)  # differences of a straight line


def test_a_parameter_that_no_row_informs_keeps_its_prior(posterior):
    informed = posterior.draws["informed"].values
    # 1 - posterior over prior deviation; the deviation of all points of the chains
    error = 3 / np.sqrt(2 * posterior.draws.attrs["effective_draws"])
    assert informed == pytest.approx(1 - np.sqrt(np.diag(COVARIANCE)), abs=error)
    assert informed[3] == pytest.approx(0, abs=error)


def test_intervals_hold_nine_of_ten(posterior):
    problem, deviations = posterior.fit.problem, np.sqrt(np.diag(COVARIANCE))
    error = 3 * 2.1 / np.sqrt(min(DRAWS, posterior.draws.attrs["effective_draws"]))
    for place, searched in enumerate(problem.searched):
        low, high = posterior.intervals[searched.name]
        for edge, share in ((low, 0.05), (high, 0.95)):
            found = (searched.prior.to_unit_normal(edge) - MEAN[place]) / deviations[place]
            # a quantile at the edge errs by 2.1/sqrt(n) deviations
            assert found == pytest.approx(norm.ppf(share), abs=error)


def test_chains_on_a_normal_agree_and_say_how_much_they_are_worth(posterior):
    about = posterior.draws.attrs
    assert posterior.draws.sizes["draw"] == DRAWS
    assert about["largest_rhat"] < 1.05
    assert 200 < about["effective_draws"] < 1000 * 16
    assert 0.5 < about["accepted"] <= 1  # the proposals of half of the moves are never refused
    assert (about["paper"], about["steps"], about["seed"]) == ("Toy", 1000, 0)


def test_the_optimum_of_the_draws_is_that_of_the_fit(posterior):
    assert posterior.draws["optimum"].values == pytest.approx(posterior.fit.problem.values(MEAN))
    assert posterior.fit.objective == objective(posterior.fit.problem.residuals(MEAN))


def test_a_better_point_that_the_chains_meet_becomes_the_fit(problem, one_process):
    poor = fit_at(problem, MEAN + 3 * np.sqrt(np.diag(COVARIANCE)))
    better = explored(poor, steps=200, seed=0)
    least = objective(problem.residuals(MEAN))
    # the best of some thousand points of a normal in four dimensions
    assert least <= better.fit.objective < least + 0.1 < poor.objective
    assert better.fit.objective == pytest.approx(
        objective(problem.residuals(better.fit.coordinates)), rel=1e-9
    )
    assert better.draws["optimum"].values == pytest.approx(problem.values(better.fit.coordinates))
    assert better.draws.attrs["objective"] == better.fit.objective


def test_chains_find_their_way_from_a_start_beside_the_optimum(problem, one_process):
    """The normal is centred on the fit; the posterior is where it is."""
    off = fit_at(problem, MEAN + 2 * np.sqrt(np.diag(COVARIANCE)))
    draws = explored(off, steps=1500, seed=0).draws
    found = np.array([problem.coordinates(row) for row in draws["value"].values]).mean(axis=0)
    error = 3 / np.sqrt(min(DRAWS, draws.attrs["effective_draws"]))
    assert (found - MEAN) / np.sqrt(np.diag(COVARIANCE)) == pytest.approx(np.zeros(4), abs=error)


def test_the_fewest_steps_that_a_fit_takes_tell_whether_chains_agree(problem, one_process):
    about = explored(fit_at(problem, MEAN), steps=LEAST_STEPS, seed=0).draws.attrs
    assert np.isfinite([about["effective_draws"], about["largest_rhat"]]).all()
    with pytest.raises(ArgumentError, match="steps must be"):
        fit("Chang2023", steps=LEAST_STEPS - 1)


def test_the_same_seed_draws_the_same(problem, one_process):
    first, again, other = (
        explored(fit_at(problem, MEAN), steps=40, seed=seed).draws["value"].values for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_saved_posterior_loads_as_it_was(posterior, tmp_path):
    parameters, draws = posterior.save(tmp_path)
    assert (parameters.name, draws.name) == ("Toy.toml", "Toy_draws.nc")
    loaded = twin.load(draws)
    for name in ("value", "optimum", "informed"):
        assert np.array_equal(loaded[name].values, posterior.draws[name].values)
    assert loaded["parameter"].values.tolist() == posterior.draws["parameter"].values.tolist()
    assert loaded.attrs["effective_draws"] == posterior.draws.attrs["effective_draws"]
    content = tomllib.loads(parameters.read_text(encoding="utf-8"))
    assert content["made_by"] == "twin fit Toy --trials 12 --steps 1000"
    for searched in posterior.fit.problem.searched:
        entry = content["fitted"][searched.part][searched.key]
        # six digits are written of a value, four of an edge
        assert entry["value"] == pytest.approx(posterior.fit.values[searched.name], rel=1e-5)
        assert (entry["low"], entry["high"]) == pytest.approx(
            posterior.intervals[searched.name], rel=1e-3
        )


def test_another_problem_is_another_version(problem):
    other = dataclasses.replace(problem, searched=problem.searched[:3])
    assert other.version != problem.version
