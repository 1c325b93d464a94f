"""What a compiled circuit is made of: a Rosenbrock step of its equations, as CasADi functions and as C.

The current is an unknown beside the states, held by one algebraic row, which weighs current, voltage and
power, for every kind of step::

    dy/dt = f(y, I),      0 = w_I I + w_V V(y, I) + w_P V I - target

RODAS (``rodas``) solves that differential-algebraic system; its linear systems are factorised
symbolically, once, in an order that keeps them sparse (``sparse_factors``).
"""

from typing import Any

import casadi
import numpy as np

from twin import names
from twin.cell import Cell
from twin.results.record import INTEGRALS
from twin.simulators.long_cycling.c_functions import c_functions
from twin.simulators.long_cycling.circuit_states import RELAXING
from twin.simulators.long_cycling.equations import Equations, equations_of
from twin.simulators.long_cycling.rodas import GAMMA, rodas_step
from twin.simulators.long_cycling.sparse_factors import SparseFactors
from twin.simulators.long_cycling.step_codes import CONTROLS

ABSOLUTE_TOLERANCE = 1e-6
"""Absolute tolerance of every state in the solver's scale, in which states are of the order of one."""

SMALL_SHARE = 0.05
"""An integral may err by the tolerance times its change over a step plus this share of the nominal
capacity, so that a step that hardly changes it is not held to nothing."""

SMALL_RATE = 1e-3
"""[1/h] A current may err by the tolerance times itself plus this C-rate, so that the end of a hold is
not held to nothing."""

LEAST_GAIN = 0.01
"""A cell gives its largest power where more current gives no more of it. A power step ends where one
percent more current gives this share of one percent more power, which is 25 millionths below it."""


def makings(cell: Cell) -> dict[str, Any]:
    """What the circuit of a cell's structure is made of, in what JSON can hold.

    Returns
    -------
    dict
        `parameters`, `event_names`, `recorded` : names, as of :class:`CompiledCircuit`
        `states` : PyBaMM variable name -> where it begins and ends
        `scale` : of each number of the state
        `functions` : name -> CasADi's own text of the function
        `code` : the same in C (:func:`twin.simulators.long_cycling.c_functions.c_functions`)
    """
    equations = equations_of(cell)
    functions = _functions(equations)
    return {
        "parameters": equations.parameters,
        "event_names": (*equations.event_names, names.LARGEST_POWER_EVENT),
        "recorded": equations.recorded,
        "states": {name: (own.start, own.stop) for name, own in equations.states.slices.items()},
        "scale": equations.states.scale.tolist(),
        "functions": {name: function.serialize() for name, function in functions.items()},
        "code": c_functions(
            alone=(functions["start"], functions["settle"]),
            together=(functions["step"], functions["record"]),
        ),
    }


def _functions(equations: Equations) -> dict[str, casadi.Function]:
    """Name -> function. `x` are the states, with the current last."""
    n = equations.states.size
    y, current = casadi.SX.sym("y", n), casadi.SX.sym("I")
    p = casadi.SX.sym("p", len(equations.parameters))
    h, tolerance = casadi.SX.sym("h"), casadi.SX.sym("tolerance")
    control = casadi.SX.sym("control", len(CONTROLS) + 1)

    x = casadi.vertcat(y, current)
    v = equations.voltage(y, current, p)
    row = casadi.dot(control[:-1], casadi.vertcat(current, v, v * current)) - control[-1]
    residual = casadi.vertcat(equations.rhs(y, current, p), row)
    evaluate = casadi.Function("residual", [x, p, control], [residual])
    mass = casadi.DM([1.0] * n + [0.0])
    system = casadi.diag(mass) * (1 / h / GAMMA) - casadi.jacobian(residual, x)
    solve = SparseFactors(system)

    new, miss, bends = rodas_step(lambda at: evaluate(at, p, control), solve, x, mass, h)
    largest = equations.states.largest
    for place in np.flatnonzero(np.isfinite(largest)).tolist():
        new[place] = casadi.fmin(new[place], largest[place])
    scale = _scale(equations, x, new, p, tolerance)
    # the largest: in a mean over all states, one could err several times its tolerance
    error = _largest(casadi.fabs(miss / scale))
    largest_power = _largest_power_event(current, v, control)
    watched = casadi.vertcat(v, equations.events(y, current, p), largest_power)
    watch = casadi.Function("watch", [x, p, control], [watched])

    def function(name, given, found):
        return casadi.Function(f"circuit_{name}", given, found, {"cse": True})

    at, numbers = casadi.SX.sym("x", n + 1), casadi.SX.sym("p", len(equations.parameters))
    monitors = casadi.vertcat(watch(new, p, control), error)
    seen = casadi.vertcat(watched, row, casadi.gradient(row, current))
    rate = casadi.SX.sym("rate")
    settled = _settled(equations, x, residual, tolerance, rate)
    return {
        "initial_state": equations.initial_state,
        "record": function("record", [at, numbers], [equations.record(at[:-1], at[-1], numbers)]),
        "step": function("step", [x, p, control, h, tolerance], [new, monitors, casadi.vertcat(*bends)]),
        "start": function("start", [x, p, control], [seen]),
        "settle": function("settle", [x, p, control, rate, tolerance], settled),
    }


def _scale(equations: Equations, x, new, p, tolerance):
    """How much each unknown may err over a step from `x` to `new`."""
    n = equations.states.size
    size = casadi.fmax(casadi.fabs(x), casadi.fabs(new))
    scale = ABSOLUTE_TOLERANCE + tolerance * size
    capacity = p[equations.parameters.index(names.NOMINAL_CAPACITY)]
    for name in INTEGRALS:
        # an integral over the whole run: what counts is its change over this step
        k = equations.states.slices[name].start
        scale[k] = tolerance * (casadi.fabs(new[k] - x[k]) + SMALL_SHARE * capacity)
    scale[n] = tolerance * (size[n] + SMALL_RATE * capacity)
    return scale


def _settled(equations: Equations, x, residual, tolerance, rate):
    """A Newton iteration for what relaxes faster than `rate`, all other states held, and its size."""
    n = equations.states.size
    moving = [*equations.states.places(*RELAXING).tolist(), n]
    some, unknown = residual[moving], x[moving]
    jacobian = casadi.jacobian(some, unknown)
    fast = casadi.vertcat(casadi.diag(jacobian)[:-1] < -rate, 1)
    solve = SparseFactors(casadi.diag(1 - fast) - casadi.mtimes(casadi.diag(fast), jacobian))
    move = casadi.SX.zeros(n + 1)
    move[moving] = solve(fast * some)
    scale = ABSOLUTE_TOLERANCE + tolerance * casadi.fabs(x)
    return [x + move, _largest(casadi.fabs(move / scale)[:n])]


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
