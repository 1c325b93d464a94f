"""Calendar loss of the cathode: exponential in time, faster in heat, at the same state of charge."""

import math

import pytest
from circuit import INTEGRATED, ROUNDING, Circuit, arrhenius, solved, unlike_energies

from twin import names


@pytest.fixture
def fading(full):
    """A full cell that loses its capacity within weeks and leaks nothing."""
    return full.following({"capacity fade": "by time"}).replace(
        {"Calendar fade rate [s-1]": 1e-6, "Separator electronic conductivity [S.m-1]": 0.0}
    )


def test_calendar_fade_is_exponential_in_time(fading):
    accessible = solved(fading, ["Rest for 100 hours"])[names.ACCESSIBLE_CAPACITY].entries
    assert accessible[-1] / accessible[0] == pytest.approx(math.exp(-1e-6 * 360000), rel=INTEGRATED)


def test_lost_material_keeps_its_state_of_charge(fading):
    rested = solved(fading, ["Rest for 100 hours"])
    assert rested[names.CAPACITY_LOSS].entries[-1] > 0.3
    assert rested[names.SOC].entries[-1] == pytest.approx(rested[names.SOC].entries[0], rel=ROUNDING)


def test_what_is_left_charges_faster_at_the_same_current(fading):
    circuit = Circuit(fading)
    fresh, faded = (circuit.at(-1.0, {names.CAPACITY_LOSS: loss}).rate(names.SOC) for loss in (0, 0.2))
    assert faded / fresh == pytest.approx(1 / 0.8, rel=ROUNDING)


def test_heat_quickens_the_fade(fading):
    circuit = Circuit(unlike_energies(fading))
    cool, warm = (circuit.at(celsius=celsius).rate(names.CAPACITY_LOSS) for celsius in (25, 60))
    energy = circuit.cell.values["Calendar fade activation energy [J.mol-1]"]
    assert warm / cool == pytest.approx(arrhenius(energy, 60), rel=ROUNDING)


def test_material_that_is_not_connected_does_not_count(full):
    accessible = [
        Circuit(full.replace({"Cathode utilisation": share})).at().value(names.ACCESSIBLE_CAPACITY)
        for share in (1.0, 0.6)
    ]
    assert accessible[0] == pytest.approx(full.values["Cell capacity [A.h]"], rel=ROUNDING)
    assert accessible[1] == pytest.approx(0.6 * accessible[0], rel=ROUNDING)


def test_a_cell_without_a_cathode_keeps_its_capacity(bare):
    cell = bare.replace({"Interphase growth rate [m.s-1]": 1e-12})
    capacity = solved(cell, ["Rest for 100 hours"])[names.CAPACITY].entries
    assert capacity == pytest.approx(cell.values["Cell capacity [A.h]"], rel=ROUNDING)
