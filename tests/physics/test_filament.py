"""Filaments: a threshold on the area in contact, a power of the current, acceleration, pressing."""

import math

import pytest
from circuit import ROUNDING, Circuit, arrhenius, one_half_cycle, positive

import twin
from twin import names
from twin.parameter_sets import load_cell
from twin.parameters import Parameter

DEPTH = positive(names.FILAMENT_DEPTH)
"""A discharge plates the positive electrode of a symmetric cell."""


@pytest.fixture
def growing(frozen):
    """Filaments without a threshold, which do not accelerate."""
    return frozen.replace(
        {
            "Filament growth coefficient [m3.C-1]": 1e-8,
            "Filament initiation current density [A.m-2]": 0.0,
            "Filament reference current density [A.m-2]": 5.0,
            "Filament current exponent": 2.0,
            "Filament acceleration exponent": 0.0,
        }
    )


def plated_depth(cell, current, hours):
    """[m] after a discharge at a current density [A/m2]"""
    run = one_half_cycle(cell, f"{current / 10} mA/cm2", hours)
    return run["filament_depth"].sel(interface="positive").item()


@pytest.mark.parametrize("exponent", [1.0, 2.0, 3.0])
def test_depth_goes_with_charge_and_with_a_power_of_the_current(growing, exponent):
    cell = growing.replace({"Filament current exponent": exponent})
    slow = plated_depth(cell, 1.0, hours=2)
    # kappa q (i/i_ref)^(m - 1); the rate is constant, so that the integration errs by rounding
    assert slow == pytest.approx(1e-8 * 7200 * (1 / 5) ** (exponent - 1), rel=1e-6)
    assert plated_depth(cell, 1.0, hours=4) == pytest.approx(2 * slow, rel=1e-6)
    same_charge = plated_depth(cell, 4.0, hours=0.5)
    assert same_charge == pytest.approx(4 ** (exponent - 1) * slow, rel=1e-6)


def test_filament_accelerates_with_its_depth(growing):
    length = 1e-5
    cell = growing.replace(
        {"Filament acceleration length [m]": length, "Filament acceleration exponent": 1.0}
    )
    rate = 1e-8 * 1.0 * (1.0 / 5.0)  # kappa i (i/i_ref) at full contact
    expected = length * (math.exp(rate * 3600 / length) - 1)
    assert plated_depth(cell, 1.0, hours=1) == pytest.approx(expected, rel=1e-3)


def test_only_plating_drives_a_filament(growing):
    moment = Circuit(growing).at(1.0)
    assert moment.rate(DEPTH) > 0
    assert moment.rate(names.at(names.NEGATIVE, names.FILAMENT_DEPTH)) == 0


def test_filaments_start_at_their_initiation_current(growing):
    threshold = 5.0
    free, bound = (
        Circuit(growing.replace({"Filament initiation current density [A.m-2]": current}))
        for current in (0.0, threshold)
    )

    def share(current):
        return bound.at(current).rate(DEPTH) / free.at(current).rate(DEPTH)

    # the step is a tenth of the threshold wide: five widths below it nothing, five above it all
    assert share(0.5 * threshold) < 1e-4
    assert share(threshold) == pytest.approx(0.5, rel=ROUNDING)
    assert share(1.5 * threshold) > 1 - 1e-4


def test_threshold_counts_on_the_area_in_contact(growing):
    """At half the contact, half the current starts them."""
    circuit = Circuit(growing.replace({"Filament initiation current density [A.m-2]": 5.0}))
    whole = circuit.at(5.0)
    half = circuit.at(2.5, {positive(names.CONTACT_FRACTION): 0.5})
    # the same local current, over half the area
    assert half.rate(DEPTH) == pytest.approx(whole.rate(DEPTH) / 2, rel=ROUNDING)


def test_a_sound_film_has_its_own_threshold_and_a_failed_one_the_bare_one():
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False).replace(
        {
            "Filament initiation current density [A.m-2]": 2.0,
            "Coated filament initiation current density [A.m-2]": 20.0,
            "Coating lithiation depth [m]": 50e-9,  # thinner than the film: nothing is breached
        }
    )
    circuit = Circuit(cell)
    failed = {positive(names.COATING_DAMAGE_SUM): 2.0}
    assert circuit.at(10.0).rate(DEPTH) < 1e-4 * circuit.at(10.0, failed).rate(DEPTH)


def test_filament_of_an_alloy_grows_by_plated_charge():
    # at a tenth of the current the same charge plates as much: no threshold, no Sand exponent
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    fast, slow = (
        twin.simulate(cell, twin.Protocol([f"Charge at {rate}C for {hours} hours"]))
        for rate, hours in ((1, 0.5), (0.1, 5))
    )
    # the front's own acceleration within half a charge: 1 % of a depth far below its length
    assert slow["filament_depth"].item() == pytest.approx(fast["filament_depth"].item(), rel=1e-3)


def test_harder_pressed_pellets_short_earlier():
    cell = load_cell("Duan2023_Li_LPSCl_symmetric", fitted=False)
    steps = ["Discharge at 0.5 mA/cm2 for 1 hour", "Charge at 0.5 mA/cm2 for 1 hour"]
    protocol = twin.Protocol(steps, cycles=100)
    soft = twin.simulate(cell.replace({"Pressing pressure [Pa]": 1e8}), protocol)
    hard = twin.simulate(cell, protocol)
    ratio = soft["short_circuit_onset_time"] / hard["short_circuit_onset_time"]
    assert ratio.item() == pytest.approx(4.99, rel=0.1)  # to the power 1, within a half-cycle of 10


def test_heat_raises_the_current_that_starts_a_filament():
    cell = load_cell("Chang2023_Li_LGPS_symmetric", fitted=False)
    warm = cell.replace({"Ambient temperature [K]": 333.15, "Initial temperature [K]": 333.15})
    protocol = twin.Protocol(["Discharge at 0.05 mA/cm2 for 1 hour"])
    cold, hot = (twin.simulate(c, protocol)["filament_depth"].max().item() for c in (cell, warm))
    assert cold > 0
    assert hot < 1e-3 * cold


def test_a_converted_layer_raises_the_threshold():
    cell = load_cell("Duan2023_3DLi_LPSCl_symmetric", fitted=False)
    circuit = Circuit(cell)
    threshold = cell.values["Filament initiation current density [A.m-2]"]
    strengthening = cell.values["Sacrificial layer strengthening"]
    converted = {positive(names.CONVERTED_DEPTH): cell.values["Sacrificial layer thickness [m]"]}

    def share(current, states):
        """Of the rate that the power law would have without the step, up to a constant."""
        exponent = cell.values["Filament current exponent"]
        return circuit.at(current, states).rate(DEPTH) / current**exponent

    fresh = share(threshold, {})
    # at the middle of each step the same half
    assert share((1 + strengthening) * threshold, converted) == pytest.approx(fresh, rel=1e-6)
    assert share(threshold, converted) < 1e-3 * fresh


FRESH = positive(names.FRESH_FILAMENT)
RETRACTION = {
    "Filament retracting share": 0.6,
    "Filament retraction charge [C.m-2]": 400.0,
    "Filament closing time [s]": 1e5,
    "Filament creep pressure [Pa]": 1.5e7,
}


@pytest.fixture
def retracting(growing):
    parameters = {
        key: Parameter(value, source="made up", part="made up") for key, value in RETRACTION.items()
    }
    return growing.following({"filament": "retracting"}, parameters)


def test_plating_grows_a_retracting_filament_as_any_other(growing, retracting):
    """What comes back is a matter of stripping and of time."""
    plain, moment = Circuit(growing).at(2.0), Circuit(retracting).at(2.0)
    assert moment.rate(DEPTH) == pytest.approx(plain.rate(DEPTH), rel=ROUNDING)
    assert moment.rate(FRESH) == pytest.approx(0.6 * plain.rate(DEPTH), rel=ROUNDING)


def test_stripping_takes_back_what_is_fresh_and_leaves_the_rest(retracting):
    states = {DEPTH: 5e-5, FRESH: 2e-5}
    moment = Circuit(retracting).at(-2.0, states)  # strips the positive electrode
    expected = -2e-5 * (2.0 / 400.0 + 1 / 1e5)
    assert moment.rate(DEPTH) == pytest.approx(expected, rel=ROUNDING)
    assert moment.rate(FRESH) == pytest.approx(expected, rel=ROUNDING)
    old = Circuit(retracting).at(-2.0, {DEPTH: 5e-5, FRESH: 0.0})
    assert old.rate(DEPTH) == 0


def test_creep_closes_what_is_fresh_at_rest_and_quicker_when_warm(retracting):
    circuit, states = Circuit(retracting), {DEPTH: 5e-5, FRESH: 2e-5}
    rest = circuit.at(0.0, states).rate(DEPTH)
    assert rest == pytest.approx(-2e-5 / 1e5, rel=ROUNDING)
    energy = retracting.values["Contact activation energy [J.mol-1]"]
    assert circuit.at(0.0, states, celsius=60).rate(DEPTH) / rest == pytest.approx(
        arrhenius(energy, 60), rel=ROUNDING
    )


def test_over_a_cycle_a_filament_keeps_what_does_not_retract(retracting):
    """An hour each way strips nine retraction charges: no more than what is fresh comes back."""
    cycle = twin.Protocol(
        ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"], cycles=10
    )
    slow = retracting.replace({"Filament closing time [s]": 1e12})
    run = twin.simulate(slow, cycle, jump=False)["filament_depth"].sel(interface="positive")
    grown = 1e-8 * 3600 * (1 / 5)
    assert run.sel(cycle=10).item() == pytest.approx(10 * 0.4 * grown, rel=1e-3)


def test_a_hard_pressed_stack_squeezes_more_current_into_filaments(retracting):
    circuit = Circuit(retracting, free=(names.STACK_PRESSURE,))
    squeezed, reference = (
        circuit.at(1.0, parameters={names.STACK_PRESSURE: pressure}).rate(DEPTH)
        for pressure in (3e7, 1e7)
    )
    expected = (1 + 2.0**6.6) / (1 + (1 / 1.5) ** 6.6)
    assert squeezed / reference == pytest.approx(expected, rel=ROUNDING)


def test_heat_divides_the_current_that_counts(retracting):
    circuit = Circuit(retracting)
    energy = retracting.values["Contact activation energy [J.mol-1]"]
    ratio = circuit.at(1.0, celsius=60).rate(DEPTH) / circuit.at(1.0).rate(DEPTH)
    assert ratio == pytest.approx(1 / arrhenius(energy, 60), rel=ROUNDING)


def test_both_simulators_agree_on_voids_that_accumulate_and_filaments_that_retract():
    cell = load_cell("Duan2023_Li_LPSCl_symmetric").replace({"Stack pressure [Pa]": 3e6})
    protocol = twin.Protocol(
        ["Discharge at 1 mA/cm2 for 6 minutes", "Charge at 1 mA/cm2 for 6 minutes"], cycles=10
    )
    ours = twin.simulate(cell, protocol)
    truth = twin.simulate(cell, protocol, simulator="reference")
    for name in ("filament_depth", "contact_fraction"):
        # a thousandth: both solvers' tolerances over ten cycles
        assert ours[name].values == pytest.approx(truth[name].values, rel=1e-3)
