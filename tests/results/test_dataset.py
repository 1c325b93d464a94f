"""The result Dataset: schema, outcomes, netCDF."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import ObservationError, OutputError
from twin.results.quantities import HANDED_ON, RESULTS

CHARGES = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]


def test_every_result_has_units_and_a_long_name(full):
    run = twin.simulate(full, twin.Protocol(CHARGES, cycles=3))
    for name, variable in run.data_vars.items():
        assert variable.attrs["units"] == {**RESULTS, **HANDED_ON}[name].units
        assert variable.attrs["long_name"]
    assert list(run["cycle"].values) == [1, 2, 3]
    for attribute in ("cell", "parameter_hash", "protocol", "versions", "simulator"):
        assert run.attrs[attribute]


def test_save_then_load_is_identity(full, tmp_path):
    run = twin.simulate(full, twin.Protocol(CHARGES, cycles=3))
    loaded = twin.load(twin.save(run, tmp_path / "run.nc"))
    xr.testing.assert_identical(
        loaded.drop_vars(["outcome", "notes"]), run.drop_vars(["outcome", "notes"])
    )
    assert loaded["outcome"].item() == run["outcome"].item()
    assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]


def test_saving_into_a_file_in_the_place_of_a_folder_is_an_output_error(full, tmp_path):
    (tmp_path / "file").write_text("")
    run = twin.simulate(full, twin.Protocol(CHARGES))
    with pytest.raises(OutputError, match="cannot make the folder"):
        twin.save(run, tmp_path / "file" / "run.nc")


def test_loading_something_else_is_an_observation_error(tmp_path):
    (tmp_path / "run.nc").write_text("no netCDF")
    with pytest.raises(ObservationError, match="cannot read"):
        twin.load(tmp_path / "run.nc")


@pytest.mark.parametrize("simulator", ["long_cycling", "reference"])
def test_charge_above_its_cut_off_is_skipped_and_says_where(full, simulator):
    protocol = twin.Protocol(["Discharge at 0.1C for 1 hour", "Charge at 0.1C until 3.0 V"], cycles=2)
    run = twin.simulate(full, protocol, simulator=simulator)
    assert run["outcome"].item() == "completed"
    assert "'Charge at 0.1C until 3.0 V' is skipped" in run["notes"].item()
    assert run.sizes["cycle"] == 2  # the cell went on with the next step, as PyBaMM does


@pytest.mark.parametrize("simulator", ["long_cycling", "reference"])
def test_cycle_in_which_nothing_can_run_ends_the_run_and_keeps_what_came_before(full, simulator):
    protocol = twin.Protocol(
        [("Charge at 0.1C until 4.0 V",), ("Charge at 0.1C until 3.5 V",), ("Rest for 1 hour",)]
    )
    run = twin.simulate(full, protocol, simulator=simulator)
    assert run["outcome"].item() == "infeasible"
    assert run.sizes["cycle"] == 1
    assert "ycle 2" in run["notes"].item()


@pytest.mark.parametrize("simulator", ["long_cycling", "reference"])
def test_cut_off_that_is_never_reached_is_infeasible(full, simulator):
    run = twin.simulate(full, twin.Protocol(["Charge at 1C until 5.5 V"]), simulator=simulator)
    assert run["outcome"].item() == "infeasible"


def test_shunt_that_keeps_a_charge_from_its_cut_off_is_a_hard_short(full):
    shorted = full.replace({"Separator electronic conductivity [S.m-1]": 1e-3})
    run = twin.simulate(shorted, twin.Protocol(CHARGES, cycles=3))
    assert run["outcome"].item() == "hard_short"
    assert run["short_circuit_onset_cycle"].item() == 1
    assert run["lifetime"].item() > 0


def test_soft_short_begins_above_two_and_a_half_per_cent_leak(full):
    shunted = full.replace({"Separator electronic conductivity [S.m-1]": 3e-5})
    run = twin.simulate(shunted, twin.Protocol(CHARGES, cycles=2))
    assert run["leak_fraction"].max() > 0.025
    assert run["outcome"].item() == "soft_short"
    sound = twin.simulate(full, twin.Protocol(CHARGES, cycles=2))
    assert np.isnan(sound["short_circuit_onset_cycle"])
    assert sound["outcome"].item() == "completed"


def test_overpotential_limit_ends_a_symmetric_run(bare):
    run = twin.simulate(
        bare.replace({"Overpotential limit [V]": 0.1}),
        twin.Protocol(["Discharge at 0.1 mA/cm2 for 10 hours", "Charge at 0.1 mA/cm2 for 10 hours"]),
    )
    assert run["outcome"].item() == "overpotential_limit"
    assert run["lifetime"].item() == pytest.approx(run["time"].values[-1])


def test_coating_failure_is_the_end_of_life_and_has_a_time():
    from twin.parameter_sets import load_cell

    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False).replace(
        {"Coating pinhole damage [m2.C-1]": 1e-2, "Filament growth coefficient [m3.C-1]": 0.0}
    )
    protocol = twin.Protocol(
        ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"], cycles=100
    )
    run = twin.simulate(cell, protocol)
    assert run["outcome"].item() == "end_of_life"
    failed = run["cycle"].where(run["coating_damage"].max("interface") >= 1).min().item()
    assert 2 * (failed - 1) <= run["lifetime"].item() <= 2 * failed


def test_initial_soc_counts_between_the_cut_offs(full):
    protocol = twin.Protocol(["Discharge at 0.05C until 2.6 V"])
    whole = twin.simulate(full, protocol, initial_soc=1.0)["discharge_capacity"].item()
    half = twin.simulate(full, protocol, initial_soc=0.5)["discharge_capacity"].item()
    # the same end, so half the window less comes out
    assert half / whole == pytest.approx(0.5, abs=0.01)


def test_unknown_step_falls_back_to_the_reference_and_says_so(full, monkeypatch):
    from twin.simulators.long_cycling import run as fast

    def unknown(*_):
        raise fast.UnknownStepError("Charge at 1C until 4.2 V")

    monkeypatch.setattr(fast, "step_plan", unknown)
    run = twin.simulate(full, twin.Protocol(CHARGES))
    assert run.attrs["simulator"] == "reference"
    assert "does not know the step" in run["notes"].item()


def test_self_discharge_in_storage_is_no_leak_of_a_cycle(full):
    """A month at rest leaks more than a cycle of storage passes in its half minute of charge."""
    leaky = full.replace({"Separator electronic conductivity [S.m-1]": 1e-8})
    steps = ["Charge at 1C for 36 seconds", "Rest for 30 days"]
    run = twin.simulate(leaky, twin.Protocol(steps), initial_soc=0.5)
    assert run["leak_fraction"].item() < 0.025
    assert run["outcome"].item() == "completed"
