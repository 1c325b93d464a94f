"""A cycle, step by step, each integrated with error control to its cut-off.

The same rules as PyBaMM's experiments: a step whose cut-off is already passed is skipped, a step
without a time limit that never reaches its cut-off ends the run, and so does a model event.

Where a step begins the interface capacitances jump and relax within milliseconds. States that relax
that fast are put where they relax to, everything else held (Newton), and integration starts from
there; where a cut-off or an event lies on that way, the relaxation itself is integrated.

The algorithm stands here twice: in Python, which runs everywhere, and in ``exact_cycle.c``, which
machines with a C compiler run, for one circuit or for several side by side. Both take the same functions
of the circuit and the same numbers.
"""

import ctypes
import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from twin.simulators.long_cycling.compiled_circuit import CONTROLS, CompiledCircuit
from twin.simulators.long_cycling.step_control import (
    CURRENT_TOLERANCE,
    CUT_OFF_TOLERANCE,
    EXPONENT,
    FAST_RATE,
    FAST_SHARE,
    FIRST_RELAXING_STEP,
    FIRST_STEP,
    LARGEST_GROWTH,
    LAST_MOMENT,
    MOST_CURRENT_TRIALS,
    MOST_LANDINGS,
    MOST_SETTLING,
    MOST_STEPS,
    SAFETY,
    SETTLED,
    SMALLEST_ERROR,
    SMALLEST_SHRINKAGE,
    SMALLEST_STEP,
)
from twin.simulators.long_cycling.step_plan import FINISHED, REASONS, CyclePlan, StepEnds

NOT_BEGUN = -1
"""Reason of a step that never began, in native code."""


class Request(NamedTuple):
    """A cycle to solve: from the states `y` (state,) of a cell of `parameters` (parameter,)."""

    parameters: np.ndarray
    y: np.ndarray
    cycle: CyclePlan


def cycle_solver(circuit: CompiledCircuit, tolerance: float, *, many: bool = False):
    """What solves cycles of a circuit: native code where the machine has it, otherwise Python.

    Parameters
    ----------
    circuit : CompiledCircuit
    tolerance : float
        Relative, on the states, over one integration step.
    many : bool
        Whether it will be asked for many cycles at a time: these then run side by side in the lanes of
        the processor. How many they are changes no number.

    Returns an object with ``solve(requests)``, the StepEnds of each Request, and
    ``recorded(parameters, x)``, what the circuit records, (row, recorded), at `x` (row, state with the
    current last).
    """
    library = circuit.wide_library if many else circuit.library
    if library is None:
        return PythonCycles(circuit, tolerance)
    return NativeCycles(circuit, library, tolerance)


class NativeCycles:
    """Solves cycles in ``exact_cycle.c``."""

    def __init__(self, circuit: CompiledCircuit, library: ctypes.CDLL, tolerance: float):
        self.tolerance, self.width = tolerance, circuit.size + 3
        self.reasons = REASONS + circuit.event_names
        self.library, self.entries = library, len(circuit.recorded)
        count, array = ctypes.c_int, ctypes.c_void_p
        library.exact_cycles.argtypes = [*[count] * 3, ctypes.c_double, *[array] * 7]
        library.recorded.argtypes = [count, *[array] * 3]

    def solve(self, requests: Sequence[Request]) -> list[StepEnds]:
        steps = np.array([len(request.cycle.steps) for request in requests], dtype=np.int32)
        plans = _side_by_side([request.cycle.table for request in requests])
        cut_offs = _side_by_side([request.cycle.cut_offs for request in requests])
        parameters = np.array([request.parameters for request in requests])
        y = np.array([request.y for request in requests])
        ends = np.empty((*cut_offs.shape, self.width))
        reasons = np.full(cut_offs.shape, NOT_BEGUN, dtype=np.int32)
        arrays = (y, parameters, steps, plans, cut_offs, ends, reasons)
        self.library.exact_cycles(
            len(requests), *plans.shape[1:], self.tolerance, *(array.ctypes.data for array in arrays)
        )
        began: list[list[int]] = reasons.tolist()
        words = [tuple(self.reasons[one] for one in own if one != NOT_BEGUN) for own in began]
        return [StepEnds(values[: len(why)], why) for values, why in zip(ends, words, strict=True)]

    def recorded(self, parameters: np.ndarray, x: np.ndarray) -> np.ndarray:
        x, values = np.ascontiguousarray(x), np.empty((len(x), self.entries))
        self.library.recorded(len(x), parameters.ctypes.data, x.ctypes.data, values.ctypes.data)
        return values


def _side_by_side(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """(array, ...) with zeros where one is shorter than another."""
    shapes = {array.shape for array in arrays}
    if len(shapes) == 1:
        return np.array(arrays)
    together = np.zeros((len(arrays), *np.max(list(shapes), axis=0)), dtype=arrays[0].dtype)
    for own, array in zip(together, arrays, strict=True):
        own[tuple(map(slice, array.shape))] = array
    return together


class PythonCycles:
    """Solves cycles in CasADi's virtual machine."""

    def __init__(self, circuit: CompiledCircuit, tolerance: float):
        size, self.events, self.record = circuit.size + 1, len(circuit.event_names), circuit.record
        self.reasons = REASONS + circuit.event_names
        self.x, self.new = np.zeros(size), np.zeros(size)
        self.control = np.zeros(len(CONTROLS) + 1)
        self.h, self.rate, self.move = np.zeros(1), np.zeros(1), np.zeros(1)
        # voltage and events, then what each function has to say of its own
        self.here, self.ahead = np.zeros(3 + self.events), np.zeros(2 + self.events)
        self.parameters = np.zeros(len(circuit.parameters))
        given = (self.x, self.parameters, self.control)
        share = np.array([tolerance])
        self.look = _bound(circuit.start, given, (self.here,))
        self.settle = _bound(circuit.settle, (*given, self.rate, share), (self.new, self.move))
        self.bends = np.zeros(2 * size)
        self.step = _bound(circuit.step, (*given, self.h, share), (self.new, self.ahead, self.bends))

    def solve(self, requests: Sequence[Request]) -> list[StepEnds]:
        return [self._solve(*request) for request in requests]

    def _solve(self, parameters, y, cycle) -> StepEnds:
        self.parameters[:] = parameters
        ends, reasons = [], []
        for row, count in zip(cycle.table, cycle.cut_offs, strict=True):
            elapsed, reason = self._run(y, row, count)
            ends.append(np.concatenate([self.x, [elapsed, self.here[0]]]))
            reasons.append(reason)
            y = ends[-1][:-3]
            if reason not in FINISHED:
                break
        return StepEnds(np.array(ends), tuple(reasons))

    def recorded(self, parameters: np.ndarray, x: np.ndarray) -> np.ndarray:
        return np.array(self.record(x.T, parameters[:, None])).T

    def _run(self, y, row, count) -> tuple[float, str]:
        begin = len(self.control)
        self.control[:] = row[:begin]
        self.duration, self.has_time_limit = row[begin : begin + 2]
        self.cut_offs = row[begin + 2 :][: 4 * count].reshape(-1, 4).tolist()
        self.x[:-1] = y
        self.x[-1] = self.control[-1] if self.control[0] else 0.0
        if not self._consistent():
            return 0.0, "solver_failure"
        cut_off, event = self._gaps(self.x, self.here)
        if cut_off <= 0:
            return 0.0, "skipped"
        if event <= 0:
            return 0.0, self._event(self.here)
        return self._integrate(FIRST_STEP if self._settled() else FIRST_RELAXING_STEP)

    def _event(self, monitors):
        return self.reasons[len(REASONS) + int(np.argmin(monitors[1 : 1 + self.events]))]

    def _gaps(self, x, monitors):
        """Distance to the nearest cut-off and to the nearest event; negative beyond it."""
        watched = (monitors[0], x[-1], abs(x[-1]))
        cut_off = np.inf
        for monitor, sign, value, scale in self.cut_offs:
            cut_off = min(cut_off, sign * (watched[int(monitor)] - value) / scale)
        return cut_off, monitors[1 : 1 + self.events].min()

    def _consistent(self):
        """Find the current that satisfies the control row, everything else held."""
        for _ in range(MOST_CURRENT_TRIALS):
            self.look()
            row, slope = self.here[-2:]
            if not np.isfinite(row):
                return False
            if abs(row) <= CURRENT_TOLERANCE * max(1.0, abs(self.control[-1])):
                return True
            if slope == 0:
                return False
            self.x[-1] -= row / slope
        return False

    def _settled(self):
        """Put the fast states where they relax to; False, and back, if something is crossed there."""
        before = self.x.copy()
        self.rate[0] = max(FAST_RATE, FAST_SHARE / self.duration)
        for _ in range(MOST_SETTLING):
            self.settle()
            if not np.isfinite(self.move[0]):
                break
            self.x[:] = self.new
            if self.move[0] <= SETTLED:
                if self._consistent() and min(self._gaps(self.x, self.here)) > 0:
                    return True
                break
        self.x[:] = before
        self._consistent()
        return False

    def _integrate(self, h) -> tuple[float, str]:
        elapsed, h = 0.0, min(h, self.duration)
        gap = min(self._gaps(self.x, self.here))
        h_before, error_before, rejected = h, 1.0, False
        for _ in range(MOST_STEPS):
            self.h[0] = h
            self.step()
            error = self.ahead[-1]
            new_gap = min(self._gaps(self.new, self.ahead))
            if not (error <= 1 and np.isfinite(new_gap)):
                shrinkage = SAFETY * error**EXPONENT if 1 < error < np.inf else 0.0
                h *= max(SMALLEST_SHRINKAGE, shrinkage)
                rejected = True
                if h < SMALLEST_STEP:
                    break
                continue
            if new_gap <= 0:
                if end := self._locate(elapsed, gap, new_gap):
                    return end
                h, rejected = h / 2, True
                continue
            elapsed, gap = elapsed + h, new_gap
            self._accept()
            if self.duration - elapsed <= LAST_MOMENT * self.duration:
                return elapsed, "time" if self.has_time_limit else "cut_off_not_reached"
            # Gustafsson's controller: what the error did over the last two steps it will do again
            error = max(error, SMALLEST_ERROR)
            growth = SAFETY * error**EXPONENT
            growth *= min(1.0, h / h_before * (error / error_before) ** EXPONENT)
            growth = min(growth, 1.0 if rejected else LARGEST_GROWTH)
            h_before, error_before, rejected = h, error, False
            h = min(h * max(growth, SMALLEST_SHRINKAGE), self.duration - elapsed)
        return elapsed, "solver_failure"

    def _accept(self):
        self.x[:] = self.new
        self.here[: 1 + self.events] = self.ahead[: 1 + self.events]

    def _locate(self, elapsed, low_gap, far_gap) -> tuple[float, str] | None:
        """Step to what the last trial crossed; None where that is not found.

        The place is sought along the interpolation of the trial; what a step to there misses by is what
        the interpolation is off by, there and nearby.
        """
        far, far_h, bends = self.new.copy(), self.h[0], self.bends.reshape(2, -1).copy()
        before, aim, gap = self.x.copy(), 0.0, far_gap

        def beyond(share):
            self.x[:] = (1 - share) * before
            self.x += share * (far + (1 - share) * (bends[0] + share * bends[1]))
            self.look()
            gap = min(self._gaps(self.x, self.here))
            return gap - aim if np.isfinite(gap) else -np.inf  # where nothing is known is beyond

        for landing in range(MOST_LANDINGS + 1):
            if abs(gap) <= CUT_OFF_TOLERANCE:
                cut_off, event = self._gaps(self.new, self.ahead)
                self._accept()
                reason = (
                    "cut-off" if cut_off <= max(CUT_OFF_TOLERANCE, event) else self._event(self.ahead)
                )
                return elapsed + self.h[0], reason
            if landing == MOST_LANDINGS or not far_gap < aim < low_gap:
                break
            share = brentq(beyond, 0.0, 1.0)
            self.x[:], self.h[0] = before, share * far_h
            self.step()
            gap = min(self._gaps(self.new, self.ahead))
            aim -= gap
        return None


def _bound(function, given, found):
    """`function` reading the arrays `given` and writing the arrays `found`, without copies."""
    buffer, evaluate = function.buffer()
    for place, array in enumerate(given):
        buffer.set_arg(place, memoryview(array))
    for place, array in enumerate(found):
        buffer.set_res(place, memoryview(array))
    return functools.partial(_evaluate, evaluate, (buffer, given, found))


def _evaluate(evaluate, _kept_alive):
    evaluate()
