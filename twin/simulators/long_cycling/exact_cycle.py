"""A cycle, protocol step by protocol step, each integrated with error control to its end.

The same rules as PyBaMM's experiments: a step that begins at its cut-off or beyond it is skipped, a step
without a time limit that never reaches its cut-off ends the run, and so does a model event.

The algorithm stands twice: here in Python, which runs everywhere, and in ``exact_cycle.c``, which
machines with a C compiler run, for one circuit or for several side by side. Both have the same functions
under the same names in the same order, and take the same functions of the circuit (``compiled_circuit``)
and the same numbers (``step_control``, ``step_codes``). Because C tries a step of several circuits at
once, no function tries a step itself: one says which step is next, another judges what became of it.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit
from twin.simulators.long_cycling.step_codes import CONTROLS, LAST_FINISHED, REASONS, CutOff, Reason
from twin.simulators.long_cycling.step_control import (
    CURRENT_TOLERANCE,
    CUT_OFF_TOLERANCE,
    EXPONENT,
    FAST_RATE,
    FAST_SHARE,
    FIRST_RELAXING_STEP,
    FIRST_STEP,
    LANDING_SHARE,
    LARGEST_GROWTH,
    LARGEST_SURGE,
    LARGEST_TREND,
    LAST_MOMENT,
    LEAST_SHARE,
    LEAST_SLOPE,
    MOST_CURRENT_TRIALS,
    MOST_LANDINGS,
    MOST_SETTLING,
    MOST_STEPS,
    MOST_TRIALS,
    NARROWEST,
    SAFETY,
    SETTLED,
    SHORTEST_MOMENT,
    SMALLEST_ERROR,
    SMALLEST_SHRINKAGE,
    SMALLEST_STEP,
)
from twin.simulators.long_cycling.step_plan import Request, StepEnds


class PythonCycles:
    """Solves cycles in CasADi's virtual machine.

    Attributes
    ----------
    x, fresh : (state,) arrays
        Where the circuit is, and where the trial leads, with the current last.
    here, ahead : lists
        What is monitored there: the voltage, then every event, positive until it happens. `here` ends
        with the residual of the control row and its slope with the current, `ahead` with the error of
        the trial in units of the tolerance.
    h, elapsed : float
        The step to try next, and the time since the protocol step began [s].
    gap : float
        How far the end of the protocol step is, as :meth:`end_gap` says.
    charge_before : float
        Net capacity when the protocol step began [A.h].
    """

    def __init__(self, circuit: CompiledCircuit, tolerance: float):
        size, self.events, self.record = circuit.size + 1, len(circuit.event_names), circuit.record
        self.reasons = REASONS + circuit.event_names
        self.net_capacity, self.soc = circuit.net_capacity, circuit.soc
        self.parameters, self.control = np.zeros(len(circuit.parameters)), np.zeros(len(CONTROLS) + 1)
        self.x, self.fresh = np.zeros(size), np.zeros(size)
        self._seen_at, self._seen = np.zeros(size), np.zeros(3 + self.events)
        self._rate, self._move, self._h = np.zeros(1), np.zeros(1), np.zeros(1)
        self._ahead, self._bends = np.zeros(2 + self.events), np.zeros(2 * size)
        share, given = np.array([tolerance]), (self.x, self.parameters, self.control)
        self._start = _bound(circuit.start, (self._seen_at, *given[1:]), (self._seen,))
        self._settle = _bound(circuit.settle, (*given, self._rate, share), (self.fresh, self._move))
        found = (self.fresh, self._ahead, self._bends)
        self._step = _bound(circuit.step, (*given, self._h, share), found)

    def solve(self, requests: Sequence[Request]) -> list[StepEnds]:
        """How the steps of each cycle ended."""
        return [self._solve(request) for request in requests]

    def _solve(self, request: Request) -> StepEnds:
        self.begin_cycle(request)
        while self.busy:
            self.try_step()
            self.go_on(self.judge_trial())
        return StepEnds(np.array(self.ends), tuple(self.reasons[reason] for reason in self.why))

    def recorded(self, parameters: np.ndarray, x: np.ndarray) -> np.ndarray:
        """(row, recorded) at the states `x` (row, state with the current last)."""
        return np.array(self.record(x.T, parameters[:, None])).T

    def try_step(self):
        """A step of `h`: where it leads, what is monitored there, and how it bends on the way."""
        self._h[0] = self.h
        self._step()
        self.ahead = self._ahead.tolist()

    def look(self, x):
        """What is monitored at `x`, then the residual of the control row and its slope."""
        self._seen_at[:] = x
        self._start()
        return self._seen.tolist()

    def relax(self, rate):
        """An iteration of Newton's method, into `fresh`, for what relaxes faster than `rate` [1/s].

        Returns the largest move of a state, in units of its tolerance.
        """
        self._rate[0] = rate
        self._settle()
        return float(self._move[0])

    # --- How far the end of the protocol step is --------------------------------------------------

    def cut_off_gap(self, x, monitors):
        """How far the nearest cut-off is: in volts, or as a share of a current; negative beyond it."""
        current = float(x[-1])
        passed = abs(float(x[self.net_capacity]) - self.charge_before)
        watched = (monitors[0], current, abs(current), passed, float(x[self.soc]))
        nearest = math.inf
        for monitor, sign, value, scale in self.own_cut_offs:
            nearest = min(nearest, sign * (watched[int(monitor)] - value) / scale)
        return nearest

    def nearest_event(self, monitors):
        """Which event is nearest, counted from 0."""
        own = monitors[1 : 1 + self.events]
        return own.index(min(own))

    def event_gap(self, monitors):
        """How far the nearest event is: negative beyond it, NaN where one cannot be told."""
        if any(math.isnan(event) for event in monitors[1 : 1 + self.events]):
            return math.nan
        return monitors[1 + self.nearest_event(monitors)]

    def end_gap(self, x, monitors):
        """How far the nearest cut-off or event is: negative beyond it, NaN where that cannot be told."""
        cut_off, event = self.cut_off_gap(x, monitors), self.event_gap(monitors)
        return math.nan if math.isnan(cut_off) or math.isnan(event) else min(event, cut_off)

    # --- Where a protocol step begins -------------------------------------------------------------

    def guess_current(self):
        """Put the current where the control row has its smaller root, all states held.

        The voltage is linear in the current, so that the row is a parabola, which its value at 0 A and
        its slopes at 0 and 1 A tell. The smaller root is the one that a cell comes to from rest. Returns
        whether there is one.
        """
        self.x[-1] = 1.0
        slope_at_one = self.look(self.x)[-1]
        self.x[-1] = 0.0
        self.here = self.look(self.x)
        row, slope = self.here[-2:]
        if row == 0:
            return True
        square = slope * slope - 2 * (slope_at_one - slope) * row
        if square < 0:
            return False
        root = math.sqrt(square)
        divisor = slope + root if slope > LEAST_SLOPE * root else slope - root
        self.x[-1] = -2 * row / divisor if divisor else math.nan
        return True

    def find_current(self):
        """Put the current where it satisfies the control row, all states held: Newton's method.

        Returns whether it is found.
        """
        for _ in range(MOST_CURRENT_TRIALS):
            self.here = self.look(self.x)
            row, slope = self.here[-2:]
            if not math.isfinite(row):
                return False
            if abs(row) <= CURRENT_TOLERANCE * max(1.0, abs(self.control[-1])):
                return True
            if slope == 0:
                return False
            self.x[-1] -= row / slope
        return False

    def settle(self):
        """Put the fast states where they relax to, all others held: Newton's method.

        Where a protocol step begins, the capacitances of the interfaces relax within milliseconds, which
        need not be integrated. Returns False, with all states as they were, if a cut-off or an event
        lies on that way, or a surge of current: then the relaxation is integrated.
        """
        before, rate = self.x.copy(), max(FAST_RATE, FAST_SHARE / self.duration)
        for _ in range(MOST_SETTLING):
            move = self.relax(rate)
            if not math.isfinite(move):
                break
            self.x[:] = self.fresh
            if move <= SETTLED:
                settled = self.find_current() and self.end_gap(self.x, self.here) > 0
                if settled and abs(before[-1]) <= LARGEST_SURGE * abs(self.x[-1]):
                    return True
                break
        self.x[:] = before
        self.find_current()
        return False

    # --- Where a step crosses the end -------------------------------------------------------------

    def accept_trial(self):
        """Go where the trial leads."""
        self.x[:] = self.fresh
        self.here[: 1 + self.events] = self.ahead[: 1 + self.events]
        self.elapsed += self.h

    def accept_end(self):
        """Go where the trial leads: it is the end of the protocol step. Returns the reason."""
        cut_off, event = self.cut_off_gap(self.fresh, self.ahead), self.event_gap(self.ahead)
        self.accept_trial()
        if cut_off <= max(CUT_OFF_TOLERANCE, event):
            return Reason.CUT_OFF
        return Reason.FIRST_EVENT + self.nearest_event(self.here)

    def gap_at(self, share):
        """The gap at a share of the step that crossed the end, along its interpolation."""
        bend = self.bends[0] + share * self.bends[1]
        x = (1 - share) * self.x + share * (self.far + (1 - share) * bend)
        return self.end_gap(x, self.look(x))

    def chandrupatla(self):
        """At which share of the step that crossed the end its interpolation has the gap `target`.

        Chandrupatla's method (1997, Adv. Eng. Softw. 28, 145), here with the secant as its first trial:
        inverse quadratic interpolation through three points where his criterion, in his xi and phi, says
        that it is safe, and bisection elsewhere. A place whose gap cannot be told counts as beyond.
        """
        a, f_a = 1.0, self.far_gap - self.target  # the latest point
        b, f_b = 0.0, self.gap - self.target  # on the other side of the root
        share = f_a / (f_a - f_b)
        for _ in range(MOST_TRIALS):
            if abs(b - a) <= NARROWEST:
                break
            at = a + min(max(LEAST_SHARE, share), 1 - LEAST_SHARE) * (b - a)
            f_at = self.gap_at(at) - self.target
            c, f_c = a, f_a  # the one before
            if (f_at > 0) != (f_a > 0):
                c, f_c, b, f_b = b, f_b, a, f_a
            a, f_a = at, f_at
            if abs(f_a) <= LANDING_SHARE * CUT_OFF_TOLERANCE:
                break
            xi, phi = (a - b) / (c - b), (f_a - f_b) / (f_c - f_b)
            share = 0.5
            if phi * phi < xi and (1 - phi) * (1 - phi) < 1 - xi:
                share = f_a / (f_b - f_a) * f_c / (f_b - f_c)
                share += (c - a) / (b - a) * f_a / (f_c - f_a) * f_b / (f_c - f_b)
        return a

    def try_landing(self):
        """Try the step that ends, along the interpolation, where the gap is `target`.

        After `MOST_LANDINGS`, or where the interpolation has no such place, half of the step that
        crossed the end is tried instead, which brings the circuit closer to it.
        """
        self.landings += 1
        if self.landings <= MOST_LANDINGS and self.far_gap < self.target < self.gap:
            self.is_landing = True
            self.h = self.chandrupatla() * self.far_h
        else:
            self.is_landing = False
            self.h = self.far_h / 2
            self.rejected = True
        return Reason.NOT_ENDED

    def begin_landing(self, far_gap):
        """Accept the trial, which crossed the end, if it is close enough; otherwise try a landing."""
        if far_gap >= -CUT_OFF_TOLERANCE or self.h <= SHORTEST_MOMENT * self.elapsed:
            return self.accept_end()
        self.far, self.bends = self.fresh.copy(), self._bends.reshape(2, -1).copy()
        self.far_gap, self.far_h = far_gap, self.h
        self.target, self.landings = 0.0, 0
        return self.try_landing()

    def judge_landing(self):
        """Accept the landing, or aim the next beside the end by what this one missed."""
        miss = self.end_gap(self.fresh, self.ahead)
        if abs(miss) <= CUT_OFF_TOLERANCE:
            return self.accept_end()
        self.target -= miss
        return self.try_landing()

    # --- The integration, a trial at a time -------------------------------------------------------

    def judge_step(self):
        """Accept or reject the trial by its error; the next step by the controller of Gustafsson (1994).

        He expects that the error grows from this step to the next as it did from the last one to this.
        """
        error, new_gap = self.ahead[-1], self.end_gap(self.fresh, self.ahead)
        self.trials += 1
        last_trial = self.trials >= MOST_STEPS
        if not (error <= 1 and math.isfinite(new_gap)):
            shrinkage = SAFETY * error**EXPONENT if 1 < error < math.inf else 0.0
            self.h *= max(SMALLEST_SHRINKAGE, shrinkage)
            self.rejected = True
            return Reason.SOLVER_FAILURE if self.h < SMALLEST_STEP or last_trial else Reason.NOT_ENDED
        if new_gap <= 0:
            return self.begin_landing(new_gap)
        self.accept_trial()
        self.gap = new_gap
        if self.duration - self.elapsed <= LAST_MOMENT * self.duration:
            return Reason.TIME if self.has_time_limit else Reason.CUT_OFF_NOT_REACHED
        error = max(error, SMALLEST_ERROR)
        growth = SAFETY * error**EXPONENT
        growth *= min(LARGEST_TREND, self.h / self.h_before * (error / self.error_before) ** EXPONENT)
        growth = min(growth, 1.0 if self.rejected else LARGEST_GROWTH)
        self.h_before, self.error_before, self.rejected = self.h, error, False
        self.h = min(self.h * max(growth, SMALLEST_SHRINKAGE), self.duration - self.elapsed)
        return Reason.SOLVER_FAILURE if last_trial else Reason.NOT_ENDED

    def judge_trial(self):
        """The reason why the protocol step ends with the trial, or `NOT_ENDED` and how to go on."""
        return self.judge_landing() if self.is_landing else self.judge_step()

    def begin_step(self):
        """Begin the present protocol step. Returns the reason if it ends at once."""
        plan, count = self.cycle.table[self.step], self.cycle.cut_offs[self.step]
        first_cut_off = len(self.control) + 2
        self.parameters[:] = self.parameters_of[self.step]
        self.control[:] = plan[: len(self.control)]
        self.duration, self.has_time_limit = plan[len(self.control) : first_cut_off].tolist()
        own = plan[first_cut_off:][: count * len(CutOff)]
        self.own_cut_offs = own.reshape(-1, len(CutOff)).tolist()
        self.charge_before = float(self.x[self.net_capacity])
        self.elapsed = 0.0
        if not self.guess_current():
            return Reason.FIRST_EVENT + self.events - 1  # the largest power
        if not self.find_current():
            return Reason.SOLVER_FAILURE
        if self.cut_off_gap(self.x, self.here) <= CUT_OFF_TOLERANCE:
            return Reason.SKIPPED
        if self.event_gap(self.here) <= 0:
            return Reason.FIRST_EVENT + self.nearest_event(self.here)
        self.h = self.h_before = min(FIRST_STEP if self.settle() else FIRST_RELAXING_STEP, self.duration)
        self.gap = self.end_gap(self.x, self.here)
        self.is_landing = False
        self.trials, self.rejected = 0, False
        self.error_before = 1.0
        return Reason.NOT_ENDED

    def end_step(self, reason):
        """Write down how the present protocol step ended; the circuit is busy if another one follows."""
        self.ends.append(np.concatenate([self.x, [self.elapsed, self.here[0]]]))
        self.why.append(reason)
        self.step += 1
        self.busy = reason <= LAST_FINISHED and self.step < len(self.cycle.steps)

    def go_on(self, reason):
        """Where the protocol step has ended for a `reason`, begin the next that does not end at once."""
        while reason != Reason.NOT_ENDED:
            self.end_step(reason)
            if not self.busy:
                return
            reason = self.begin_step()

    def begin_cycle(self, request: Request):
        """Begin the first protocol step of a cycle."""
        parameters, self.x[:-1], self.cycle = request
        steps = len(self.cycle.steps)
        self.parameters_of = np.broadcast_to(parameters, (steps, len(self.parameters)))
        self.ends: list[np.ndarray] = []
        self.why: list[int] = []
        self.step, self.busy = 0, True
        self.go_on(self.begin_step())


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
