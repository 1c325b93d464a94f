"""A step as PyBaMM runs it."""

import functools

import numpy as np
import pybamm
from pybamm.experiment.step import step_termination as terminations

from twin import names
from twin.errors import ProtocolError
from twin.simulators.driven_step import CutOff, DrivenStep

CONTROLS = {
    "current": pybamm.step.Current,
    "voltage": pybamm.step.Voltage,
    "power": pybamm.step.Power,
    "resistance": pybamm.step.Resistance,
}


def pybamm_step(step: DrivenStep) -> pybamm.step.BaseStep:
    """The PyBaMM step of a driven one, current in amperes.

    Raises ProtocolError: an end by charge where no current is held, which PyBaMM cannot watch.
    """
    value: float | np.ndarray = step.target
    if step.profile is not None:
        value = np.column_stack([step.profile.time, step.profile.value])
    control = CONTROLS[step.control]
    if step.profile is not None:
        # PyBaMM tells steps apart by their class and by how numpy prints their points, which is without
        # the middle where they are more than a thousand
        control = type(f"{control.__name__} along {hash(step.profile)}", (control,), {})
    return (control if step.has_time_limit else _patient(control, step.duration))(
        value,
        duration=step.duration if step.has_time_limit else None,
        termination=[_termination(cut_off, step) for cut_off in step.cut_offs],
        temperature=step.temperature,
        description=step.text,
        skip_ok=False,  # a cycle none of whose steps can run ends the run
    )


@functools.cache
def _patient(control: type[pybamm.step.BaseStep], seconds: float) -> type[pybamm.step.BaseStep]:
    """A kind of step that ends the run where no end came within `seconds`, not within PyBaMM's day."""

    def default_duration(self, value):
        return seconds

    return type(control.__name__, (control,), {"default_duration": default_duration})


def _termination(cut_off: CutOff, step: DrivenStep):
    operator = "<" if cut_off.sign > 0 else ">"
    if cut_off.monitor == "voltage":
        return terminations.VoltageTermination(cut_off.value, operator)
    if cut_off.monitor == "current":
        return terminations.CurrentTermination(cut_off.value, operator)
    if cut_off.monitor == "absolute current":
        return terminations.CurrentTermination(cut_off.value)
    if cut_off.monitor == "state of charge":
        sign, value = cut_off.sign, cut_off.value
        return terminations.CustomTermination(
            f"State of charge {operator} {value!r}",
            lambda variables: sign * (variables[names.SOC] - value),
        )
    raise ProtocolError(
        f"the step '{step.text}' ends by charge at a {step.control} that is held: PyBaMM cannot watch "
        'that; take simulator="long_cycling", or hold a current'
    )
