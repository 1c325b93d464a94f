"""Protocols: PyBaMM's strings, current densities, cycles and bad input."""

import pytest

import twin
from twin.errors import ProtocolError
from twin.protocols import in_amperes


def test_list_of_strings_is_one_cycle_and_tuples_are_a_block():
    assert twin.Protocol(["Rest for 1 hour", "Rest for 2 hours"], cycles=3).number_of_cycles == 3
    block = twin.Protocol([("Rest for 1 hour",), ("Rest for 2 hours",)], cycles=3)
    assert block.number_of_cycles == 6
    assert block.cycle_steps(3) == ("Rest for 2 hours",)


@pytest.mark.parametrize(
    ("text", "amperes"),
    [
        ("Charge at 0.1 mA/cm2 for 1 hour", "Charge at 0.0001 A for 1 hour"),
        ("Charge at 1 A/m2 for 1 hour", "Charge at 0.0001 A for 1 hour"),
        ("Charge at 50 uA/cm^2 for 1 hour", "Charge at 5e-05 A for 1 hour"),
        ("Hold at 4.2 V until 0.02 mA/cm2", "Hold at 4.2 V until 2e-05 A"),
    ],
)
def test_current_density_becomes_amperes_on_the_cells_area(text, amperes):
    assert in_amperes(text, area=1e-4) == amperes


def test_converted_step_says_so():
    text = "Charge at 0.1 mA/cm2 for 1 hour"
    step = twin.Protocol([text]).parsed(7.854e-5)[text]
    assert step.value == pytest.approx(-7.854e-5)
    assert text in str(step)
    assert "7.854e-05 A" in str(step)


@pytest.mark.parametrize(
    ("steps", "cycles", "message"),
    [
        (["Charge at 1C untill 4.2 V"], 1, "'Charge at 1C untill 4.2 V'.*accepted are forms like"),
        (["Jump at 1C until 4.2 V"], 1, "Jump"),
        (["Charge at 1 parsec for 1 hour"], 1, "cannot read the step"),
        (["Charge at 1C"], 1, "'for' or 'until'"),
        ([], 1, "at least one step"),
        ([()], 1, "at least one step"),
        ("Charge at 1C until 4.2 V", 1, "must be a list"),
        ([5], 1, "a step must be a string"),
        (["Rest for 1 hour"], 0, "from 1, not 0"),
        (["Rest for 1 hour"], 1.5, "from 1, not 1.5"),
        (["Rest for 0 hours"], 1, "cannot read the step"),
    ],
)
def test_bad_protocols_are_refused_with_the_remedy(steps, cycles, message):
    with pytest.raises(ProtocolError, match=message):
        twin.Protocol(steps, cycles=cycles)


def test_start_follows_the_first_step_that_passes_current():
    charge, discharge = "Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"
    assert not twin.Protocol(["Rest for 1 hour", charge, discharge]).starts_charged(1e-4)
    assert twin.Protocol([discharge, charge]).starts_charged(1e-4)
