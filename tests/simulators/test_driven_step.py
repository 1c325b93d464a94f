"""What a step means for a cell: one meaning of C, areas, masses, charges and patience."""

import pytest

from twin import names
from twin.errors import ProtocolError
from twin.parameter_sets import cells, load_cell
from twin.protocols.step import read_step
from twin.simulators.driven_step import CutOff, driven_step
from twin.simulators.pybamm_step import pybamm_step
from twin.simulators.start import soc_window


@pytest.mark.parametrize("name", cells())
def test_at_c_over_ten_and_until_c_over_ten_are_the_same_current(name):
    cell = load_cell(name)
    held = driven_step(read_step("Discharge at C/10 for 1 hour"), cell).target
    (cut_off,) = driven_step(read_step("Hold at 1 V until C/10"), cell).cut_offs
    assert cut_off == CutOff("absolute current", 1.0, held)
    assert held == pytest.approx(cell.values[names.NOMINAL_CAPACITY] / 10)


def test_areas_and_masses_are_those_of_the_cell(full):
    density = driven_step(read_step("Charge at 0.1 mA/cm2 for 1 hour"), full)
    assert density.target == pytest.approx(-1.0 * full.area)
    specific = driven_step(read_step("Discharge at 14 mA/g for 1 hour"), full)
    assert specific.target == pytest.approx(14.0 * full.values[names.ACTIVE_MASS])


def test_charge_at_a_held_current_is_a_time(full):
    step = driven_step(read_step("Charge at 0.1 mA/cm2 until 0.5 mAh/cm2 or 4.2 V"), full)
    assert step.duration == pytest.approx(5 * 3600)
    assert step.has_time_limit
    assert step.cut_offs == (CutOff("voltage", -1.0, 4.2),)


def test_charge_at_a_held_voltage_is_watched(full):
    step = driven_step(read_step("Hold at 4.2 V until 0.1 mAh"), full)
    assert step.cut_offs == (CutOff("charge", -1.0, 1e-4),)
    with pytest.raises(ProtocolError, match="PyBaMM cannot watch"):
        pybamm_step(step)


def test_state_of_charge_counts_between_the_cut_offs(full):
    low, high = soc_window(full)
    (cut_off,) = driven_step(read_step("Discharge at 1C until 50 % SoC"), full).cut_offs
    assert cut_off == CutOff("state of charge", 1.0, pytest.approx((low + high) / 2))


def test_a_slow_charge_has_the_patience_of_the_same_one_given_as_c_rate(full):
    """PyBaMM gives "C/50" a hundred hours and the same current in mA/cm2 a day."""
    rate = driven_step(read_step("Charge at C/50 until 4.2 V"), full)
    density = -rate.target / full.area / 10
    same = driven_step(read_step(f"Charge at {density:.12g} mA/cm2 until 4.2 V"), full)
    assert same.duration == pytest.approx(rate.duration)
    assert not same.has_time_limit
    # all active material at that current: no cell can take more
    assert rate.duration > 3600 * full.values[names.CELL_CAPACITY] / abs(rate.target)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Charge at 14 mA/g for 1 hour", "no cathode; give mA/cm2"),
        ("Charge at 1 mA until 50 % SoC", "has none; end it by charge"),
    ],
)
def test_a_symmetric_cell_says_what_it_lacks(bare, text, message):
    with pytest.raises(ProtocolError, match=message):
        driven_step(read_step(text), bare)


def test_a_state_of_charge_at_a_held_voltage_needs_a_side(full):
    with pytest.raises(ProtocolError, match="needs a side"):
        driven_step(read_step("Hold at 4 V until 50 % SoC"), full)
    (cut_off,) = driven_step(read_step("Hold at 4 V until > 50 % SoC"), full).cut_offs
    assert cut_off.sign == -1.0
