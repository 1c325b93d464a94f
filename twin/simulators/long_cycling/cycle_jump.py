"""A jump: the cycles that it skips, extrapolated, and the cycle on which it lands, measured.

From the last solved cycles two kinds of polynomial in ln(1 + n) run ahead. What only adds up (ageing,
integrals) is predicted by its change over each cycle, summed over the cycles to skip, so that the
result is exact for the discrete sum, not for an integral. Everything else (contact, charge,
temperature) is predicted by its value at the end of a cycle. The cycle on which the jump lands is
solved from there. Prediction against it is the error; where it holds, the sums are corrected with the
change that was measured. Adaptive inter-cycle extrapolation: Sulzer et al. 2021, J. Electrochem. Soc.
168, 120531.
"""

from dataclasses import dataclass

import numpy as np

from twin import names
from twin.physics.coating import FAILURE_WIDTH
from twin.results.record import INTEGRALS
from twin.simulators.long_cycling.compiled_circuit import RELAXING, CompiledCircuit
from twin.simulators.long_cycling.step_plan import StepEnds
from twin.simulators.long_cycling.trend import Trend

NODES = 5
"""Solved cycles that a polynomial goes through."""
CORRECTED = 0.35
"""Of what a prediction misses by, which is left at most once it is corrected: a twentieth as a rule, a
third where a mechanism just sets in or stops, in the shipped cells."""
AGEING = (
    names.PLATED_CHARGE,
    names.LITHIATED_DEPTH,
    names.COATING_DAMAGE_SUM,
    names.INTERPHASE_THICKNESS,
    names.FILAMENT_DEPTH,
    names.CONVERTED_DEPTH,
    names.CAPACITY_LOSS,
)
"""States that add up from cycle to cycle. A mechanism's own such state belongs here: one that is
missing is predicted by its value, with the same control of the error, only less far ahead."""
SIZE_OF_INTEGRAL = {
    names.NET_CAPACITY: names.THROUGHPUT_CAPACITY,
    names.LEAKED_CHARGE: names.THROUGHPUT_CAPACITY,
    names.NET_ENERGY: names.THROUGHPUT_ENERGY,
}
SMALLEST_SWING = 1e-3
"""In the solver's scale: what varies less counts as if it varied so much."""
LENGTHS = 100
"""Of decay of the short and of failure of a coating, of which the tolerance is the share that filament
and damage may miss by: all else hangs on them exponentially."""
VOLTAGE_SCALE = 0.5
"""[V] of which the tolerance is the share that an end voltage may miss its prediction by."""


@dataclass(slots=True)
class Cycle:
    """One solved cycle: its number, its states at the start, how its steps ended."""

    number: int
    start: np.ndarray
    ends: StepEnds
    stopped: str | None
    """Why the run ends in it, None where it goes on."""
    row: np.ndarray
    """What trends go through: the change of every sum, the value at the end of every other state, the
    voltage at the end of every step."""

    @property
    def finish(self) -> np.ndarray:
        return self.ends.states[-1]

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.ends.reasons


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the polynomials through the last solved cycles say of the cycle `length` cycles on.

    Attributes
    ----------
    length : int
        Cycles skipped.
    state : (state,)
        At the start of the landing cycle.
    row : (entry,)
        Of the landing cycle.
    gain : (sum,)
        What the sums gain in the skipped cycles per unit that the landing cycle misses their change by.
    """

    length: int
    state: np.ndarray
    row: np.ndarray
    gain: np.ndarray


@dataclass(frozen=True, slots=True)
class Gap:
    """The cycles that a jump skipped, and the solved ones that it was made and measured with.

    Attributes
    ----------
    skipped : (cycle,) numbers
    nodes : numbers, that of the landing cycle first, then backwards
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
    """

    def __init__(self, circuit: CompiledCircuit, short_length: float, tolerance: float):
        self.tolerance = tolerance
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

    def cycle(self, number: int, start: np.ndarray, ends: StepEnds, stopped: str | None) -> Cycle:
        """A solved cycle."""
        row = np.concatenate([ends.states[-1, self.states], ends.voltages])
        row[: len(self.sums)] -= start[self.sums]
        return Cycle(number, start, ends, stopped, row)

    def note(self, cycle: Cycle) -> None:
        """Take a solved cycle in; one whose steps ended for other reasons than before begins anew."""
        if self.nodes and self.last.reasons != cycle.reasons:
            self.forget()
        self.last = cycle
        self.nodes = [cycle.number, *self.nodes][:NODES]
        self.rows = [cycle.row, *self.rows][:NODES]

    @property
    def ready(self) -> bool:
        """Whether the last cycle was one that can be repeated."""
        repeatable = ("time", "cut_off")
        return bool(self.nodes) and all(reason in repeatable for reason in self.last.reasons)

    def predict(self, length: int) -> Prediction:
        """The cycle after skipping `length` cycles from the last one."""
        first = self.nodes[0] + 1
        trend = Trend(self.nodes, self.rows, np.arange(first, first + length + 1), judged=-1)
        added, before, row = trend.sum_and_last_two()
        sums, state = len(self.sums), self.last.finish.copy()
        state[self.sums] += added[:sums]
        state[self.values] = before[sums : len(state)]
        return Prediction(length, state, row, trend.gain()[:sums])

    def error(self, ahead: Prediction, measured: Cycle) -> float:
        """How far `measured` lies from the prediction, over the tolerance: accepted up to 1."""
        if measured.stopped or measured.reasons != self.last.reasons:
            return np.inf
        miss = np.abs(ahead.row - measured.row)
        # an integral only has to be right per cycle, against the charge or energy passed in it
        miss[self.ageing] *= (ahead.length + 1) * CORRECTED
        swing = np.abs(measured.ends.states).max(axis=0)[self.states]
        swing = np.minimum(swing + SMALLEST_SWING, self.largest_swing)
        passed = measured.finish[self.size_of_integrals] - measured.start[self.size_of_integrals]
        swing[self.integrals] = np.abs(passed) + 1e-300
        states = miss[: len(swing)] / swing
        voltages = miss[len(swing) :] / VOLTAGE_SCALE
        error = max(states[self.judged].max(), voltages.max()) / self.tolerance
        return float(error) if np.isfinite(error) else np.inf

    def correct(self, ahead: Prediction, measured: Cycle) -> Gap:
        """Shift `measured` by what the change measured in it says of the sums before it."""
        skipped = np.arange(measured.number - ahead.length, measured.number)
        correction = ahead.gain * (measured.row - ahead.row)[: len(self.sums)]
        measured.start = measured.start.copy()
        measured.start[self.sums] += correction
        measured.ends.states[:, self.sums] += correction
        return Gap(skipped, (measured.number, *self.nodes[: NODES - 1]))
