"""Step objects of PyBaMM as steps of ours."""

import numbers

import numpy as np
import pybamm
from pybamm.experiment.step import step_termination as terminations

from twin.errors import ProtocolError, shown
from twin.protocols.amounts import checked_temperature
from twin.protocols.drive_cycle import drive_cycle
from twin.protocols.step import End, Step, check, read_step

CONTROLS = {
    pybamm.step.Current: ("current", "A"),
    pybamm.step.Rest: ("current", "A"),
    pybamm.step.CRate: ("C-rate", "C"),
    pybamm.step.Voltage: ("voltage", "V"),
    pybamm.step.Power: ("power", "W"),
    pybamm.step.Resistance: ("resistance", "Ohm"),
}
"""Class of step -> what it controls, and in which unit."""
ENDS = {
    terminations.VoltageTermination: ("voltage", "V"),
    terminations.CurrentTermination: ("current", "A"),
    terminations.CRateTermination: ("C-rate", "C"),
}


def step_of(given: pybamm.step.BaseStep) -> Step:
    """The step that a ``pybamm.step`` object says, with a text that reads as the same step.

    Its period, tags and start time change nothing here.

    Raises ProtocolError: a custom step or termination, an input parameter, a function of time.
    """
    if type(given) not in CONTROLS:
        raise ProtocolError(
            f"{shown(given)} is a {type(given).__name__}; of PyBaMM's step objects current, c_rate, "
            "voltage, power, resistance and rest are known"
        )
    control, unit = CONTROLS[type(given)]
    value = given.input_value
    duration = None if given.uses_default_duration else float(given.duration)
    ends = tuple(_end(termination, given) for termination in given.termination)
    temperature = given.temperature
    if temperature is not None:
        temperature = checked_temperature(float(temperature), f"{temperature:g} K")
    if isinstance(value, np.ndarray):
        step = drive_cycle(value[:, 0], value[:, 1], unit, ends=ends, temperature=temperature)
        if duration is not None and duration != step.duration:
            raise ProtocolError(
                f"the drive cycle lasts {step.duration:g} s and is given a duration of {duration:g} s; "
                "repeat or cut its points instead"
            )
        return step
    if not isinstance(value, numbers.Real):
        raise ProtocolError(
            f"the value of {shown(given)} is no number; give a function of time as a drive cycle: two "
            "columns, time [s] and value"
        )
    step = Step("", control, float(value), duration, ends, temperature)
    check(step)
    return read_step(_text(step, unit))


def _end(termination, step) -> End:
    if type(termination) not in ENDS:
        raise ProtocolError(
            f"{shown(step)} ends by a {type(termination).__name__}; known are ends at a voltage, a "
            'current and a C-rate (and, in words, by charge or state of charge: "until 0.5 mAh/cm2")'
        )
    return End(ENDS[type(termination)][0], float(termination.value), termination.operator)


def _text(step: Step, unit: str) -> str:
    """Words that read as the step."""
    units = dict(ENDS.values())
    if step.direction == "rest":
        text = "Rest"
    else:
        verb = {"charge": "Charge", "discharge": "Discharge", None: "Hold"}[step.direction]
        text = f"{verb} at {abs(step.value):.17g} {unit}"
    if step.duration is not None:
        text += f" for {step.duration:.17g} seconds"
    if step.ends:
        joined = " or ".join(
            f"{end.operator + ' ' if end.operator else ''}{end.value:.17g} {units[end.quantity]}"
            for end in step.ends
        )
        text += (" or until " if step.duration is not None else " until ") + joined
    if step.temperature is not None:
        text += f" at {step.temperature:.17g} K"
    return text
