"""One step of a protocol, integrated with error control to its cut-off.

The same rules as PyBaMM's experiments: a step whose cut-off is already passed is skipped, a step
without a time limit that never reaches its cut-off ends the run, and so does a model event.
"""

from dataclasses import dataclass

import numpy as np

from twin import names
from twin.cell import Cell
from twin.simulators.compiled_circuit import CONTROLS, ORDER, CompiledCircuit

FIRST_STEP = 0.05
DAMPING_STEPS = 6
"""Steps of that length [s] are taken first, without error control: they damp the interface
capacitances, which relax within milliseconds, instead of resolving them."""
LARGEST_GROWTH, SMALLEST_SHRINKAGE, SAFETY = 8.0, 0.1, 0.9
CUT_OFF_TOLERANCE = 1e-7
"""[V] or relative current, on the place of a cut-off."""
EXPONENT = -1 / ORDER
MOST_STEPS = 20_000
"""Bounds the work of one step of a protocol."""
SMALLEST_STEP = 1e-9
"""[s] below which the solver gives up."""


@dataclass(frozen=True)
class StepPlan:
    """A step as numbers.

    `control` weighs current, voltage and power and ends with the target; `cut_offs` are
    (monitor, sign, value): the step ends where sign * (monitor - value) reaches zero, with the
    monitor "voltage", "current" or "absolute current".
    """

    text: str
    control: tuple[float, ...]
    duration: float
    has_time_limit: bool
    cut_offs: tuple[tuple[str, float, float], ...]


@dataclass
class StepEnd:
    """How a step ended: its state with the current last, its duration [s] and why."""

    state: np.ndarray
    duration: float
    reason: str
    """"time", "cut-off", "skipped", "cut_off_not_reached", "solver_failure", or a model event."""
    voltage: float = float("nan")
    """[V] at the end."""


class UnknownStepError(Exception):
    """A step that only the reference simulator knows."""


def plan(text: str, step, cell: Cell) -> StepPlan:
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
                cut_offs.append(("voltage", 1.0 if operator == "<" else -1.0, term.value))
        elif isinstance(term, terminations.CRateTermination):
            # PyBaMM's "C-rate" counts the cell capacity, not the nominal one
            capacity = cell.values[names.CELL_CAPACITY]
            cut_offs.append(("absolute current", 1.0, term.value * capacity))
        elif isinstance(term, terminations.CurrentTermination):
            sign = {">": -1.0, "<": 1.0, None: 1.0}[term.operator]
            monitor = "absolute current" if term.operator is None else "current"
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


class StepSolver:
    """Integrates steps of a cell with one compiled circuit.

    Parameters
    ----------
    circuit : CompiledCircuit
    parameters : (parameter,) array, as ``circuit.vector``
    tolerance : float
        Relative, on the states, over one integration step.
    """

    def __init__(self, circuit: CompiledCircuit, parameters: np.ndarray, tolerance: float):
        self.circuit = circuit
        self.parameters = np.ascontiguousarray(parameters, dtype=float)
        size = circuit.size + 1
        self.x, self.new = np.zeros(size), np.zeros(size)
        self.control = np.zeros(len(CONTROLS) + 1)
        self.h, self.tolerance = np.zeros(1), np.array([tolerance])
        self.monitors = np.zeros(2 + len(circuit.event_names))
        self.buffer, self.evaluate = circuit.step.buffer()
        arguments = (self.x, self.parameters, self.control, self.h, self.tolerance)
        for place, array in enumerate(arguments):
            self.buffer.set_arg(place, memoryview(array))
        self.buffer.set_res(0, memoryview(self.new))
        self.buffer.set_res(1, memoryview(self.monitors))

    def initial_state(self) -> np.ndarray:
        y = np.zeros(self.circuit.size)
        return np.array(self.circuit.initial_state(y, 0.0, self.parameters)).ravel()

    def run(self, y: np.ndarray, step: StepPlan) -> StepEnd:
        """Integrate one step from the states `y` (state,)."""
        self.control[:] = step.control
        start = self._consistent(y)
        if start is None:
            return StepEnd(np.append(y, 0.0), 0.0, "solver_failure")
        current, voltage, events = start
        x = np.append(y, current)
        if any(self._distance(c, voltage, current) <= 0 for c in step.cut_offs):
            return StepEnd(x, 0.0, "skipped")
        if (events <= 0).any():
            return StepEnd(x, 0.0, self.circuit.event_names[int(np.argmin(events))])
        return self._integrate(x, voltage, step)

    def _consistent(self, y):
        """Current, voltage and events that satisfy the control row at the start of a step."""
        row = None
        current = self.control[-1] if self.control[0] else 0.0
        for _ in range(50):
            row, slope, voltage, events = self.circuit.control(y, current, self.parameters, self.control)
            row, slope = float(row), float(slope)
            if abs(row) <= 1e-12 * max(1.0, abs(self.control[-1])):
                return current, float(voltage), np.array(events).ravel()
            if slope == 0 or not np.isfinite(row):
                return None
            current -= row / slope
        return None

    def _distance(self, cut_off, voltage, current):
        monitor, sign, value = cut_off
        if monitor == "voltage":
            return sign * (voltage - value)
        return sign * ((abs(current) if monitor == "absolute current" else current) - value)

    def _integrate(self, x, voltage, step):
        np.copyto(self.x, x)
        elapsed, h = 0.0, min(FIRST_STEP, step.duration)
        damping = DAMPING_STEPS
        for _ in range(MOST_STEPS):
            self.h[0] = h
            self.evaluate()
            error = self.monitors[0]
            if not np.isfinite(error) or (damping == 0 and error > 1.0):
                h *= (
                    max(SMALLEST_SHRINKAGE, SAFETY * error**EXPONENT)
                    if np.isfinite(error)
                    else SMALLEST_SHRINKAGE
                )
                if h < SMALLEST_STEP:
                    return StepEnd(self.x.copy(), elapsed, "solver_failure")
                continue
            reason = self._crossed(step)
            if reason is not None:
                return self._locate(elapsed, h, step)
            np.copyto(self.x, self.new)
            elapsed += h
            if step.duration - elapsed <= 1e-9 * step.duration:
                reason = "time" if step.has_time_limit else "cut_off_not_reached"
                return StepEnd(self.x.copy(), elapsed, reason, self.monitors[1])
            if damping:
                damping -= 1
            elif error > 0:
                h *= min(LARGEST_GROWTH, SAFETY * error**EXPONENT)
            h = min(h, step.duration - elapsed)
        return StepEnd(self.x.copy(), elapsed, "solver_failure")

    def _gaps(self, step):
        """Distance to each cut-off and each model event after the trial step."""
        voltage, current = self.monitors[1], self.new[-1]
        gaps = [self._distance(cut_off, voltage, current) for cut_off in step.cut_offs]
        return gaps, self.monitors[2:]

    def _crossed(self, step):
        gaps, events = self._gaps(step)
        for gap in gaps:
            if gap <= 0:
                return "cut-off"
        return "event" if (events <= 0).any() else None

    def _nearest(self, step):
        gaps, events = self._gaps(step)
        return min(*gaps, *events) if gaps else float(events.min())

    def _locate(self, elapsed, h, step):
        """Shorten the trial step until the first cut-off or event is just reached."""
        low, high = 0.0, h
        low_gap, high_gap = None, self._nearest(step)
        for _ in range(60):
            if abs(high_gap) <= CUT_OFF_TOLERANCE or high - low <= SMALLEST_STEP:
                break
            if low_gap is None:
                trial = 0.5 * (low + high)
            else:
                trial = low + (high - low) * low_gap / (low_gap - high_gap)
                trial = min(max(trial, low + 0.01 * (high - low)), high - 0.01 * (high - low))
            self.h[0] = trial
            self.evaluate()
            gap = self._nearest(step)
            if gap <= 0:
                high, high_gap = trial, gap
            else:
                low, low_gap = trial, gap
                if gap <= CUT_OFF_TOLERANCE:
                    high, high_gap = trial, gap
                    break
        self.h[0] = high
        self.evaluate()
        gaps, events = self._gaps(step)
        reason = "cut-off"
        if not gaps or min(gaps) > max(CUT_OFF_TOLERANCE, float(events.min())):
            reason = self.circuit.event_names[int(np.argmin(events))]
        return StepEnd(self.new.copy(), elapsed + high, reason, self.monitors[1])
