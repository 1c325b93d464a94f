"""The equations of a cell's structure, from PyBaMM's discretised expression tree.

The tree is taken as it is: every parameter that it contains and the current are inputs, so that a fit or
a draw costs no new build. No parameter value of a cell enters it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import casadi
import numpy as np
import pybamm

from twin import names
from twin.cell import Cell
from twin.model import build, functions_of
from twin.results.record import recorded_variables
from twin.simulators.long_cycling.circuit_states import CircuitStates

VOLTAGE_WINDOW = ("Minimum voltage [V]", "Maximum voltage [V]")
"""PyBaMM's names of the events at the cell's own cut-offs."""

WINDOW_MARGIN = 1.0
"""[V] A step of an experiment may go this far beyond the cell's own cut-offs, as in PyBaMM."""

CURRENT_INPUT = names.CURRENT_FUNCTION
"""The input of the model that becomes an unknown of the circuit."""


@dataclass(frozen=True)
class Equations:
    """What PyBaMM's tree says, as functions of the states y, the current I and the parameters p.

    Attributes
    ----------
    parameters : names of the numbers in p, in order
    states : where each state stands in y
    event_names, recorded : what `events` and `record` give, in order
    rhs : dy/dt
    voltage : of the terminals [V]
    events : positive until they happen
    record : variables in their units
    initial_state : y with which a run begins
    """

    parameters: tuple[str, ...]
    states: CircuitStates
    event_names: tuple[str, ...]
    recorded: tuple[str, ...]
    rhs: casadi.Function
    voltage: casadi.Function
    events: casadi.Function
    record: casadi.Function
    initial_state: casadi.Function


def equations_of(cell: Cell) -> Equations:
    """The equations of a cell's structure."""
    model = build(cell)
    functions = functions_of(cell)
    needed = _named(model) | {names.NOMINAL_CAPACITY}
    parameters = tuple(sorted(needed - {CURRENT_INPUT, *functions}))
    inputs = {key: "[input]" for key in (*parameters, CURRENT_INPUT)}
    simulation = pybamm.Simulation(
        model, parameter_values=pybamm.ParameterValues({**functions, **inputs})
    )
    simulation.build()
    model = simulation.built_model
    states = _states(model)
    ends = [event for event in model.events if event.event_type == pybamm.EventType.TERMINATION]
    recorded = recorded_variables(cell.sides)
    function = _Converter(states.size, parameters)
    return Equations(
        parameters,
        states,
        tuple(event.name for event in ends),
        recorded,
        rhs=function("rhs", [model.concatenated_rhs]),
        voltage=function("voltage", [model.get_processed_variable(names.VOLTAGE)]),
        events=function("events", [event.expression + _margin(event) for event in ends]),
        record=function("record", [model.get_processed_variable(name) for name in recorded]),
        initial_state=function("initial_state", [model.concatenated_initial_conditions]),
    )


def _states(model) -> CircuitStates:
    scale = np.ones(model.concatenated_initial_conditions.shape[0])
    for variable, where in model.y_slices.items():
        scale[where[0]] = variable.scale.evaluate()
    return CircuitStates({variable.name: where[0] for variable, where in model.y_slices.items()}, scale)


def _margin(event) -> float:
    return WINDOW_MARGIN if event.name in VOLTAGE_WINDOW else 0.0


class _Converter:
    """From PyBaMM's symbols to functions of (y, I, p)."""

    def __init__(self, size: int, parameters: Sequence[str]):
        self.t, self.y = casadi.MX.sym("t"), casadi.MX.sym("y", size)
        current, p = casadi.MX.sym("I"), casadi.MX.sym("p", len(parameters))
        self.inputs = {key: p[place] for place, key in enumerate(parameters)}
        self.inputs[CURRENT_INPUT] = current
        self.arguments = [self.y, current, p]

    def __call__(self, name: str, symbols: Sequence[pybamm.Symbol]) -> casadi.Function:
        """The function of that name that gives all symbols below each other."""
        found = casadi.vertcat(*(own.to_casadi(self.t, self.y, inputs=self.inputs) for own in symbols))
        # autonomous: no shipped parameter depends on time
        frozen = casadi.substitute([found], [self.t], [casadi.MX(0)])
        return casadi.Function(name, self.arguments, frozen).expand()


def _named(model: pybamm.BaseModel) -> set[str]:
    """The parameters that the equations and variables of a model name, functions among them."""
    kinds = (pybamm.Parameter, pybamm.FunctionParameter)
    return {symbol.name for symbol in model.parameters if isinstance(symbol, kinds)}
