"""A jump: the cycles that it skips, extrapolated, and the cycle on which it lands, measured.

From the last solved cycles two kinds of polynomial in ln(1 + n) run ahead. What only adds up (ageing,
integrals) is predicted by its change over each cycle, summed over the cycles to skip, so that the
result is exact for the discrete sum, not for an integral. Everything else (contact, charge,
temperature) is predicted by its value at the end of a cycle. The cycle on which the jump lands is
solved from there. Prediction against it is the error; where it holds, the sums are corrected with the
change that was measured. Adaptive inter-cycle extrapolation: Sulzer et al. 2021, J. Electrochem. Soc.
168, 120531.
"""

import functools
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.physics.coating import FAILURE_WIDTH
from twin.record import INTEGRALS
from twin.simulators.compiled_circuit import RELAXING, CompiledCircuit
from twin.simulators.step_plan import StepEnd

NODES = 5
"""Solved cycles that a polynomial goes through."""
CORRECTED = 0.2
"""Of what a prediction misses by, which is left at most once it is corrected: 0.01 to 0.2 in the shipped
cells."""
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
    """One solved cycle: its number, how its steps ended, its states at start and finish."""

    number: int
    ends: list[StepEnd]
    start: np.ndarray
    finish: np.ndarray
    stopped: str | None
    """Why the run ends in it, None where it goes on."""

    @property
    def change(self) -> np.ndarray:
        return self.finish - self.start

    @property
    def reasons(self) -> list[str]:
        return [end.reason for end in self.ends]

    @property
    def repeatable(self) -> bool:
        return all(end.reason in ("time", "cut-off") for end in self.ends)


class CycleJump:
    """Predicts, judges and corrects jumps of a run.

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
        self.integrals = circuit.places(*INTEGRALS)
        self.ageing = circuit.places(*AGEING)
        self.sums = np.concatenate([self.ageing, self.integrals])
        self.values = np.setdiff1d(np.arange(circuit.size), self.sums)
        # charges of capacitances follow all others at once: the voltages answer for them
        self.judged = np.setdiff1d(np.arange(circuit.size), circuit.places(*RELAXING))
        self.largest_swing = np.full(circuit.size, np.inf)
        for name, length in (
            (names.FILAMENT_DEPTH, short_length),
            (names.COATING_DAMAGE_SUM, FAILURE_WIDTH),
        ):
            own = circuit.places(name)
            self.largest_swing[own] = LENGTHS * length / circuit.scale[own]
        # against what the change of each integral counts: the charge or the energy passed
        size_of = np.arange(circuit.size)
        for name, total in SIZE_OF_INTEGRAL.items():
            size_of[circuit.places(name)] = circuit.places(total)
        self.size_of_integrals = size_of[self.integrals]

    def predict(self, nodes: list[Cycle], length: int) -> "Prediction":
        """The state after skipping `length` cycles from the last of `nodes`."""
        return Prediction(nodes[-NODES:], length, self.sums, self.values)

    def error(self, ahead: "Prediction", measured: Cycle) -> float:
        """How far `measured` lies from the prediction, over the tolerance: accepted up to 1."""
        if measured.stopped or measured.reasons != ahead.nodes[-1].reasons:
            return np.inf
        swing = np.max(np.abs([end.state[:-1] for end in measured.ends]), axis=0)
        swing = np.minimum(swing + SMALLEST_SWING, self.largest_swing)
        miss = np.zeros_like(swing)
        change = measured.change
        miss[self.sums] = np.abs(ahead.change - change[self.sums]) * (ahead.length + 1)
        miss[self.values] = np.abs(ahead.finish - measured.finish[self.values])
        # an integral only has to be right per cycle, against the charge or energy passed in it
        miss[self.integrals] /= ahead.length + 1
        swing[self.integrals] = np.abs(change[self.size_of_integrals]) + 1e-300
        voltages = np.array([end.voltage for end in measured.ends])
        far_off = np.max(np.abs(ahead.voltages - voltages)) / VOLTAGE_SCALE
        miss[self.ageing] *= CORRECTED
        error = max(np.max((miss / swing)[self.judged]), far_off) / self.tolerance
        return float(error) if np.isfinite(error) else np.inf

    def correct(self, ahead: "Prediction", measured: Cycle) -> None:
        """Shift `measured` by what the change measured in it says of the sums before it."""
        correction = ahead.correction(measured.change[self.sums])
        measured.start, measured.finish = measured.start.copy(), measured.finish.copy()
        for state in (measured.start, measured.finish, *(end.state for end in measured.ends)):
            state[self.sums] += correction


class Prediction:
    """What the polynomials through `nodes` say of the cycle `length` cycles on.

    Attributes
    ----------
    state : (state,) at its start
    change : (sum,) over it
    finish : (value,) at its end
    voltages : (step,) at the ends of its steps
    """

    def __init__(self, nodes: list[Cycle], length: int, sums: np.ndarray, values: np.ndarray):
        self.nodes, self.length = nodes, length
        first = nodes[-1].number + 1
        self.skipped = np.arange(first, first + length)
        self.at = np.array([node.number for node in nodes])
        self.changes = np.array([node.change[sums] for node in nodes])
        finishes = np.array([node.finish[values] for node in nodes])
        weights = lagrange(self.at, np.arange(first, first + length + 1))
        before, landing = weights[-2], weights[-1]
        self.added = weights[:-1].sum(axis=0) @ self.changes
        self.state = nodes[-1].finish.copy()
        self.state[sums] += self.added
        self.state[values] = before @ finishes
        self.change, self.finish = landing @ self.changes, landing @ finishes
        self.voltages = landing @ np.array([[end.voltage for end in node.ends] for node in nodes])

    def correction(self, change: np.ndarray) -> np.ndarray:
        """What to add to the sums when the change over the landing cycle is `change` (sum,)."""
        kept = slice(1 if len(self.at) == NODES else 0, None)
        at = np.append(self.at[kept], self.skipped[-1] + 1)
        changes = np.vstack([self.changes[kept], change])
        return lagrange(at, self.skipped).sum(axis=0) @ changes - self.added


def lagrange(at: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(wanted, at) weights of the polynomial in ln(1 + n) through the nodes n = `at`."""
    at, wanted = np.log1p(at), np.log1p(wanted)
    others = _others(len(at))
    between = at[:, None] - at[others]
    return np.prod((wanted[:, None, None] - at[others]) / between, axis=2)


@functools.cache
def _others(count: int) -> np.ndarray:
    """(count, count - 1): for each place all the other ones."""
    return np.array([[k for k in range(count) if k != own] for own in range(count)], dtype=int)
