"""Chains of what is forecast are worth what their order says, not how many states they have."""

import numpy as np
import pytest
import xarray as xr

from twin.fitting import forecast_effective as module
from twin.fitting.forecast_effective import ONSET, RETENTION, forecast_effective
from twin.fitting.problem import problem_of

CHAINS, DRAWS = 4, 250
FULL, SYMMETRIC = "Duan2023_3DLi_LPSCl_LCO", "Duan2023_Li_LPSCl_symmetric"


@pytest.fixture(scope="module")
def problem():
    return problem_of("Duan2023")


@pytest.fixture
def runs(problem, monkeypatch):
    """Cells that keep what the first parameter says; full cells short where that is little."""
    told = []

    def made_up(tasks, *, processes=None):
        searched = problem.searched[0]
        values = np.array([cell.values.get(searched.key, np.nan) for cell, _ in tasks])
        kept = np.array([searched.prior.to_unit_normal(value) for value in values]) / 10 + 0.5
        told.append(len(tasks))
        shorts = (kept < 0.45) & (tasks[0][0].name == FULL)
        onset = np.where(shorts, 300.0, np.nan)
        return xr.Dataset(
            {RETENTION: (("run", "cycle"), kept[:, None]), ONSET: ("run", onset)}, {"cycle": [800]}
        )

    monkeypatch.setattr(module, "simulate_many", made_up)
    return told


def chains_of(problem, normal):
    """Values (chain, draw, parameter) that move along the first parameter alone."""
    points = np.zeros((*normal.shape, len(problem.searched)))
    points[..., 0] = normal.clip(-2, 2)
    return np.array([[problem.values(point) for point in chain] for chain in points])


def test_independent_draws_are_worth_their_number_and_sticky_ones_less(problem, runs):
    normal = np.random.default_rng(0).standard_normal((CHAINS, DRAWS))
    whole = forecast_effective(problem, chains_of(problem, normal))
    sticky = forecast_effective(problem, chains_of(problem, np.repeat(normal[:, ::5], 5, axis=1)))
    assert set(problem.cells) == set(whole["cell"].values.tolist())
    own, slow = whole.sel(cell=FULL), sticky.sel(cell=FULL)
    # effective draws of a thousand independent ones scatter by about a tenth
    assert own["bulk"].sel(quantity=RETENTION) == pytest.approx(CHAINS * DRAWS, rel=0.3)
    assert slow["bulk"].sel(quantity=RETENTION) == pytest.approx(CHAINS * DRAWS / 5, rel=0.3)
    assert slow["tail"].sel(quantity=RETENTION) < own["tail"].sel(quantity=RETENTION) / 2
    assert whole.attrs == {"cycles": 800, "states": CHAINS * DRAWS}


def test_what_is_the_same_in_every_draw_has_no_effective_draws(problem, runs):
    normal = np.random.default_rng(0).standard_normal((CHAINS, 40))
    found = forecast_effective(problem, chains_of(problem, normal))
    assert np.isnan(found.sel(cell=SYMMETRIC)["bulk"]).all()  # none shorts, and its charge is prescribed
    assert np.isfinite(found.sel(cell=FULL)["bulk"]).all()


def test_states_that_are_repeated_are_run_once_and_long_chains_are_thinned(problem, runs, monkeypatch):
    monkeypatch.setattr(module, "MOST_STATES", 30)
    normal = np.random.default_rng(0).uniform(-2, 2, (CHAINS, 20))
    forecast_effective(problem, chains_of(problem, np.repeat(normal[:, :5], 4, axis=1)))
    assert set(runs) == {20}
    runs.clear()
    found = forecast_effective(problem, chains_of(problem, normal))
    assert set(runs) == {28}  # every third of twenty, in four chains
    assert found.attrs["states"] == 28
