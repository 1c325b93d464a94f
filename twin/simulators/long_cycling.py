"""Hundreds of cycles in milliseconds: exact cycles, and jumps over those that change nothing new.

What ages is a slow function of the cycle number. From the last exact cycles a jump predicts where the
cell stands many cycles on (``cycle_jump``), and the cycle on which it lands is solved. A jump that
misses is taken back and halved, down to single cycles, which is how onset, failure of a coating or the
last micrometres of a filament are found. Where it holds, the next one may be longer.
"""

import dataclasses
from collections.abc import Collection

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError
from twin.protocols import Protocol
from twin.record import OUTCOME_OF_EVENT, Record, ended_before, ended_note, skipped_note
from twin.results import dataset
from twin.simulators.compiled_circuit import CompiledCircuit, compiled
from twin.simulators.cycle_jump import Cycle, CycleJump
from twin.simulators.cycle_table import cycle_table
from twin.simulators.exact_cycle import cycle_solver
from twin.simulators.start import TOLERANCE
from twin.simulators.start import initial_soc as soc_at_start
from twin.simulators.step_plan import FINISHED, CyclePlan, UnknownStepError, step_plan

INTEGRATION_SHARE = 0.5
"""Tolerance of an integration step over that of a jump; its error over a cycle is far smaller."""
EXACT_AT_START = 4
"""Cycles of each run of equal cycles that are always solved."""
FIRST_JUMP, LARGEST_JUMP_GROWTH = 3, 2.5
JUMP_EXPONENT = -0.25
PATIENCE, LONGEST_PATIENCE = 0.25, 8
"""After a jump that missed, this share of the cycles so far is solved before the next is tried."""


def simulate(cell: Cell, protocol: Protocol) -> xr.Dataset:
    """The Dataset of :func:`record` at its defaults."""
    return dataset(record(cell, protocol), cell, protocol, "long_cycling")


def record(
    cell: Cell,
    protocol: Protocol,
    *,
    initial_soc: float | None = None,
    jump: bool = True,
    tolerance: float = TOLERANCE,
) -> Record:
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

    Returns the Record of every cycle; its `computed` is False for those that lie between solved ones.

    Raises
    ------
    UnknownStepError : a step that only the reference simulator knows.
    """
    soc = soc_at_start(cell, protocol, initial_soc)
    run, plans = _begin(cell, protocol, soc, tolerance)
    for texts, count in _segments(protocol):
        cycle = CyclePlan(tuple(plans[text] for text in texts))
        if jump:
            run.with_jumps(cycle, count)
        else:
            run.every_cycle(cycle, count)
        if run.end is not None:
            break
    return dataclasses.replace(run.record(), initial_soc=soc)


def states_after(
    cell: Cell, protocol: Protocol, cycles: Collection[int], *, soc: float, tolerance: float = TOLERANCE
) -> dict[int, np.ndarray]:
    """State vector at the end of each of `cycles` (from 1).

    A run of equal cycles is broken there: a jump lands on a solved cycle, so that none of these
    states lies between solved ones.

    Raises ObservationError: the run ends first. UnknownStepError: as :func:`simulate`.
    """
    run, plans = _begin(cell, protocol, soc, tolerance)
    found: dict[int, np.ndarray] = {}
    for texts, count in _segments(protocol):
        plan = CyclePlan(tuple(plans[text] for text in texts))
        last = run.number + count
        for stop in sorted({last, *(number for number in cycles if run.number < number < last)}):
            run.with_jumps(plan, stop - run.number)
            if run.end is not None:
                whole = run.number - (1 if run.solved and run.solved[-1].stopped else 0)
                raise ObservationError(ended_before(min(set(cycles) - set(found)), whole, run.end))
            if stop in cycles:
                found[stop] = run.y
            if len(found) == len(cycles):
                return found
    return found


def _begin(cell: Cell, protocol: Protocol, soc: float, tolerance: float):
    """The run at its start, and the numbers of each step of the protocol."""
    cell = cell.replace({names.INITIAL_SOC: soc})
    circuit = compiled(cell)
    plans = {text: step_plan(text, step, cell) for text, step in protocol.parsed(cell.area).items()}
    return _Run(circuit, circuit.vector(cell), cell, tolerance), plans


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


class _Run:
    """The cycles of a run as they are solved and jumped over."""

    def __init__(self, circuit: CompiledCircuit, parameters: np.ndarray, cell: Cell, tolerance: float):
        self.circuit, self.parameters = circuit, parameters
        self.solver = cycle_solver(circuit, parameters, tolerance * INTEGRATION_SHARE)
        self.jumps = CycleJump(circuit, cell.values[names.SHORT_LENGTH], tolerance)
        self.y = self.start = circuit.start_of_run(parameters)
        self.solved: list[Cycle] = []
        self.gaps: list[tuple[int, int]] = []
        self.number = 0
        self.notes: list[str] = []
        self.end: str | None = None
        self.skipped = False

    def _solve(self, number: int, y: np.ndarray, plan: CyclePlan) -> Cycle:
        ends = self.solver.solve(y, plan)
        stopped = ends[-1].reason if ends[-1].reason not in FINISHED else None
        if all(end.reason == "skipped" for end in ends):
            stopped = "infeasible"
        return Cycle(number, ends, y, ends[-1].state[:-1], stopped)

    def _accept(self, cycle: Cycle, plan: CyclePlan):
        for end, step in zip(cycle.ends, plan.steps, strict=False):
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
            text = plan.steps[len(cycle.ends) - 1].text
            self.notes.append(ended_note(self.end, text, cycle.number))

    def every_cycle(self, plan: CyclePlan, count: int):
        """Solve `count` equal cycles, or as many as the cell stands."""
        for _ in range(count):
            if self.end is not None:
                return
            self._accept(self._solve(self.number, self.y, plan), plan)

    def with_jumps(self, plan: CyclePlan, count: int):
        """As :meth:`every_cycle`, jumping over what can be predicted."""
        first, last = self.number, self.number + count
        nodes: list[Cycle] = []
        length, patience = FIRST_JUMP, first + EXACT_AT_START
        while self.number < last and self.end is None:
            room = last - self.number - 1  # a jump lands on a solved cycle
            if self.number >= patience and room >= 2 and nodes[-1].repeatable:
                length = min(length, room)
                error = self._jump(nodes, length, plan)
                if error <= 1:
                    growth = 0.9 * max(error, 1e-3) ** JUMP_EXPONENT
                    length = max(FIRST_JUMP, int(length * min(LARGEST_JUMP_GROWTH, growth)))
                    continue
                length = length // 2
                if length >= 2:
                    continue
                length = FIRST_JUMP
                waited = int(PATIENCE * (self.number - first))
                patience = self.number + max(2, min(LONGEST_PATIENCE, waited))
            cycle = self._solve(self.number, self.y, plan)
            self._accept(cycle, plan)
            nodes.append(cycle)

    def _jump(self, nodes: list[Cycle], length: int, plan: CyclePlan) -> float:
        """Skip `length` cycles; returns the error over the tolerance, accepted up to 1."""
        ahead = self.jumps.predict(nodes, length)
        measured = self._solve(self.number + length, ahead.state, plan)
        error = self.jumps.error(ahead, measured)
        if error <= 1:
            self.jumps.correct(ahead, measured)
            self.gaps.append((self.number, self.number + length))
            self._accept(measured, plan)
            nodes.append(measured)
        return error

    def record(self) -> Record:
        """What is handed over."""
        end = self.end or ("infeasible" if self.skipped else "completed")
        table = cycle_table(self.circuit, self.parameters, self.start, self.solved)
        return table.filled(self.gaps, self.number, end, tuple(dict.fromkeys(self.notes)))


__all__ = ["UnknownStepError", "record", "simulate"]
