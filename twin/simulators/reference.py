"""Stock PyBaMM: ``pybamm.Simulation`` with ``pybamm.Experiment`` and IDAKLU. The truth."""

import dataclasses
import itertools
from collections.abc import Collection, Sequence

import numpy as np
import pybamm

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError
from twin.model import build, parameter_values
from twin.protocols import Protocol
from twin.results.earlier import Earlier, state_labels
from twin.results.record import (
    Record,
    ended_before,
    ended_note,
    nothing_began_note,
    recorded_variables,
    skipped_note,
)
from twin.simulators.pybamm_segments import (
    Quiet,
    Ran,
    State,
    ending,
    ran_in,
    run,
    simulation,
    turns,
)
from twin.simulators.start import initial_soc as soc_at_start

__all__ = ["Quiet", "prepare", "record", "record_of", "states_after"]


def record(
    cell: Cell,
    protocol: Protocol,
    *,
    initial_soc: float | None = None,
    earlier: Earlier | None = None,
) -> Record:
    """Run a protocol through stock PyBaMM.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    initial_soc : float, optional
        0 at the lower cut-off's open-circuit voltage, 1 at the upper one's.
    earlier : Earlier, optional
        What the run goes on from.

    Raises CellError: `earlier` is of another structure of cell.
    """
    soc = soc_at_start(cell, protocol, initial_soc) if earlier is None else earlier.initial_soc
    values = parameter_values(cell)
    state = None
    if earlier is None:
        values[names.INITIAL_SOC] = soc
    else:
        state = _state_of(earlier, cell)
    with Quiet():
        ran, end = run(cell, turns(protocol), values, state)
        if all(own.is_skipped for own in ran):
            first, state = _evaluated_at_start(cell, values, state)
        else:
            begun = [own for own in ran if not own.is_skipped]
            first, state = None, begun[-1].finish
        made = _record(ran, end, cell, protocol, first, 0 if earlier is None else earlier.cycles)
    return dataclasses.replace(made, initial_soc=soc, final_state=_labelled(state))


def states_after(
    cell: Cell, protocol: Protocol, cycles: Collection[int], *, soc: float
) -> dict[int, State]:
    """States by variable name, in the unit of each, at the end of each of `cycles` (from 1).

    Raises ObservationError: the run ends first.
    """
    values = parameter_values(cell)
    values[names.INITIAL_SOC] = soc
    with Quiet():
        ran, end = run(cell, turns(protocol, max(cycles)), values)
    whole = max(cycles) if end == "completed" else _cycles_begun(ran, protocol, end) - 1
    beyond = [number for number in cycles if number > whole]
    if beyond:
        raise ObservationError(ended_before(min(beyond), whole, end))
    found = {own.turn.cycle + 1: own for own in ran if not own.is_skipped}
    return {number: found[number].finish for number in cycles}


def prepare(cell: Cell, protocol: Protocol, values: pybamm.ParameterValues) -> pybamm.Simulation:
    """The simulation of all cycles in one segment, unsolved."""
    return simulation(cell, turns(protocol), values)


def record_of(solution: pybamm.Solution, cell: Cell, protocol: Protocol) -> Record:
    """The record of a simulation that :func:`prepare` gave, solved."""
    wanted = turns(protocol)
    ran = ran_in(solution, wanted)
    end = ending(ran[-1], cell)
    if end is None:
        end = "completed" if len(ran) == len(wanted) else "solver_failure"
    last = [own for own in ran if not own.is_skipped][-1]
    made = _record(ran, end, cell, protocol, None, 0)
    return dataclasses.replace(made, final_state=_labelled(last.finish))


def _cycles_begun(ran: Sequence[Ran], protocol: Protocol, end: str) -> int:
    """How many cycles began, the one in which the run ended included."""
    place = len(ran) if end == "solver_failure" else len(ran) - 1
    return turns(protocol)[place].cycle + 1


def _record(
    ran: Sequence[Ran],
    end: str,
    cell: Cell,
    protocol: Protocol,
    first: dict[str, np.ndarray] | None,
    before: int,
) -> Record:
    """The record of the steps that `ran`.

    `first` are the values at the start where no step began. Notes count cycles on from `before`.
    """
    skipped: dict[str, int] = {}
    for own in ran:
        if own.is_skipped:
            skipped.setdefault(own.turn.step.text, own.turn.cycle)
    notes = [skipped_note(text, before + number) for text, number in skipped.items()]
    count = protocol.number_of_cycles
    if end == "nothing_began":
        count = ran[-1].turn.cycle
        notes.append(nothing_began_note(protocol.cycle(count).texts, before + count))
    elif end != "completed":
        # the step that ended the run, or the one that the solver could not run
        count = _cycles_begun(ran, protocol, end)
        last = turns(protocol, count)[len(ran) - (end != "solver_failure")]
        notes.append(ended_note(end, last.step.text, before + last.cycle))
        if not any(own.turn.cycle == last.cycle and not own.is_skipped for own in ran):
            count -= 1
    begun = [own for own in ran if not own.is_skipped]
    if first is None:
        first = _evaluated(begun[:1], 0, cell)
    at_ends = _evaluated(begun, -1, cell)
    values = {name: np.concatenate([first[name], at_ends[name]]) for name in first}
    cycles = np.array([-1, *(own.turn.cycle for own in begun)])
    time = np.array([0.0, *(own.begun + float(own.solution.t[-1]) for own in begun)])
    return Record(cycles, time, values, np.ones(count, dtype=bool), end, tuple(notes))


def _evaluated(begun: Sequence[Ran], place: int, cell: Cell) -> dict[str, np.ndarray]:
    """Recorded variables at the start (`place` 0) or the end (-1) of steps, (step,).

    All steps of one model are evaluated at once; those of a drive cycle one by one, as they are the
    only ones whose equations contain the time.
    """
    values = {name: np.empty(len(begun)) for name in recorded_variables(cell.sides)}
    groups: dict[tuple, list[int]] = {}
    for number, own in enumerate(begun):
        alone = number if own.turn.step.profile is not None else None
        groups.setdefault((id(own.solution.all_models[0]), alone), []).append(number)
    for numbers in groups.values():
        steps = [begun[number].solution for number in numbers]
        columns = [np.asarray(step.all_ys[place])[:, place] for step in steps]
        time = np.arange(len(steps), dtype=float) if len(steps) > 1 else steps[0].t[[place]]
        stacked = pybamm.Solution(
            [time], [np.column_stack(columns)], [steps[0].all_models[0]], [steps[0].all_inputs[0]]
        )
        for name, column in values.items():
            column[numbers] = stacked[name].entries
    return values


def _evaluated_at_start(cell, values, state) -> tuple[dict[str, np.ndarray], State]:
    """Recorded variables before the first step, and the state; NaN where PyBaMM cannot even rest."""
    rest = turns(Protocol(["Rest for 1 second"]))
    try:
        begun = ran_in(simulation(cell, rest, values, state).solve(), rest)
    except pybamm.SolverError:
        return {name: np.full(1, np.nan) for name in recorded_variables(cell.sides)}, {}
    return _evaluated(begun, 0, cell), begun[0].start


def _labelled(state: State) -> dict[str, float]:
    labels = state_labels({name: len(own) for name, own in state.items()})
    return dict(zip(labels, itertools.chain(*(own.tolist() for own in state.values())), strict=True))


def _state_of(earlier: Earlier, cell: Cell) -> State:
    """The state that a run goes on from, by variable."""
    sizes = {variable.name: 1 for variable in build(cell).rhs}
    for label in earlier.state:
        name, _, place = label.rpartition(" ")
        if name in sizes and place.isdigit():
            sizes[name] = max(sizes[name], int(place))
    own = earlier.values(state_labels(sizes), cell)
    parts = np.split(own, np.cumsum(list(sizes.values()))[:-1])
    return dict(zip(sizes, parts, strict=True))
