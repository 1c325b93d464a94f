"""Steps: PyBaMM's own strings mean what they mean there, the others what they say."""

import pybamm
import pytest

from twin.errors import ProtocolError
from twin.protocols.step import End, read_step

OF_PYBAMM = [
    "Discharge at 1C for 0.5 hours",
    "Discharge at C/20 for 0.5 hours",
    "Charge at 0.5 C for 45 minutes",
    "Discharge at 1 A for 0.5 hours",
    "Charge at 200 mA for 45 minutes",
    "Discharge at 1W for 0.5 hours",
    "Charge at 200mW for 45 minutes",
    "Rest for 10 minutes",
    "Hold at 1V for 20 seconds",
    "Discharge at 10 Ohm for 1 hour",
    "Charge at 1 C until 4.1V",
    "Hold at 4.1 V until 50mA",
    "Hold at 3V until C/50",
    "Discharge at C/3 for 2 hours or until 2.5 V",
    "Discharge at 1C until > 2.5 V",
    "Charge at 0.5C until 4.2 V (1 minute period)",
]
CONTROLS = {"Current": "current", "CRate": "C-rate", "Voltage": "voltage", "Power": "power",
            "Resistance": "resistance", "Rest": "current"}  # fmt: skip
ENDS = {"VoltageTermination": "voltage", "CurrentTermination": "current", "CRateTermination": "C-rate"}


@pytest.mark.parametrize("text", OF_PYBAMM)
def test_a_string_of_pybamm_means_the_same_here(text):
    step, theirs = read_step(text), pybamm.step.string(text)
    assert step.control == CONTROLS[type(theirs).__name__]
    assert step.value == theirs.value
    assert step.duration == (None if theirs.uses_default_duration else theirs.duration)
    assert step.direction == (None if step.control == "voltage" else theirs.direction)
    assert step.ends == tuple(
        End(ENDS[type(term).__name__], term.value, term.operator) for term in theirs.termination
    )


def test_more_than_pybamm_says():
    step = read_step("charge at 0.1 mA cm-2 for 2 h or until 0.5 mAh/cm2 or 4.2 V at 60 oC")
    assert (step.control, step.value, step.duration) == ("current density", -1.0, 7200.0)
    assert step.ends == (End("areal charge", 5.0), End("voltage", 4.2))
    assert step.temperature == pytest.approx(333.15)


def test_equal_steps_are_equal_however_they_are_spelt():
    assert read_step("Charge at 0.05C until 4.2 V") == read_step("charge at C/20 until 4.2V")
    assert read_step("Charge at 0.05C until 4.2 V") != read_step("Discharge at C/20 until 4.2 V")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Charge at 1C untill 4.2 V", "did you mean 'until'"),
        ("charg at 1C until 4.2 V", "did you mean 'charge'"),
        ("Jump at 1C until 4.2 V", "begins with Charge, Discharge, Hold or Rest"),
        ("Charge at 1 parsec for 1 hour", "no unit of a step"),
        ("Charge at 1C", "a time .* or an end"),
        ("Charge until 4.2 V", "a value are missing"),
        ("Charge at 0 A for 1 hour", "say Rest"),
        ("Charge at 1 mAh for 1 hour", "'1 mAh' is a charge"),
        ("Charge at 1C for 1 fortnight", "no time"),
        ("Rest for 0 hours", "longer than nothing"),
        ("Rest until 4 V", "a rest needs a time"),
        ("Rest for 1 hour or until 3.5 V", "with its side"),
        ("Hold at 1 mA for 1 hour", "only a voltage is held"),
        ("Hold at 4.2 V until 4.1 V", "no voltage can end it"),
        ("Charge at 1C until C/20", "no current can end it"),
        ("Charge at 1C until 4.2 V or 4.1 V", "two ends of one kind"),
        ("Charge at 1C until 1 mAh or 0.5 mAh/cm2", "two ends of one kind"),
        ("Charge at 1C until -1 mAh", "must be positive"),
        ("Charge at 1C until 4.2 V at 60 K", "did you mean 60 oC"),
        ("Charge at 1C until 4.2 V at 25", "no unit of a step"),
        ("Charge at 1e999 A for 1 hour", "too large"),
        ("Charge at " + "1" * 1000 + " A for 1 hour", "longer than 300"),
        ("", "begins with"),
    ],
)
def test_a_step_that_cannot_be_read_says_why(text, message):
    with pytest.raises(ProtocolError, match=message):
        read_step(text)
