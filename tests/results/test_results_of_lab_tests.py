"""What the tests of a laboratory say of cells with a known answer."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin import protocols
from twin.errors import DatasetError, ObservationError

SYMMETRIC = twin.load_cell("Duan2023_Li_LPSCl_symmetric")
ROUNDING = 1e-6
"""Relative: the compiled circuit's charge beside current times time."""


def ramp(onset, outcome) -> xr.Dataset:
    """A forecast of 1, 2, 3, 4 mA/cm2 with an hour each way, in which draws short in known cycles."""
    draws = len(onset)
    current = 10.0 * np.arange(1, 5) * np.ones((draws, 1))
    return xr.Dataset(
        {
            "half_cycle_current_density": (("draw", "cycle"), current),
            "critical_current_density": ("draw", 10.0 * np.array(onset, dtype=float)),
            "cumulative_charge": (
                "draw",
                [np.nansum(np.arange(1, n + 1)) * 2 for n in np.nan_to_num(onset)],
            ),
            "short_circuit_onset_cycle": ("draw", np.array(onset, dtype=float)),
            "outcome": ("draw", np.array(outcome)),
        },
        coords={"cycle": np.arange(1, 5), "draw": np.arange(draws)},
    )


@pytest.mark.parametrize(
    ("options", "current", "charge"),
    [
        ({"time": "1 hour"}, 8, 7.2),
        ({"time": "0.5 hours"}, 10, 5.5),
        ({"charge": "0.1 mAh/cm2"}, 22, 4.4),
        ({"charge": "1 mAh/cm2"}, 6, 12.0),
    ],
)
def test_a_short_comes_at_lower_currents_the_more_charge_a_half_cycle_passes(options, current, charge):
    found = twin.critical_current(
        twin.simulate(SYMMETRIC, protocols.critical_current_density(**options))
    )
    assert found["critical_current_density"].item() == pytest.approx(current, rel=ROUNDING)
    assert found["sustained_current_density"].item() == pytest.approx(current - 1, rel=ROUNDING)
    assert found["cumulative_charge"].item() == pytest.approx(charge, rel=ROUNDING)


def test_a_ramp_without_a_short_has_no_critical_current():
    run = twin.simulate(SYMMETRIC, protocols.critical_current_density(last="0.3 mA/cm2"))
    found = twin.critical_current(run)
    assert np.isnan(found["critical_current_density"])
    assert np.isnan(found["cumulative_charge"])
    assert found["sustained_current_density"].item() == pytest.approx(3, rel=ROUNDING)


def test_charge_of_one_way_plating_is_counted_once():
    run = twin.simulate(SYMMETRIC, protocols.one_way_plating("1 mA/cm2", piece="0.1 mAh/cm2"))
    plated = 0.1 * run["short_circuit_onset_cycle"].item()
    assert twin.critical_current(run)["cumulative_charge"].item() == pytest.approx(plated, rel=ROUNDING)


def test_the_chance_rises_with_the_current_and_leaves_out_draws_without_an_answer():
    nan = np.nan
    found = twin.critical_current(
        ramp(
            [2, 3, 3, nan, nan, nan],
            ["soft_short", "soft_short", "hard_short", "completed", "overpotential_limit", "infeasible"],
        )
    )
    assert found["current_density"].values.tolist() == [10, 20, 30, 40]
    assert found["short_circuit_probability"].values == pytest.approx([0, 1 / 5, 3 / 5, 3 / 5])
    assert found["critical_current_density"].values[:3].tolist() == [20, 30, 30]
    assert found["cumulative_charge"].values[:3].tolist() == [6, 12, 12]
    # of the five that answer, the fourth in order never shorts
    assert found["critical_current_density_interval"].values.tolist() == [20, 30, np.inf]
    assert found["sustained_current_density"].values.tolist() == [10, 20, 20, 40, 30, 40]
    assert found["critical_current_density_interval"].attrs["units"] == "A/m2"


def test_what_is_no_run_is_refused():
    with pytest.raises(DatasetError, match="not a run or a forecast of a symm"):
        twin.critical_current(xr.Dataset())


def pulses(currents, volts, ocv, soc=0.5) -> xr.Dataset:
    """A cycle of steps of two points each: 0 and 36 s."""
    steps = len(currents)
    points = {
        "current_density": np.repeat(currents, 2),
        "voltage": np.ravel(volts),
        "open_circuit_voltage": np.ravel(ocv),
        "state_of_charge": np.full(2 * steps, soc),
        "step": np.repeat(np.arange(1.0, steps + 1), 2),
        "time": np.repeat(np.arange(steps), 2) * 0.01 + np.tile([0, 0.01], steps),
    }
    padded = {name: ("point", np.append(values, np.nan)) for name, values in points.items()}
    return xr.Dataset(padded).expand_dims(cycle=[1])


def test_resistance_is_the_change_of_the_voltage_without_that_of_the_open_circuit():
    found = twin.pulse_resistance(
        pulses(
            [0, 2, 0, -4, 1],
            [[4, 4], [3.98, 3.9], [3.95, 3.96], [4.0, 4.06], [3.9, 3.8]],
            [[4, 4], [4, 3.96], [3.96, 3.96], [3.96, 3.98], [3.98, 3.9]],
        )
    )
    assert found["instantaneous_resistance"].values == pytest.approx([0.01, 0.01])
    assert found["pulse_resistance"].values == pytest.approx([0.03, 0.02])
    assert found["current_density"].values.tolist() == [2, -4]  # the last step comes after no rest
    assert found["pulse_duration"].values == pytest.approx([36, 36])
    assert found["cycle"].values.tolist() == [1, 1]


def test_a_series_without_a_pulse_says_so():
    with pytest.raises(ObservationError, match=r"no pulse.*twin\.protocols\.gitt"):
        twin.pulse_resistance(pulses([1, -1], [[4, 4], [4, 4]], [[4, 4], [4, 4]]))


def test_a_symmetric_cell_has_no_state_of_charge():
    series = twin.time_series(SYMMETRIC, protocols.one_way_plating(most="0.1 mAh/cm2"))
    with pytest.raises(DatasetError, match="time series of a full cell"):
        twin.pulse_resistance(series)


def test_pulses_of_a_full_cell_tell_its_resistance_over_its_states_of_charge(full):
    series = twin.time_series(full, protocols.hppc(full, levels=3))
    found = twin.pulse_resistance(series)
    assert found.sizes["pulse"] == 6
    discharging = found.isel(pulse=slice(0, None, 2))
    assert (np.diff(discharging["state_of_charge"]) < -0.2).all()
    assert (found["pulse_resistance"] > found["instantaneous_resistance"]).all()
