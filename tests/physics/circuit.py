"""A cell's equations in stock PyBaMM: solved over an experiment, or read at states of one's choice."""

import functools

import numpy as np
import pybamm

import twin
from twin import names
from twin.cell import Cell
from twin.model import build

GAS_CONSTANT = 8.314462618
FARADAY = 96485.33212
ROOM = 298.15
"""[K], the reference temperature of every shipped cell."""
THERMAL_VOLTAGE = GAS_CONSTANT * ROOM / FARADAY
"""RT/F [V] at room temperature."""
SOLVER_TOLERANCE = 1e-8
"""A hundredth of what PyBaMM asks of itself, so that a law is tested and not its integration."""
ROUNDING = 1e-9
"""Relative: an expression that is evaluated, not integrated, errs by rounding alone."""
INTEGRATED = 1e-4
"""Relative: both simulators' tolerances, summed over a short run, end well below this."""


def negative(name):
    return names.at(names.NEGATIVE, name)


def positive(name):
    return names.at(names.POSITIVE, name)


def arrhenius(activation_energy, celsius):
    """How many times faster than at 25 degrees."""
    return np.exp(activation_energy / GAS_CONSTANT * (1 / ROOM - 1 / (celsius + 273.15)))


def solved(cell: Cell, steps: list[str]) -> pybamm.Solution:
    """The solution of one experiment by ``pybamm.Simulation``, the steps being one cycle."""
    return pybamm.Simulation(
        build(cell),
        parameter_values=twin.parameter_values(cell),
        experiment=pybamm.Experiment([tuple(steps)]),
        solver=pybamm.IDAKLUSolver(rtol=SOLVER_TOLERANCE, atol=SOLVER_TOLERANCE),
    ).solve()


def unlike_energies(cell: Cell) -> Cell:
    """The cell with activation energies that all differ, so that none can stand in for another."""
    keys = [key for key in cell.parameters if "activation energy" in key]
    return cell.replace({key: 20000.0 + 3000.0 * number for number, key in enumerate(keys)})


def amperes(cell, current_density):
    """A current density [A.m-2] as PyBaMM's steps take it."""
    return f"{current_density * cell.area:.12g} A"


def one_half_cycle(cell, current="0.1 mA/cm2", hours=1.0):
    """Dataset of one discharge; nothing is jumped."""
    return twin.simulate(
        cell, twin.Protocol([f"Discharge at {current} for {hours} hours"]), jump=False
    ).isel(cycle=0)


class Circuit:
    """The equations of a cell, discretised by PyBaMM.

    Parameters
    ----------
    cell : Cell
    free : names of parameters that each question may give another value
    """

    def __init__(self, cell: Cell, free=()):
        self.cell, self.free = cell, free
        values = twin.parameter_values(cell)
        values.update({name: "[input]" for name in (names.CURRENT_FUNCTION, *free)})
        simulation = pybamm.Simulation(build(cell), parameter_values=values)
        simulation.build()
        self.model = simulation.built_model
        self.states = {variable.name: where[0] for variable, where in self.model.y_slices.items()}
        self.scale = {variable.name: variable.scale.evaluate() for variable in self.model.y_slices}
        self.rates = pybamm.EvaluatorPython(self.model.concatenated_rhs)

        self.variable = functools.cache(self._variable)

    def _variable(self, name):
        return pybamm.EvaluatorPython(self.model.get_processed_variable(name))

    def at(self, current_density=0.0, states=None, *, parameters=None, celsius=25.0) -> "Moment":
        """The circuit at a current [A.m-2]; states that are not given are those of the start.

        `states` gives values by variable name, in the variable's unit, (node,) for a distributed one.
        """
        inputs = {name: self.cell.values[name] for name in self.free} | (parameters or {})
        inputs[names.CURRENT_FUNCTION] = current_density * self.cell.area
        y = self.model.concatenated_initial_conditions.evaluate(inputs=inputs).copy()
        for name, value in {"Cell temperature [degC]": celsius, **(states or {})}.items():
            where = self.states[name]
            y[where] = np.reshape(value, (-1, 1)) / self.scale[name]
        return Moment(self, y, inputs)


class Moment:
    """A circuit at one state, current and set of parameters."""

    def __init__(self, circuit, y, inputs):
        self.circuit, self.y, self.inputs = circuit, y, inputs

    def value(self, name: str) -> float:
        """A variable of the model, in its unit."""
        return np.asarray(self.circuit.variable(name)(0.0, self.y, inputs=self.inputs)).item()

    def margin(self, event: str) -> float:
        """How far an event of the model is: it ends a run where this falls to zero."""
        (expression,) = (e.expression for e in self.circuit.model.events if e.name == event)
        return np.asarray(expression.evaluate(0.0, self.y, inputs=self.inputs)).item()

    def rate(self, name: str) -> float | np.ndarray:
        """Time derivative of a state, in its unit per second; (node,) of a distributed one."""
        rates = self.circuit.rates(0.0, self.y, inputs=self.inputs)[self.circuit.states[name]]
        rates = rates.ravel() * self.circuit.scale[name]
        return rates.item() if rates.size == 1 else rates
