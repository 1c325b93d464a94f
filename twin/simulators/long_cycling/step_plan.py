"""The steps of a cycle as numbers, and how they ended."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twin import names
from twin.cell import Cell
from twin.simulators.long_cycling.compiled_circuit import CONTROLS
from twin.simulators.long_cycling.step_codes import Monitor

SMALLEST_CURRENT = 1e-12
"""[A] that a cut-off at zero current counts as."""


class UnknownStepError(Exception):
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
            # volts count as they are, currents relative to the cut-off
            scale = 1.0 if monitor is Monitor.VOLTAGE else max(abs(value), SMALLEST_CURRENT)
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
    """A cycle to solve: from the states `y` (state,) of a cell of `parameters` (parameter,)."""

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


def step_plan(text: str, step, cell: Cell) -> StepPlan:
    """The numbers of a parsed PyBaMM step. Raises UnknownStepError: only the reference can run it."""
    import pybamm

    terminations = pybamm.experiment.step.step_termination
    value, kind = step.value, type(step).__name__
    nominal = cell.values[names.NOMINAL_CAPACITY]
    if not isinstance(value, (int, float)) or step.temperature is not None:
        raise UnknownStepError(text)
    weights = dict.fromkeys(CONTROLS, 0.0)
    if kind in ("Current", "Rest", "CRate"):
        weights["current"] = 1.0
        target = value * nominal if kind == "CRate" else value
    elif kind == "Voltage":
        weights["voltage"], target = 1.0, value
    elif kind == "Power":
        weights["power"], target = 1.0, value
    elif kind == "Resistance":
        weights["voltage"], weights["current"], target = 1.0, -value, 0.0
    else:
        raise UnknownStepError(text)

    cut_offs = []
    for term in step.termination:
        if isinstance(term, terminations.VoltageTermination):
            operator = term._get_operator(step)
            if operator is not None:
                cut_offs.append((Monitor.VOLTAGE, 1.0 if operator == "<" else -1.0, term.value))
        elif isinstance(term, terminations.CRateTermination):
            # PyBaMM's "C-rate" counts the cell capacity, not the nominal one
            capacity = cell.values[names.CELL_CAPACITY]
            cut_offs.append((Monitor.ABSOLUTE_CURRENT, 1.0, term.value * capacity))
        elif isinstance(term, terminations.CurrentTermination):
            sign = {">": -1.0, "<": 1.0, None: 1.0}[term.operator]
            monitor = Monitor.ABSOLUTE_CURRENT if term.operator is None else Monitor.CURRENT
            cut_offs.append((monitor, sign, term.value))
        else:
            raise UnknownStepError(text)
    return StepPlan(
        text,
        (*weights.values(), float(target)),
        float(step.duration),
        not step.uses_default_duration,
        tuple(cut_offs),
    )
