"""Hundreds of cycles in milliseconds: exact cycles, and jumps over those that change nothing new.

What ages is a slow function of the cycle number. From the last exact cycles a jump predicts where the
cell stands many cycles on (``cycle_jump``), and the cycle on which it lands is solved. A jump that
misses is taken back and halved, down to single cycles, which is how onset, failure of a coating or the
last micrometres of a filament are found. Where it holds, the next one may be longer.
"""

import dataclasses
import itertools
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError
from twin.protocols import Protocol
from twin.protocols.protocol import Cycle as ProtocolCycle
from twin.results.dataset import dataset
from twin.results.earlier import Earlier
from twin.results.record import (
    OUTCOME_OF_EVENT,
    Record,
    ended_before,
    ended_note,
    nothing_began_note,
    skipped_note,
)
from twin.simulators.driven_step import driven_step
from twin.simulators.long_cycling.compiled_circuit import compiled
from twin.simulators.long_cycling.cycle_jump import Cycle, CycleJump, Gap, Jump, predictions
from twin.simulators.long_cycling.cycle_solver import cycle_solver
from twin.simulators.long_cycling.cycle_table import cycle_table
from twin.simulators.long_cycling.step_codes import FINISHED
from twin.simulators.long_cycling.step_plan import (
    CyclePlan,
    Request,
    UnknownStepError,
    is_known,
    step_plan,
)
from twin.simulators.start import TOLERANCE
from twin.simulators.start import initial_soc as soc_at_start
from twin.simulators.surroundings import surroundings

EXACT_AT_START = 4
"""Cycles of each run of equal cycles that are always solved."""
FIRST_JUMP = 3
"""Cycles of the first jump, and of the first one after those that missed."""
LARGEST_JUMP_GROWTH = 2.5
"""A jump is at most so many times as long as the one before, however small its error was."""
JUMP_EXPONENT = -0.25
"""The length of the next jump goes with the error to this power, as steps do in a method of order 3."""
PATIENCE = 0.25
"""After a jump that missed, this share of the cycles so far is solved before the next is tried."""
LONGEST_PATIENCE = 8
"""Cycles at most that are solved before a jump is tried again."""


def simulate(cell: Cell, protocol: Protocol) -> xr.Dataset:
    """The Dataset of :func:`record` at its defaults."""
    return dataset(record(cell, protocol), cell, protocol, "long_cycling")


def record(
    cell: Cell,
    protocol: Protocol,
    *,
    initial_soc: float | None = None,
    earlier: Earlier | None = None,
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
    earlier : Earlier, optional
        What the run goes on from.
    jump : bool
        False solves every cycle.
    tolerance : float
        Relative tolerance of the integration and of the jumps.

    Returns the Record of every cycle; its `computed` is False for those that lie between solved ones.

    Raises
    ------
    UnknownStepError : a step that only the reference simulator knows.
    CellError : `earlier` is of another structure of cell.
    """
    soc = soc_at_start(cell, protocol, initial_soc) if earlier is None else earlier.initial_soc
    run = _Run(cell, protocol, soc, tolerance, earlier)
    solver = _solver(run, tolerance)
    _drive([run.whole(jump=jump)], solver)
    return run.record(solver)


def records(
    tasks: Sequence[tuple[Cell, Protocol]], *, jump: bool = True, tolerance: float = TOLERANCE
) -> list[Record]:
    """As :func:`record` for many cells of one structure, a cycle of each at a time, side by side.

    Raises UnknownStepError: one of the protocols has a step that only the reference simulator knows.
    """
    runs = [_Run(cell, protocol, soc_at_start(cell, protocol), tolerance) for cell, protocol in tasks]
    solver = _solver(runs[0], tolerance, many=True)
    _drive([run.whole(jump=jump) for run in runs], solver)
    return [run.record(solver) for run in runs]


def in_c(tasks: Sequence[tuple[Cell, Protocol]]) -> bool:
    """Whether :func:`records` runs these in C, side by side, where other threads can go on meanwhile."""
    known = all(is_known(step) for _, protocol in tasks for step in protocol.distinct_steps)
    return known and compiled(tasks[0][0]).wide_library is not None


def states_after(
    cell: Cell, protocol: Protocol, cycles: Collection[int], *, soc: float, tolerance: float = TOLERANCE
) -> dict[int, np.ndarray]:
    """State vector at the end of each of `cycles` (from 1).

    A run of equal cycles is broken there: a jump lands on a solved cycle, so that none of these
    states lies between solved ones.

    Raises ObservationError: the run ends first. UnknownStepError: as :func:`simulate`.
    """
    run = _Run(cell, protocol, soc, tolerance)
    solver = _solver(run, tolerance)
    found: dict[int, np.ndarray] = {}
    for plan, count in run.segments():
        last = run.number + count
        for stop in sorted({last, *(number for number in cycles if run.number < number < last)}):
            _drive([run.with_jumps(plan, stop - run.number)], solver)
            if run.end is not None:
                whole = run.number - (1 if run.solved and run.solved[-1].stopped else 0)
                raise ObservationError(ended_before(min(set(cycles) - set(found)), whole, run.end))
            if stop in cycles:
                found[stop] = run.y
            if len(found) == len(cycles):
                return found
    return found


Work = Generator[Request | Jump, Any, None]
"""Asks for a cycle and takes how its steps ended, or for a jump and takes what is predicted; again and
again. After a jump it asks for the cycle on which that lands."""


def _solver(run: "_Run", tolerance: float, *, many: bool = False):
    return cycle_solver(run.circuit, tolerance, many=many)


def _drive(works: Iterable[Work], solver):
    """Give the `works` what they ask for, all jumps and then all cycles at once, until all are done."""
    waiting = [(work, wish) for work in works if (wish := _sent(work, None))]
    while waiting:
        jumps = {place: wish for place, (_, wish) in enumerate(waiting) if isinstance(wish, Jump)}
        for place, ahead in zip(jumps, predictions(list(jumps.values())), strict=True):
            work, _ = waiting[place]
            waiting[place] = work, work.send(ahead)  # asks for the landing cycle
        solved = solver.solve([request for _, request in waiting])
        waiting = [
            (work, wish)
            for (work, _), ends in zip(waiting, solved, strict=True)
            if (wish := _sent(work, ends))
        ]


def _sent(work: Work, answer) -> Request | Jump | None:
    try:
        return work.send(answer)
    except StopIteration:
        return None


class _Run:
    """The cycles of a run as they are solved and jumped over; generators ask for those to solve."""

    def __init__(
        self,
        cell: Cell,
        protocol: Protocol,
        soc: float,
        tolerance: float,
        earlier: Earlier | None = None,
    ):
        at_first = surroundings(protocol.block[0], protocol.block[0].steps[0])
        if earlier is None:
            start = {names.INITIAL_SOC: soc}
            if names.AMBIENT_TEMPERATURE in at_first:  # as in PyBaMM, it has waited there
                start[names.INITIAL_TEMPERATURE] = at_first[names.AMBIENT_TEMPERATURE]
            cell = cell.replace(start)
        self.protocol, self.initial_soc = protocol, soc
        self.plans = {step: step_plan(driven_step(step, cell)) for step in protocol.distinct_steps}
        self.circuit = compiled(cell)
        self.parameters = self.circuit.vector(cell)
        self.jumps = CycleJump(self.circuit, cell.values[names.SHORT_LENGTH], tolerance)
        if earlier is None:
            self.y = self.circuit.start_of_run(self.parameters)
        else:
            self.y = earlier.values(self.circuit.labels, cell) / self.circuit.scale
        self.start = self.y
        self.before = 0 if earlier is None else earlier.cycles  # cycles that notes count on from
        self.solved: list[Cycle] = []
        self.gaps: list[Gap] = []
        self.number = 0
        self.notes: list[str] = []
        self.end: str | None = None
        self.skipped: dict[str, int] = {}

    def segments(self) -> Iterator[tuple[Request, int]]:
        """Over the whole protocol: a cycle, wherever it begins, and how many in a row are like it."""
        block, repetitions = self.protocol.block, self.protocol.cycles
        if len(set(block)) == 1:
            yield self._plan(block[0]), self.protocol.number_of_cycles
            return
        alike = [(self._plan(cycle), len(list(own))) for cycle, own in itertools.groupby(block)]
        yield from alike * repetitions

    def _plan(self, cycle: ProtocolCycle) -> Request:
        plan = CyclePlan(tuple(self.plans[step] for step in cycle.steps))
        kept = [surroundings(cycle, step) for step in cycle.steps]
        if not any(kept):
            return Request(self.parameters, self.start, plan)
        parameters = np.tile(self.parameters, (len(kept), 1))
        for own, changes in zip(parameters, kept, strict=True):
            for key, value in changes.items():
                own[self.circuit.parameters.index(key)] = value
        return Request(parameters, self.start, plan)

    def whole(self, *, jump: bool) -> "Work":
        """Go through the protocol, or as far as the cell stands it."""
        for plan, count in self.segments():
            yield from (self.with_jumps if jump else self.every_cycle)(plan, count)
            if self.end is not None:
                return

    def _solve(self, number: int, y: np.ndarray, plan: Request) -> Generator[Request, Any, Cycle]:
        request = Request(plan.parameters, y, plan.cycle)
        ends = yield request
        last = ends.reasons[-1]
        stopped = last if last not in FINISHED else None
        if all(reason == "skipped" for reason in ends.reasons):
            stopped = "nothing_began"
        return self.jumps.cycle(number, request, ends, stopped)

    def _accept(self, cycle: Cycle):
        steps, number = cycle.plan.steps, self.before + cycle.number
        for reason, step in zip(cycle.reasons, steps, strict=False):
            if reason == "skipped":
                self.skipped.setdefault(step.text, number)
        if cycle.stopped == "nothing_began":
            self.end = cycle.stopped
            self.notes.append(nothing_began_note([step.text for step in steps], number))
            return
        self.solved.append(cycle)
        self.y, self.number = cycle.finish, cycle.number + 1
        if cycle.stopped is not None:
            own_word = cycle.stopped in ("cut_off_not_reached", "solver_failure")
            self.end = cycle.stopped if own_word else OUTCOME_OF_EVENT.get(cycle.stopped, "infeasible")
            text = steps[len(cycle.reasons) - 1].text
            self.notes.append(ended_note(self.end, text, number, event=cycle.stopped))

    def every_cycle(self, plan: Request, count: int) -> "Work":
        """Solve `count` equal cycles, or as many as the cell stands."""
        for _ in range(count):
            if self.end is not None:
                return
            cycle = yield from self._solve(self.number, self.y, plan)
            self._accept(cycle)

    def with_jumps(self, plan: Request, count: int) -> "Work":
        """As :meth:`every_cycle`, jumping over what can be predicted."""
        first, last = self.number, self.number + count
        self.jumps.forget()
        length, patience = FIRST_JUMP, first + EXACT_AT_START
        while self.number < last and self.end is None:
            room = last - self.number - 1  # a jump lands on a solved cycle
            if self.number >= patience and room >= 2 and self.jumps.ready:
                length = min(length, room)
                error = yield from self._jump(length, plan)
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
            cycle = yield from self._solve(self.number, self.y, plan)
            self._accept(cycle)
            self.jumps.note(cycle)

    def _jump(self, length: int, plan: Request) -> Generator[Request | Jump, Any, float]:
        """Skip `length` cycles; returns the error over the tolerance, accepted up to 1."""
        ahead = yield Jump(self.jumps, length)
        measured = yield from self._solve(self.number + length, ahead.state, plan)
        error = self.jumps.error(ahead, measured)
        if error <= 1:
            measured, gap = self.jumps.correct(ahead, measured)
            self.gaps.append(gap)
            self._accept(measured)
            self.jumps.note(measured)
        return error

    def record(self, solver) -> Record:
        """What is handed over."""
        at_start = np.atleast_2d(self._plan(self.protocol.block[0]).parameters)[0]
        table = cycle_table(solver, self.circuit.recorded, at_start, self.start, self.solved)
        final = dict(zip(self.circuit.labels, (self.y * self.circuit.scale).tolist(), strict=True))
        notes = [skipped_note(text, number) for text, number in self.skipped.items()] + self.notes
        record = table.filled(self.gaps, self.number, self.end or "completed", tuple(notes))
        return dataclasses.replace(record, initial_soc=self.initial_soc, final_state=final)


__all__ = ["UnknownStepError", "record", "simulate"]
