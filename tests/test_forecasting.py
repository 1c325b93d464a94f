"""Forecasts and their summary."""

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import twin
from twin import names
from twin.cli import app
from twin.errors import ArgumentError, FittedSetError
from twin.fitting import draws as module
from twin.fitting.draws import drawn_cells, load_draws
from twin.parameter_sets import shipped
from twin.report import page as report_page

SHORT = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=6)
CELL = "Chang2023_LiAlO2_LGPS_LCO"


@pytest.fixture(scope="module")
def forecast():
    return twin.forecast(twin.load_cell(CELL), SHORT, draws=12, seed=3, processes=1)


def test_forecast_is_over_draw_and_cycle_and_says_where_it_comes_from(forecast):
    assert forecast.sizes["draw"] == 12
    assert forecast["capacity_retention"].dims == ("draw", "cycle")
    assert forecast.attrs["seed"] == 3
    assert forecast.attrs["fitted_set"] == "Chang2023"


def test_same_seed_gives_the_same_forecast_and_another_does_not(forecast):
    cell = twin.load_cell(CELL)
    again = twin.forecast(cell, SHORT, draws=12, seed=3, processes=1)
    xr.testing.assert_allclose(again["discharge_capacity"], forecast["discharge_capacity"])
    other = twin.forecast(cell, SHORT, draws=12, seed=4, processes=1)
    assert not np.allclose(other["discharge_capacity"], forecast["discharge_capacity"], equal_nan=True)


def test_forecast_survives_a_file(forecast, tmp_path):
    loaded = twin.load(twin.save(forecast, tmp_path / "forecast.nc"))
    xr.testing.assert_allclose(loaded["capacity_retention"], forecast["capacity_retention"])
    xr.testing.assert_allclose(
        twin.summarise(loaded)["capacity_retention"], twin.summarise(forecast)["capacity_retention"]
    )


def synthetic(onsets, outcomes):
    """Four cycles of made-up draws with known onsets."""
    draws, cycles = len(onsets), np.arange(1, 5)
    retention = np.linspace(1, 0.7, 4) * np.ones((draws, 1))
    for row, outcome in zip(retention, outcomes, strict=True):
        if outcome == "hard_short":
            row[2:] = np.nan
    return xr.Dataset(
        {
            "capacity_retention": (("draw", "cycle"), retention),
            "short_circuit_onset_cycle": ("draw", np.array(onsets, dtype=float)),
            "lifetime": ("draw", np.array(onsets, dtype=float) * 2),
            "outcome": ("draw", np.array(outcomes)),
        },
        coords={"cycle": cycles, "draw": np.arange(draws)},
    )


def test_summary_counts_shorts_and_tells_the_capacity_of_the_cells_that_live():
    summary = twin.summarise(
        synthetic(
            [3, np.nan, np.nan, 2, np.nan],
            ["hard_short", "completed", "completed", "soft_short", "solver_failure"],
        )
    )
    # of the four draws with an answer, one had shorted by cycle 2, two by cycle 3
    assert summary["short_circuit_probability"].values.tolist() == [0, 0.25, 0.5, 0.5]
    # a cell that has shorted has no capacity to tell, not one of zero
    assert summary["alive"].values.tolist() == [1, 0.75, 0.5, 0.5]
    assert summary["capacity_retention"].isel(cycle=-1).values == pytest.approx(0.7)
    low, share, high = summary["short_circuit_probability_interval"].isel(cycle=-1).values
    assert 0 < low < share == 0.5 < high < 1
    assert np.isinf(summary["short_circuit_onset_cycle"].sel(quantile=0.95))
    assert summary["short_circuit_onset_cycle"].sel(quantile=0.05) == 2
    assert summary["outcomes"].sel(outcome="solver_failure") == 1


def test_no_median_falls_because_cells_die():
    data = synthetic([3, 3, 3, np.nan], ["hard_short"] * 3 + ["completed"])
    data["capacity_retention"][:3, 2] = 0.05  # what a shorted cell still gives in its last cycle
    median = twin.summarise(data)["capacity_retention"].sel(quantile=0.5)
    assert median.values == pytest.approx([1, 0.9, 0.8, 0.7])
    all_dead = twin.summarise(data.isel(draw=slice(3)))
    assert all_dead["capacity_retention"].isel(cycle=-1).isnull().all()
    assert all_dead["alive"].values.tolist() == [1, 1, 0, 0]


def test_a_symmetric_cell_is_told_by_its_overpotential():
    data = synthetic([np.nan, 2], ["completed", "soft_short"])
    volts = np.array([[0.1, 0.2, 0.3, 0.4], [0.1, 0.01, 0.01, 0.01]])
    data["cell_overpotential"] = (("draw", "cycle"), volts)
    summary = twin.summarise(data)
    assert summary["cell_overpotential"].sel(quantile=0.5).values == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_a_ramp_is_told_by_the_current_density_of_its_short():
    data = synthetic([2, 2, np.nan], ["soft_short", "soft_short", "completed"])
    data["critical_current_density"] = ("draw", [20.0, 20, np.nan])
    data["cumulative_charge"] = ("draw", [4.0, 4, np.nan])
    summary = twin.summarise(data)
    assert summary["critical_current_density"].values.tolist() == [20, 20, np.inf]
    assert summary["cumulative_charge"].attrs["units"] == "mA.h/cm2"
    assert "critical_current_density" not in twin.summarise(synthetic([np.nan], ["completed"]))


def test_summary_of_no_answers_knows_nothing():
    summary = twin.summarise(synthetic([np.nan] * 3, ["infeasible", "solver_failure", "infeasible"]))
    for name in ("capacity_retention", "short_circuit_probability", "lifetime"):
        assert summary[name].isnull().all(), name
    assert summary["outcomes"].sel(outcome="infeasible") == 2


def test_draws_move_with_the_changes_of_a_user():
    cell = twin.load_cell(CELL)
    key = "Interphase growth rate [m.s-1]"
    doubled = cell.replace({key: 2 * cell.values[key]})
    draws = load_draws(cell)
    for one, two in zip(
        drawn_cells(cell, draws, 5, seed=1), drawn_cells(doubled, draws, 5, seed=1), strict=True
    ):
        assert two.values[key] == pytest.approx(2 * one.values[key])


def test_forecast_needs_a_fit_and_a_draw():
    from twin.parameter_sets import load_cell

    with pytest.raises(FittedSetError, match="no fitted parameter set"):
        twin.forecast(load_cell(CELL, fitted=False), SHORT, draws=2)
    with pytest.raises(ArgumentError, match="draws must be"):
        twin.forecast(twin.load_cell(CELL), SHORT, draws=0)


def test_outcomes_are_ordered_from_best_to_worst():
    assert names.OUTCOMES[0] == "completed"
    assert names.OUTCOMES[-1] == "solver_failure"


def test_forecast_carries_what_was_drawn(forecast):
    drawn = forecast["parameter_value"]
    assert drawn.dims == ("draw", "parameter")
    assert drawn.sizes["draw"] == 12
    utilisation = "cathodes/LCO: Cathode utilisation"
    assert len(np.unique(drawn.sel(parameter=utilisation))) == 12  # each cell differs
    share = forecast["parameter_cell_share"]
    assert 0 < float(share.sel(parameter=utilisation)) <= 1
    assert float(share.sel(parameter="cathodes/LCO: Diffusion time constant [s]")) == 0
    assert forecast.attrs["effective_draws"] > 1
    found = twin.sensitivity(forecast)
    assert "capacity_retention" in found["quantity"]


def test_a_symmetric_cell_can_be_forecast():
    """It has no cathode that could differ from cell to cell."""
    protocol = twin.Protocol(
        ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"], cycles=3
    )
    cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    data = twin.forecast(cell, protocol, draws=3, processes=1)
    assert not any("Cathode" in str(name) for name in data["parameter"].values)
    assert (data["outcome"] == "completed").all()


def test_more_than_memory_holds_is_refused_before_a_draw_is_made():
    protocol = twin.Protocol(["Rest for 1 hour"], cycles=50_000)
    with pytest.raises(ArgumentError, match="1,000 runs of 50,000 cycles are 50,000,000 cycles in all"):
        twin.forecast(twin.load_cell(CELL), protocol, draws=1000)
    with pytest.raises(ArgumentError, match="a Dataset holds 20,000,000: ask for fewer draws or cycles"):
        twin.simulate_many([(twin.load_cell(CELL), protocol)] * 1000)


DOUBT = "The posterior has not converged: 31 effective draws of 400."
DOUBTFUL = "Luo2021_LiIn_LPSCl_NCM622"
CYCLES = ["Charge at 1C until 3.68 V", "Discharge at 1C until 2.1 V"]


@pytest.fixture
def doubtful(tmp_path, monkeypatch):
    """The fit behind Luo2021's cells, with the words of a sampler that has not converged."""
    name = "Luo2021_draws.nc"
    with xr.open_datatree(shipped("parameter_sets") / "fitted" / name) as groups:
        groups = groups.load()
    groups.attrs |= {"converged": 0, "doubt": DOUBT}
    (tmp_path / "fitted").mkdir()
    twin.files.save(groups, tmp_path / "fitted" / name)
    monkeypatch.setattr(module, "shipped", lambda _: tmp_path)
    monkeypatch.chdir(tmp_path)


def test_what_has_not_converged_is_said_by_every_forecast_and_its_report(doubtful, tmp_path):
    cell = twin.load_cell(DOUBTFUL)
    assert load_draws(cell).attrs["doubt"] == DOUBT
    told = twin.forecast(cell, twin.Protocol(CYCLES, cycles=2), draws=3, processes=1)
    assert told.attrs["doubt"] == DOUBT
    loaded = twin.load(twin.save(told, tmp_path / "forecast.nc"))
    assert twin.summarise(loaded).attrs["doubt"] == DOUBT
    assert DOUBT in report_page(loaded).evidence


def test_the_command_line_says_what_has_not_converged(doubtful):
    asked = ["forecast", DOUBTFUL, "--cycles", "2", "--draws", "3"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert DOUBT in " ".join(done.output.split())
    done = CliRunner().invoke(app, [*asked, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["doubt"] == DOUBT


def test_a_study_says_what_has_not_converged(doubtful):
    study = twin.Study(twin.load_cell(DOUBTFUL), {"Cathode utilisation": [0.6, 0.65]}, CYCLES, cycles=2)
    told = twin.what_if(study, draws=2, processes=1)
    assert told.attrs["doubt"] == DOUBT
    assert DOUBT in report_page(told).evidence
