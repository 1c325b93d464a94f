"""A protocol in segments, which PyBaMM runs one after the other, each from where the last one ended.

A segment has parameter values of its own, so that the pressure may change between cycles, and a time of
its own: IDA cannot resolve the milliseconds at the start of a step beside the year that has passed. A
step at which the solver fails is tried once more as the first one of a segment.
"""

import dataclasses
import itertools
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pybamm

from twin import names
from twin.cell import Cell
from twin.model import build
from twin.protocols import Protocol, Step
from twin.results.record import OUTCOME_OF_EVENT
from twin.simulators.driven_step import driven_step
from twin.simulators.pybamm_step import pybamm_step
from twin.simulators.surroundings import surroundings

RELATIVE_TOLERANCE = 1e-6
"""Of PyBaMM's solver, a thousandth of the fast simulator's: it is what the other is held to."""
ABSOLUTE_TOLERANCE = 1e-10
"""Of PyBaMM's solver, on states that their scales bring to the order of one."""
FIRST_STEP = 1e-6
"""[s] with which each step begins: the interface capacitances relax within milliseconds, and IDA's own
guess fails its error tests on the rest after a hold."""
LONG_REST = 1e6
"""[s] A segment ends with a rest from this length on: beside a rest a thousand times as long, IDA fails
on the next step."""

State = Mapping[str, np.ndarray]
"""PyBaMM variable -> (size,) values in its unit."""


@dataclass(frozen=True)
class Turn:
    """A step of a protocol when its turn comes, in a cycle counted from 0."""

    cycle: int
    step: Step
    kept: tuple[tuple[str, float], ...]

    @property
    def pressure(self) -> float | None:
        """On the stack [Pa]; None as the cell has it."""
        return dict(self.kept).get(names.STACK_PRESSURE)

    @property
    def is_long_rest(self) -> bool:
        return self.step.direction == "rest" and (self.step.duration or 0.0) >= LONG_REST


@dataclass(frozen=True)
class Ran:
    """A step that PyBaMM has run, or skipped: then `solution` is empty.

    `begun` is the time [s] from the start of the run to the start of its segment.
    """

    turn: Turn
    solution: pybamm.Solution | pybamm.EmptySolution
    begun: float = 0.0

    @property
    def is_skipped(self) -> bool:
        return isinstance(self.solution, pybamm.EmptySolution)

    @property
    def finish(self) -> State:
        """The state at its end."""
        return self._state(-1)

    @property
    def start(self) -> State:
        """The state at its start."""
        return self._state(0)

    def _state(self, place: int) -> State:
        y = np.asarray(self.solution.all_ys[place])[:, place]
        model = self.solution.all_models[place]
        return {
            variable.name: y[model.y_slices[variable][0]] * variable.scale.evaluate()
            for variable in model.y_slices
            if variable in model.rhs
        }


def turns(protocol: Protocol, cycles: int | None = None) -> list[Turn]:
    """The steps of the first `cycles` (default: all) cycles in their order."""
    count = protocol.number_of_cycles if cycles is None else cycles
    own = {
        cycle: [(step, tuple(surroundings(cycle, step).items())) for step in cycle.steps]
        for cycle in dict.fromkeys(protocol.block)
    }
    return [Turn(n, step, kept) for n in range(count) for step, kept in own[protocol.cycle(n)]]


def ran_in(solution: pybamm.Solution, wanted: Sequence[Turn]) -> list[Ran]:
    """The steps that ran in one simulation of the `wanted` ones."""
    steps = (step for cycle in solution.cycles for step in cycle.steps)
    return [Ran(turn, step) for turn, step in zip(wanted, steps, strict=False)]


def run(
    cell: Cell, wanted: Sequence[Turn], values: pybamm.ParameterValues, state: State | None = None
) -> tuple[list[Ran], str]:
    """The `wanted` steps as far as they ran, and how the run ended, as ``results.Record`` has it.

    `state` is where it begins; by default where `values` let a fresh cell begin.
    """
    done: list[Ran] = []
    time, failed = 0.0, False
    while len(done) < len(wanted):
        segment = _segment(wanted[len(done) :])
        solutions = _solved(cell, segment, values, state)
        ran = [Ran(turn, own, time) for turn, own in zip(segment, solutions, strict=False)]
        if not ran or (failed and ran[0].is_skipped):
            # a step that failed once is not skipped now: PyBaMM has looked at a current far off
            return done, "solver_failure"
        done += ran
        if (end := ending(done[-1], cell)) is not None:
            return done, end
        if _nothing_began(done, wanted):
            return done, "nothing_began"
        for last in reversed(ran):
            if not last.is_skipped:
                state, time = last.finish, time + float(last.solution.t[-1])
                break
        # otherwise it ran to its end, or a part of a cycle had nothing to do
        failed = len(ran) < len(segment) and not ran[-1].is_skipped
    return done, "completed"


def ending(ran: Ran, cell: Cell) -> str | None:
    """The outcome with which a step ended the run, None where it ended as it should."""
    if ran.is_skipped:
        return None
    reason = ran.solution.termination
    if reason.startswith("event: ") and "[experiment]" not in reason:
        return OUTCOME_OF_EVENT.get(reason.removeprefix("event: "), "infeasible")
    if reason == "final time" and not driven_step(ran.turn.step, cell).has_time_limit:
        return "cut_off_not_reached"
    return None


def simulation(
    cell: Cell,
    wanted: Sequence[Turn],
    values: pybamm.ParameterValues,
    state: State | None = None,
    *,
    every_point: bool = False,
) -> pybamm.Simulation:
    """The simulation of one segment, unsolved; it keeps the ends of each step, or `every_point`."""
    model, values = build(cell), values.copy()
    if state is not None:
        # a column: PyBaMM reads a vector as a time series, of which the last entry counts
        column = {name: np.reshape(own, (-1, 1)) for name, own in state.items()}
        model.set_initial_conditions_from(column)
    if wanted[0].pressure is not None:
        values[names.STACK_PRESSURE] = wanted[0].pressure
    steps = {(turn.step, turn.kept): turn for turn in wanted}
    made = {key: _pybamm_step(turn, cell) for key, turn in steps.items()}
    cycles = itertools.groupby(wanted, key=lambda turn: turn.cycle)
    experiment = pybamm.Experiment(
        [tuple(made[turn.step, turn.kept] for turn in own) for _, own in cycles]
    )
    solver = pybamm.IDAKLUSolver(
        rtol=RELATIVE_TOLERANCE,
        atol=ABSOLUTE_TOLERANCE,
        store_first_last=not every_point,
        options={"dt_init": FIRST_STEP},
    )
    return pybamm.Simulation(model, experiment=experiment, parameter_values=values, solver=solver)


def _pybamm_step(turn: Turn, cell: Cell) -> pybamm.step.BaseStep:
    temperature = dict(turn.kept).get(names.AMBIENT_TEMPERATURE)
    return pybamm_step(dataclasses.replace(driven_step(turn.step, cell), temperature=temperature))


def _segment(left: Sequence[Turn]) -> Sequence[Turn]:
    """The first segment of the steps that are left."""
    for place, turn in enumerate(left[:-1]):
        if turn.is_long_rest or left[place + 1].pressure != turn.pressure:
            return left[: place + 1]
    return left


def _solved(cell: Cell, segment: Sequence[Turn], values, state) -> list:
    """Solutions of the steps of a segment, to its end or to where the solver fails or nothing begins."""
    progress = _Progress()
    try:
        solution = simulation(cell, segment, values, state).solve(callbacks=progress)
    except pybamm.SolverError as error:
        cycles = [list(own) for _, own in itertools.groupby(segment, key=lambda turn: turn.cycle)]
        before = sum(map(len, cycles[: progress.cycle - 1]))
        # PyBaMM throws away what it has: what ran before that cycle is run again
        solved = _solved(cell, segment[:before], values, state) if before else []
        is_skipped = "exceeded bounds at initial conditions" in str(error) and not progress.failed
        skipped = len(cycles[progress.cycle - 1]) if is_skipped else progress.step - 1
        return [*solved, *(pybamm.EmptySolution() for _ in range(skipped))]
    return [step for cycle in solution.cycles for step in cycle.steps]


def _nothing_began(done: Sequence[Ran], wanted: Sequence[Turn]) -> bool:
    """True where the last cycle is over, and all its steps were skipped."""
    cycle = done[-1].turn.cycle
    if len(done) < len(wanted) and wanted[len(done)].cycle == cycle:
        return False
    own = itertools.takewhile(lambda ran: ran.turn.cycle == cycle, reversed(done))
    return all(ran.is_skipped for ran in own)


class _Progress(pybamm.callbacks.Callback):
    """Remembers where PyBaMM is."""

    cycle, step, failed = 1, 1, False

    def on_step_start(self, logs):
        self.cycle, self.step = logs["cycle number"][0], logs["step number"][0]

    def on_experiment_error(self, logs):
        self.failed = True


class Quiet:
    """Mutes PyBaMM's warnings about a run that ends early: the outcome says it."""

    def __enter__(self):
        self.level = pybamm.logger.level
        pybamm.logger.setLevel(logging.ERROR)

    def __exit__(self, *exception):
        pybamm.logger.setLevel(self.level)
