"""Heat: never negative, what the terminals lose, and the resistance that a small current meets."""

import numpy as np
import pytest
from circuit import INTEGRATED, Circuit, amperes, solved
from hypothesis import given
from hypothesis import strategies as st

from twin import names
from twin.parameter_sets import load_cell


def free_circuit(name):
    """A cell whose shunt and build are free."""
    cell = load_cell(name, fitted=False)
    return Circuit(cell, free=(names.ELECTRONIC_CONDUCTIVITY, names.INTERFACE_FACTOR))


@pytest.fixture(scope="module")
def circuits():
    return [free_circuit(name) for name in ("Chang2023_LiAlO2_LGPS_LCO", "Liu2018_Al2O3_LATP_symmetric")]


@given(data=st.data())
def test_nothing_dissipates_less_than_nothing(circuits, data):
    """At any charge of the capacitances, current, state of the interfaces, and short."""
    drawn = data.draw
    circuit = drawn(st.sampled_from(circuits))
    states = {names.SOC: drawn(st.floats(0.01, 0.99))}
    if names.CHARGE_TRANSFER_OVERPOTENTIAL in circuit.states:
        states[names.CHARGE_TRANSFER_OVERPOTENTIAL] = drawn(st.floats(-0.5, 0.5))
    for side in circuit.cell.sides:
        states[names.at(side, names.INTERFACE_OVERPOTENTIAL)] = drawn(st.floats(-10, 10))
        states[names.at(side, names.CONTACT_FRACTION)] = drawn(st.floats(0.01, 1))
        states[names.at(side, names.INTERPHASE_THICKNESS)] = drawn(st.floats(0, 1e-5))
        states[names.at(side, names.FILAMENT_DEPTH)] = drawn(st.floats(0, 1e-3))
    moment = circuit.at(
        drawn(st.floats(-20, 20)),
        states,
        parameters={
            names.ELECTRONIC_CONDUCTIVITY: 10 ** drawn(st.floats(-10, -3)),
            names.INTERFACE_FACTOR: drawn(st.floats(0.1, 10)),
        },
        celsius=drawn(st.floats(-20, 80)),
    )
    assert moment.value(names.DISSIPATION) >= 0


def test_heat_of_a_steady_current_is_the_power_lost_between_equilibrium_and_terminals():
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False).replace(
        {"Interface resistance factor": 0.2, "Separator electronic conductivity [S.m-1]": 0.0}
    )
    solution = solved(cell, ["Discharge at 0.1 mA for 30 minutes"])
    surface = (
        solution[names.OPEN_CIRCUIT_VOLTAGE].entries + solution[names.DIFFUSION_OVERPOTENTIAL].entries
    )
    lost = 1e-4 * (surface[-1] - solution[names.VOLTAGE].entries[-1])
    # the interfaces still age, so that their capacitances charge a little
    assert solution[names.DISSIPATION].entries[-1] == pytest.approx(lost, rel=INTEGRATED)


@pytest.mark.parametrize(
    ("name", "current"), [("Chang2023_Li_LGPS_symmetric", 1.0), ("Liu2018_Al2O3_LATP_symmetric", 0.1)]
)
def test_a_symmetric_cell_turns_all_that_it_is_given_into_heat(name, current):
    """Nothing is stored between two equal electrodes, whatever happens to their interfaces.

    Also where a film conducts ever better in a high field.
    """
    cell = load_cell(name, fitted=False)
    steps = [f"{word} at {amperes(cell, current)} for 2 hours" for word in ("Discharge", "Charge")]
    solution = solved(cell, steps)
    seconds, power = solution["Time [s]"].entries, solution[names.DISSIPATION].entries
    heat = np.trapezoid(power, seconds)
    given_in = -3600 * solution[names.NET_ENERGY].entries[-1]
    # the trapezoids between the solver's points; the capacitances hold 1e-7 of it
    assert heat == pytest.approx(given_in, rel=2e-3)


@pytest.mark.parametrize("name", ["Chang2023_LiAlO2_LGPS_LCO", "Chang2023_Li_LGPS_symmetric"])
def test_own_resistance_is_what_a_small_current_meets(name):
    cell = load_cell(name, fitted=False).replace(
        {"Separator electronic conductivity [S.m-1]": 0.0, "Interphase growth rate [m.s-1]": 0.0}
    )
    solution = solved(cell, [f"Discharge at {amperes(cell, 1e-3)} for 1 minute"])
    surface = (
        solution[names.OPEN_CIRCUIT_VOLTAGE].entries + solution[names.DIFFUSION_OVERPOTENTIAL].entries
    )
    drop = surface[-1] - solution[names.VOLTAGE].entries[-1]
    # asinh(x)/x of the charge transfer, x = 1e-3, and a solver that is held to 1e-8 V
    assert drop / 1e-3 == pytest.approx(solution[names.INTERNAL_RESISTANCE].entries[-1], rel=INTEGRATED)
