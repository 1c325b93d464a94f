"""Area that stripping isolates: how much, after how much charge, and what it takes along."""

import pytest
from circuit import ROUNDING, Circuit, negative

import twin
from twin import names

CYCLES = twin.Protocol(["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"], cycles=30)


@pytest.fixture(scope="module")
def bare():
    return twin.load_cell("Chang2023_Li_LGPS_LCO").replace({
        names.CALENDAR_FADE_RATE: 0.0,
        names.GROWTH_RATE: 0.0,
        names.ISOLATED_SHARE: 0.25,
        names.ISOLATION_CHARGE: 75600.0,
    })  # fmt: skip


def test_capacity_falls_by_the_isolated_share_and_no_further(bare):
    capacity = twin.simulate(bare, CYCLES)["discharge_capacity"].values
    assert capacity[-1] / capacity[0] == pytest.approx(0.75, abs=0.02)
    assert capacity[-1] == pytest.approx(capacity[-5], rel=0.005)


def test_half_of_it_is_gone_once_the_isolation_charge_has_been_stripped(bare):
    run = twin.simulate(bare, CYCLES)
    capacity = run["discharge_capacity"].values
    stripped = capacity.cumsum() * 3600 / bare.area  # C/m2
    half = (capacity < 0.875 * capacity[0]).argmax()
    assert stripped[half - 1] < 1.15 * 75600.0
    assert stripped[half] > 0.85 * 75600.0


def test_a_film_keeps_the_area_under_it():
    coated = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    kept = coated.following({"interface area": "kept"})
    given, whole = (
        twin.simulate(cell, CYCLES)["discharge_capacity"].values[-1] for cell in (coated, kept)
    )
    assert 0.95 < given / whole <= 1.0


def test_what_is_left_carries_the_whole_current(bare):
    """With half of the area isolated, voids and filaments see twice the current, films half the area."""
    growing = {names.FILAMENT_COEFFICIENT: 1e-9, names.FILAMENT_INITIATION: 0.0}
    circuit = Circuit(bare.replace({**growing, names.ELECTRONIC_CONDUCTIVITY: 0.0}))
    half = {negative(names.ISOLATED_AREA): 0.5}
    whole, left = circuit.at(2.0), circuit.at(2.0, half)
    for name in map(negative, (names.INTERFACE_RESISTANCE, names.INTERFACE_SECANT_RESISTANCE)):
        assert left.value(name) == pytest.approx(2 * whole.value(name), rel=ROUNDING)
    contact, depth = negative(names.CONTACT_FRACTION), negative(names.FILAMENT_DEPTH)
    assert left.rate(contact) == pytest.approx(circuit.at(4.0).rate(contact), rel=ROUNDING)
    # the depth grows with the charge and with a power, one less, of the local current
    plated, beside = (circuit.at(-2.0, states).rate(depth) for states in ({}, half))
    power = 2 ** (bare.values[names.FILAMENT_EXPONENT] - 1)
    assert beside == pytest.approx(plated * power, rel=ROUNDING)
