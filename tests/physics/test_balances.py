"""Charge balances of the whole circuit, for drawn parameters, in stock PyBaMM."""

import numpy as np
import pybamm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twin
from twin import names
from twin.parameter_sets import load_cell

DRAWN = (
    "Separator electronic conductivity [S.m-1]",
    "Coated critical stripping current density [A.m-2]",
    "Interphase growth rate [m.s-1]",
)
MILLIAMPERES = "Drawn current [mA]"


@pytest.fixture(scope="module")
def simulation():
    """A discharge, a rest and a shorter charge of a full cell, at a drawn current."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False).replace(
        {"Interface resistance factor": 0.2, "Calendar fade rate [s-1]": 0.0}
    )
    values = twin.parameter_values(cell)
    values.update({name: "[input]" for name in DRAWN})
    current = pybamm.InputParameter(MILLIAMPERES) / 1000
    return pybamm.Simulation(
        twin.SolidStateCell(),
        parameter_values=values,
        experiment=pybamm.Experiment(
            [
                pybamm.step.current(current, duration="20 minutes"),
                "Rest for 30 minutes",
                pybamm.step.current(-current, duration="10 minutes"),
            ]
        ),
    )


@settings(max_examples=30)
@given(
    shunt=st.floats(-9, -4),
    critical=st.floats(-3, 0),
    growth=st.floats(-14, -10),
    milliamperes=st.floats(0.02, 0.3),
)
def test_charge_is_conserved(simulation, shunt, critical, growth, milliamperes):
    drawn = dict(zip(DRAWN, (10**shunt, 10**critical, 10**growth), strict=True))
    solution = simulation.solve(inputs={**drawn, MILLIAMPERES: milliamperes})
    # what the electrodes gave is what went round the circuit and what leaked: V > 0 throughout
    soc = solution[names.SOC].entries
    given_up = (soc[0] - soc[-1]) * solution[names.ACCESSIBLE_CAPACITY].entries[-1]
    through = solution[names.NET_CAPACITY].entries[-1] + solution[names.LEAKED_CHARGE].entries[-1]
    assert given_up == pytest.approx(through, rel=1e-5, abs=1e-10)
    # applied = faradaic - leak at every instant
    np.testing.assert_allclose(
        solution[names.CURRENT_DENSITY].entries,
        solution[names.FARADAIC_CURRENT_DENSITY].entries - solution[names.LEAK_CURRENT_DENSITY].entries,
        atol=1e-9,
    )


def test_symmetric_cycle_returns_the_lithium(frozen, shallow):
    run = twin.simulate(frozen, shallow)
    assert run["discharge_capacity"].values == pytest.approx(run["charge_capacity"].values, rel=1e-9)
