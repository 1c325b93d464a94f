"""Fatigue of a film by the lithium that passes under it: Miner's sum, Coffin and Manson's law."""

import math

import numpy as np
import pytest
from circuit import INTEGRATED, ROUNDING, Circuit, amperes, negative, solved

import twin
from twin import names
from twin.parameter_sets import load_cell

EXPONENT = 1.5
PASSING = {negative(names.PLATED_CHARGE): 3600.0}
"""[C/m2] A state in the middle of a half-cycle."""


@pytest.fixture
def coated():
    """200 nm of LiAlO2 on both electrodes, which take damage with the charge to the power 1.5."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    return cell.replace({"Coating fatigue exponent": EXPONENT})


def damage(cell, *steps):
    run = twin.simulate(cell, twin.Protocol(list(steps)))
    return run["coating_damage"].sel(interface="negative").item()


def cycle(hours, current=0.1):
    return tuple(f"{word} at {current} mA/cm2 for {hours} hours" for word in ("Discharge", "Charge"))


def damage_rates(cell, **changes):
    """[1/s] of films of several thicknesses, under 1 A/m2 in the middle of a half-cycle."""
    circuit = Circuit(cell.replace(changes), free=(names.COATING_THICKNESS,))
    return lambda thickness: circuit.at(
        1.0, PASSING, parameters={names.COATING_THICKNESS: thickness}
    ).rate(negative(names.COATING_DAMAGE_SUM))


def test_damage_per_cycle_follows_coffin_and_manson(coated):
    # smoothing at w = 0 costs a few 1e-4 at the smaller charge
    assert damage(coated, *cycle(4)) / damage(coated, *cycle(1)) == pytest.approx(4**EXPONENT, rel=2e-3)


def test_a_half_cycle_of_twice_the_charge_costs_two_to_the_exponent(coated):
    once, twice = (damage(coated, cycle(hours)[0]) for hours in (2, 4))
    assert twice / once == pytest.approx(2**EXPONENT, rel=1e-3)  # smoothing, as above


def test_damage_adds_up_as_miner_summed_it(coated):
    """A cycle costs the same whatever came before it."""
    ampere = amperes(coated, 1.0)
    hours = (2, 1, 2, 2, 1)
    steps = [f"{word} at {ampere} for {h} hours" for h in hours for word in ("Discharge", "Charge")]
    sums = solved(coated, steps)
    after = [step[negative(names.COATING_DAMAGE_SUM)].entries[-1] for step in sums.cycles[0].steps[1::2]]
    costs = np.diff([0.0, *after])
    assert costs[[2, 3, 4]] == pytest.approx(costs[[0, 0, 1]], rel=INTEGRATED)


def test_the_same_charge_costs_the_same_at_any_current(coated):
    slow, fast = damage(coated, *cycle(2, 0.1)), damage(coated, *cycle(0.5, 0.4))
    assert fast == pytest.approx(slow, rel=INTEGRATED)


def test_strain_grows_with_a_power_of_the_thickness_and_pinholes_fade_exponentially(coated):
    values = coated.values
    # from twice the lithiation depth on, no share of the film is breached
    thin = 2 * values["Coating lithiation depth [m]"]
    strained = damage_rates(coated, **{"Coating pinhole damage [m2.C-1]": 0.0})
    exponent = values["Coating strain exponent"]
    assert strained(2 * thin) / strained(thin) == pytest.approx(2**exponent, rel=ROUNDING)
    pierced = damage_rates(coated, **{"Coating strain damage [m2.C-1]": 0.0})
    decay = values["Coating pinhole thickness [m]"]
    assert pierced(thin + decay) / pierced(thin) == pytest.approx(math.exp(-1), rel=ROUNDING)


def test_thin_and_thick_films_tire_before_the_one_between(coated):
    """As the cells of 100, 200 and 300 nm do (Chang2023: 1400, more than 3000, and 1600 h)."""
    rate = damage_rates(coated)
    assert rate(100e-9) > 1.5 * rate(200e-9) < rate(300e-9)


def test_there_is_nothing_to_damage_without_a_film(coated):
    assert abs(damage_rates(coated)(0.0)) < 1e-12 * damage_rates(coated)(200e-9)


def test_a_failed_film_is_reported_as_failed_however_much_it_goes_on(coated):
    circuit = Circuit(coated)
    for total, reported in ((0.5, 0.5), (1.0, 1.0), (7.0, 1.0)):
        moment = circuit.at(states={negative(names.COATING_DAMAGE_SUM): total})
        assert moment.value(negative(names.COATING_DAMAGE)) == reported
