"""Stock PyBaMM: ``pybamm.Simulation`` with ``pybamm.Experiment`` and IDAKLU. The truth."""

import dataclasses
import logging
from collections.abc import Collection

import numpy as np
import pybamm
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError
from twin.model import build, parameter_values
from twin.protocols import Protocol
from twin.results.dataset import dataset
from twin.results.record import (
    OUTCOME_OF_EVENT,
    Record,
    ended_before,
    ended_note,
    nothing_began_note,
    recorded_variables,
    skipped_note,
)
from twin.simulators.driven_step import DrivenStep, driven_step
from twin.simulators.pybamm_step import pybamm_step
from twin.simulators.start import initial_soc as soc_at_start

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-6, 1e-10
FIRST_STEP = 1e-6
"""[s] with which each step begins: the interface capacitances relax within milliseconds, and IDA's own
guess fails its error tests on the rest after a hold."""


def simulate(cell: Cell, protocol: Protocol, *, initial_soc: float | None = None) -> xr.Dataset:
    """The Dataset of :func:`record`, over `cycle`, as described in ``twin.results``."""
    return dataset(record(cell, protocol, initial_soc=initial_soc), cell, protocol, "reference")


def record(cell: Cell, protocol: Protocol, *, initial_soc: float | None = None) -> Record:
    """Run a protocol through stock PyBaMM.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    initial_soc : float, optional
        0 at the lower cut-off's open-circuit voltage, 1 at the upper one's.
    """
    soc = soc_at_start(cell, protocol, initial_soc)
    values = parameter_values(cell)
    values[names.INITIAL_SOC] = soc
    progress = _Progress()
    with Quiet():
        try:
            solution = prepare(cell, protocol, values).solve(callbacks=progress)
            made = record_of(solution, cell, protocol)
        except pybamm.SolverError as error:
            made = _before_failure(cell, protocol, values, progress.cycle, error)
    return dataclasses.replace(made, initial_soc=soc)


def states_after(
    cell: Cell, protocol: Protocol, cycles: Collection[int], *, soc: float
) -> dict[int, dict[str, np.ndarray]]:
    """States by variable name, in the solver's scale, at the end of each of `cycles` (from 1).

    Raises ObservationError: the run ends first.
    """
    values = parameter_values(cell)
    values[names.INITIAL_SOC] = soc
    progress = _Progress()
    with Quiet():
        try:
            solution = prepare(cell, protocol, values, cycles=max(cycles)).solve(callbacks=progress)
            whole, end = _whole_cycles(solution, cell, protocol)
        except pybamm.SolverError:
            whole, end = progress.cycle - 1, "solver_failure"
    beyond = [number for number in cycles if number > whole]
    if beyond:
        raise ObservationError(ended_before(min(beyond), whole, end))
    return {number: _states(solution.cycles[number - 1]) for number in cycles}


def _whole_cycles(solution, cell: Cell, protocol: Protocol) -> tuple[int, str]:
    """How many cycles ran to their end, and how the run ended after them."""
    count, steps = len(solution.cycles), solution.cycles[-1].steps
    last = protocol.cycle(count - 1).steps[len(steps) - 1]
    ended = _ending(steps[-1], driven_step(last, cell))
    return (count, "solver_failure") if ended is None else (count - 1, ended)


def _states(cycle) -> dict[str, np.ndarray]:
    """Where the last step that ran left each variable, in the solver's scale."""
    last = [step for step in cycle.steps if not isinstance(step, pybamm.EmptySolution)][-1]
    y = np.asarray(last.all_ys[-1])[:, -1]
    return {variable.name: y[where[0]] for variable, where in last.all_models[-1].y_slices.items()}


def prepare(
    cell: Cell,
    protocol: Protocol,
    values: pybamm.ParameterValues,
    *,
    cycles: int | None = None,
) -> pybamm.Simulation:
    """The simulation of the first `cycles` (default: all) cycles, unsolved."""
    steps = {step: pybamm_step(driven_step(step, cell)) for step in protocol.distinct_steps}
    count = protocol.number_of_cycles if cycles is None else cycles
    experiment = pybamm.Experiment(
        [tuple(steps[step] for step in protocol.cycle(n).steps) for n in range(count)]
    )
    return pybamm.Simulation(
        build(cell), experiment=experiment, parameter_values=values, solver=_solver()
    )


def _solver():
    return pybamm.IDAKLUSolver(
        rtol=RELATIVE_TOLERANCE,
        atol=ABSOLUTE_TOLERANCE,
        store_first_last=True,
        options={"dt_init": FIRST_STEP},
    )


def record_of(solution: pybamm.Solution, cell: Cell, protocol: Protocol) -> Record:
    """The record of a solved simulation."""
    cycles, states, end = [], [], "completed"
    skipped: dict[str, int] = {}
    for number, cycle in enumerate(solution.cycles):
        for text, step in zip(protocol.cycle(number).texts, cycle.steps, strict=False):
            if isinstance(step, pybamm.EmptySolution):
                skipped.setdefault(text, number)
                continue
            states.append((step, -1))
            cycles.append(number)
    states.insert(0, (states[0][0], 0))
    cycles.insert(0, -1)
    notes = [skipped_note(text, number) for text, number in skipped.items()]

    ran = len(solution.cycles)
    steps = protocol.cycle(ran - 1).steps
    place = len(solution.cycles[-1].steps) - 1
    ended = _ending(solution.cycles[-1].steps[-1], driven_step(steps[place], cell))
    if ended is None and (place + 1 < len(steps) or ran < protocol.number_of_cycles):
        ended = "solver_failure"
    if ended is not None:
        end = ended
        notes.append(ended_note(ended, steps[place].text, ran - 1))
    time = np.array([step.t[place] for step, place in states], dtype=float)
    values = _evaluate(states, cell)
    return Record(np.array(cycles), time, values, np.ones(ran, dtype=bool), end, tuple(notes))


def _evaluate(states, cell: Cell) -> dict[str, np.ndarray]:
    """Recorded variables of (step solution, place) pairs, one model at a time."""
    values = {name: np.empty(len(states)) for name in recorded_variables(cell.sides)}
    models = {id(step.all_models[0]): step.all_models[0] for step, _ in states}
    for model in models.values():
        own = [n for n, (step, _) in enumerate(states) if step.all_models[0] is model]
        columns = [np.asarray(states[n][0].all_ys[min(states[n][1], 0)])[:, states[n][1]] for n in own]
        stacked = pybamm.Solution(
            [np.arange(len(own), dtype=float)],
            [np.column_stack(columns)],
            [model],
            [states[own[0]][0].all_inputs[0]],
        )
        for name, column in values.items():
            column[own] = stacked[name].entries
    return values


def _ending(step_solution, step: DrivenStep) -> str | None:
    """The outcome with which a step ended the run, None where it ended as it should."""
    if isinstance(step_solution, pybamm.EmptySolution):
        return None
    reason = step_solution.termination
    if reason.startswith("event: ") and "[experiment]" not in reason:
        return OUTCOME_OF_EVENT.get(reason.removeprefix("event: "), "infeasible")
    if reason == "final time" and not step.has_time_limit:
        return "cut_off_not_reached"
    return None


def _before_failure(cell, protocol, values, failed_cycle, error) -> Record:
    """What ran before the cycle (from 1) in which PyBaMM gave up; nothing computed is lost."""
    none_could_start = "exceeded bounds at initial conditions" in str(error)
    end = "nothing_began" if none_could_start else "solver_failure"
    note = (
        nothing_began_note(protocol.cycle(failed_cycle - 1).texts, failed_cycle - 1)
        if none_could_start
        else f"PyBaMM's solver gave up in cycle {failed_cycle}: {str(error).splitlines()[0]}"
    )
    if failed_cycle > 1:
        solution = prepare(cell, protocol, values, cycles=failed_cycle - 1).solve()
        shorter = record_of(solution, cell, protocol)
        return dataclasses.replace(shorter, end=end, notes=(*shorter.notes[:-1], note))
    start = _evaluated_at_start(cell, values)
    return Record(np.array([-1]), np.zeros(1), start, np.ones(0, dtype=bool), end, (note,))


def _evaluated_at_start(cell, values):
    """Recorded variables before the first step; NaN where PyBaMM cannot even rest."""
    rest = pybamm.Simulation(
        build(cell),
        parameter_values=values,
        experiment=pybamm.Experiment(["Rest for 1 second"]),
        solver=_solver(),
    )
    try:
        return _evaluate([(rest.solve().cycles[0].steps[0], 0)], cell)
    except pybamm.SolverError:
        return {name: np.full(1, np.nan) for name in recorded_variables(cell.sides)}


class _Progress(pybamm.callbacks.Callback):
    """Remembers the cycle that PyBaMM is in."""

    cycle = 1

    def on_cycle_start(self, logs):
        self.cycle = logs["cycle number"][0]


class Quiet:
    """Mutes PyBaMM's warnings about a run that ends early: the outcome says it."""

    def __enter__(self):
        self.level = pybamm.logger.level
        pybamm.logger.setLevel(logging.ERROR)

    def __exit__(self, *exception):
        pybamm.logger.setLevel(self.level)
