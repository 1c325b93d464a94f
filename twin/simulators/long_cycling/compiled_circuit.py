"""PyBaMM's discretised expression tree as one CasADi function: a Rosenbrock step of the circuit.

The tree is taken as it is, once per structure of cell: every numerical parameter and the current are
inputs, so that a fit or a draw costs no new build. The current is an unknown beside the states, held
by one algebraic row for every kind of step::

    dy/dt = f(y, I),      0 = w_I I + w_V V(y, I) + w_P V I - target

RODAS (Hairer and Wanner 1996: order 4, L-stable, stiffly accurate, embedded order 3) solves that
differential-algebraic system; its linear systems are factorised symbolically, once, in an order that
keeps them sparse. CasADi's virtual machine runs it everywhere; a C compiler makes it faster.
"""

import ctypes
import functools

import casadi
import numpy as np
import pybamm

from twin import names
from twin.cell import Cell
from twin.model import build, parameter_dict
from twin.results.record import INTEGRALS, recorded_variables
from twin.simulators.long_cycling.native import native

CONTROLS = ("current", "voltage", "power")
"""Order of the weights of the control row."""
ABSOLUTE_TOLERANCE = 1e-6
"""On states in the solver's scale, in which they are of the order of one."""
SMALL_SHARE = 0.05
"""Of the nominal capacity: a change of an integral below it counts absolutely."""
RELAXING = (names.INTERFACE_OVERPOTENTIAL, names.CHARGE_TRANSFER_OVERPOTENTIAL)
"""Charges of capacitances, which may relax within milliseconds. One that is missing here is integrated,
which is as right and takes more steps."""
VOLTAGE_WINDOW = ("Minimum voltage [V]", "Maximum voltage [V]")
"""The model's own cut-offs: an experiment's steps may go 1 V beyond them, as in PyBaMM."""
CURRENT_INPUT = names.CURRENT_FUNCTION

# RODAS of order 4(3), in the form that needs no product with the Jacobian (Hairer and Wanner 1996,
# Section IV.7; the numbers as in KPP): stage i starts at y + sum A_ij k_j, adds sum C_ij k_j / h
GAMMA = 0.25
A = {
    2: (1.544,),
    3: (0.9466785280815826, 0.2557011698983284),
    4: (3.314825187068521, 2.896124015972201, 0.9986419139977817),
    5: (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950),
    6: (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0),
}
C = {
    2: (-5.6688,),
    3: (-2.430093356833875, -0.2063599157091915),
    4: (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
    5: (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
    6: (
        8.083246795921522,
        -7.981132988064893,
        -31.52159432874371,
        16.31930543123136,
        -6.058818238834054,
    ),
}
SOLUTION = (*A[6], 1.0)
BENDS = (
    (10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662),
    (-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872),
)
"""Of the interpolation of order 3: with the combinations b1 and b2 of the stages, at a share s of a step
(1 - s) y + s (y_new + (1 - s) (b1 + s b2))."""


class CompiledCircuit:
    """The compiled circuit of one structure of cell.

    Attributes
    ----------
    parameters : names of the numerical inputs, in order
    states : slices of the state vector by PyBaMM variable name
    scale : (state,) what one of each counts as, in the variable's unit
    event_names : model events, positive while the cell runs
    """

    def __init__(self, cell: Cell):
        values = dict(parameter_dict(cell))
        self.parameters = tuple(sorted(cell.values.keys() - {names.CURRENT_FUNCTION, *names.DEPOSITION}))
        inputs = {key: "[input]" for key in (*self.parameters, CURRENT_INPUT)}
        simulation = pybamm.Simulation(
            build(cell), parameter_values=pybamm.ParameterValues({**values, **inputs})
        )
        simulation.build()
        model = simulation.built_model
        self.size = model.concatenated_initial_conditions.shape[0]
        self.states = {variable.name: where[0] for variable, where in model.y_slices.items()}
        self._places: dict[tuple[str, ...], np.ndarray] = {}
        self.scale = np.ones(self.size)
        for variable, where in model.y_slices.items():
            self.scale[where[0]] = variable.scale.evaluate()
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
        self.event_names = tuple(event.name for event in terminations)
        # an experiment leaves a margin of 1 V around the cell's own voltage window
        margins = [1.0 if name in VOLTAGE_WINDOW else 0.0 for name in self.event_names]
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
        mass, per_h = casadi.DM([1.0] * n + [0.0]), 1 / h
        system = casadi.diag(mass) * (per_h / GAMMA) - casadi.jacobian(residual, x)
        solve = SparseFactors(system)

        stages = []
        for stage in range(1, len(SOLUTION) + 1):
            at = x + _combination(A.get(stage, ()), stages)
            right = evaluate(at, p, control) + mass * (_combination(C.get(stage, ()), stages) * per_h)
            stages.append(solve(right))
        new = x + _combination(SOLUTION, stages)
        bends = [_combination(weights, stages) for weights in BENDS]
        size = casadi.fmax(casadi.fabs(x), casadi.fabs(new))[:n]
        scale = ABSOLUTE_TOLERANCE + tolerance * size
        capacity = p[self.parameters.index(names.NOMINAL_CAPACITY)]
        for name in INTEGRALS:
            # an integral over the whole run: what counts is its change over this step
            k = self.states[name].start
            scale[k] = tolerance * (casadi.fabs(new[k] - x[k]) + SMALL_SHARE * capacity)
        error = casadi.sqrt(casadi.sumsqr(stages[-1][:n] / scale) / n)
        watched = casadi.vertcat(v, events(y, current, p))
        watched_new = casadi.vertcat(voltage(new[:n], new[n], p), events(new[:n], new[n], p))
        options = {"cse": True}
        self.step = casadi.Function(
            "circuit_step",
            [x, p, control, h, tolerance],
            [new, casadi.vertcat(watched_new, error), casadi.vertcat(*bends)],
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
        size = casadi.mmax(casadi.fabs(move / scale)[: self.size])
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
        }
        return native((self.start, self.settle), (self.step, self.record), sizes, lanes=lanes)

    def vector(self, cell: Cell) -> np.ndarray:
        """Numerical inputs of a cell, in the order of `parameters`."""
        return np.array([cell.values[key] for key in self.parameters])

    def places(self, *wanted: str) -> np.ndarray:
        """Places in the state vector of PyBaMM variables, on whichever interface they are."""
        if wanted not in self._places:
            self._places[wanted] = self._find(wanted)
        return self._places[wanted]

    def _find(self, wanted):
        return np.array(
            sorted(
                place
                for name, where in self.states.items()
                for place in range(where.start, where.stop)
                if any(name == w or name.endswith(w[0].lower() + w[1:]) for w in wanted)
            ),
            dtype=int,
        )

    def start_of_run(self, parameters: np.ndarray) -> np.ndarray:
        """States (state,) with which a run begins."""
        return np.array(self.initial_state(np.zeros(self.size), 0.0, parameters)).ravel()


class SparseFactors:
    """LU factors of a sparse symbolic matrix without pivoting, to solve with many right sides.

    The elimination order is Markowitz's: the pivot on the diagonal that fills in least. Pivots stay
    away from zero because the matrix is M/(h gamma) - J with a step h that error control keeps
    small against whatever grows; the algebraic row comes last.
    """

    def __init__(self, matrix: casadi.SX):
        rows: list[dict[int, casadi.SX]] = [{} for _ in range(matrix.shape[0])]
        for i, j, value in zip(*matrix.sparsity().get_triplet(), matrix.nonzeros(), strict=True):
            rows[i][j] = value
        columns: list[set[int]] = [set() for _ in rows]
        for i, row in enumerate(rows):
            for j in row:
                columns[j].add(i)
        self.lower: list[tuple[int, int, casadi.SX]] = []
        self.upper: list[tuple[int, casadi.SX, dict[int, casadi.SX]]] = []
        left = set(range(len(rows)))
        algebraic = len(rows) - 1
        while left:
            pivot = min(
                left,
                key=lambda k: (k == algebraic, (len(rows[k]) - 1) * (len(columns[k]) - 1)),
            )
            left.discard(pivot)
            pivot_row = rows[pivot]
            inverse = 1 / pivot_row[pivot]
            for j in pivot_row:
                columns[j].discard(pivot)
            for i in sorted(columns[pivot]):
                factor = rows[i].pop(pivot) * inverse
                self.lower.append((i, pivot, factor))
                for j, value in pivot_row.items():
                    if j != pivot:
                        rows[i][j] = rows[i].get(j, 0) - factor * value
                        columns[j].add(i)
            columns[pivot] = set()
            rest = {j: value for j, value in pivot_row.items() if j != pivot}
            self.upper.append((pivot, inverse, rest))

    def __call__(self, right: casadi.SX) -> casadi.SX:
        x = [right[k] for k in range(right.shape[0])]
        for i, pivot, factor in self.lower:
            x[i] -= factor * x[pivot]
        for pivot, inverse, rest in reversed(self.upper):
            x[pivot] = (x[pivot] - sum(value * x[j] for j, value in rest.items())) * inverse
        return casadi.vertcat(*x)


def _combination(weights, vectors):
    return sum((w * vector for w, vector in zip(weights, vectors, strict=False)), 0)


_CIRCUITS: dict[tuple, CompiledCircuit] = {}


def compiled(cell: Cell) -> CompiledCircuit:
    """The compiled circuit of a cell's structure; built on first use, then shared."""
    if cell.structure not in _CIRCUITS:
        _CIRCUITS[cell.structure] = CompiledCircuit(cell)
    return _CIRCUITS[cell.structure]
