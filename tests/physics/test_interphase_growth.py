"""The interphase: linear, parabolic and logarithmic growth, growth by charge, and its resistance."""

import math

import pytest
from circuit import (
    FARADAY,
    INTEGRATED,
    ROUNDING,
    Circuit,
    arrhenius,
    negative,
    one_half_cycle,
    positive,
    unlike_energies,
)

from twin import names
from twin.parameter_sets import load_cell

THICKNESS = names.INTERPHASE_THICKNESS


def grown(cell, hours=20):
    """[m] on both electrodes"""
    return one_half_cycle(cell, hours=hours)["interphase_thickness"].values


def test_interphase_grows_linearly_without_limits(bare):
    rate = 1e-13
    cell = bare.replace(
        {"Interphase growth rate [m.s-1]": rate, "Interphase passivation thickness [m]": 10.0}
    )
    assert grown(cell) == pytest.approx(rate * 20 * 3600, rel=INTEGRATED)


def test_interphase_grows_parabolically_when_diffusion_limits_it(bare):
    limit = 1e-12
    cell = bare.replace(
        {
            "Interphase growth rate [m.s-1]": 1e-10,
            "Interphase diffusion-limited thickness [m]": limit,
            "Interphase passivation thickness [m]": 10.0,
        }
    )
    expected = math.sqrt(2 * 1e-10 * limit * 20 * 3600)  # L >> L*: dL/dt = k L*/L
    assert grown(cell) == pytest.approx(expected, rel=1e-3)  # L*/L = 4e-4


@pytest.mark.parametrize("limit", [1e-8, 1e-7, 1e-6])
def test_interphase_obeys_deal_and_grove_between_the_limits(bare, limit):
    rate = 1e-12
    cell = bare.replace(
        {
            "Interphase growth rate [m.s-1]": rate,
            "Interphase diffusion-limited thickness [m]": limit,
            "Interphase passivation thickness [m]": 10.0,
        }
    )
    for thickness in grown(cell):
        # Deal and Grove 1965, Eq. 6, solved for the time
        assert thickness + thickness**2 / (2 * limit) == pytest.approx(rate * 72000, rel=2 * INTEGRATED)


def test_interphase_grows_logarithmically_when_it_passivates(bare):
    rate, passivation = 1e-11, 5e-9
    cell = bare.replace(
        {
            "Interphase growth rate [m.s-1]": rate,
            "Interphase passivation thickness [m]": passivation,
        }
    )
    expected = passivation * math.log(1 + rate * 20 * 3600 / passivation)
    assert grown(cell) == pytest.approx(expected, rel=INTEGRATED)


def test_interphase_grows_with_the_charge_by_faradays_law(frozen):
    share = 0.01
    cell = frozen.replace({"Interphase volume fraction of charge passed": share})
    volume = cell.values["Interphase molar volume [m3.mol-1]"]
    expected = share * volume / FARADAY * 1.0 * 36000
    assert grown(cell, hours=10) == pytest.approx(expected, rel=INTEGRATED)


def test_only_what_the_film_leaves_bare_grows_while_it_lasts():
    """A damage sum of one is the middle of the film's failure: half of the interface is bare."""
    circuit = Circuit(load_cell("Liu2018_Li3PO4_LATP_symmetric", fitted=False))
    sound, half, failed = (
        circuit.at(states={negative(names.COATING_DAMAGE_SUM): damage}).rate(negative(THICKNESS))
        for damage in (0.0, 1.0, 2.0)
    )
    bare_rate = circuit.cell.values["Interphase growth rate [m.s-1]"]
    assert sound < 1e-9 * bare_rate  # the rounding of the breach
    assert half == pytest.approx(bare_rate / 2, rel=ROUNDING)
    assert failed == pytest.approx(bare_rate, rel=ROUNDING)


def test_heat_quickens_growth_and_lowers_the_resistance(bare):
    circuit = Circuit(unlike_energies(bare))
    states = {positive(THICKNESS): 1e-8}
    cool, warm = (circuit.at(states=states, celsius=celsius) for celsius in (25, 60))
    for energy, ratio in (
        ("growth", warm.rate(positive(THICKNESS)) / cool.rate(positive(THICKNESS))),
        (
            "conductivity",
            cool.value(positive(names.INTERPHASE_RESISTANCE))
            / warm.value(positive(names.INTERPHASE_RESISTANCE)),
        ),
    ):
        expected = arrhenius(circuit.cell.values[f"Interphase {energy} activation energy [J.mol-1]"], 60)
        assert ratio == pytest.approx(expected, rel=ROUNDING)


def test_resistance_is_thickness_over_conductivity(bare):
    moment = Circuit(bare).at(states={negative(THICKNESS): 1e-8})
    conductivity = bare.values["Interphase conductivity [S.m-1]"]
    assert moment.value(negative(names.INTERPHASE_RESISTANCE)) == pytest.approx(
        1e-8 / conductivity, rel=ROUNDING
    )


def test_growth_goes_on_from_what_had_grown_before(bare):
    """A film that passivates: exp(L/L_p) grows evenly, from wherever it stands."""
    passivation, rate = 1e-8, 1e-12
    given = {"Interphase growth rate [m.s-1]": rate, "Interphase passivation thickness [m]": passivation}
    before = grown(bare.replace(given), hours=5)
    later = grown(bare.replace(given | {"Initial interphase thickness [m]": before[0]}), hours=15)
    assert later == pytest.approx(grown(bare.replace(given), hours=20), rel=INTEGRATED)
    seconds = 15 * 3600
    expected = passivation * math.log(math.exp(before[0] / passivation) + rate * seconds / passivation)
    assert later == pytest.approx(expected, rel=INTEGRATED)
