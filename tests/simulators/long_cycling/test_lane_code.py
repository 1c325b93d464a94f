"""C over lanes: every operation as CasADi does it."""

import ctypes
import shutil
from importlib import resources

import casadi
import numpy as np
import pytest

from twin.simulators.long_cycling import lane_code as module
from twin.simulators.long_cycling.c_compiler import compile_library
from twin.simulators.long_cycling.lane_code import UnknownOperationError, lane_code

x, y = casadi.SX.sym("x"), casadi.SX.sym("y")
ANYWHERE = {
    "arithmetic": casadi.vertcat(x + y, x - y, x * y, x / y, -x, 1 / y, x**2, 2 * x),
    "sizes": casadi.vertcat(
        casadi.fabs(x), casadi.fmax(x, y), casadi.fmin(x, y), casadi.sign(x), casadi.floor(x)
    ),
    "comparisons": casadi.vertcat(x < y, x <= y, x == y, x != y, casadi.logic_not(x > 0)),
    "logic": casadi.vertcat(
        casadi.logic_and(x > 0, y > 0), casadi.logic_or(x > 0, y > 0), casadi.if_else(x > y, x, 3 * y)
    ),
    "functions": casadi.vertcat(*(f(x) for f in (casadi.exp, casadi.tanh, casadi.sinh, casadi.cosh))),
    "more functions": casadi.vertcat(
        *(f(x) for f in (casadi.asinh, casadi.sin, casadi.cos, casadi.atan, casadi.erf, casadi.expm1))
    ),
}
inside, outside = casadi.tanh(x), 1 + x**2
ANYWHERE["functions of a bounded number"] = casadi.vertcat(
    *(f(inside) for f in (casadi.asin, casadi.acos, casadi.tan, casadi.ceil)),
    casadi.atanh(0.9 * inside), casadi.acosh(outside),
)  # fmt: skip
POSITIVE = {
    "powers": casadi.vertcat(casadi.log(x), casadi.sqrt(x), x**y, x**1.7, casadi.log1p(x)),
    "constants": casadi.vertcat(x, casadi.SX(0.1), casadi.SX(casadi.inf), casadi.SX(-casadi.inf)),
}


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
@pytest.mark.parametrize("name", [*ANYWHERE, *POSITIVE])
def test_each_lane_is_what_casadi_finds(name, lanes, tmp_path):
    function = casadi.Function("probe", [x, y], [(ANYWHERE | POSITIVE)[name]])
    values = np.random.default_rng(0).normal(0, 3, (2, 8))
    values[:, 2] = values[0, 2]  # equal ones are compared too
    values[0, 3] = -1000.0 if name in ANYWHERE else 0.0
    values = np.abs(values) if name in POSITIVE else values
    found = in_lanes(function, values, lanes, tmp_path)
    truth = np.array([np.array(function(*column)).ravel() for column in values.T]).T
    np.testing.assert_allclose(found, truth, rtol=1e-12, atol=1e-300)


def in_lanes(function, values, lanes, folder):
    """(output, lane) of a function of two numbers, in as many calls as it takes."""
    header = (resources.files("twin.simulators.long_cycling") / "lanes.h").read_text(encoding="utf-8")
    ends = """
void ask(const double *x, const double *y, double *z) {
    lanes given[2], found[OUTPUTS];
    for (int k = 0; k < LANES; ++k) { LANE(given[0], k) = x[k]; LANE(given[1], k) = y[k]; }
    probe(&given[0], &given[1], found);
    for (int i = 0; i < OUTPUTS * LANES; ++i) z[i] = LANE(found[i / LANES], i % LANES);
}
"""
    outputs = function.size1_out(0)
    source = f"#define LANES {lanes}\n#define OUTPUTS {outputs}\n" + header + lane_code(function) + ends
    compile_library("cc", source, folder / "probe.so")
    library = ctypes.CDLL(str(folder / "probe.so"))
    library.ask.argtypes = [ctypes.c_void_p] * 3
    parts = []
    for first in range(0, values.shape[1], lanes):
        given = np.ascontiguousarray(values[:, first : first + lanes])
        part = np.empty((outputs, lanes))
        library.ask(given[0].ctypes.data, given[1].ctypes.data, part.ctypes.data)
        parts.append(part)
    return np.hstack(parts)


def test_an_operation_without_a_form_is_named(monkeypatch):
    monkeypatch.setattr(module, "FORMS", {})
    with pytest.raises(UnknownOperationError, match="exp"):
        lane_code(casadi.Function("f", [x], [casadi.exp(x)]))
