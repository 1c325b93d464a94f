"""Charge transfer at the cathode: Butler and Volmer's steady state, Tafel's slope, the double layer."""

import math

import pytest
from circuit import FARADAY, GAS_CONSTANT, ROUNDING, THERMAL_VOLTAGE, Circuit, arrhenius, unlike_energies
from hypothesis import given
from hypothesis import strategies as st

from twin import names
from twin.parameter_sets import load_cell

OVERPOTENTIAL = names.CHARGE_TRANSFER_OVERPOTENTIAL


@pytest.fixture(scope="module")
def cathode():
    """A full cell that leaks nothing: the faradaic current is the applied one."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    return Circuit(unlike_energies(cell.replace({"Separator electronic conductivity [S.m-1]": 0.0})))


@pytest.fixture(scope="module")
def exchange(cathode):
    """[A/m2]"""
    return cathode.cell.values["Cathode exchange current density [A.m-2]"]


def steady_overpotential(cathode, current, celsius=25.0):
    """Where the overpotential rests: its rate is linear in it."""
    at_zero, at_one = (
        cathode.at(current, {OVERPOTENTIAL: volts}, celsius=celsius).rate(OVERPOTENTIAL)
        for volts in (0.0, 1.0)
    )
    return at_zero / (at_zero - at_one)


@given(millivolts=st.floats(-250, 250))
def test_steady_state_is_that_of_butler_and_volmer(cathode, exchange, millivolts):
    half = millivolts / 1000 / (2 * THERMAL_VOLTAGE)
    current = exchange * (math.exp(half) - math.exp(-half))
    # the exponentials' difference cancels at small overpotentials: an absolute share of a nanovolt
    assert steady_overpotential(cathode, current) == pytest.approx(millivolts / 1000, rel=1e-9, abs=1e-9)


def test_small_currents_see_rt_over_f_i0(cathode, exchange):
    current = 1e-3 * exchange
    resistance = THERMAL_VOLTAGE / exchange
    # asinh(x)/x = 1 - x^2/6, x = 5e-4
    assert steady_overpotential(cathode, current) / current == pytest.approx(resistance, rel=1e-7)
    assert cathode.at().value(names.CHARGE_TRANSFER_RESISTANCE) == pytest.approx(
        resistance, rel=ROUNDING
    )


def test_ten_times_a_large_current_costs_tafels_slope(cathode, exchange):
    slope = steady_overpotential(cathode, 1e4 * exchange) - steady_overpotential(cathode, 1e3 * exchange)
    # 2 ln(10) RT/F = 118.3 mV a decade at 25 C; the back reaction is a millionth
    assert slope == pytest.approx(2 * math.log(10) * THERMAL_VOLTAGE, rel=1e-6)
    assert slope == pytest.approx(0.1183, abs=5e-5)


def test_double_layer_discharges_through_the_small_signal_resistance(cathode, exchange):
    decay = cathode.at(0.0, {OVERPOTENTIAL: 1e-3}).rate(OVERPOTENTIAL)
    capacitance = cathode.cell.values["Cathode double-layer capacitance [F.m-2]"]
    expected = -1e-3 / (THERMAL_VOLTAGE / exchange * capacitance)
    assert decay == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("current", [-3.0, 0.01, 3.0])
def test_heat_of_the_steady_state_is_current_times_overpotential(cathode, current):
    overpotential = steady_overpotential(cathode, current)
    heat = cathode.at(current, {OVERPOTENTIAL: overpotential}).value(names.CHARGE_TRANSFER_DISSIPATION)
    assert heat == pytest.approx(current * overpotential, rel=1e-7)  # sinh(asinh x) rounds
    assert heat > 0


def test_heat_quickens_the_exchange(cathode, exchange):
    current, kelvin = 1e-3 * exchange, 333.15
    energy = cathode.cell.values["Cathode exchange current activation energy [J.mol-1]"]
    expected = GAS_CONSTANT * kelvin / FARADAY / (exchange * arrhenius(energy, 60))
    found = steady_overpotential(cathode, current, celsius=60) / current
    assert found == pytest.approx(expected, rel=1e-6)  # asinh(x)/x and the constants' last digits


def test_a_cell_without_a_cathode_has_no_charge_transfer(frozen):
    moment = Circuit(frozen).at(1.0)
    assert moment.value(OVERPOTENTIAL) == 0
    faces = 2 * frozen.values["Pristine interface resistance [Ohm.m2]"]
    assert moment.value(names.INTERNAL_RESISTANCE) == pytest.approx(
        moment.value(names.SEPARATOR_RESISTANCE) + faces, rel=ROUNDING
    )
