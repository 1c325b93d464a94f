"""The compiled circuit of one structure of cell: what its runs are solved with.

PyBaMM's expression tree becomes the functions of a Rosenbrock step once (``circuit_functions``), which
are kept (``twin.simulators.kept``), so that later processes need no PyBaMM. CasADi's virtual machine
runs them everywhere; a C compiler makes them faster (``native``).
"""

import ctypes
import functools
import sys
from collections.abc import Mapping
from typing import Any

import casadi
import numpy as np

from twin import names
from twin.cell import Cell
from twin.errors import ParameterError
from twin.simulators.kept import kept
from twin.simulators.long_cycling.circuit_states import CircuitStates
from twin.simulators.long_cycling.native import native
from twin.simulators.long_cycling.step_codes import CONTROLS


class CompiledCircuit:
    """The compiled circuit of one structure of cell; no parameter value of the cell enters it.

    Parameters
    ----------
    made : as :func:`twin.simulators.long_cycling.circuit_functions.makings` gives it

    Attributes
    ----------
    parameters : names of the numerical inputs that the model's equations contain, in order
    states : slices of the state vector by PyBaMM variable name
    scale : (state,) what one of each counts as, in the variable's unit
    largest : (state,) what each can be at most, in the solver's scale; infinite where there is no bound
    event_names : events, positive while the cell runs: the model's, and last that of its largest power
    recorded : variables that it records
    net_capacity, soc : places of these states, which cut-offs watch; their scale is 1
    labels : of each number of the state, as a run hands it on
    """

    def __init__(self, made: Mapping[str, Any]):
        self.parameters, self.event_names, self.recorded = (
            tuple(made[key]) for key in ("parameters", "event_names", "recorded")
        )
        slices = {name: slice(*ends) for name, ends in made["states"].items()}
        states = CircuitStates(slices, np.array(made["scale"]))
        self.states, self.scale, self.largest = slices, states.scale, states.largest
        self.size, self.labels = states.size, states.labels
        self.places = functools.cache(states.places)
        self.net_capacity = self.states[names.NET_CAPACITY].start
        self.soc = self.states[names.SOC].start
        self._functions, self._code = made["functions"], made["code"]

    @functools.cached_property
    def initial_state(self) -> casadi.Function:
        """Of states and current, which decide nothing, and parameters: the states of a fresh cell."""
        return self._function("initial_state")

    @functools.cached_property
    def record(self) -> casadi.Function:
        """Of states and parameters: the variables that are recorded."""
        return self._function("record")

    @functools.cached_property
    def step(self) -> casadi.Function:
        """Of states, parameters, control row, length and tolerance: new states, monitors, bends."""
        return self._function("step")

    @functools.cached_property
    def start(self) -> casadi.Function:
        """Of states, parameters and control row: monitors, residual of the row, and its slope."""
        return self._function("start")

    @functools.cached_property
    def settle(self) -> casadi.Function:
        """Of states, parameters, control row, rate and tolerance: where what is faster relaxes to."""
        return self._function("settle")

    def _function(self, name: str) -> casadi.Function:
        return casadi.Function.deserialize(self._functions[name])

    @functools.cached_property
    def library(self) -> ctypes.CDLL | None:
        """Native code that solves cycles of one circuit at a time, where the machine has a compiler."""
        return self._library(lanes=1)

    @functools.cached_property
    def wide_library(self) -> ctypes.CDLL | None:
        """As :attr:`library`, for many circuits: as many at a time as the processor has lanes."""
        return self._library(lanes=None)

    def _library(self, lanes: int | None):
        sizes = {
            "UNKNOWNS": self.size + 1,
            "PARAMETERS": len(self.parameters),
            "EVENTS": len(self.event_names),
            "CONTROL_WIDTH": len(CONTROLS) + 1,
            "RECORDED": len(self.recorded),
            "NET_CAPACITY_PLACE": self.net_capacity,
            "SOC_PLACE": self.soc,
        }
        return native(self._code, sizes, lanes=lanes)

    def vector(self, cell: Cell) -> np.ndarray:
        """Numerical inputs (parameter,) of a cell of this structure, in the order of `parameters`.

        Raises ParameterError: the cell lacks a parameter that its equations contain.
        """
        missing = [key for key in self.parameters if key not in cell.values]
        if missing:
            raise ParameterError(
                f"{cell.name} has no {', '.join(map(repr, missing))}, which its equations contain; give "
                "a value in the cell's file or in one of its parts"
            )
        return np.array([cell.values[key] for key in self.parameters])

    def start_of_run(self, parameters: np.ndarray) -> np.ndarray:
        """States (state,) with which a run begins."""
        return np.array(self.initial_state(np.zeros(self.size), 0.0, parameters)).ravel()


def circuit_of(cell: Cell) -> CompiledCircuit:
    """The compiled circuit of a cell's structure: from what was kept, or from PyBaMM."""

    def made():
        from twin.simulators.long_cycling.circuit_functions import makings

        return makings(cell)

    if "pybamm" in sys.modules:
        from twin.model import build

        build(cell)  # whoever has PyBaMM may ask it whom to cite: a model says so when it is built
    maker = "twin.simulators.long_cycling.circuit_functions"
    return CompiledCircuit(kept("equations", cell.structure, made, made_by=maker))


_CIRCUITS: dict[tuple, CompiledCircuit] = {}


def compiled(cell: Cell) -> CompiledCircuit:
    """As :func:`circuit_of`; what this process has asked for is shared."""
    if cell.structure not in _CIRCUITS:
        _CIRCUITS[cell.structure] = circuit_of(cell)
    return _CIRCUITS[cell.structure]
