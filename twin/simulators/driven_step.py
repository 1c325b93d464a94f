"""What a step means for a cell: amperes, volts, watts or ohms, how long, and what cuts it off.

"C" is the nominal capacity, in "at C/10" and in "until C/10" alike; an area is the electrode's, a mass
that of the active material. Charge passed at a held current is a time, which the step then has.
"""

import math
from dataclasses import dataclass

from twin import names
from twin.cell import Cell
from twin.errors import ProtocolError
from twin.protocols.in_cell import in_cell
from twin.protocols.step import OF_CHARGE, End, Profile, Step
from twin.simulators.start import soc_window

CAPACITIES = 2.0
"""A step without a time of its own is given up when it must have passed this many times the capacity of
all active material: up to half of its current may leak, and it still arrives."""
LONGEST_PATIENCE = 3.6e6
"""[s] after which a step that no current bounds is given up: a thousand hours."""


@dataclass(frozen=True)
class CutOff:
    """A step ends where ``sign * (monitor - value)`` reaches zero.

    `monitor` is "voltage" [V], "current", "absolute current" [A], "charge" (passed since the step began,
    [A.h]) or "state of charge" (the model's own).
    """

    monitor: str
    sign: float
    value: float


@dataclass(frozen=True)
class DrivenStep:
    """A step of a protocol in the units of a cell.

    Attributes
    ----------
    text : as the protocol has it
    control : "current" [A], "voltage" [V], "power" [W] or "resistance" [Ohm]
    target : what is held, positive where it discharges
    duration : [s] after which the step ends
    has_time_limit : False where reaching `duration` means that an end was never reached
    cut_offs : what ends it before
    temperature : of the surroundings [K], None where the step says nothing
    profile : what the target follows over time, of a drive cycle
    """

    text: str
    control: str
    target: float
    duration: float
    has_time_limit: bool
    cut_offs: tuple[CutOff, ...]
    temperature: float | None = None
    profile: Profile | None = None


def driven_step(step: Step, cell: Cell) -> DrivenStep:
    """The step on that cell.

    Raises ProtocolError: a mass without active material, a state of charge in a symmetric cell.
    """
    control, target = in_cell(step.control, step.value, cell, step.text)
    duration, ends = step.duration, step.ends
    profile = step.profile
    if profile is not None:
        values = (in_cell(step.control, value, cell, step.text)[1] for value in profile.value)
        profile = Profile(profile.time, tuple(values))
    if control == "current" and target != 0 and profile is None:
        passed = [
            in_cell(end.quantity, end.value, cell, step.text)[1] for end in ends if _is_charge(end)
        ]
        times = [charge * 3600 / abs(target) for charge in passed]
        duration = min([*times, math.inf if duration is None else duration])
        duration = None if math.isinf(duration) else duration
        ends = tuple(end for end in ends if not _is_charge(end))
    cut_offs = tuple(_cut_off(end, step, cell) for end in ends)
    return DrivenStep(
        step.text,
        control,
        target,
        _patience(control, target, cut_offs, cell) if duration is None else duration,
        duration is not None,
        cut_offs,
        step.temperature,
        profile,
    )


def _is_charge(end: End) -> bool:
    return end.quantity in OF_CHARGE


def _cut_off(end: End, step: Step, cell: Cell) -> CutOff:
    if end.quantity == "state of charge":
        return _at_state_of_charge(end, step, cell)
    quantity, value = in_cell(end.quantity, end.value, cell, step.text)
    if quantity == "charge":
        return CutOff("charge", -1.0, value)
    if quantity == "current" and end.operator is None:
        return CutOff("absolute current", 1.0, value)
    return CutOff(quantity, _side(end, step), value)


def _at_state_of_charge(end: End, step: Step, cell: Cell) -> CutOff:
    if not cell.has_cathode:
        raise ProtocolError(
            f"the step '{step.text}' ends at a state of charge, and the symmetric {cell.name} has none; "
            'end it by charge ("until 0.5 mAh/cm2")'
        )
    low, high = soc_window(cell)
    return CutOff("state of charge", _side(end, step), low + end.value * (high - low))


def _side(end: End, step: Step) -> float:
    """1 where the monitor falls to the value, -1 where it rises to it."""
    if end.operator is not None:
        return 1.0 if end.operator == "<" else -1.0
    if step.direction in ("charge", "discharge"):
        return 1.0 if step.direction == "discharge" else -1.0
    raise ProtocolError(
        f"the step '{step.text}' holds a voltage, so that its end needs a side: write \"until > …\" or "
        '"until < …"'
    )


def _patience(control: str, target: float, cut_offs: tuple[CutOff, ...], cell: Cell) -> float:
    """[s] that a step without a time of its own is given."""
    highest = max(abs(cell.values[names.UPPER_CUT_OFF]), abs(cell.values[names.LOWER_CUT_OFF]))
    currents = [abs(c.value) for c in cut_offs if c.monitor in ("current", "absolute current")]
    if control == "current":
        currents.append(abs(target))
    elif control == "power":
        currents.append(abs(target) / highest)
    slowest = min((current for current in currents if current > 0), default=0.0)
    if slowest == 0:
        return LONGEST_PATIENCE
    return CAPACITIES * cell.values[names.CELL_CAPACITY] * 3600 / slowest
