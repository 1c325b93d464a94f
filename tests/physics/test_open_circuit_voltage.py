"""Equilibrium potentials against PyBaMM's own, and the state of charge as a count of charge."""

import numpy as np
import pybamm
import pytest
from circuit import ROOM, ROUNDING, Circuit
from scipy.optimize import brentq

from twin import names
from twin.parameter_sets import load_cell
from twin.physics.open_circuit_voltage import OPEN_CIRCUIT_VOLTAGES


def potential(material, soc):
    """[V] against lithium, (soc,)"""
    column = pybamm.Array(np.reshape(soc, (-1, 1)))
    return OPEN_CIRCUIT_VOLTAGES[material](column).evaluate().ravel()


def soc_at(material, volts):
    return brentq(lambda soc: potential(material, soc)[0] - volts, 1e-4, 0.99, xtol=1e-12)


@pytest.mark.parametrize(("material", "highest"), [("LCO", 0.605), ("NCM622", 0.99)])
def test_taking_lithium_out_always_raises_the_potential(material, highest):
    soc = np.linspace(0, highest, 5000)
    assert np.all(np.diff(potential(material, soc)) > 0)


def test_lithium_cobalt_oxide_is_that_of_ai_2020():
    measured = pybamm.ParameterValues("Ai2020")["Positive electrode OCP [V]"]
    content = np.linspace(0.4, 0.99, 237)  # between the table's points, and short of the tail
    expected = np.array([measured(pybamm.Scalar(x)).evaluate().item() for x in content])
    difference = potential("LCO", 1.005 - content) - expected
    # steps that are 0.03 wide follow the table's noise to about a millivolt
    assert np.sqrt(np.mean(difference**2)) < 1.5e-3
    assert np.abs(difference).max() < 5e-3


def test_lithium_cobalt_oxide_gives_the_capacity_of_its_window():
    """142.6 mAh/g between 2.6 and 4.2 V, of 273.85 over the whole range."""
    # the tail that is added below the first measured point holds 1.6 mAh/g
    window = soc_at("LCO", 4.2) - soc_at("LCO", 2.6)
    assert 273.85 * window == pytest.approx(142.6, abs=1.6)


def test_nickel_cobalt_manganese_oxide_is_the_isotherm_of_pybamms_msmr_set():
    parameters = pybamm.ParameterValues("MSMR_Example")
    options = {
        "open-circuit potential": "MSMR",
        "particle": "MSMR",
        "intercalation kinetics": "MSMR",
        "number of MSMR reactions": ("6", "4"),
    }
    electrode = pybamm.LithiumIonParameters(options).p.prim
    volts = np.linspace(3.6, 4.7, 97)
    content = np.array(
        [parameters.evaluate(electrode.x(pybamm.Scalar(v), pybamm.Scalar(ROOM))) for v in volts]
    )
    difference = potential("NCM622", 1 - content) - volts
    # the isotherm is smooth, its sites wider than the steps: a few millivolts at its ends
    assert np.sqrt(np.mean(difference**2)) < 2e-3
    assert np.abs(difference).max() < 6e-3


@pytest.mark.parametrize("material", ["LCO", "NCM622"])
def test_a_tail_ends_every_discharge(material):
    """Below the first measured point the potential falls under any cut-off, within 1 % of the range."""
    assert potential(material, 0.0)[0] < 1.8
    assert potential(material, 0.01)[0] > 3.4


def test_state_of_charge_counts_the_charge_over_the_whole_range():
    """At the current that passes the accessible capacity in an hour, it falls by one in an hour."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    circuit = Circuit(cell.replace({"Separator electronic conductivity [S.m-1]": 0.0}))
    capacity = cell.values["Cell capacity [A.h]"] * cell.values["Cathode utilisation"]
    for rate in (1.0, -0.1):
        moment = circuit.at(rate * capacity / cell.area)
        assert 3600 * moment.rate(names.SOC) == pytest.approx(-rate, rel=ROUNDING)


def test_two_lithium_electrodes_have_no_voltage_between_them(bare):
    circuit = Circuit(bare)
    for soc in (0.1, 0.9):
        assert circuit.at(0.0, {names.SOC: soc}).value(names.OPEN_CIRCUIT_VOLTAGE) == 0
