"""How the current crosses an interphase: ohmic, or activated as in Butler and Volmer's equation."""

import itertools
import math

import pytest
from circuit import ROUNDING, THERMAL_VOLTAGE, Circuit, negative
from hypothesis import given
from hypothesis import strategies as st

from twin import names
from twin.errors import ParameterError
from twin.parameter_sets import load_cell
from twin.parameters import Parameter

THICK = 1e-6
"""[m], of an interphase of 1 Ohm m2: tens of thermal voltages at 1 A/m2."""
SMALL_SIGNAL = 1e-9
"""Relative: what asinh(x)/x leaves out where the current is a millionth of the exchange current."""


def activated(cell, transfer=0.5):
    coefficient = Parameter(transfer, "test", "pairs/Li_LGPS")
    return cell.following({"interface kinetics": "activated"}, {names.TRANSFER_COEFFICIENT: coefficient})


@pytest.fixture(scope="module")
def ohmic():
    """A bare symmetric cell whose interfaces do not constrict the current."""
    cell = load_cell("Chang2023_Li_LGPS_symmetric", fitted=False)
    return cell.replace({names.SPOT_RADIUS: 0.0})


@pytest.fixture(scope="module")
def circuit(ohmic):
    return Circuit(activated(ohmic))


@given(current=st.floats(0.01, 20), thickness=st.floats(1e-9, THICK), contact=st.floats(0.05, 1))
def test_the_current_is_twice_the_exchange_current_times_sinh(circuit, current, thickness, contact):
    """i = 2 i_0 sinh(alpha F eta/RT), i_0 = RT/(2 alpha F R), through the area in contact."""
    states = {negative(names.INTERPHASE_THICKNESS): thickness, negative(names.CONTACT_FRACTION): contact}
    moment = circuit.at(current, states)
    overpotential = current * moment.value(negative(names.INTERFACE_SECANT_RESISTANCE))
    thermal = THERMAL_VOLTAGE / 0.5
    exchange = thermal / 2 / moment.value(negative(names.INTERPHASE_SHARE))
    assert current / contact == pytest.approx(
        2 * exchange * math.sinh(overpotential / thermal), rel=1e3 * ROUNDING
    )  # sinh multiplies a rounding by up to its argument


def test_each_decade_of_current_costs_the_same_far_above_the_exchange_current(circuit):
    states = {negative(names.INTERPHASE_THICKNESS): THICK}
    overpotentials = [
        current * circuit.at(current, states).value(negative(names.INTERFACE_SECANT_RESISTANCE))
        for current in (10.0, 100.0, 1000.0)
    ]
    steps = [b - a for a, b in itertools.pairwise(overpotentials)]
    tafel = THERMAL_VOLTAGE / 0.5 * math.log(10)
    assert steps == pytest.approx([tafel, tafel], rel=1e-4)  # 1/x2 of asinh at 200 thermal voltages


def test_at_rest_it_reads_as_the_resistor_does(ohmic, circuit):
    states = {negative(names.INTERPHASE_THICKNESS): THICK}
    name = negative(names.INTERFACE_SECANT_RESISTANCE)
    assert circuit.at(0.0, states).value(name) == pytest.approx(
        Circuit(ohmic).at(1.0, states).value(name), rel=SMALL_SIGNAL
    )


def test_without_a_transfer_coefficient_it_cannot_be_followed(ohmic):
    with pytest.raises(ParameterError, match="needs 'Interface transfer coefficient'"):
        ohmic.following({"interface kinetics": "activated"})
