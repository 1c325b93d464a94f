"""Charge and energy balances of the whole circuit, for drawn parameters, in stock PyBaMM."""

import numpy as np
import pybamm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twin
from twin import names
from twin.parameter_sets import load_cell


def solved(cell, steps):
    simulation = pybamm.Simulation(
        twin.SolidStateCell(),
        parameter_values=twin.parameter_values(cell),
        experiment=pybamm.Experiment(steps),
    )
    return simulation.solve()


@settings(max_examples=12)
@given(
    shunt=st.floats(-9, -4),
    critical=st.floats(-3, 0),
    growth=st.floats(-14, -10),
    milliamperes=st.floats(0.02, 0.3),
)
def test_charge_is_conserved_and_nothing_dissipates_less_than_nothing(
    shunt, critical, growth, milliamperes
):
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False).replace(
        {
            "Separator electronic conductivity [S.m-1]": 10**shunt,
            "Coated critical stripping current density [A.m-2]": 10**critical,
            "Interphase growth rate [m.s-1]": 10**growth,
            "Interface resistance factor": 0.2,
            "Calendar fade rate [s-1]": 0.0,
        }
    )
    solution = solved(
        cell,
        [
            f"Discharge at {milliamperes:.6f} mA for 20 minutes",
            "Rest for 30 minutes",
            f"Charge at {milliamperes:.6f} mA for 10 minutes",
        ],
    )
    # what the electrodes gave is what went round the circuit and what leaked: V > 0 throughout
    given_up = (solution["SoC"].entries[0] - solution["SoC"].entries[-1]) * solution[
        names.ACCESSIBLE_CAPACITY
    ].entries[-1]
    through = solution[names.NET_CAPACITY].entries[-1] + solution[names.LEAKED_CHARGE].entries[-1]
    assert given_up == pytest.approx(through, rel=1e-5, abs=1e-10)
    # applied = faradaic - leak at every instant
    np.testing.assert_allclose(
        solution[names.CURRENT_DENSITY].entries,
        solution[names.FARADAIC_CURRENT_DENSITY].entries - solution[names.LEAK_CURRENT_DENSITY].entries,
        atol=1e-9,
    )
    assert (solution[names.DISSIPATION].entries >= -1e-15).all()


def test_heat_of_a_steady_current_is_the_power_lost_between_equilibrium_and_terminals():
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False).replace(
        {"Interface resistance factor": 0.2, "Separator electronic conductivity [S.m-1]": 0.0}
    )
    solution = solved(cell, ["Discharge at 0.1 mA for 30 minutes"])
    current = solution["Current [A]"].entries[-1]
    surface = (
        solution[names.OPEN_CIRCUIT_VOLTAGE].entries + solution[names.DIFFUSION_OVERPOTENTIAL].entries
    )
    lost = current * (surface[-1] - solution[names.VOLTAGE].entries[-1])
    # the electrode potential of plentiful lithium is zero to 1e-40 V
    assert solution[names.DISSIPATION].entries[-1] == pytest.approx(lost, rel=1e-4)
