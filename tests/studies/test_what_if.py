"""A grid over cell and protocol, on common draws, that survives being killed."""

import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import ArgumentError, FittedSetError, StudyError
from twin.studies import what_if as module
from twin.studies.point import TOLERANCE

CELL = "Chang2023_LiAlO2_LGPS_LCO"
STEPS = ["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"]
ELECTROLYTE = "Separator layer 1 thickness [m]"
CURRENTS = {"current": ["0.1 mA/cm2", "0.2 mA/cm2", "0.3 mA/cm2"]}


def study(vary, protocol=STEPS, cycles=4, **said):
    return twin.Study(twin.load_cell(CELL), vary, protocol, cycles, **said)


def answer(vary, protocol=STEPS, cycles=4, draws=5, storage=None, **said):
    asked = study(vary, protocol, cycles, **said)
    return twin.what_if(asked, draws=draws, storage=storage, processes=1)


BOTH = {
    "electrolyte": {"parameter": ELECTROLYTE, "values": [600, 640], "unit": "um"},
    "current": ["0.1 mA/cm2", "0.3 mA/cm2"],
}


@pytest.fixture(scope="module")
def grid():
    return answer(BOTH, baseline={"electrolyte": 600, "current": 0.3})


def test_dimensions_carry_the_users_names_values_and_units(grid):
    assert grid["capacity_retention"].dims == ("electrolyte", "current", "draw")
    assert grid["electrolyte"].values.tolist() == [600, 640]
    assert grid["electrolyte"].attrs["units"] == "um"
    assert grid["current"].attrs["units"] == "mA/cm2"
    assert grid.attrs["fitted_set"] == "Chang2023"
    for name, values in grid.data_vars.items():
        assert {"units", "long_name"} <= set(values.attrs), name


def test_every_point_is_the_run_that_its_names_say(grid):
    from twin.fitting.draws import drawn_cells, load_draws

    cell = twin.load_cell(CELL)
    own = drawn_cells(cell, load_draws(cell), 5, 0)[2].replace({ELECTROLYTE: 640e-6})
    steps = ["Charge at 0.1 mA/cm2 until 4.2 V", "Discharge at 0.1 mA/cm2 until 2.6 V"]
    run = twin.simulate(own, twin.Protocol(steps, cycles=4), tolerance=TOLERANCE)
    point = grid.sel(electrolyte=640, current=0.1, draw=2)
    assert float(point["discharge_capacity"]) == pytest.approx(
        run["discharge_capacity"][-1].item(), 1e-6
    )
    assert point["energy_delivered"] == pytest.approx(float(run["discharge_energy"].sum()))


def test_common_draws_show_an_effect_that_their_spread_would_hide(grid):
    at = grid.sel(current=0.3)
    spread = np.ptp(at["energy_delivered"].sel(electrolyte=600).values)
    effect = at["difference_energy_delivered"].sel(electrolyte=640)
    assert (effect < 0).all()  # a thicker electrolyte costs energy, in every cell
    assert abs(effect).max() < spread


def test_the_baseline_does_not_differ_from_itself(grid):
    assert (grid["difference_discharge_capacity"].sel(electrolyte=600, current=0.3) == 0).all()


def test_a_study_survives_a_file(grid, tmp_path):
    xr.testing.assert_identical(twin.load(twin.save(grid, tmp_path / "grid.nc")), grid)


def test_a_study_carries_what_was_drawn(grid):
    assert grid["parameter_value"].dims == ("draw", "parameter")
    assert grid.attrs["effective_draws"] > 1
    ratio = grid["parameter_value"] / grid["parameter_centre"]
    assert (ratio.std("draw") > 0).all()


def test_a_list_sets_the_values_side_by_side(grid):
    listed = answer(BOTH, mode="list")
    assert listed.sizes["point"] == 2
    for place, (electrolyte, current) in enumerate([(600, 0.1), (640, 0.3)]):
        xr.testing.assert_equal(
            listed["discharge_capacity"].isel(point=place, drop=True),
            grid["discharge_capacity"].sel(electrolyte=electrolyte, current=current, drop=True),
        )


def test_protocols_are_a_dimension_by_name():
    fixed = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=3)
    data = answer({"current": ["1 C"]}, {"fixed": fixed, "field": STEPS}, cycles=3, draws=2)
    assert data["protocol"].values.tolist() == ["fixed", "field"]
    both = data["discharge_capacity"].isel(current=0)
    assert (both.sel(protocol="fixed") == both.sel(protocol="field")).all()


def test_twice_the_areal_capacity_delivers_twice_at_a_rate_that_does_not_strain():
    nominal = 0.294e-3 * 1e3 / 0.7854
    steps = ["Charge at 0.05 mA/cm2 until 4.2 V", "Discharge at 0.05 mA/cm2 until 2.6 V"]
    data = answer({"areal_capacity": [nominal, 2 * nominal]}, steps, cycles=1, draws=1)
    low, high = data["areal_discharge_capacity"].values.ravel()
    assert high / low == pytest.approx(2, rel=0.05)  # polarisation: C/7 and C/15


def test_a_symmetric_cell_has_no_energy_but_everything_else(bare):
    data = twin.what_if(twin.Study(bare, cycles=2), draws=2, draw_from="priors", processes=1)
    assert "energy_delivered" not in data
    assert data["discharge_capacity"].notnull().all()
    assert data["difference_cell_overpotential"].notnull().all()


def test_what_can_be_subtracted_and_is_better_one_way_is_compared(full, bare):
    assert {"capacity_retention", "energy_delivered", "charge_time"} <= set(module.compared(full))
    assert {"lifetime", "short_circuit", "cell_overpotential"}.isdisjoint(module.compared(full))
    assert "cell_overpotential" in module.compared(bare)


def test_how_it_is_run_may_stand_in_the_study(grid):
    asked = study(BOTH, baseline={"electrolyte": 600, "current": 0.3}, settings={"draws": 5, "seed": 0})
    xr.testing.assert_identical(twin.what_if(asked, processes=1), grid)
    assert twin.what_if(asked, draws=2, seed=1, processes=1).attrs["seed"] == 1


def test_a_study_says_what_was_asked():
    asked = study(CURRENTS, question="How fast?", text="# my study")
    data = twin.what_if(asked, draws=1, processes=1)
    assert (data.attrs["question"], data.attrs["study"]) == ("How fast?", "# my study")
    assert "question" not in twin.what_if(study(CURRENTS), draws=1, processes=1).attrs


# --- kept points ----------------------------------------------------------------------------------


@pytest.fixture
def computed(monkeypatch):
    """Counts the runs that are really computed."""
    counts = []
    original = module.run_together

    def counted(tasks):
        counts.extend(len(drawn) for _, _, drawn in tasks)
        return original(tasks)

    monkeypatch.setattr(module, "run_together", counted)
    return counts


def test_finished_points_are_not_computed_again(computed, tmp_path):
    first = answer(CURRENTS, draws=2, cycles=2, storage=tmp_path)
    assert sum(computed) == 6  # the baseline is one of the points
    again = answer(CURRENTS, draws=2, cycles=2, storage=tmp_path)
    assert sum(computed) == 6
    xr.testing.assert_identical(again, first)
    wider = {"current": [*CURRENTS["current"], "0.4 mA/cm2"]}
    answer(wider, draws=2, cycles=2, storage=tmp_path)
    assert sum(computed) == 8


@pytest.mark.parametrize("other", [{"settings": {"seed": 1}}, {"draws": 3}, {"cycles": 3}])
def test_points_of_another_study_are_not_taken_for_its_own(other, computed, tmp_path):
    answer(CURRENTS, **({"draws": 2, "cycles": 2} | other), storage=tmp_path)
    before = sum(computed)
    answer(CURRENTS, draws=2, cycles=2, storage=tmp_path)
    assert sum(computed) == before + 6


def test_a_damaged_point_is_computed_again(computed, tmp_path):
    first = answer(CURRENTS, draws=2, cycles=2, storage=tmp_path)
    damaged = sorted(tmp_path.glob("*.npz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:100])
    again = answer(CURRENTS, draws=2, cycles=2, storage=tmp_path)
    assert sum(computed) == 8
    xr.testing.assert_identical(again, first)


KILLED = f"""
import twin
from twin.studies import what_if as module
original = module.run_together
def slow(tasks):
    import time
    time.sleep(0.3)
    return original(tasks)
module.run_together = slow
study = twin.Study(twin.load_cell({CELL!r}), {CURRENTS!r}, {STEPS!r}, 2)
twin.what_if(study, draws=2, storage="points", processes=1)
"""


def test_a_killed_study_goes_on_where_it_was_and_gives_the_same(computed, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", KILLED], cwd=tmp_path, stderr=subprocess.DEVNULL)
    points = tmp_path / "points"
    deadline = time.monotonic() + 120
    while not list(points.glob("[!.]*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait(timeout=60)
    kept = len(list(points.glob("[!.]*.npz")))
    assert kept in (1, 2)
    resumed = answer(CURRENTS, draws=2, cycles=2, storage=points)
    assert sum(computed) == 2 * (3 - kept)
    xr.testing.assert_identical(resumed, answer(CURRENTS, draws=2, cycles=2))


# --- what is asked in vain ------------------------------------------------------------------------


MILLION = {
    "current": {"values": {"from": 0.01, "to": 0.5, "number": 1000}, "unit": "mA/cm2"},
    ELECTROLYTE: {"values": {"from": 1e-4, "to": 1e-3, "number": 1000}},
}


def test_a_grid_of_a_million_points_says_how_long_it_would_take():
    with pytest.raises(StudyError, match=r"1,000,000 points of 5 draws would take about .* \(--yes"):
        twin.what_if(study(MILLION), draws=5, processes=1)


def test_more_runs_than_memory_holds_are_refused_even_where_they_are_meant(computed):
    with pytest.raises(StudyError, match="are 100,000,000 runs; a study has room for 10,000,000"):
        twin.what_if(study(MILLION), draws=100, longest_hours=np.inf, processes=1)
    assert not computed


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"draws": 0}, "draws must be"),
        ({"draws": 10**9}, "draws must be a whole number from 1 to 100,000"),
        ({"seed": "0"}, "seed must be"),
        ({"processes": 0}, "processes must be"),
        ({"longest_hours": float("nan")}, "longest_hours must"),
        ({"draw_from": "air"}, "'air' is not what draws are taken from"),
    ],
)
def test_settings_without_sense_are_refused_before_anything_runs(settings, message, computed):
    with pytest.raises((ArgumentError, StudyError), match=message):
        twin.what_if(study(CURRENTS), **settings)
    assert not computed


def test_an_unfitted_cell_draws_from_its_priors_only_when_asked(full):
    asked = twin.Study(full, cycles=2)
    with pytest.raises(FittedSetError, match="no fitted"):
        twin.what_if(asked, draws=2, processes=1)
    data = twin.what_if(asked, draws=3, draw_from="priors", processes=1)
    assert np.unique(data["discharge_capacity"]).size == 3


def test_a_search_is_refused():
    with pytest.raises(StudyError, match="it is a search"):
        twin.what_if("Chang2023/fastest_charge")
