"""The steps of a cycle as numbers, and how they ended."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twin.errors import TwinError
from twin.protocols.step import Step
from twin.simulators.driven_step import DrivenStep
from twin.simulators.long_cycling.step_codes import CONTROLS, Monitor

SMALLEST_CURRENT = 1e-12
"""[A] that a cut-off at zero current counts as."""
COUNT_AS_THEY_ARE = (Monitor.VOLTAGE, Monitor.STATE_OF_CHARGE)
"""Monitors whose distance from a cut-off counts in their own unit; that of others as a share of it."""
MONITORS = {
    "voltage": Monitor.VOLTAGE,
    "current": Monitor.CURRENT,
    "absolute current": Monitor.ABSOLUTE_CURRENT,
    "charge": Monitor.CHARGE,
    "state of charge": Monitor.STATE_OF_CHARGE,
}
"""What a cut-off of a driven step watches -> what the solvers know it by."""


class UnknownStepError(TwinError):
    """A step that only the reference simulator knows."""


@dataclass(frozen=True)
class StepPlan:
    """A step as numbers.

    `control` weighs current, voltage and power and ends with the target; `cut_offs` are
    (monitor, sign, value): the step ends where sign * (monitor - value) reaches zero.
    """

    text: str
    control: tuple[float, ...]
    duration: float
    has_time_limit: bool
    cut_offs: tuple[tuple[Monitor, float, float], ...]

    @property
    def numbers(self) -> list[float]:
        """Control row, duration, time limit, then the CutOff numbers of each cut-off."""
        row = [*self.control, self.duration, float(self.has_time_limit)]
        for monitor, sign, value in self.cut_offs:
            scale = 1.0 if monitor in COUNT_AS_THEY_ARE else max(abs(value), SMALLEST_CURRENT)
            row += [monitor, sign, value, scale]
        return row


@dataclass(frozen=True)
class CyclePlan:
    """The steps of a cycle, and all their numbers as one table."""

    steps: tuple[StepPlan, ...]

    @functools.cached_property
    def table(self) -> np.ndarray:
        """(step, number), short rows padded."""
        rows = [step.numbers for step in self.steps]
        table = np.zeros((len(rows), max(map(len, rows))))
        for place, row in enumerate(rows):
            table[place, : len(row)] = row
        return table

    @functools.cached_property
    def cut_offs(self) -> np.ndarray:
        """How many cut-offs each step has."""
        return np.array([len(step.cut_offs) for step in self.steps], dtype=np.int32)


class Request(NamedTuple):
    """A cycle to solve.

    Attributes
    ----------
    parameters : (parameter,), or (step, parameter) where the protocol changes some from step to step
    y : (state,), from which it begins
    cycle : its steps
    """

    parameters: np.ndarray
    y: np.ndarray
    cycle: CyclePlan


class StepEnds(NamedTuple):
    """How the steps of a cycle ended, as far as they began.

    Attributes
    ----------
    values : (step, state + 3) array
        State, current [A], duration [s] and voltage [V].
    reasons : (step,) of ``step_codes.REASONS``, or a model event
    """

    values: np.ndarray
    reasons: tuple[str, ...]

    @property
    def states(self) -> np.ndarray:
        """(step, state)"""
        return self.values[:, :-3]

    @property
    def voltages(self) -> np.ndarray:
        """(step,) [V]"""
        return self.values[:, -1]


def is_known(step: Step | DrivenStep) -> bool:
    """Whether this simulator can run a step: it holds a value, and follows no drive cycle."""
    return step.profile is None


def step_plan(step: DrivenStep) -> StepPlan:
    """The numbers of a driven step. Raises UnknownStepError: only the reference can run it."""
    if not is_known(step):
        raise UnknownStepError(step.text)
    weights = dict.fromkeys(CONTROLS, 0.0)
    target = step.target
    if step.control == "resistance":
        weights["voltage"], weights["current"], target = 1.0, -step.target, 0.0
    else:
        weights[step.control] = 1.0
    return StepPlan(
        step.text,
        (*weights.values(), float(target)),
        step.duration,
        step.has_time_limit,
        tuple((MONITORS[c.monitor], c.sign, c.value) for c in step.cut_offs),
    )
