"""Kirchhoff's laws: the drops around the circuit add up, and what goes in comes out or leaks."""

import pytest
from circuit import INTEGRATED, ROUNDING, Circuit, amperes, negative, one_half_cycle, positive, solved
from hypothesis import given
from hypothesis import strategies as st

from twin import names
from twin.parameter_sets import load_cell


@pytest.fixture(scope="module")
def full_cell():
    """With a shunt that is free."""
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    return Circuit(cell, free=(names.ELECTRONIC_CONDUCTIVITY,))


@pytest.fixture(scope="module")
def symmetric_cell():
    cell = load_cell("Chang2023_Li_LGPS_symmetric", fitted=False)
    return Circuit(cell, free=(names.ELECTRONIC_CONDUCTIVITY,))


AMPERES = st.floats(-50, 50)
SHUNT = st.floats(-12, -3)
"""Decades of electronic conductivity [S/m], from none to a short."""


@given(current=AMPERES, shunt=SHUNT, soc=st.floats(0.02, 0.98), drops=st.tuples(*[st.floats(-1, 1)] * 2))
def test_drops_around_the_full_cell_add_up_to_its_equilibrium(full_cell, current, shunt, soc, drops):
    moment = full_cell.at(
        current,
        {
            names.SOC: soc,
            negative(names.INTERFACE_OVERPOTENTIAL): drops[0],
            names.CHARGE_TRANSFER_OVERPOTENTIAL: drops[1],
        },
        parameters={names.ELECTRONIC_CONDUCTIVITY: 10**shunt},
    )
    faradaic = moment.value(names.FARADAIC_CURRENT_DENSITY)
    around = (
        moment.value(names.VOLTAGE)
        + faradaic * moment.value(names.SEPARATOR_RESISTANCE)
        + sum(drops)
        + moment.value(negative(names.ELECTRODE_POTENTIAL))
    )
    equilibrium = moment.value(names.OPEN_CIRCUIT_VOLTAGE) + moment.value(names.DIFFUSION_OVERPOTENTIAL)
    assert around == pytest.approx(equilibrium, abs=1e-9)  # differences of volts


@given(current=AMPERES, shunt=SHUNT)
def test_what_goes_in_comes_out_or_leaks_through_the_short(full_cell, current, shunt):
    moment = full_cell.at(current, parameters={names.ELECTRONIC_CONDUCTIVITY: 10**shunt})
    leak = moment.value(names.VOLTAGE) * moment.value(names.SHORT_CONDUCTANCE)
    assert moment.value(names.LEAK_CURRENT_DENSITY) == pytest.approx(leak, rel=ROUNDING)
    assert moment.value(names.FARADAIC_CURRENT_DENSITY) == pytest.approx(current + leak, abs=1e-9)
    assert moment.value(names.CURRENT_DENSITY) == pytest.approx(current, abs=1e-9)


@given(current=AMPERES, shunt=SHUNT, drops=st.tuples(*[st.floats(-1, 1)] * 2))
def test_electrodes_of_a_symmetric_cell_share_its_voltage(symmetric_cell, current, shunt, drops):
    """Each sees half of the separator; discharging pulls the voltage below zero."""
    moment = symmetric_cell.at(
        current,
        {
            side(names.INTERFACE_OVERPOTENTIAL): drop
            for side, drop in zip((negative, positive), drops, strict=True)
        },
        parameters={names.ELECTRONIC_CONDUCTIVITY: 10**shunt},
    )
    of_electrodes = [moment.value(side(names.ELECTRODE_OVERPOTENTIAL)) for side in (negative, positive)]
    assert moment.value(names.VOLTAGE) == pytest.approx(-sum(of_electrodes), abs=1e-9)
    # without their interfaces they are alike
    assert of_electrodes[0] - drops[0] == pytest.approx(of_electrodes[1] - drops[1], abs=1e-9)


def test_ohmic_cell_obeys_ohms_law(frozen):
    run = one_half_cycle(frozen)
    separator = frozen.values["Separator layer 1 thickness [m]"] / 0.4
    expected = 1.0 * (separator + 2 * frozen.values["Pristine interface resistance [Ohm.m2]"])
    assert run["cell_overpotential"].item() == pytest.approx(expected, rel=INTEGRATED)


def test_zero_current_rests_at_open_circuit_voltage(full):
    rested = solved(
        full.replace({"Separator electronic conductivity [S.m-1]": 0.0}), ["Rest for 10 hours"]
    )
    # the potential of an anode with plenty of lithium is zero to 1e-40 V
    assert rested[names.VOLTAGE].entries == pytest.approx(
        rested[names.OPEN_CIRCUIT_VOLTAGE].entries, abs=1e-8
    )


def test_an_overpotential_beyond_what_a_cycler_offers_ends_the_run(frozen):
    separator = frozen.values["Separator layer 1 thickness [m]"] / 0.4
    resistance = separator + 2 * frozen.values["Pristine interface resistance [Ohm.m2]"]
    step = [f"Discharge at {amperes(frozen, 1.0)} for 1 minute"]
    for limit, ending in ((1.01, "final time"), (0.99, f"event: {names.OVERPOTENTIAL_EVENT}")):
        solution = solved(frozen.replace({"Overpotential limit [V]": limit * resistance}), step)
        assert solution.termination == ending
