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

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twin import names
from twin.physics.coating_failure import FAILURE_WIDTH
from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit
from twin.simulators.long_cycling.row_places import places_in
from twin.simulators.long_cycling.step_plan import CyclePlan, Request, StepEnds
from twin.simulators.long_cycling.trend import Trends

NODES = 5
"""A polynomial goes through at most this many solved cycles: with 4, an eighth more cycles have to be
solved over the shipped cells, with 6, only a thirtieth fewer."""

CORRECTED = 0.35
"""After a correction, at most this share of the prediction's error remains: in the shipped cells a
twentieth as a rule, a third where a mechanism just sets in or stops."""

SMALLEST_SWING = 1e-3
"""A state that varies by less than this, in the solver's scale, is judged as if it varied by this."""

LENGTHS = 100
"""A filament may miss its predicted depth by the tolerance times this many decay lengths of the short,
and the damage of a coating by the tolerance times this many widths of its failure, because everything
else depends exponentially on how many such lengths are left."""

VOLTAGE_SCALE = 0.5
"""[V] The voltage at the end of a step may miss its prediction by the tolerance times this."""


class Cycle(NamedTuple):
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


class Prediction(NamedTuple):
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


class Jump(NamedTuple):
    """A jump over `length` cycles from the last one of a run."""

    run: "CycleJump"
    length: int


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
    places : Places
        Of the circuit.
    largest_swing : (state,)
        Most that a state is said to vary by, in the solver's scale, in the order of a row.
    """

    def __init__(self, circuit: CompiledCircuit, short_length: float, tolerance: float):
        self.tolerance, self.largest = tolerance, circuit.largest
        self.places = places_in(circuit)
        largest_swing = np.full(circuit.size, np.inf)
        for name, length in (
            (names.FILAMENT_DEPTH, short_length),
            (names.COATING_DAMAGE_SUM, FAILURE_WIDTH),
        ):
            own = circuit.places(name)
            largest_swing[own] = LENGTHS * length / circuit.scale[own]
        self.largest_swing = largest_swing[self.places.states]
        self.forget()

    def forget(self) -> None:
        """Begin anew, without nodes."""
        self.nodes: list[int] = []  # the last one first
        self.rows: list[np.ndarray] = []
        self.last: Cycle

    def cycle(self, number: int, request: Request, ends: StepEnds, stopped: str | None) -> Cycle:
        """The Cycle of that number that was solved."""
        parameters, start, plan = request
        row = np.concatenate([ends.values[-1].take(self.places.states), ends.voltages])
        row[: len(self.places.sums)] -= start[self.places.sums]
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

    def error(self, ahead: Prediction, measured: Cycle) -> float:
        """How far the landing cycle lies from its prediction, in units of the tolerance.

        1 or less is accepted; infinite where its steps ended otherwise than in the cycles before.
        """
        if measured.stopped or measured.reasons != self.last.reasons:
            return math.inf
        miss = np.abs(ahead.row - measured.row)
        # ageing has added up over the jump, and is corrected; an integral counts by the cycle
        miss[self.places.ageing] *= (ahead.length + 1) * CORRECTED
        start, values = measured.start, measured.ends.values
        swing = np.abs(values).max(axis=0).take(self.places.states)
        swing = np.minimum(swing + SMALLEST_SWING, self.largest_swing)
        size_of = self.places.size_of_integrals
        swing[self.places.integrals] = np.abs(values[-1].take(size_of) - start.take(size_of)) + 1e-300
        states = (miss[: len(swing)] / swing).take(self.places.judged)
        voltages = miss[len(swing) :] / VOLTAGE_SCALE
        error = float(np.maximum(states.max(), voltages.max())) / self.tolerance
        return error if math.isfinite(error) else math.inf

    def correct(self, ahead: Prediction, measured: Cycle) -> tuple[Cycle, Gap]:
        """The landing cycle of an accepted jump, its sums corrected, and the gap before it.

        The landing cycle was solved from predicted sums. Its own change of each sum is a further node of
        the polynomial of that change, and says how much more or less the skipped cycles have added. By
        that, the sums are shifted at its start and at the ends of its steps.
        """
        sums, (start, values) = self.places.sums, (measured.start, measured.ends.values)
        shift = np.zeros(values.shape[1])
        shift[sums] = ahead.gain * (measured.row - ahead.row)[: len(sums)]
        start, values = start + shift[: len(start)], values + shift
        ends = measured.ends._replace(values=values)
        skipped = np.arange(measured.number - ahead.length, measured.number)
        gap = Gap(skipped, (measured.number, *self.nodes[: NODES - 1]))
        return measured._replace(start=start, ends=ends), gap


def predictions(asked: Sequence[Jump]) -> list[Prediction]:
    """The landing cycle of each jump; those of many runs of one circuit together."""
    alike: dict[tuple[int, int], list[Jump]] = {}  # from as many nodes, of cycles of as many steps
    for jump in asked:
        rows = jump.run.rows
        alike.setdefault((len(rows), len(rows[0])), []).append(jump)
    found = {jump: ahead for own in alike.values() for jump, ahead in _predicted(own)}
    return [found[jump] for jump in asked]


def _predicted(asked: Sequence[Jump]) -> Iterator[tuple[Jump, Prediction]]:
    """The landing cycle of each jump; all of them go through as many nodes and quantities."""
    runs, lengths = zip(*asked, strict=True)
    wanted = [np.arange(run.nodes[0] + 1, run.nodes[0] + length + 2) for run, length in asked]
    rows = np.array([run.rows for run in runs])
    trends = Trends([run.nodes for run in runs], rows, wanted, [-1] * len(runs))
    values, gain = trends.ahead()
    places, largest = runs[0].places, runs[0].largest
    finish, sums = np.array([run.last.finish for run in runs]), len(places.sums)
    in_order = values[:, 1, : len(largest)]
    in_order[:, :sums] = finish.take(places.sums, axis=1) + values[:, 0, :sums]
    states = np.minimum(in_order.take(places.in_row, axis=1), largest)
    return zip(asked, map(Prediction, lengths, states, values[:, 2], gain[:, :sums]), strict=True)
