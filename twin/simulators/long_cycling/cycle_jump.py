"""A jump: the cycles that it skips are extrapolated, the cycle on which it lands is solved.

Two kinds of quantity are extrapolated by polynomials through the last solved cycles (``trend``):

* A state that only adds up (ageing, integrals) by its change over a cycle. The changes of the skipped
  cycles are summed one by one, so that the sum is exact where the polynomial is.
* Any other state (contact, charge, temperature) by its value at the end of a cycle.

The landing cycle is solved from there. How far it lies from its own prediction is the error of the jump.
Where that is small enough, the change of each sum in the landing cycle, now known, corrects what the
skipped cycles have added to it.

The idea is adaptive inter-cycle extrapolation: Sulzer et al. 2021, J. Electrochem. Soc. 168, 120531.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.physics.coating import FAILURE_WIDTH
from twin.results.record import INTEGRALS
from twin.simulators.long_cycling.compiled_circuit import RELAXING, CompiledCircuit
from twin.simulators.long_cycling.step_plan import CyclePlan, Request, StepEnds
from twin.simulators.long_cycling.trend import Trend

NODES = 5
"""A polynomial goes through at most this many solved cycles: with 4, an eighth more cycles have to be
solved over the shipped cells, with 6, only a thirtieth fewer."""

CORRECTED = 0.35
"""After a correction, at most this share of the prediction's error remains: in the shipped cells a
twentieth as a rule, a third where a mechanism just sets in or stops."""

AGEING = (
    names.PLATED_CHARGE,
    names.LITHIATED_DEPTH,
    names.COATING_DAMAGE_SUM,
    names.INTERPHASE_THICKNESS,
    names.FILAMENT_DEPTH,
    names.CONVERTED_DEPTH,
    names.CAPACITY_LOSS,
    names.LOST_LITHIUM,
)
"""States that add up from cycle to cycle. A mechanism's own such state belongs here: one that is missing
is predicted by its value, with the same control of the error, only less far ahead."""

SIZE_OF_INTEGRAL = {
    names.NET_CAPACITY: names.THROUGHPUT_CAPACITY,
    names.LEAKED_CHARGE: names.THROUGHPUT_CAPACITY,
    names.NET_ENERGY: names.THROUGHPUT_ENERGY,
}
"""An integral that may nearly cancel over a cycle is judged by the charge or the energy passed in it."""

SMALLEST_SWING = 1e-3
"""A state that varies by less than this, in the solver's scale, is judged as if it varied by this."""

LENGTHS = 100
"""A filament may miss its predicted depth by the tolerance times this many decay lengths of the short,
and the damage of a coating by the tolerance times this many widths of its failure, because everything
else depends exponentially on how many such lengths are left."""

VOLTAGE_SCALE = 0.5
"""[V] The voltage at the end of a step may miss its prediction by the tolerance times this."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One solved cycle.

    Attributes
    ----------
    number : int
        From 0.
    plan : CyclePlan
        Its steps.
    parameters : (parameter,) or (step, parameter)
        With which they were solved.
    start : (state,)
        States at its start.
    ends : StepEnds
        How its steps ended.
    stopped : str or None
        Why the run ends in it; None where it goes on.
    row : (quantity,)
        What the polynomials go through: the change of every sum, the value of every other state at the
        end, the voltage at the end of every step.
    """

    number: int
    plan: CyclePlan
    parameters: np.ndarray
    start: np.ndarray
    ends: StepEnds
    stopped: str | None
    row: np.ndarray

    @property
    def finish(self) -> np.ndarray:
        """(state,) States at its end."""
        return self.ends.states[-1]

    @property
    def reasons(self) -> tuple[str, ...]:
        """(step,) Why each step ended."""
        return self.ends.reasons


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted of the landing cycle of a jump.

    Attributes
    ----------
    length : int
        Number of cycles skipped.
    state : (state,)
        States at its start.
    row : (quantity,)
        As in :class:`Cycle`.
    gain : (sum,)
        By how much more the skipped cycles have added to each sum, per unit that the landing cycle adds
        more than predicted.
    """

    length: int
    state: np.ndarray
    row: np.ndarray
    gain: np.ndarray


@dataclass(frozen=True, slots=True)
class Gap:
    """The cycles that a jump has skipped, and the solved cycles between which they lie.

    Attributes
    ----------
    skipped : (cycle,)
        Their numbers.
    nodes : tuple of int
        Numbers of the solved cycles: the landing cycle, then the last ones before the gap, backwards.
    """

    skipped: np.ndarray
    nodes: tuple[int, ...]


class CycleJump:
    """Predicts, judges and corrects the jumps of a run of equal cycles.

    Parameters
    ----------
    circuit : CompiledCircuit
    short_length : float
        Decay length of the short [m].
    tolerance : float
        Relative, on what a jump adds to a state.

    Attributes
    ----------
    sums, values : (place,)
        Places in the state vector of what adds up, and of all other states.
    states : (state,)
        Places of all states in the order of a row: `sums`, then `values`.
    ageing, integrals : slice
        Of `sums`, in that order.
    judged : (state,) bool
        False for states that do not count in the error.
    largest_swing : (state,)
        Most that a state is said to vary by, in the solver's scale.
    size_of_integrals : (integral,)
        Place of what each integral is judged by.
    """

    def __init__(self, circuit: CompiledCircuit, short_length: float, tolerance: float):
        self.tolerance, self.largest = tolerance, circuit.largest
        ageing, integrals = circuit.places(*AGEING), circuit.places(*INTEGRALS)
        self.sums = np.concatenate([ageing, integrals])
        self.values = np.setdiff1d(np.arange(circuit.size), self.sums)
        self.states = np.concatenate([self.sums, self.values])
        self.ageing = slice(0, len(ageing))
        self.integrals = slice(len(ageing), len(self.sums))
        # charges of capacitances follow all others at once: the voltages answer for them
        self.judged = ~np.isin(self.states, circuit.places(*RELAXING))
        largest_swing = np.full(circuit.size, np.inf)
        for name, length in (
            (names.FILAMENT_DEPTH, short_length),
            (names.COATING_DAMAGE_SUM, FAILURE_WIDTH),
        ):
            own = circuit.places(name)
            largest_swing[own] = LENGTHS * length / circuit.scale[own]
        self.largest_swing = largest_swing[self.states]
        # against what the change of each integral counts: the charge or the energy passed
        size_of = np.arange(circuit.size)
        for name, total in SIZE_OF_INTEGRAL.items():
            size_of[circuit.places(name)] = circuit.places(total)
        self.size_of_integrals = size_of[integrals]
        self.forget()

    def forget(self) -> None:
        """Begin anew, without nodes."""
        self.nodes: list[int] = []  # the last one first
        self.rows: list[np.ndarray] = []
        self.last: Cycle

    def cycle(self, number: int, request: Request, ends: StepEnds, stopped: str | None) -> Cycle:
        """The Cycle of that number that was solved."""
        parameters, start, plan = request
        row = np.concatenate([ends.values[-1].take(self.states), ends.voltages])
        row[: len(self.sums)] -= start[self.sums]
        return Cycle(number, plan, parameters, start, ends, stopped, row)

    def note(self, cycle: Cycle) -> None:
        """Take in a cycle as a node: the first one, where its steps ended otherwise than before."""
        if self.nodes and self.last.reasons != cycle.reasons:
            self.forget()
        self.last = cycle
        self.nodes = [cycle.number, *self.nodes][:NODES]
        self.rows = [cycle.row, *self.rows][:NODES]

    @property
    def ready(self) -> bool:
        """Whether the last cycle is one that others may be like: each step reached its end."""
        repeatable = ("time", "cut_off")
        return bool(self.nodes) and all(reason in repeatable for reason in self.last.reasons)

    def predict(self, length: int) -> Prediction:
        """The landing cycle of a jump over `length` cycles from the last solved one."""
        first = self.nodes[0] + 1
        trend = Trend(self.nodes, self.rows, np.arange(first, first + length + 1), judged=-1)
        added, before, row = trend.sum_and_last_two()
        sums, state = len(self.sums), self.last.finish.copy()
        state[self.sums] += added[:sums]
        state[self.values] = before[sums : len(state)]
        np.minimum(state, self.largest, out=state)
        return Prediction(length, state, row, trend.gain()[:sums])

    def error(self, ahead: Prediction, measured: Cycle) -> float:
        """How far the landing cycle lies from its prediction, in units of the tolerance.

        1 or less is accepted; infinite where its steps ended otherwise than in the cycles before.
        """
        if measured.stopped or measured.reasons != self.last.reasons:
            return np.inf
        miss = np.abs(ahead.row - measured.row)
        # ageing has added up over the jump, and is corrected; an integral counts by the cycle
        miss[self.ageing] *= (ahead.length + 1) * CORRECTED
        swing = np.abs(measured.ends.states).max(axis=0)[self.states]
        swing = np.minimum(swing + SMALLEST_SWING, self.largest_swing)
        passed = measured.finish[self.size_of_integrals] - measured.start[self.size_of_integrals]
        swing[self.integrals] = np.abs(passed) + 1e-300
        states = miss[: len(swing)] / swing
        voltages = miss[len(swing) :] / VOLTAGE_SCALE
        error = np.maximum(states[self.judged].max(), voltages.max()) / self.tolerance
        return float(error) if np.isfinite(error) else np.inf

    def correct(self, ahead: Prediction, measured: Cycle) -> tuple[Cycle, Gap]:
        """The landing cycle of an accepted jump, its sums corrected, and the gap before it.

        The landing cycle was solved from predicted sums. Its own change of each sum is a further node of
        the polynomial of that change, and says how much more or less the skipped cycles have added. By
        that, the sums are shifted at its start and at the ends of its steps.
        """
        correction = ahead.gain * (measured.row - ahead.row)[: len(self.sums)]
        start, values = measured.start.copy(), measured.ends.values.copy()
        start[self.sums] += correction
        values[:, self.sums] += correction
        ends = measured.ends._replace(values=values)
        skipped = np.arange(measured.number - ahead.length, measured.number)
        gap = Gap(skipped, (measured.number, *self.nodes[: NODES - 1]))
        return dataclasses.replace(measured, start=start, ends=ends), gap
