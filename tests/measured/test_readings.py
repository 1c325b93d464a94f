"""What a run says for what can be measured: in which unit and cycle, and for events that never came."""

import math

import numpy as np
import pytest

import twin
from twin.errors import ObservationError
from twin.measured import readings
from twin.results.dataset import unlabelled

FULL = "Chang2023_LiAlO2_LGPS_LCO"


def observable(name, unit):
    return readings.find(name, unit)


@pytest.fixture(scope="module")
def cell():
    return twin.load_cell(FULL)


@pytest.fixture(scope="module")
def run(cell):
    steps = ["Charge at 0.5C until 4.2 V", "Discharge at 0.5C until 2.6 V"]
    return twin.simulate(cell, twin.Protocol(steps, cycles=20))


def test_results_are_read_in_the_unit_of_rows(run, cell):
    at, mass = run.sel(cycle=7), cell.values["Cathode active mass [kg]"]
    expected = {
        ("discharge capacity", "mAh/g"): at["discharge_capacity"] / mass,  # A.h/kg is mA.h/g
        ("areal capacity", "mAh/cm2"): at["discharge_capacity"] * 1e3 / (cell.area * 1e4),
        ("capacity retention", "%"): 100 * at["discharge_capacity"] / run["discharge_capacity"][0],
        ("coulombic efficiency", "%"): 100 * at["discharge_capacity"] / at["charge_capacity"],
        ("energy efficiency", "%"): 100 * at["discharge_energy"] / at["charge_energy"],
        ("filament depth", "um"): 1e6 * at["filament_depth"].max(),
        ("reduced depth (Ti3+)", "nm"): 1e9 * at["interphase_thickness"].max(),
        ("impedance", "Ohm"): at["resistance"].sum() / cell.area,
    }  # fmt: skip
    for (name, unit), value in expected.items():
        found = observable(name, unit).read(unlabelled(run), 7, cell)
        assert found == pytest.approx(float(value), rel=1e-6), name


def test_run_that_ended_before_a_row_says_nothing_for_it(run, cell):
    assert math.isnan(observable("discharge capacity", "mAh/g").read(unlabelled(run), 21, cell))
    assert math.isnan(observable("impedance", "Ohm").read(unlabelled(run), 21, cell))


def test_cell_that_has_died_before_is_opened_after_its_last_cycle(run, cell):
    depth = observable("filament depth", "um")
    assert depth.read(unlabelled(run), 500, cell) == depth.read(unlabelled(run), 20, cell) > 0


def test_fresh_cell_has_a_resistance(run, cell):
    fresh = observable("impedance", "Ohm").read(unlabelled(run), 0, cell)
    assert fresh == pytest.approx(float(run["fresh_resistance"].sum()) / cell.area)


def test_result_that_a_cell_does_not_have_is_refused(cell):
    symmetric = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    rest = unlabelled(twin.simulate(symmetric, twin.Protocol(["Rest for 1 hour"])))
    with pytest.raises(
        ObservationError, match="Chang2023_Li_LGPS_symmetric has no 'discharge capacity'"
    ):
        observable("discharge capacity", "mAh/g").read(rest, 1, symmetric)
    with pytest.raises(ObservationError, match="has no 'charge voltage vs Li-In'"):
        observable("charge voltage vs Li-In", "V").read(rest, None, symmetric)


def test_unknown_observable_is_refused_with_the_nearest():
    with pytest.raises(ObservationError, match="did you mean 'cell overpotential'"):
        observable("cell overpotentials", "V")


def made_up(time, **results):
    """A run with cycles that end at `time` [h], as plain arrays."""
    scalars = {"lifetime": math.nan, "short_circuit_onset_cycle": math.nan, "failure_progress": 0.25}
    scalars |= {"outcome": "completed"} | results
    plain = {
        name: own if isinstance(own, tuple) else ((), np.asarray(own)) for name, own in scalars.items()
    }
    return {"time": (("cycle",), np.asarray(time, dtype=float)), **plain}


@pytest.mark.parametrize(
    ("hours", "cycle"), [(0.1, 1), (2, 1), (2.1, 2), (5, 2), (6, 3), (6.5, None), (100, None)]
)
def test_time_says_which_cycle_of_the_run_was_running(hours, cycle):
    assert readings.running_at(made_up([2, 5, 6]), hours) == cycle


def test_end_of_a_cycle_belongs_to_it_although_its_time_was_rounded():
    assert readings.running_at(made_up([2 * (1 + 1e-15), 4]), 2 * (1 + 3e-14)) == 1


def test_event_that_never_came_is_continued_at_the_run_s_pace():
    run = made_up([2, 4, 6], failure_progress=0.25)
    for name, unit, expected in (
        ("lifetime", "h", 24),
        ("lifetime", "cycle", 12),
        ("short-circuit onset", "cycle", 12),
        ("discharge capacity reaches 0", "cycle", 12),
    ):
        assert observable(name, unit).read(run, None, None) == expected


def test_event_that_came_is_when_it_came():
    run = made_up([2, 4, 6], lifetime=4.0, short_circuit_onset_cycle=2.0, outcome="hard_short")
    for name, unit, expected in (
        ("lifetime", "h", 4),
        ("lifetime", "cycle", 2),
        ("short-circuit onset", "cycle", 2),
        ("discharge capacity reaches 0", "cycle", 3),
    ):
        assert observable(name, unit).read(run, None, None) == expected


def test_run_without_a_cycle_is_no_end_of_a_fit():
    run = made_up([], failure_progress=0.0, layer_conversion=(("cycle", "interface"), np.zeros((0, 1))))
    assert observable("lifetime", "h").read(run, None, None) == 0
    assert math.isnan(observable("time", "h").read(run, None, None))


def test_layer_has_converted_when_its_front_arrives():
    share = np.array([[0.5], [0.9], [0.999]])
    run = made_up([1, 2, 3], layer_conversion=(("cycle", "interface"), share))
    expected = 2 + (readings.CONVERTED - 0.9) / 0.099
    assert observable("time", "h").read(run, None, None) == pytest.approx(expected)
    halfway = made_up([1, 2], layer_conversion=(("cycle", "interface"), share[:2] / 2))
    assert observable("time", "h").read(halfway, None, None) == pytest.approx(
        2 * readings.CONVERTED / 0.45
    )


def test_voltage_is_averaged_until_the_short():
    voltage = (("cycle",), np.array([3.4, 3.5, 9.9]))
    run = made_up([1, 2, 3], mean_charge_voltage=voltage, short_circuit_onset_cycle=3.0)
    assert observable("charge voltage vs Li-In", "V").read(run, None, None) == pytest.approx(3.45)
