"""Hundreds of cycles in milliseconds: exact cycles, and jumps over those that change nothing new.

What ages is a slow function of the cycle number. Let d(n) be its change over cycle n. From the last
exact cycles d is extrapolated as a polynomial in ln(1 + n), summed over the cycles to skip (so the
result is exact for the discrete sum, not for an integral), and two exact cycles are run where the jump
lands: the first lets everything fast settle, the second measures d again. Prediction against it is
the error estimate: a jump that misses is taken back and halved, down to single cycles, which is how
onset, failure of a coating or the last micrometres of a filament are found. Where it holds, the sum is
corrected with the measured value, and the next jump may be longer. Adaptive inter-cycle extrapolation:
Sulzer et al. 2021, J. Electrochem. Soc. 168, 120531.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.physics.filament import FILAMENT_SCALE
from twin.protocols import Protocol
from twin.results import INTEGRALS, OUTCOME_OF_EVENT, Record, dataset, ended_note, skipped_note
from twin.simulators.compiled_circuit import CompiledCircuit, compiled
from twin.simulators.exact_cycle import StepEnd, StepPlan, StepSolver, UnknownStepError, plan
from twin.simulators.start import initial_soc as soc_at_start

TOLERANCE = 1e-3
"""Default relative tolerance of what a jump adds to a state."""
INTEGRATION_SHARE = 0.05
"""Tolerance of an integration step over that of a jump; its error over a cycle is far smaller."""
EXACT_AT_START = 4
"""Cycles of each run of equal cycles that are always solved."""
FIRST_JUMP, LARGEST_JUMP_GROWTH = 3, 2.5
NODES = 4
"""Exact cycles that a polynomial goes through."""
PATIENCE, LONGEST_PATIENCE = 0.25, 8
"""After a jump that missed, this share of the cycles so far is solved before the next is tried."""
START_AFTER_GAP = -2
"""Place of the row that says where the integrals stood after a jump."""
FINISHED = ("time", "cut-off", "skipped")
ALWAYS_SLOW = (
    names.PLATED_CHARGE,
    names.LITHIATED_DEPTH,
    names.COATING_DAMAGE_SUM,
    names.INTERPHASE_THICKNESS,
    names.FILAMENT_DEPTH,
    names.CONVERTED_DEPTH,
)
"""Interface states that accumulate from cycle to cycle."""
SIZE_OF_INTEGRAL = {
    names.NET_CAPACITY: names.THROUGHPUT_CAPACITY,
    names.LEAKED_CHARGE: names.THROUGHPUT_CAPACITY,
    names.NET_ENERGY: names.THROUGHPUT_ENERGY,
}
DECAY_LENGTHS = 100
"""Of the short, of which the tolerance is the share that a filament's depth may miss by."""
VOLTAGE_SCALE = 0.5
"""[V] of which the tolerance is the share that an end voltage may miss its prediction by."""
CHARGE_STATES = (names.SOC, "Distributed SoC")
"""Drift with what ages; only where every step ends by time does their drift add up."""


def simulate(
    cell: Cell,
    protocol: Protocol,
    *,
    initial_soc: float | None = None,
    jump: bool = True,
    tolerance: float = TOLERANCE,
) -> xr.Dataset:
    """Run a protocol through the compiled circuit.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    initial_soc : float, optional
        0 at the lower cut-off's open-circuit voltage, 1 at the upper one's.
    jump : bool
        False solves every cycle.
    tolerance : float
        Relative tolerance of the integration and of the jumps.

    Returns
    -------
    xarray.Dataset over `cycle`, as described in ``twin.results``; `computed` is False for cycles that
    lie between solved ones.

    Raises
    ------
    UnknownStepError : a step that only the reference simulator knows.
    """
    cell = cell.replace({names.INITIAL_SOC: soc_at_start(cell, protocol, initial_soc)})
    circuit = compiled(cell)
    parsed = protocol.parsed(cell.area)
    plans = {text: plan(text, step, cell) for text, step in parsed.items()}
    solver = StepSolver(circuit, circuit.vector(cell), tolerance * INTEGRATION_SHARE)
    run = _Run(solver, solver.initial_state(), cell.values[names.SHORT_LENGTH])
    for texts, count in _segments(protocol):
        run.segment([plans[text] for text in texts], count, jump, tolerance)
        if run.end is not None:
            break
    return dataset(run.record(circuit), cell, protocol, "long_cycling")


def _segments(protocol: Protocol):
    """(steps, how many cycles in a row have them) over the whole protocol."""
    if len(set(protocol.block)) == 1:
        yield protocol.block[0], protocol.number_of_cycles
        return
    for _ in range(protocol.cycles):
        place = 0
        while place < len(protocol.block):
            texts = protocol.block[place]
            count = 1
            while place + count < len(protocol.block) and protocol.block[place + count] == texts:
                count += 1
            yield texts, count
            place += count


@dataclass
class _Cycle:
    """One solved cycle: its number, its ends and the states at its start and end.

    `settling` is True for the cycle that a jump lands on: its ends still carry the jump.
    """

    number: int
    ends: list[StepEnd]
    start: np.ndarray
    finish: np.ndarray
    stopped: str | None
    settling: bool = False

    @property
    def change(self):
        return self.finish - self.start

    @property
    def timed(self):
        return all(end.reason == "time" for end in self.ends)


class _Run:
    """The cycles of a run as they are solved and jumped over."""

    def __init__(self, solver: StepSolver, y: np.ndarray, short_length: float):
        self.solver, self.y, self.start = solver, y, y.copy()
        self.short_length = short_length
        self.solved: list[_Cycle] = []
        self.gaps: list[tuple[int, int]] = []
        self.number = 0
        self.notes: list[str] = []
        self.end: str | None = None
        self.skipped = False
        self._index(solver.circuit.states)

    def _index(self, states):
        def places(*wanted):
            return np.array(
                sorted(
                    k
                    for name, where in states.items()
                    for k in range(where.start, where.stop)
                    if any(name == w or name.endswith(w[0].lower() + w[1:]) for w in wanted)
                ),
                dtype=int,
            )

        self.aging = places(*ALWAYS_SLOW, names.CAPACITY_LOSS)
        self.integrals = places(*INTEGRALS)
        self.charge = places(*CHARGE_STATES)
        # a short hangs on the filament's depth exponentially: its error counts in decay lengths
        self.largest_swing = np.full(self.solver.circuit.size, np.inf)
        self.largest_swing[places(names.FILAMENT_DEPTH)] = (
            DECAY_LENGTHS * self.short_length / FILAMENT_SCALE
        )
        # against what the change of each integral counts: the charge or the energy passed
        self.size_of = np.arange(self.solver.circuit.size)
        for name, total in SIZE_OF_INTEGRAL.items():
            self.size_of[places(name)] = places(total)

    # --- exact cycles ----------------------------------------------------------------------------
    def solve_cycle(self, number: int, y: np.ndarray, steps: list[StepPlan]) -> _Cycle:
        ends, start = [], y
        for step in steps:
            end = self.solver.run(y, step)
            ends.append(end)
            y = end.state[:-1].copy()
            if end.reason not in FINISHED:
                return _Cycle(number, ends, start, y, end.reason)
        stopped = "infeasible" if all(end.reason == "skipped" for end in ends) else None
        return _Cycle(number, ends, start, y, stopped)

    def accept(self, cycle: _Cycle, steps: list[StepPlan]):
        for end, step in zip(cycle.ends, steps, strict=False):
            if end.reason == "skipped":
                self.skipped = True
                self.notes.append(skipped_note(step.text, cycle.number))
        if cycle.stopped == "infeasible":
            self.end = "infeasible"
            return
        self.solved.append(cycle)
        self.y, self.number = cycle.finish, cycle.number + 1
        if cycle.stopped is not None:
            own_word = cycle.stopped in ("cut_off_not_reached", "solver_failure")
            self.end = cycle.stopped if own_word else OUTCOME_OF_EVENT.get(cycle.stopped, "infeasible")
            text = steps[len(cycle.ends) - 1].text
            self.notes.append(ended_note(self.end, text, cycle.number))

    # --- a run of equal cycles -------------------------------------------------------------------
    def segment(self, steps: list[StepPlan], count: int, jump: bool, tolerance: float):
        last = self.number + count
        nodes: list[_Cycle] = []
        length, patience = FIRST_JUMP, 0
        while self.number < last and self.end is None:
            room = last - self.number - 2  # a jump lands on two exact cycles
            ready = len(nodes) >= EXACT_AT_START and self.number >= patience
            if jump and ready and room >= 2 and _repeatable(nodes[-1]):
                length = min(length, room)
                error = self._jump(nodes, length, steps, tolerance)
                if error <= 1:
                    growth = LARGEST_JUMP_GROWTH if error == 0 else 0.9 * error ** (-1 / 3)
                    length = max(FIRST_JUMP, int(length * min(LARGEST_JUMP_GROWTH, growth)))
                    continue
                length = length // 2
                if length >= 2:
                    continue
                length = FIRST_JUMP
                done = self.number - last + count
                patience = self.number + max(2, min(LONGEST_PATIENCE, int(PATIENCE * done)))
            cycle = self.solve_cycle(self.number, self.y, steps)
            self.accept(cycle, steps)
            nodes.append(cycle)

    def _jump(self, nodes, length, steps, tolerance) -> float:
        """Skip `length` cycles; returns the error over the tolerance, accepted up to 1."""
        slow = np.concatenate([self.aging, self.integrals, self.charge])
        known = nodes[-NODES:]
        skipped = np.arange(self.number, self.number + length)
        at = np.array([node.number for node in known], dtype=float)
        changes = np.array([node.change[slow] for node in known])
        landed = self.y.copy()
        predicted_sum = _lagrange(at, skipped).sum(axis=0) @ changes
        landed[slow] += predicted_sum

        settling = self.solve_cycle(self.number + length, landed, steps)
        if settling.stopped or not _same_reasons(settling, nodes[-1]):
            return np.inf
        settling.settling = True
        measured = self.solve_cycle(settling.number + 1, settling.finish, steps)
        if measured.stopped or not _same_reasons(measured, nodes[-1]):
            return np.inf

        predicted = (_lagrange(at, np.array([measured.number])) @ changes)[0]
        miss = np.abs(predicted - measured.change[slow])
        swing = np.max([np.abs(end.state[slow]) for end in measured.ends], axis=0) + 1e-3
        swing = np.minimum(swing, self.largest_swing[slow])
        over_jump = miss * (length + 1) / (tolerance * swing)
        # an integral only has to be right per cycle, against the charge or energy passed in it
        passed = np.abs(measured.change[self.size_of[slow]])
        per_cycle = miss / (tolerance * passed + 1e-300)
        over_jump[np.isin(slow, self.charge) & ~measured.timed] = 0  # a cut-off brings them back
        error = float(np.max(np.where(np.isin(slow, self.integrals), per_cycle, over_jump)))
        end_voltages = np.array([[end.voltage for end in node.ends] for node in known])
        foreseen = (_lagrange(at, np.array([measured.number])) @ end_voltages)[0]
        found = np.array([end.voltage for end in measured.ends])
        error = max(error, float(np.max(np.abs(foreseen - found))) / (tolerance * VOLTAGE_SCALE))
        if not error <= 1:
            return error if np.isfinite(error) else np.inf

        at_new = np.append(at[-NODES + 1 :], measured.number)
        changes_new = np.vstack([changes[-NODES + 1 :], measured.change[slow]])
        correction = _lagrange(at_new, skipped).sum(axis=0) @ changes_new - predicted_sum
        for cycle in (settling, measured):
            cycle.start = cycle.start.copy()
            cycle.start[slow] += correction
            cycle.finish = cycle.finish.copy()
            cycle.finish[slow] += correction
            for end in cycle.ends:
                end.state[slow] += correction
        self.gaps.append((self.number, self.number + length))
        for cycle in (settling, measured):
            self.accept(cycle, steps)
        nodes.append(measured)
        return error

    # --- what is handed over ---------------------------------------------------------------------
    def record(self, circuit: CompiledCircuit) -> Record:
        cycles, durations, states = [-1], [0.0], [np.append(self.start, 0.0)]
        places, settling = [-1], [False]
        before = -1
        for cycle in self.solved:
            if cycle.number != before + 1:
                cycles.append(cycle.number)
                places.append(START_AFTER_GAP)
                settling.append(False)
                durations.append(0.0)
                states.append(np.append(cycle.start, 0.0))
            before = cycle.number
            for place, end in enumerate(cycle.ends):
                if end.reason != "skipped":
                    cycles.append(cycle.number)
                    places.append(place)
                    settling.append(cycle.settling)
                    durations.append(end.duration)
                    states.append(end.state)
        x = np.array(states).T
        recorded = np.array(circuit.record(x[:-1], x[-1:], self.solver.parameters[:, None]))
        table = _Table(
            np.array(cycles),
            np.array(places),
            np.array(settling),
            np.array(durations),
            recorded,
            circuit.recorded,
        )
        return table.filled(self.gaps, self.number, self._final(), tuple(dict.fromkeys(self.notes)))

    def _final(self):
        if self.end is not None:
            return self.end
        return "infeasible" if self.skipped else "completed"


@dataclass
class _Table:
    """Recorded variables (variable, row) of the solved cycles; rows are ends of steps."""

    cycle: np.ndarray
    place: np.ndarray
    settling: np.ndarray
    duration: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]

    def filled(self, gaps, count, end, notes) -> Record:
        """The record of every cycle: those within `gaps` interpolated between solved ones."""
        sums = np.array([self.names.index(name) for name in INTEGRALS])
        increments = np.diff(self.values[sums], axis=1, prepend=self.values[sums][:, :1])
        columns = np.vstack([self.values, self.duration])
        columns[sums] = increments
        ends = self.place != START_AFTER_GAP
        columns, cycle_of, place_of = columns[:, ends], self.cycle[ends], self.place[ends]
        steady = ~self.settling[ends]
        computed = np.ones(count, dtype=bool)
        cycles, rows = [cycle_of], [columns]
        for first, after in gaps:
            computed[first:after] = False
            missing = np.arange(first, after)
            for place in np.unique(place_of[cycle_of == after]):
                own = np.flatnonzero((place_of == place) & steady)
                # through the cycles that the jump itself was made and measured with
                own = np.concatenate(
                    [own[cycle_of[own] < first][1 - NODES :], own[cycle_of[own] >= after][:1]]
                )
                cycles.append(missing)
                rows.append(columns[:, own] @ _lagrange(cycle_of[own], missing).T)
        cycle = np.concatenate(cycles)
        table = np.hstack(rows)
        order = np.argsort(cycle, kind="stable")
        cycle, table = cycle[order], table[:, order]
        table[sums] = np.cumsum(table[sums], axis=1) + self.values[sums][:, :1]
        time = np.cumsum(table[-1])
        recorded = dict(zip(self.names, table[:-1], strict=True))
        return Record(cycle, time, recorded, computed, end, notes)


def _lagrange(at: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(wanted, at) weights of the polynomial in ln(1 + n) through the nodes n = `at`."""
    at, wanted = np.log1p(at), np.log1p(wanted)
    weights = np.ones((len(wanted), len(at)))
    for i, own in enumerate(at):
        for j, other in enumerate(at):
            if i != j:
                weights[:, i] *= (wanted - other) / (own - other)
    return weights


def _repeatable(cycle: _Cycle) -> bool:
    return all(end.reason in ("time", "cut-off") for end in cycle.ends)


def _same_reasons(one: _Cycle, other: _Cycle) -> bool:
    return [end.reason for end in one.ends] == [end.reason for end in other.ends]


__all__ = ["TOLERANCE", "UnknownStepError", "simulate"]
