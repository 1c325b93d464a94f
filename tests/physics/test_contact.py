"""Contact area: voids above a critical stripping current; plating, creep and pressure bring it back."""

import math

import pytest
from circuit import (
    INTEGRATED,
    ROUNDING,
    Circuit,
    amperes,
    arrhenius,
    negative,
    one_half_cycle,
    solved,
    unlike_energies,
)

from twin import names
from twin.parameter_sets import load_cell
from twin.parameters import Parameter

FRACTION = negative(names.CONTACT_FRACTION)


@pytest.fixture
def hollowing(frozen):
    """Loses contact under 1 A/m2; no creep, no pressure that rises with the loss, no constriction."""
    return frozen.replace(
        {
            "Critical stripping current density [A.m-2]": 0.5,
            "Contact pressure exponent": 0.0,
            "Void formation charge [C.m-2]": 2000.0,
            "Contact healing charge [C.m-2]": 500.0,
            "Contact creep time [s]": 1e12,
            "Contact spot radius [m]": 0.0,
        }
    )


@pytest.mark.parametrize("exponent", [0.0, 1.0, 3.0])
def test_stripping_above_the_critical_current_loses_contact_until_creep_catches_up(frozen, exponent):
    critical = 0.5  # A/m2 against 1 A/m2 applied
    fraction = critical ** (1 / (1 + exponent))  # so that i R / theta is i^2 R / i_cs without feedback
    cell = frozen.replace(
        {
            "Critical stripping current density [A.m-2]": critical,
            "Contact pressure exponent": exponent,
            "Void formation charge [C.m-2]": 50.0,
            "Contact creep time [s]": 1e12,
            "Contact spot radius [m]": 0.0,
        }
    )
    run = one_half_cycle(cell)
    assert run["contact_fraction"].sel(interface="negative").item() == pytest.approx(
        fraction, rel=INTEGRATED
    )
    separator = cell.values["Separator layer 1 thickness [m]"] / 0.4
    film = cell.values["Pristine interface resistance [Ohm.m2]"]
    assert run["stripping_overpotential"].item() == pytest.approx(
        separator / 2 + film * 1.0 / fraction, rel=INTEGRATED
    )


def test_area_shrinks_exponentially_with_the_charge_stripped(hollowing):
    stripped = solved(hollowing, [f"Discharge at {amperes(hollowing, 1.0)} for 30 minutes"])
    # d(theta)/dt = -(i theta - i_cs)/q_v from 1 towards i_cs/i
    expected = 0.5 + 0.5 * math.exp(-1800 / 2000.0)
    assert stripped[FRACTION].entries[-1] == pytest.approx(expected, rel=INTEGRATED)


def test_nothing_is_lost_below_the_critical_current(hollowing):
    stripped = solved(hollowing, [f"Discharge at {amperes(hollowing, 0.49)} for 10 hours"])
    assert stripped[FRACTION].entries == pytest.approx(1.0, rel=ROUNDING)


def test_plating_heals_with_the_charge_plated(hollowing):
    """The contact that is missing falls by e with each healing charge, at any current."""
    steps = [f"Discharge at {amperes(hollowing, 1.0)} for 1 hour"]
    slow, fast = (
        solved(hollowing, [*steps, f"Charge at {amperes(hollowing, current)} for {minutes} minutes"])
        for current, minutes in ((0.5, 20), (2.0, 5))
    )
    for solution in (slow, fast):
        fraction = solution.cycles[0].steps[1][FRACTION].entries
        assert fraction[0] < 0.7
        missing = (1 - fraction[-1]) / (1 - fraction[0])
        assert missing == pytest.approx(math.exp(-600 / 500.0), rel=1e-3)  # of a small difference


def test_rest_heals_with_the_creep_time(hollowing):
    cell = hollowing.replace({"Contact creep time [s]": 7200.0, "Contact pressure exponent": 1.0})
    solution = solved(cell, [f"Discharge at {amperes(cell, 1.0)} for 1 hour", "Rest for 2 hours"])
    fraction = solution.cycles[0].steps[1][FRACTION].entries
    missing = (1 - fraction[-1]) / (1 - fraction[0])
    assert missing == pytest.approx(math.exp(-1), rel=1e-3)  # of a small difference


def test_pressure_and_heat_quicken_creep(hollowing):
    cell = hollowing.replace({"Contact creep time [s]": 7200.0, "Contact pressure exponent": 2.0})
    cell = unlike_energies(cell)
    circuit, lost = Circuit(cell, free=(names.STACK_PRESSURE,)), {FRACTION: 0.5}
    reference = circuit.at(0.0, lost).rate(FRACTION)
    pressed = circuit.at(0.0, lost, parameters={names.STACK_PRESSURE: 3e7}).rate(FRACTION)
    assert pressed / reference == pytest.approx(3.0**2, rel=ROUNDING)
    warm = circuit.at(0.0, lost, celsius=60).rate(FRACTION)
    energy = cell.values["Contact activation energy [J.mol-1]"]
    assert warm / reference == pytest.approx(arrhenius(energy, 60), rel=ROUNDING)


def test_pressure_raises_the_critical_current(hollowing):
    """At thrice the pressure, to the power 2, nine times the current strips without a void."""
    circuit = Circuit(
        hollowing.replace({"Contact pressure exponent": 2.0}), free=(names.STACK_PRESSURE,)
    )
    for pressure, critical in ((1e7, 0.5), (3e7, 4.5)):
        changes = {names.STACK_PRESSURE: pressure}
        below, above = (
            circuit.at(share * critical, parameters=changes).rate(FRACTION) for share in (0.99, 1.01)
        )
        assert below == pytest.approx(0.0, abs=1e-15)
        assert above == pytest.approx(-0.01 * critical / 2000.0, rel=1e-6)  # of a difference of 1 %


def test_a_coating_that_lithium_wets_raises_the_critical_current():
    """Until it fails; a film thicker than its lithiation depth is not breached."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    cell = cell.replace({"Coating lithiation depth [m]": 50e-9})
    coated = cell.values["Coated critical stripping current density [A.m-2]"]
    bare = cell.values["Critical stripping current density [A.m-2]"]
    assert coated > bare
    circuit = Circuit(cell)
    sound, failed = {}, {negative(names.COATING_DAMAGE_SUM): 2.0}
    for states, critical in ((sound, coated), (failed, bare)):
        assert circuit.at(0.99 * critical, states).rate(FRACTION) == pytest.approx(0, abs=1e-12)
        assert circuit.at(1.01 * critical, states).rate(FRACTION) < 0


def test_a_converted_layer_raises_the_critical_current():
    """By its strengthening where all of it has converted, by half of it where half has."""
    cell = load_cell("Duan2023_3DLi_LPSCl_symmetric", fitted=False)
    circuit = Circuit(cell)
    bare = cell.values["Critical stripping current density [A.m-2]"]
    for share in (0.0, 0.5, 1.0):
        depth = share * cell.values["Sacrificial layer thickness [m]"]
        critical = bare * (1 + share * cell.values["Sacrificial layer strengthening"])
        below, above = (
            circuit.at(part * critical, {negative(names.CONVERTED_DEPTH): depth}).rate(FRACTION)
            for part in (0.999, 1.001)
        )
        assert below == pytest.approx(0.0, abs=1e-12)
        assert above < -1e-3 * bare / cell.values["Void formation charge [C.m-2]"] / 2


def test_constriction_is_that_of_contact_spots_in_parallel(frozen):
    radius, conductivity = 1e-5, 0.4
    cell = frozen.replace(
        {
            "Critical stripping current density [A.m-2]": 0.3,
            "Contact pressure exponent": 0.0,
            "Void formation charge [C.m-2]": 1000.0,
            "Contact spot radius [m]": radius,
        }
    )
    run = one_half_cycle(cell)
    fraction = run["contact_fraction"].sel(interface="negative").item()
    assert 0.3 < fraction < 0.6
    spots_per_area = fraction / (math.pi * radius**2)
    single = 1 / (4 * radius * conductivity)
    film = cell.values["Pristine interface resistance [Ohm.m2]"]
    expected = film * (1 / fraction - 1) + single / spots_per_area * (1 - fraction)
    assert run["resistance"].sel(mechanism="contact").item() == pytest.approx(expected, rel=1e-6)


def test_contact_stays_between_nothing_and_the_whole_area(hollowing):
    """However hard it is stripped, the area goes towards i_cs/i and not below."""
    stripped = solved(
        hollowing.replace({"Overpotential limit [V]": 100.0}),
        [f"Discharge at {amperes(hollowing, 50.0)} for 20 minutes"],
    )[FRACTION].entries
    assert stripped.min() > 0.5 / 50
    # the heat of the current quickens creep by a thousandth
    assert stripped[-1] == pytest.approx(0.5 / 50, rel=2e-3)


@pytest.fixture
def trapping(hollowing):
    """Plating closes over a third of the hollows that it finds."""
    share = Parameter(1 / 3, source="made up", part="made up")
    return hollowing.following({"contact": "accumulating voids"}, {"Trapped void share": share})


TRAPPED = negative(names.TRAPPED_VOIDS)


def test_plating_closes_over_its_share_of_the_hollows(trapping):
    moment = Circuit(trapping).at(-2.0, {FRACTION: 0.6, TRAPPED: 0.1})
    open_voids = 1 - 0.6 - 0.1
    refilling = 2.0 / 500.0 * open_voids
    assert moment.rate(FRACTION) == pytest.approx(refilling * 2 / 3, rel=1e-6)  # beside creep, 1e-12/s
    assert moment.rate(TRAPPED) == pytest.approx(refilling / 3, rel=1e-6)


def test_trapped_voids_outlast_plating_and_add_up(trapping):
    steps = [
        f"Discharge at {amperes(trapping, 1.0)} for 1 hour",
        f"Charge at {amperes(trapping, 1.0)} for 1 hour",
    ]
    solution = solved(trapping, 3 * steps)
    after = [solution.cycles[0].steps[number] for number in (1, 3, 5)]
    kept = [step[FRACTION].entries[-1] for step in after]
    assert kept[0] > kept[1] > kept[2]
    # after each plating no void is open: what is not in contact is trapped
    for step in after:
        open_voids = 1 - step[FRACTION].entries[-1] - step[TRAPPED].entries[-1]
        assert 0 <= open_voids < 1e-3


def test_only_creep_heals_trapped_voids_and_heat_and_pressure_quicken_it(trapping):
    cell = trapping.replace({"Contact creep time [s]": 7200.0, "Contact pressure exponent": 2.0})
    circuit, closed = Circuit(cell, free=(names.STACK_PRESSURE,)), {FRACTION: 0.7, TRAPPED: 0.3}
    rest = circuit.at(0.0, closed).rate(TRAPPED)
    assert rest == pytest.approx(-0.3 / 7200.0, rel=ROUNDING)
    # a current below the critical one closes open hollows, and there are none
    assert circuit.at(0.1, closed).rate(TRAPPED) == pytest.approx(rest, rel=ROUNDING)
    assert circuit.at(0.1, closed).rate(FRACTION) == pytest.approx(0.3 / 7200.0, rel=ROUNDING)
    assert circuit.at(-1.0, closed).rate(TRAPPED) == pytest.approx(rest, rel=ROUNDING)
    pressed = circuit.at(0.0, closed, parameters={names.STACK_PRESSURE: 3e7}).rate(TRAPPED)
    assert pressed / rest == pytest.approx(9.0, rel=ROUNDING)


def test_without_a_trapped_share_voids_do_not_accumulate(trapping, hollowing):
    without = trapping.replace({"Trapped void share": 0.0})
    states = {FRACTION: 0.6}
    for current in (-1.0, 0.3, 2.0):
        ours, plain = (Circuit(c).at(current, states).rate(FRACTION) for c in (without, hollowing))
        assert ours == pytest.approx(plain, rel=ROUNDING)
