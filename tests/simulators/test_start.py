"""Two runs, the second of which goes on from the first, are one long run."""

import numpy as np
import pytest
from agreement import assert_same, usable

import twin
from twin.errors import ArgumentError, CellError, DatasetError, ObservationError, ProtocolError
from twin.protocols import Block

FULL = "Chang2023_LiAlO2_LGPS_LCO"
SYMMETRIC = "Chang2023_LiAlO2_LGPS_symmetric"
CHARGES = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
CHECK_UP = ["Charge at C/5 until 4.2 V", "Discharge at C/5 until 2.6 V"]
SHALLOW = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
STEPS = {FULL: CHARGES, SYMMETRIC: SHALLOW}
ROUNDING = 1e-8
"""What a state loses when it is turned from the solver's scale into its unit and back."""
SOLVER = 1e-5
"""Ten times PyBaMM's relative tolerance: its integrals of the whole run differ by how they begin."""


def largest_difference(run, other):
    """The largest difference of any result of two runs, relative to the largest value of that result."""
    assert run.sizes == other.sizes
    found = {}
    for name in run.data_vars:
        right = np.abs(other[name].values) if other[name].dtype.kind == "f" else np.array([np.nan])
        if np.isfinite(right).any() and name != "final_state":
            missed = np.nanmax(np.abs(run[name].values - other[name].values))
            found[name] = missed / max(np.nanmax(right), 1e-300)
    return max(found.values())


@pytest.mark.parametrize("name", STEPS)
def test_two_runs_are_one_long_run(name, tmp_path):
    cell = usable(name)
    whole = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=9), jump=False)
    first = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=4), jump=False)
    first = twin.load(twin.save(first, tmp_path / "first.nc"))
    second = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=5), initial_state=first, jump=False)
    assert largest_difference(second, whole.sel(cycle=slice(5, None))) < ROUNDING
    assert second["cycle"].values.tolist() == [5, 6, 7, 8, 9]
    assert second.attrs["initial_soc"] == whole.attrs["initial_soc"]


@pytest.mark.parametrize("name", STEPS)
def test_two_runs_with_jumps_agree_within_the_tolerance_of_a_jump(name):
    cell = usable(name)
    whole = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=300))
    first = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=120))
    second = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=180), initial_state=first)
    assert not second["computed"].all()
    assert_same(second, whole.sel(cycle=second["cycle"]))


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_two_runs_of_the_reference_are_one_long_run(name, tmp_path):
    cell = usable(name)
    whole = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=4), simulator="reference")
    first = twin.simulate(cell, twin.Protocol(STEPS[name], cycles=2), simulator="reference")
    first = twin.load(twin.save(first, tmp_path / "first.nc"))
    rest = twin.Protocol(STEPS[name], cycles=2)
    second = twin.simulate(cell, rest, initial_state=first, simulator="reference")
    assert largest_difference(second, whole.sel(cycle=slice(3, None))) < SOLVER
    # each simulator goes on from a run of the other
    assert_same(twin.simulate(cell, rest, initial_state=first), second)


def test_another_protocol_temperature_and_pressure_go_on_from_the_same_cell():
    cell = usable(FULL)
    first = twin.simulate(cell, twin.Protocol(CHARGES, cycles=3))
    warm = cell.replace({"Ambient temperature [K]": 333.15, "Stack pressure [Pa]": 1e6})
    second = twin.simulate(warm, twin.Protocol(CHECK_UP, cycles=2), initial_state=first)
    blocks = [Block("a", CHARGES, 3), Block("b", CHECK_UP, 2, temperature="60 oC", pressure="1 MPa")]
    whole = twin.simulate(cell, twin.Protocol(blocks), jump=False).sel(cycle=[4, 5])
    assert_same(second, whole)


def test_what_is_counted_goes_on_over_three_runs():
    """Check-ups refer to the first check-up, although the run before has none."""
    cell = usable(FULL)
    check_up, ageing = twin.Protocol(CHECK_UP), twin.Protocol(CHARGES, cycles=20)
    first = twin.simulate(cell, check_up)
    second = twin.simulate(cell, ageing, initial_state=first)
    third = twin.simulate(cell, check_up, initial_state=second)
    retained = third["discharge_capacity"].item() / first["discharge_capacity"].item()
    assert third["cycle"].item() == 22
    assert third["capacity_retention"].item() == pytest.approx(retained)
    assert third["time"].item() > second["time"][-1].item() > first["time"].item()
    np.testing.assert_array_equal(third["fresh_resistance"], first["fresh_resistance"])
    chosen = twin.simulate(cell, check_up, initial_state=second, reference_cycle=21)
    retained = third["discharge_capacity"].item() / second["discharge_capacity"][-1].item()
    assert chosen["capacity_retention"].item() == pytest.approx(retained)
    with pytest.raises(ProtocolError, match="from 2 to 22"):
        twin.simulate(cell, check_up, initial_state=second, reference_cycle=23)


def test_a_coating_that_has_failed_has_failed_in_the_run_that_goes_on():
    cell = usable(SYMMETRIC).replace({"Coating pinhole damage [m2.C-1]": 2e-3})
    quiet = {"Filament growth coefficient [m3.C-1]": 0.0}
    failed = twin.simulate(cell.replace(quiet), twin.Protocol(SHALLOW, cycles=300))
    assert failed["outcome"].item() == "end_of_life"
    on = twin.simulate(cell.replace(quiet), twin.Protocol(SHALLOW), initial_state=failed)
    for name in ("outcome", "end_of_life_cycle", "lifetime"):
        assert on[name].item() == failed[name].item()


def test_a_wear_that_nobody_has_noted_is_noted_in_the_first_cycle():
    cell = usable(SYMMETRIC).replace({"Filament growth coefficient [m3.C-1]": 0.0})
    first = twin.simulate(cell, twin.Protocol(SHALLOW, cycles=5))
    state = first["final_state"].copy()
    state.loc[{"state": "Negative coating damage sum"}] = 1.5
    on = twin.simulate(cell, twin.Protocol(SHALLOW), initial_state=first.assign(final_state=state))
    assert on["outcome"].item() == "end_of_life"
    assert on["end_of_life_cycle"].item() == 6
    assert on["lifetime"].item() == pytest.approx(first["time"][-1].item())


def test_a_run_that_ended_within_a_step_is_no_start():
    cell = usable(FULL)
    ended = twin.simulate(cell, twin.Protocol(["Charge at 1C for 10 hours"]))
    assert ended["outcome"].item() == "infeasible"
    with pytest.raises(ArgumentError, match="ended as infeasible, in the middle of a step"):
        twin.simulate(cell, twin.Protocol(CHARGES), initial_state=ended)


@pytest.mark.parametrize("simulator", ["long_cycling", "reference"])
def test_the_state_of_another_structure_is_refused(simulator):
    run = twin.simulate(usable(SYMMETRIC), twin.Protocol(SHALLOW))
    with pytest.raises(CellError, match=r"from a cell of another structure.*full cell"):
        twin.simulate(usable(FULL), twin.Protocol(CHARGES), initial_state=run, simulator=simulator)


def test_what_is_no_run_is_refused():
    cell, protocol = usable(SYMMETRIC), twin.Protocol(SHALLOW)
    run = twin.simulate(cell, protocol)
    with pytest.raises(DatasetError, match="lacks final_state"):
        twin.simulate(cell, protocol, initial_state=run.drop_vars("final_state"))
    with pytest.raises(DatasetError, match="takes a run"):
        twin.simulate(cell, protocol, initial_state="run.nc")
    state = run["final_state"].where(run["state"] != "SoC")
    with pytest.raises(DatasetError, match="no number for 'SoC'"):
        twin.simulate(cell, protocol, initial_state=run.assign(final_state=state))
    with pytest.raises(ArgumentError, match="leave out initial_soc"):
        twin.simulate(cell, protocol, initial_state=run, initial_soc=0.5)
    with pytest.raises(ArgumentError, match="no cycle of it has run"):
        twin.simulate(cell, protocol, initial_state=run.isel(cycle=slice(0)))


def test_a_spectrum_of_a_run_that_goes_on_is_refused():
    cell, protocol = usable(SYMMETRIC), twin.Protocol(SHALLOW)
    run = twin.simulate(cell, protocol, initial_state=twin.simulate(cell, protocol))
    with pytest.raises(ObservationError, match="goes on from another one"):
        twin.impedance(cell, run, [1])
