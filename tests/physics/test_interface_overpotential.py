"""A lithium interface under current: films over the area in contact, in parallel with a capacitance."""

import math

import pytest
from circuit import (
    INTEGRATED,
    ROUNDING,
    THERMAL_VOLTAGE,
    Circuit,
    amperes,
    arrhenius,
    negative,
    positive,
    solved,
    unlike_energies,
)
from hypothesis import given
from hypothesis import strategies as st

from twin import names
from twin.parameter_sets import load_cell

SHARES = (names.COATING_SHARE, names.INTERPHASE_SHARE, names.LAYER_SHARE, names.CONTACT_RESISTANCE)


@pytest.fixture(scope="module")
def insulated():
    """15 nm of an oxide on both electrodes, through which nothing leaks."""
    cell = load_cell("Liu2018_Al2O3_LATP_symmetric", fitted=False)
    cell = cell.replace({"Separator electronic conductivity [S.m-1]": 0.0})
    return Circuit(cell, free=(names.INTERFACE_FACTOR, names.SPOT_RADIUS))


def test_overpotential_charges_its_capacitance_exponentially(frozen):
    resistance = frozen.values["Pristine interface resistance [Ohm.m2]"]
    time_constant = 600.0
    cell = frozen.replace({"Interface capacitance [F.m-2]": time_constant / resistance})
    solution = solved(cell, [f"Discharge at {amperes(cell, 1.0)} for 20 minutes"])
    for side in (negative, positive):
        overpotential = solution[side(names.INTERFACE_OVERPOTENTIAL)]
        for seconds in (300.0, 600.0, 1200.0):
            expected = 1.0 * resistance * (1 - math.exp(-seconds / time_constant))
            assert overpotential(seconds).item() == pytest.approx(expected, rel=INTEGRATED)


@given(
    depth=st.floats(0, 15e-9),
    thickness=st.floats(0, 1e-6),
    contact=st.floats(0.05, 1),
    factor=st.floats(0.1, 10),
)
def test_shares_of_the_mechanisms_add_up_to_the_interface(insulated, depth, thickness, contact, factor):
    moment = insulated.at(
        states={
            negative(names.LITHIATED_DEPTH): depth,
            negative(names.INTERPHASE_THICKNESS): thickness,
            negative(names.CONTACT_FRACTION): contact,
        },
        parameters={names.INTERFACE_FACTOR: factor},
    )
    shares = sum(moment.value(negative(name)) for name in SHARES)
    assert moment.value(negative(names.INTERFACE_RESISTANCE)) == pytest.approx(shares, rel=ROUNDING)


@given(current=st.floats(-5, 5), contact=st.floats(0.05, 1))
def test_a_field_lowers_the_resistance_and_rest_reads_that_of_small_signals(insulated, current, contact):
    """The secant of a hopping film: never above what a spectrum reads, and equal to it at rest."""
    states = {negative(names.CONTACT_FRACTION): contact}
    moment, rest = insulated.at(current, states), insulated.at(0.0, states)
    small_signal = moment.value(negative(names.INTERFACE_RESISTANCE))
    secant = moment.value(negative(names.INTERFACE_SECANT_RESISTANCE))
    assert 0 < secant <= small_signal * (1 + ROUNDING)
    assert rest.value(negative(names.INTERFACE_SECANT_RESISTANCE)) == pytest.approx(
        small_signal, rel=ROUNDING
    )


def test_secant_times_current_is_the_sinh_law_inverted(insulated):
    """i = (E_0/rho) sinh(E/E_0): the field in the film that a current asks for, over its thickness."""
    values = insulated.cell.values
    field = 2 * THERMAL_VOLTAGE / values["Coating hopping distance [m]"]
    resistivity = values["Coating insulating resistivity [Ohm.m]"]
    for relative in (0.1, 1.0, 4.0):
        current = field / resistivity * math.sinh(relative)
        moment = insulated.at(current)
        film = moment.value(negative(names.INTERFACE_SECANT_RESISTANCE)) - values[
            "Pristine interface resistance [Ohm.m2]"
        ]  # fmt: skip
        # the smoothing of asinh(x)/x at rest reaches 1e-6/x squared
        assert film * current == pytest.approx(relative * field * 15e-9, rel=1e-8)


def test_films_conduct_through_the_area_in_contact(insulated):
    flat = {names.SPOT_RADIUS: 0.0}  # no constriction
    whole, half = (
        insulated.at(states={negative(names.CONTACT_FRACTION): contact}, parameters=flat)
        for contact in (1.0, 0.5)
    )
    resistance = negative(names.INTERFACE_RESISTANCE)
    assert half.value(resistance) == pytest.approx(2 * whole.value(resistance), rel=ROUNDING)
    assert half.value(negative(names.CONTACT_RESISTANCE)) == pytest.approx(
        whole.value(resistance), rel=ROUNDING
    )


def test_a_build_differs_in_its_films_alone():
    """Twice the factor is twice the film and the interphase, not the sacrificial layer beside them."""
    cell = load_cell("Duan2023_3DLi_LPSCl_symmetric", fitted=False)
    circuit = Circuit(cell, free=(names.INTERFACE_FACTOR,))
    once, twice = (circuit.at(parameters={names.INTERFACE_FACTOR: factor}) for factor in (1.0, 2.0))
    layer = once.value(negative(names.LAYER_SHARE))
    assert layer == pytest.approx(6.3e-5 / 0.017, rel=ROUNDING)  # thickness over conductivity, fresh
    film = once.value(negative(names.INTERFACE_RESISTANCE)) - layer
    assert twice.value(negative(names.INTERFACE_RESISTANCE)) == pytest.approx(
        2 * film + layer, rel=ROUNDING
    )


def test_a_build_differs_in_every_film_alike(insulated):
    """The coating and the interphase, at rest and under current."""
    states = {negative(names.INTERPHASE_THICKNESS): 1e-7}
    once, twice = (
        insulated.at(0.1, states, parameters={names.INTERFACE_FACTOR: factor}) for factor in (1.0, 2.0)
    )
    for name in (names.INTERFACE_RESISTANCE, names.INTERFACE_SECANT_RESISTANCE):
        assert twice.value(negative(name)) == pytest.approx(2 * once.value(negative(name)), rel=ROUNDING)


def test_heat_lowers_the_pristine_resistance(frozen):
    circuit = Circuit(unlike_energies(frozen))
    energy = circuit.cell.values["Interphase conductivity activation energy [J.mol-1]"]
    cool, warm = (
        circuit.at(celsius=celsius).value(negative(names.INTERFACE_RESISTANCE)) for celsius in (25, 60)
    )
    assert cool / warm == pytest.approx(arrhenius(energy, 60), rel=ROUNDING)


def test_hollows_stand_in_the_way_of_plating_unless_the_law_says_otherwise(frozen):
    """At half contact stripping meets twice the film, plating only where hollows stand in its way."""
    hollow = {negative(names.CONTACT_FRACTION): 0.5, positive(names.CONTACT_FRACTION): 0.5}
    frozen = frozen.replace({names.SPOT_RADIUS: 0.0})
    film = frozen.values[names.PRISTINE_RESISTANCE]
    resistances = {}
    for law in ("through what is in contact", "everywhere"):
        under_current = Circuit(frozen.following({"plating": law})).at(1.0, hollow)
        resistances[law] = [
            under_current.value(side(names.INTERFACE_SECANT_RESISTANCE)) for side in (negative, positive)
        ]
    # discharging strips the negative interface and plates the positive one
    assert resistances["through what is in contact"] == pytest.approx([2 * film, 2 * film], rel=ROUNDING)
    assert resistances["everywhere"] == pytest.approx([2 * film, film], rel=ROUNDING)
