"""One cycle: in C and in Python the same, its ends found, its start settled."""

import numpy as np
import pytest

import twin
from twin.parameter_sets import load_cell
from twin.simulators.compiled_circuit import CompiledCircuit, compiled
from twin.simulators.exact_cycle import NativeCycles, PythonCycles, cycle_solver
from twin.simulators.start import initial_soc
from twin.simulators.step_plan import CyclePlan, step_plan

TOLERANCE = 5e-4
PROTOCOLS = {
    "Chang2023_LiAlO2_LGPS_LCO": [
        "Charge at 1C until 4.2 V",
        "Hold at 4.2 V until C/20",
        "Rest for 10 minutes",
        "Discharge at 1 mW until 2.6 V",
    ],
    "Chang2023_Li_LGPS_symmetric": [
        "Discharge at 0.1 mA/cm2 for 1 hour",
        "Charge at 0.1 mA/cm2 for 1 hour",
    ],
}


def prepared(cell, texts):
    """The circuit, its parameters and the plan of a cycle."""
    protocol = twin.Protocol(texts)
    cell = cell.replace({"Initial SoC": initial_soc(cell, protocol)})
    circuit = compiled(cell)
    steps = tuple(step_plan(text, step, cell) for text, step in protocol.parsed(cell.area).items())
    return circuit, circuit.vector(cell), CyclePlan(steps)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_native_code_and_python_solve_the_same_cycle(name):
    circuit, parameters, cycle = prepared(load_cell(name, fitted=False), PROTOCOLS[name])
    if circuit.library is None:
        assert isinstance(cycle_solver(circuit, parameters, TOLERANCE), PythonCycles)
        return  # no compiler on this machine: Python is all there is
    start = circuit.start_of_run(parameters)
    native = NativeCycles(circuit, parameters, TOLERANCE).solve(start, cycle)
    python = PythonCycles(circuit, parameters, TOLERANCE).solve(start, cycle)
    assert [end.reason for end in native] == [end.reason for end in python]
    for one, other in zip(native, python, strict=True):
        # a rounding error may move the last trial of the search for a cut-off, to 1 uV
        np.testing.assert_allclose(one.state, other.state, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose([one.duration, one.voltage], [other.duration, other.voltage], 1e-5)


def test_without_a_compiler_the_same_run_comes_from_python(full, monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "")
    assert CompiledCircuit(full).library is None


def test_a_compiler_that_fails_is_done_without(full, monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "/bin/false")
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")
    monkeypatch.setattr("twin.simulators.native._folder", _nowhere)
    assert CompiledCircuit(full).library is None


def _nowhere():
    from pathlib import Path

    return Path("/nonexistent")
