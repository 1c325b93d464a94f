"""Where a run stands: the whole state of a cell at the end of chosen cycles, after a rest."""

from collections.abc import Collection

import numpy as np

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError
from twin.protocols import Protocol
from twin.protocols.step import read_step
from twin.simulators import long_cycling, reference
from twin.simulators.driven_step import driven_step
from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit, compiled
from twin.simulators.long_cycling.cycle_solver import cycle_solver
from twin.simulators.long_cycling.step_plan import CyclePlan, Request, UnknownStepError, step_plan

REST_TOLERANCE = 1e-5
"""Relative, over one integration step of a rest."""


def states_at(
    cell: Cell, protocol: Protocol, cycles: Collection[int], *, soc: float, rest: float = 0.0
) -> dict[int, dict[str, np.ndarray]]:
    """The states of a cell at the end of chosen cycles of a protocol.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    cycles : whole numbers from 0, which is the fresh cell before any current or rest
    soc : float
        The model's SoC at the start of the run.
    rest : float
        [h] at open circuit after each cycle.

    Returns
    -------
    dict : cycle -> PyBaMM variable name -> (size, 1) array in the variable's unit
        As ``set_initial_conditions_from`` of a PyBaMM model takes it: it would read a vector as a time
        series, of which the last entry counts.

    Raises
    ------
    ObservationError : the run ends before one of the cycles does, or the cell fails while it rests.
    """
    cell = cell.replace({names.INITIAL_SOC: soc})
    circuit = compiled(cell)
    numbers = circuit.vector(cell)
    solver = cycle_solver(circuit, REST_TOLERANCE)
    found = {0: circuit.start_of_run(numbers)} if 0 in cycles else {}
    if driven := sorted(set(cycles) - {0}):
        for number, y in _after(circuit, cell, protocol, driven, soc).items():
            found[number] = _rested(solver, numbers, y, cell, rest, number) if rest else y
    return {
        number: {name: (y * circuit.scale)[where, None] for name, where in circuit.states.items()}
        for number, y in sorted(found.items())
    }


def _after(circuit: CompiledCircuit, cell, protocol, cycles, soc) -> dict[int, np.ndarray]:
    """State vector at the end of each cycle: by the fast simulator, where it knows every step."""
    try:
        return long_cycling.states_after(cell, protocol, cycles, soc=soc)
    except UnknownStepError:
        by_name = reference.states_after(cell, protocol, cycles, soc=soc)
    vectors = {}
    for number, states in by_name.items():
        vectors[number] = np.empty(circuit.size)
        for name, where in circuit.states.items():
            vectors[number][where] = states[name] / circuit.scale[where]
    return vectors


def _rested(
    solver, numbers: np.ndarray, y: np.ndarray, cell: Cell, rest: float, number: int
) -> np.ndarray:
    text = f"Rest for {rest * 3600:.0f} seconds"
    plan = step_plan(driven_step(read_step(text), cell))
    (ends,) = solver.solve([Request(numbers, y, CyclePlan((plan,)))])
    if ends.reasons[-1] != "time":
        raise ObservationError(
            f"the cell fails within the rest of {rest:g} h after cycle {number} ({ends.reasons[-1]}); "
            "ask for an earlier cycle or a shorter rest"
        )
    return ends.states[-1]
