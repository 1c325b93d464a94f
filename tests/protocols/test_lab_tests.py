"""Tests that laboratories run: their cycles, what they charge and how long they last."""

import pytest

import twin
from twin import protocols
from twin.errors import ArgumentError, ProtocolError
from twin.protocols import Protocol

FULL = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
SYMMETRIC = twin.load_cell("Duan2023_Li_LPSCl_symmetric")


def kinds(protocol: Protocol) -> list[str]:
    return [protocol.cycle(number).kind for number in range(protocol.number_of_cycles)]


def test_ramp_rises_step_by_step_to_its_last_current():
    ramp = protocols.critical_current_density("0.2 mA/cm2", first="0.4 mA/cm2", last="1 mA/cm2")
    assert kinds(ramp) == ["0.4 mA/cm2", "0.6 mA/cm2", "0.8 mA/cm2", "1 mA/cm2"]
    for cycle, current in zip(ramp.block, (4, 6, 8, 10), strict=True):
        assert [step.value for step in cycle.steps] == pytest.approx([-current, current])
        assert {step.duration for step in cycle.steps} == {3600}


def test_ramp_of_equal_charge_passes_it_in_each_half_cycle():
    ramp = protocols.critical_current_density(last="0.5 mA/cm2", charge="0.5 mAh/cm2", rest="5 minutes")
    run = twin.simulate(SYMMETRIC, ramp)
    areal = run["charge_capacity"] * 1e3 / (SYMMETRIC.area * 1e4)
    assert areal.values == pytest.approx(0.5, rel=1e-6)  # the integration's own tolerance
    assert {step.text for cycle in ramp.block for step in cycle.steps[1::2]} == {"Rest for 5 minutes"}


def test_ramp_ends_by_itself_at_the_hard_short():
    run = twin.simulate(SYMMETRIC, protocols.critical_current_density())
    assert run["outcome"] == "hard_short"
    assert run.sizes["cycle"] < protocols.critical_current_density().number_of_cycles


def test_one_way_plating_passes_current_in_one_direction_until_a_short():
    plating = protocols.one_way_plating("1 mA/cm2", piece="0.1 mAh/cm2", most="5 mAh/cm2")
    assert plating.number_of_cycles == 50
    run = twin.simulate(SYMMETRIC, plating)
    assert float(run["discharge_capacity"].max()) == pytest.approx(0, abs=1e-12)
    onset = int(run["short_circuit_onset_cycle"])
    assert 1 < onset < 50
    # each piece counts one way only: what shorts is the sum of them all
    assert float(run["areal_charge_passed"][:onset].sum()) == pytest.approx(0.1 * onset, rel=0.01)


def test_rate_test_goes_back_to_its_first_rate():
    test = protocols.rate_test(FULL, rates=[0.1, 1], cycles_each=2)
    assert kinds(test) == ["0.1C"] * 2 + ["1C"] * 2 + ["back at 0.1C"] * 2
    assert kinds(protocols.rate_test(FULL, rates=[0.1], cycles_each=1, back_to=None)) == ["0.1C"]


def test_capacity_falls_with_the_rate_and_comes_back():
    capacity = twin.simulate(FULL, protocols.rate_test(FULL, cycles_each=1))["discharge_capacity"].values
    assert (capacity[1:4] < capacity[:3]).all()
    assert capacity[4] == pytest.approx(capacity[0], rel=0.01)  # the fade of five cycles


def test_check_ups_stand_before_and_after_each_block_of_ageing():
    test = protocols.check_ups(FULL, every=3, repeats=2, formation=1)
    assert kinds(test) == [
        "formation", "check-up", *["ageing"] * 3, "check-up", *["ageing"] * 3, "check-up",
    ]  # fmt: skip
    assert kinds(protocols.check_ups(FULL, every=1, repeats=1, formation=0))[0] == "check-up"
    own = protocols.check_ups(FULL, ageing=["Rest for 5 days"], every=1, repeats=1)
    assert own.block[4].texts == ("Rest for 5 days",)


def test_storage_is_warm_and_its_check_ups_are_not():
    test = protocols.calendar_ageing(
        FULL, temperature="60 oC", state_of_charge=0.5, interval="7 days", repeats=2
    )
    assert kinds(test) == ["check-up", "storage", "check-up", "storage", "check-up"]
    assert [cycle.temperature for cycle in test.block] == [None, 333.15, None, 333.15, None]
    charge, rest = test.block[1].steps
    assert [(end.quantity, end.value) for end in charge.ends] == [("state of charge", 0.5)]
    assert rest.duration == 7 * 86400


def test_cell_that_is_stored_empty_is_not_charged_before():
    stored = protocols.calendar_ageing(FULL, state_of_charge=0.0, repeats=1).block[1]
    assert stored.texts == ("Rest for 30 days",)


@pytest.mark.parametrize("test", [protocols.gitt, protocols.hppc])
def test_pulses_discharge_the_whole_cell(test):
    run = twin.simulate(FULL, test(FULL))
    assert run["outcome"] == "completed"
    nominal = FULL.values["Nominal cell capacity [A.h]"]
    assert run["discharge_capacity"].item() > 0.8 * nominal  # the cell holds 0.9 of it at C/10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: protocols.critical_current_density("0.1 mA"),
            "step must be an amount of current density above 0",
        ),
        (
            lambda: protocols.critical_current_density(0.1),
            "step must be an amount of current density.*not 0.1",
        ),
        (
            lambda: protocols.critical_current_density("0 mA/cm2"),
            "step must be an amount of current density above 0",
        ),
        (
            lambda: protocols.critical_current_density("1 uA/cm2", last="1 A/cm2"),
            "1,000,000 steps is longer",
        ),
        (
            lambda: protocols.critical_current_density(first="2 mA/cm2", last="1 mA/cm2"),
            "below the first",
        ),
        (
            lambda: protocols.critical_current_density(charge="1 mAh/cm2", time="1 hour"),
            "give one of them",
        ),
        (lambda: protocols.critical_current_density(time="1 parsec"), "cannot read the step"),
        (lambda: protocols.one_way_plating(piece="1 mAh"), "piece must be an amount of areal charge"),
        (lambda: protocols.rate_test(FULL, rates=[]), "at least one rate"),
        (lambda: protocols.rate_test(SYMMETRIC), "is symmetric"),
        (lambda: protocols.gitt(SYMMETRIC), "is symmetric"),
    ],
)
def test_what_makes_no_test_is_refused(make, message):
    with pytest.raises(ProtocolError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: protocols.rate_test(FULL, rates=[-1]),
        lambda: protocols.rate_test(FULL, rates=["1C"]),
        lambda: protocols.check_ups(FULL, formation=-1),
        lambda: protocols.calendar_ageing(FULL, state_of_charge=50),
        lambda: protocols.gitt(FULL, pulses=0),
        lambda: protocols.gitt(FULL, pulses=100_000),
        lambda: protocols.hppc(FULL, levels=2.5),
    ],
)
def test_numbers_outside_their_range_are_refused(make):
    with pytest.raises(ArgumentError):
        make()
