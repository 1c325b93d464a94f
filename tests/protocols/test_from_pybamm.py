"""PyBaMM's step objects are steps of ours, with a text that reads as the same step."""

import numpy as np
import pybamm
import pytest

from twin.errors import ProtocolError
from twin.protocols.from_pybamm import step_of
from twin.protocols.step import End, read_step

step = pybamm.step


@pytest.mark.parametrize(
    "given",
    [
        step.current(1e-3, duration="1 hour"),
        step.c_rate(-0.5, termination="4.2 V"),
        step.c_rate(-0.5, termination=["4.2 V"], temperature="60oC"),
        step.voltage(4.2, termination=["C/20", "50 mA"][:1], duration=3600),
        step.power(2e-3, duration=60, termination="3 V"),
        step.resistance(1000, duration=60),
        step.rest("10 minutes"),
        step.string("Discharge at C/3 for 2 hours or until 2.5 V"),
    ],
)
def test_an_object_reads_as_its_own_text(given):
    ours = step_of(given)
    assert read_step(ours.text) == ours
    assert ours.value == given.input_value
    assert ours.duration == (None if given.uses_default_duration else given.duration)
    assert ours.temperature == given.temperature
    assert [end.value for end in ours.ends] == [term.value for term in given.termination]


def test_several_terminations_and_operators():
    ours = step_of(step.current(-1e-3, termination=["> 4.2 V", "< 1 V"], duration=60))
    assert ours.ends == (End("voltage", 4.2, ">"), End("voltage", 1.0, "<"))


def test_an_array_is_a_drive_cycle():
    ours = step_of(step.current(np.array([[0, 0.0], [10, 1e-3], [30, -1e-3]])))
    assert ours.profile.time == (0.0, 10.0, 30.0)
    assert ours.duration == 30.0
    assert ours.direction == "discharge"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (step.CustomStepExplicit(lambda v: 1.0, duration=60), "of PyBaMM's step objects"),
        (step.current(lambda t: 1e-3, duration=60), "as a drive cycle"),
        (
            step.current(1e-3, termination=step.CustomTermination("x", lambda v: v), duration=1),
            "ends by a",
        ),
        (step.current(1e-3, duration=60, temperature=25), "did you mean 25 oC"),
        (step.current(1e-3, duration=60, temperature=-5), "no cell is kept outside"),
    ],
)
def test_what_no_step_of_ours_can_say_is_refused(given, message):
    with pytest.raises(ProtocolError, match=message):
        step_of(given)
