"""Draws around a fit, of a problem whose posterior is known: linear residuals and a normal prior."""

import dataclasses
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

import twin
from twin import parallel
from twin.errors import ArgumentError
from twin.fitting.descent import objective
from twin.fitting.evaluated import Evaluated
from twin.fitting.likelihood import Likelihood
from twin.fitting.optimum import Descent, Optimum
from twin.fitting.posterior import explored, fit
from twin.fitting.problem import Problem, Searched
from twin.measured.experiment import Experiment
from twin.measured.spread import Spread
from twin.parameters import Prior
from twin.results.fit_groups import priors_of

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
DRAWS = 300
SPREADS = {"toy": Spread(scatter=1.0, cell=0.0, points=True)}


class Straight(Likelihood):
    """Rows whose entries are their residuals."""

    rows = tuple(
        SimpleNamespace(
            id=f"R{number}",
            value=10.0,
            unit="V",
            observable="toy",
            role="fit",
            kind="value",
            spread=None,
        )
        for number in range(3)
    )
    survivals = ()

    def residuals(self, entries):
        return entries

    def pointwise(self, entries):
        return -0.5 * entries**2


class Linear(Problem):
    """Four parameters against three rows; the last parameter is in none of them."""

    likelihood = Straight((), SPREADS)

    def entries(self, points, *, processes=None, found=lambda entries: None):
        entries = points @ ROWS.T - MEASURED
        found(entries)
        return entries


@pytest.fixture(scope="module")
def problem():
    searched = tuple(
        Searched("pairs/of_two", f"Parameter {number} [m]", prior) for number, prior in enumerate(PRIORS)
    )
    experiment = Experiment(
        "Toy",
        Path(),
        rows=(),
        protocols={},
        cells={},
        spreads=SPREADS,
        cell_to_cell={},
        parameter_rows={},
    )
    return Linear(experiment, {}, (), searched)


@pytest.fixture(scope="module")
def one_process():
    """The residuals are a line of numpy: sending them elsewhere would take all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "cores", lambda: 1)
        yield


def sampled(problem, start=MEAN, *, draws=DRAWS, seed=0):
    """Draws around a point that a descent ended at, after some evaluations near it."""
    evaluated = Evaluated(problem)
    near = start + 0.3 * np.random.default_rng(1).standard_normal((60, 4))
    evaluated.entries(np.vstack([start, near]))
    end = Descent("here", start, float(objective(problem.residuals(start[None])[0])))
    return explored(Optimum((end,)), evaluated, draws=draws, seed=seed, trials=12)


@pytest.fixture(scope="module")
def posterior(problem, one_process):
    return sampled(problem)


@pytest.fixture(scope="module")
def drawn(posterior):
    """Coordinates of the draws, (draw, parameter)."""
    values = posterior.draws["value"].values
    return np.array([posterior.fit.problem.coordinates(row) for row in values])


@pytest.fixture(scope="module")
def error(posterior):
    """Three standard errors of a mean [posterior deviations]."""
    return 3 / np.sqrt(posterior.groups.attrs["effective_draws"])


def test_draws_have_the_posteriors_mean_and_covariance(drawn, error):
    assert error < 0.2
    deviations = np.sqrt(np.diag(COVARIANCE))
    assert (drawn.mean(axis=0) - MEAN) / deviations == pytest.approx(np.zeros(4), abs=error)
    scaled = np.cov(drawn.T) / np.outer(deviations, deviations)
    expected = COVARIANCE / np.outer(deviations, deviations)
    # the rows make some of them go together, which independent draws would not show
    assert np.abs(np.triu(expected, 1)).max() > 0.5
    assert scaled == pytest.approx(expected, abs=2 * error)  # a product of two


def test_a_parameter_that_no_row_informs_keeps_its_prior(posterior, error):
    informed = posterior.draws["informed"].values
    # 1 - posterior over prior deviation
    assert informed == pytest.approx(1 - np.sqrt(np.diag(COVARIANCE)), abs=error)
    assert informed[3] == pytest.approx(0, abs=error)


def test_intervals_hold_nine_of_ten(posterior, error):
    problem, deviations = posterior.fit.problem, np.sqrt(np.diag(COVARIANCE))
    for place, searched in enumerate(problem.searched):
        low, high = posterior.intervals[searched.name]
        for edge, share in ((low, 0.05), (high, 0.95)):
            found = (searched.prior.to_unit_normal(edge) - MEAN[place]) / deviations[place]
            # a quantile at the edge errs by 2.1/sqrt(n) deviations
            assert found == pytest.approx(norm.ppf(share), abs=2.1 * error)


def test_draws_that_are_worth_what_was_asked_for_have_converged(posterior):
    about = posterior.groups.attrs
    assert about["effective_draws"] >= DRAWS == about["wanted_draws"]
    assert about["largest_rhat"] <= 1.02
    assert about["pareto_k"] < 0.7
    assert (about["converged"], about["doubt"]) == (1, "")
    assert (about["paper"], about["seed"]) == ("Toy", 0)


def test_a_sampler_that_has_not_converged_says_so(problem, one_process, monkeypatch):
    monkeypatch.setattr("twin.fitting.sampling.most_evaluations", int)
    about = sampled(problem, draws=200).groups.attrs
    assert about["converged"] == 0
    assert f"{about['effective_draws']:.0f} effective draws of 200" in about["doubt"]


def test_what_the_draws_say_for_the_rows_is_kept_beside_them(posterior, drawn, error):
    groups = posterior.groups
    found = groups["posterior_predictive"]["prediction"].values.reshape(-1, 3)
    assert found == pytest.approx(10 + drawn @ ROWS.T - MEASURED, rel=1e-5)
    before = groups["prior_predictive"]["prediction"].values.reshape(-1, 3)
    spread = np.sqrt((ROWS**2).sum(axis=1))
    assert before.std(axis=0) == pytest.approx(spread, rel=4 / np.sqrt(2 * len(before)))
    rows = groups["observed_data"].to_dataset(inherit=False).to_dataframe().to_dict("list")
    assert rows == {
        "measured": [10.0] * 3, "unit": ["V"] * 3, "observable": ["toy"] * 3, "kind": ["value"] * 3,
        "deviation": [1.0] * 3, "points": [1] * 3,
    }  # fmt: skip


def test_priors_and_starts_stand_beside_the_draws(posterior):
    assert list(priors_of(posterior.groups).values()) == list(PRIORS)
    assert posterior.groups["starts"]["objective"].to_series().to_dict() == {
        "here": posterior.fit.found.best.objective
    }
    assert (posterior.groups.attrs["starts_agree"], posterior.groups.attrs["optimum_found"]) == (1, 0)


def test_rows_left_out_have_the_density_that_a_fit_without_them_predicts(posterior):
    """Of a normal: N(row; what the others predict, its variance plus 1), up to the same constant."""
    told = posterior.groups["leave_one_out"]
    for place in (1, 2):  # without the first row, which tells most, the posterior lies elsewhere
        others = np.delete(np.arange(3), place)
        covariance = np.linalg.inv(ROWS[others].T @ ROWS[others] + np.eye(4))
        off = MEASURED[place] - ROWS[place] @ covariance @ ROWS[others].T @ MEASURED[others]
        variance = 1 + ROWS[place] @ covariance @ ROWS[place]
        expected = -0.5 * np.log(variance) - 0.5 * off**2 / variance
        # the weights of some hundred draws, whose spread is of the order of one
        assert told["elpd"].values[place] == pytest.approx(expected, abs=0.2)


def test_the_optimum_of_the_draws_is_that_of_the_fit(posterior):
    assert posterior.draws["optimum"].values == pytest.approx(
        posterior.fit.problem.values(posterior.fit.coordinates)
    )
    least = objective(posterior.fit.problem.residuals(MEAN[None])[0])
    assert posterior.fit.objective == pytest.approx(least)


def test_a_better_point_that_the_sampler_meets_becomes_the_fit(problem, one_process):
    poor = MEAN + 3 * np.sqrt(np.diag(COVARIANCE))
    better = sampled(problem, poor)
    least = objective(problem.residuals(MEAN[None])[0])
    # the best of some hundred points of a normal in four dimensions
    assert least <= better.fit.objective < least + 0.2
    assert better.fit.objective < objective(problem.residuals(poor[None])[0])
    assert better.groups.attrs["objective"] == better.fit.objective


def test_the_same_seed_draws_the_same(problem, one_process):
    first, again, other = (
        sampled(problem, draws=50, seed=seed).draws["value"].values for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("argument", "value"), [("draws", 0), ("draws", 1.5), ("trials", 0), ("workers", 0), ("seed", -1)]
)
def test_numbers_that_are_none_are_refused_before_anything_runs(argument, value):
    with pytest.raises(ArgumentError, match=f"{argument} must be"):
        fit("Chang2023", **{argument: value})


def test_a_saved_posterior_loads_as_it_was(posterior, tmp_path):
    parameters, draws = posterior.save(tmp_path)
    assert (parameters.name, draws.name) == ("Toy.toml", "Toy_draws.nc")
    with xr.open_datatree(draws) as loaded:
        value = loaded["posterior"]["value"]
        assert value.dims == ("chain", "draw", "parameter")
        assert value.sizes["chain"] == 4
        together = value.values.reshape(-1, 4)
        assert np.array_equal(together, posterior.draws["value"].values)
        assert loaded["sample_stats"]["lp"].shape == value.shape[:2]
    for name in ("optimum", "informed"):
        assert np.array_equal(twin.load(draws)[name].values, posterior.draws[name].values)
    content = tomllib.loads(parameters.read_text(encoding="utf-8"))
    assert content["made_by"] == f"twin fit Toy --trials 12 --draws {DRAWS}"
    assert content["starts"] == [{"start": "here", "objective": pytest.approx(posterior.fit.objective)}]
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
