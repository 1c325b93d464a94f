"""PyBaMM's discretised expression tree as one CasADi function: a Rosenbrock step of the circuit.

The tree is taken as it is, once per structure of cell: every parameter that it contains and the current
are inputs, so that a fit or a draw costs no new build. The current is an unknown beside the states, held
by one algebraic row, which weighs current, voltage and power, for every kind of step::

    dy/dt = f(y, I),      0 = w_I I + w_V V(y, I) + w_P V I - target

RODAS (``rodas``) solves that differential-algebraic system; its linear systems are factorised
symbolically, once, in an order that keeps them sparse (``sparse_factors``). CasADi's virtual machine
runs it everywhere; a C compiler makes it faster (``native``).
"""

import ctypes
import functools

import casadi
import numpy as np
import pybamm

from twin import names
from twin.cell import Cell
from twin.errors import ParameterError
from twin.model import build, functions_of
from twin.results.earlier import state_labels
from twin.results.record import INTEGRALS, recorded_variables
from twin.simulators.long_cycling.native import native
from twin.simulators.long_cycling.rodas import GAMMA, rodas_step
from twin.simulators.long_cycling.sparse_factors import SparseFactors

CONTROLS = ("current", "voltage", "power")
"""What the control row weighs, in the order of its weights; the target follows after them."""

ABSOLUTE_TOLERANCE = 1e-6
"""Absolute tolerance of every state in the solver's scale, in which states are of the order of one."""

SMALL_SHARE = 0.05
"""An integral may err by the tolerance times its change over a step plus this share of the nominal
capacity, so that a step that hardly changes it is not held to nothing."""

SMALL_RATE = 1e-3
"""[1/h] A current may err by the tolerance times itself plus this C-rate, so that the end of a hold is
not held to nothing."""

LARGEST = {names.CONTACT_FRACTION: 1.0}
"""The largest value of a state, for those that have one. A step or a jump that exceeds it within its
tolerance is put back onto it (Shampine et al. 2005, Appl. Math. Comput. 170, 556)."""

RELAXING = (
    names.INTERFACE_OVERPOTENTIAL,
    names.CHARGE_TRANSFER_OVERPOTENTIAL,
    names.SURFACE_SOC,
)
"""States that are charges of capacitances, or as small, and may relax within milliseconds. A state that
relaxes as fast and is missing here is integrated, which is as right and takes more steps."""

VOLTAGE_WINDOW = ("Minimum voltage [V]", "Maximum voltage [V]")
"""PyBaMM's names of the events at the cell's own cut-offs."""

LEAST_GAIN = 0.01
"""A cell gives its largest power where more current gives no more of it. A power step ends where one
percent more current gives this share of one percent more power, which is 25 millionths below it."""

WINDOW_MARGIN = 1.0
"""[V] A step of an experiment may go this far beyond the cell's own cut-offs, as in PyBaMM."""

CURRENT_INPUT = names.CURRENT_FUNCTION
"""The input of the model that becomes an unknown of the circuit."""


class CompiledCircuit:
    """The compiled circuit of one structure of cell; no parameter value of the cell enters it.

    Attributes
    ----------
    parameters : names of the numerical inputs that the model's equations contain, in order
    states : slices of the state vector by PyBaMM variable name
    scale : (state,) what one of each counts as, in the variable's unit
    largest : (state,) what each can be at most, in the solver's scale; infinite where there is no bound
    event_names : events, positive while the cell runs: the model's, and last that of its largest power
    net_capacity, soc : places of these states, which cut-offs watch; their scale is 1
    labels : of each number of the state, as a run hands it on
    """

    def __init__(self, cell: Cell):
        model = build(cell)
        functions = functions_of(cell)
        needed = _named(model) | {names.NOMINAL_CAPACITY}
        self.parameters = tuple(sorted(needed - {CURRENT_INPUT, *functions}))
        inputs = {key: "[input]" for key in (*self.parameters, CURRENT_INPUT)}
        simulation = pybamm.Simulation(
            model, parameter_values=pybamm.ParameterValues({**functions, **inputs})
        )
        simulation.build()
        model = simulation.built_model
        self.size = model.concatenated_initial_conditions.shape[0]
        self.states = {variable.name: where[0] for variable, where in model.y_slices.items()}
        self._places: dict[tuple[str, ...], np.ndarray] = {}
        self.scale = np.ones(self.size)
        for variable, where in model.y_slices.items():
            self.scale[where[0]] = variable.scale.evaluate()
        self.labels = state_labels({name: own.stop - own.start for name, own in self.states.items()})
        self.net_capacity = self.states[names.NET_CAPACITY].start
        self.soc = self.states[names.SOC].start
        self.largest = np.full(self.size, np.inf)
        for name, value in LARGEST.items():
            self.largest[self.places(name)] = value / self.scale[self.places(name)]
        self.recorded = recorded_variables(cell.sides)
        self._build_functions(model)

    def _build_functions(self, model):
        t = casadi.MX.sym("t")
        y = casadi.MX.sym("y", self.size)
        current = casadi.MX.sym("I")
        p = casadi.MX.sym("p", len(self.parameters))
        inputs = {key: p[place] for place, key in enumerate(self.parameters)}
        inputs[CURRENT_INPUT] = current

        def convert(symbol):
            return symbol.to_casadi(t, y, inputs=inputs)

        def function(name, *outputs):
            # autonomous: no shipped parameter depends on time
            frozen = [casadi.substitute([out], [t], [casadi.MX(0)])[0] for out in outputs]
            return casadi.Function(name, [y, current, p], frozen).expand()

        rhs = function("rhs", convert(model.concatenated_rhs))
        voltage = function("voltage", convert(model.get_processed_variable(names.VOLTAGE)))
        terminations = [
            event for event in model.events if event.event_type == pybamm.EventType.TERMINATION
        ]
        of_model = tuple(event.name for event in terminations)
        self.event_names = (*of_model, names.LARGEST_POWER_EVENT)
        margins = [WINDOW_MARGIN if name in VOLTAGE_WINDOW else 0.0 for name in of_model]
        events = function(
            "events",
            casadi.vertcat(
                *(convert(e.expression) + m for e, m in zip(terminations, margins, strict=True))
            ),
        )
        self.initial_state = function("initial_state", convert(model.concatenated_initial_conditions))
        record = function(
            "record",
            casadi.vertcat(*(convert(model.get_processed_variable(name)) for name in self.recorded)),
        )
        x, parameters = casadi.SX.sym("x", self.size + 1), casadi.SX.sym("p", len(self.parameters))
        self.record = casadi.Function(
            "circuit_record", [x, parameters], [record(x[:-1], x[-1], parameters)], {"cse": True}
        )
        self._build_step(rhs, voltage, events)

    def _build_step(self, rhs, voltage, events):
        n = self.size
        y, current = casadi.SX.sym("y", n), casadi.SX.sym("I")
        p = casadi.SX.sym("p", len(self.parameters))
        h, tolerance = casadi.SX.sym("h"), casadi.SX.sym("tolerance")
        control = casadi.SX.sym("control", len(CONTROLS) + 1)

        x = casadi.vertcat(y, current)
        v = voltage(y, current, p)
        row = casadi.dot(control[:-1], casadi.vertcat(current, v, v * current)) - control[-1]
        residual = casadi.vertcat(rhs(y, current, p), row)
        evaluate = casadi.Function("residual", [x, p, control], [residual])
        mass = casadi.DM([1.0] * n + [0.0])
        system = casadi.diag(mass) * (1 / h / GAMMA) - casadi.jacobian(residual, x)
        solve = SparseFactors(system)

        new, miss, bends = rodas_step(lambda at: evaluate(at, p, control), solve, x, mass, h)
        for place in np.flatnonzero(np.isfinite(self.largest)).tolist():
            new[place] = casadi.fmin(new[place], self.largest[place])
        size = casadi.fmax(casadi.fabs(x), casadi.fabs(new))
        scale = ABSOLUTE_TOLERANCE + tolerance * size
        capacity = p[self.parameters.index(names.NOMINAL_CAPACITY)]
        for name in INTEGRALS:
            # an integral over the whole run: what counts is its change over this step
            k = self.states[name].start
            scale[k] = tolerance * (casadi.fabs(new[k] - x[k]) + SMALL_SHARE * capacity)
        scale[n] = tolerance * (size[n] + SMALL_RATE * capacity)
        # the largest: in a mean over all states, one could err several times its tolerance
        error = _largest(casadi.fabs(miss / scale))
        largest_power = _largest_power_event(current, v, control)
        watched = casadi.vertcat(v, events(y, current, p), largest_power)
        watch = casadi.Function("watch", [x, p, control], [watched])
        options = {"cse": True}
        self.step = casadi.Function(
            "circuit_step",
            [x, p, control, h, tolerance],
            [new, casadi.vertcat(watch(new, p, control), error), casadi.vertcat(*bends)],
            options,
        )
        self.start = casadi.Function(
            "circuit_start",
            [x, p, control],
            [casadi.vertcat(watched, row, casadi.gradient(row, current))],
            options,
        )
        self.settle = self._settling(x, p, control, residual, tolerance)

    def _settling(self, x, p, control, residual, tolerance):
        """A Newton iteration for what relaxes faster than `rate`, all other states held."""
        rate = casadi.SX.sym("rate")
        moving = [*self.places(*RELAXING).tolist(), self.size]
        some, unknown = residual[moving], x[moving]
        jacobian = casadi.jacobian(some, unknown)
        fast = casadi.vertcat(casadi.diag(jacobian)[:-1] < -rate, 1)
        solve = SparseFactors(casadi.diag(1 - fast) - casadi.mtimes(casadi.diag(fast), jacobian))
        move = casadi.SX.zeros(self.size + 1)
        move[moving] = solve(fast * some)
        scale = ABSOLUTE_TOLERANCE + tolerance * casadi.fabs(x)
        size = _largest(casadi.fabs(move / scale)[: self.size])
        return casadi.Function(
            "circuit_settle", [x, p, control, rate, tolerance], [x + move, size], {"cse": True}
        )

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
        return native((self.start, self.settle), (self.step, self.record), sizes, lanes=lanes)

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

    def places(self, *wanted: str) -> np.ndarray:
        """Places in the state vector of PyBaMM variables, on whichever interface they are."""
        if wanted not in self._places:
            self._places[wanted] = self._find(wanted)
        return self._places[wanted]

    def _find(self, wanted):
        known = {*wanted, *(names.at(side, name) for side in names.INTERFACES for name in wanted)}
        return np.array(
            sorted(
                place
                for name, where in self.states.items()
                for place in range(where.start, where.stop)
                if name in known
            ),
            dtype=int,
        )

    def start_of_run(self, parameters: np.ndarray) -> np.ndarray:
        """States (state,) with which a run begins."""
        return np.array(self.initial_state(np.zeros(self.size), 0.0, parameters)).ravel()


def _largest(values):
    """The largest of positive numbers; not finite where one is not, which a maximum may pass over."""
    total = casadi.sum1(values)
    return casadi.if_else(total < casadi.inf, casadi.mmax(values), total)


def _largest_power_event(current, voltage, control):
    """How much more power more current gives, d ln(VI) / d ln(I), beyond `LEAST_GAIN`.

    Only a discharge has a largest power: where the voltage falls as a - bI, with what resists at once,
    it is a^2 / 4b. All other steps have 1 here.
    """
    power = control[CONTROLS.index("power")] * control[-1]
    gain = 1 + current**2 * casadi.gradient(voltage, current) / power
    return casadi.if_else(power > 0, gain - LEAST_GAIN, 1)


def _named(model: pybamm.BaseModel) -> set[str]:
    """The parameters that the equations and variables of a model name, functions among them."""
    kinds = (pybamm.Parameter, pybamm.FunctionParameter)
    return {symbol.name for symbol in model.parameters if isinstance(symbol, kinds)}


_CIRCUITS: dict[tuple, CompiledCircuit] = {}


def compiled(cell: Cell) -> CompiledCircuit:
    """The compiled circuit of a cell's structure; built on first use, then shared."""
    if cell.structure not in _CIRCUITS:
        _CIRCUITS[cell.structure] = CompiledCircuit(cell)
    return _CIRCUITS[cell.structure]
