"""What happens within a cycle agrees with what a run says of the whole cycle."""

import numpy as np
import pytest

import twin
from twin.errors import ObservationError


@pytest.fixture(scope="module")
def cycled():
    """A full cell with a hold and a rest, its run, and the series of three of its cycles."""
    from twin.parameter_sets import load_cell

    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    cell = cell.replace({"Interface resistance factor": 0.1})
    steps = [
        "Charge at 1C until 4.2 V", "Hold at 4.2 V until C/5", "Rest for 10 minutes",
        "Discharge at 1C until 2.6 V",
    ]  # fmt: skip
    protocol = twin.Protocol(steps, cycles=12)
    return twin.simulate(cell, protocol, jump=False), twin.time_series(cell, protocol, [1, 2, 12])


def test_charge_passed_in_each_half_cycle_is_that_of_the_run(cycled):
    run, series = cycled
    passed = series["capacity"].where(series["step"] == 4).max("point")
    wanted = run["discharge_capacity"].sel(cycle=series["cycle"])
    # two integrators, each with an error of some 1e-4
    np.testing.assert_allclose(passed, wanted, rtol=5e-4)
    charged = series["capacity"].where(series["step"] <= 2).max("point")
    np.testing.assert_allclose(charged, run["charge_capacity"].sel(cycle=series["cycle"]), rtol=5e-4)


def test_cycles_last_as_long_as_in_the_run(cycled):
    run, series = cycled
    ends = run["time"].values
    lasted = series["time"].max("point").sel(cycle=[2, 12])
    np.testing.assert_allclose(lasted, [ends[1] - ends[0], ends[11] - ends[10]], rtol=5e-4)


def test_each_step_does_what_it_says(cycled):
    _, series = cycled
    first = series.sel(cycle=1)
    assert (first["current"].where(first["step"] == 1, drop=True) < 0).all()  # charging is negative
    held = first["voltage"].where(first["step"] == 2, drop=True)
    np.testing.assert_allclose(held, 4.2, atol=1e-4)
    resting = first["current"].where(first["step"] == 3, drop=True)
    np.testing.assert_allclose(resting, 0.0, atol=1e-12)
    assert float(first["voltage"].min()) == pytest.approx(2.6, abs=1e-3)
    assert (first["time"].diff("point").dropna("point") >= 0).all()


def test_a_rest_does_not_restart_the_count_of_charge(cycled):
    _, series = cycled
    first = series.sel(cycle=1)
    resting = first["capacity"].where(first["step"] == 3, drop=True)
    charged = first["capacity"].where(first["step"] == 2).max()
    np.testing.assert_allclose(resting, charged, rtol=1e-6)


@pytest.mark.parametrize("cycles", [[0], [13], []])
def test_cycles_outside_the_protocol_are_refused(cycles, shallow, bare):
    with pytest.raises(ObservationError, match="cycles are 1 to 10"):
        twin.time_series(bare, shallow, cycles)
