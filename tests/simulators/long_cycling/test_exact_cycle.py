"""One cycle: in C and in Python the same, alone and in company."""

import shutil

import numpy as np
import pytest

import twin
from twin.parameter_sets import load_cell
from twin.simulators import results_of
from twin.simulators.driven_step import driven_step
from twin.simulators.long_cycling import library_folder
from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit, compiled
from twin.simulators.long_cycling.cycle_solver import NativeCycles, cycle_solver
from twin.simulators.long_cycling.exact_cycle import PythonCycles
from twin.simulators.long_cycling.step_plan import CyclePlan, Request, step_plan
from twin.simulators.start import initial_soc

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
    steps = tuple(step_plan(driven_step(step, cell)) for step in protocol.distinct_steps)
    return circuit, circuit.vector(cell), CyclePlan(steps)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_native_code_and_python_solve_the_same_cycle(name):
    circuit, parameters, cycle = prepared(load_cell(name, fitted=False), PROTOCOLS[name])
    if circuit.library is None:
        assert isinstance(cycle_solver(circuit, TOLERANCE), PythonCycles)
        return  # no compiler on this machine: Python is all there is
    request = Request(parameters, circuit.start_of_run(parameters), cycle)
    (python,) = PythonCycles(circuit, TOLERANCE).solve([request])
    for library in (circuit.library, circuit.wide_library):
        solver = NativeCycles(circuit, library, TOLERANCE)
        (native,) = solver.solve([request])
        assert native.reasons == python.reasons
        # a rounding error may move the place of a cut-off, to 1 uV
        np.testing.assert_allclose(native.states, python.states, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(native.values[:, -3:], python.values[:, -3:], 1e-5)
        x = native.values[:, :-2]
        recorded = PythonCycles(circuit, TOLERANCE).recorded(parameters, x)
        np.testing.assert_allclose(solver.recorded(parameters, x), recorded, rtol=1e-9, atol=1e-12)


def test_who_else_is_solved_with_a_cycle_changes_none_of_its_numbers():
    name = "Chang2023_Li_LGPS_symmetric"
    cell = load_cell(name, fitted=False)
    rest = ["Discharge at 0.2 mA/cm2 for 30 minutes", "Rest for 1 hour"]
    requests = []
    for place in range(21):  # more than there are lanes, cycles of different length
        own = cell.replace({"Interphase growth rate [m.s-1]": 1e-13 * 1.5**place})
        circuit, parameters, cycle = prepared(own, PROTOCOLS[name] if place % 3 else [*rest, *rest[:1]])
        requests.append(Request(parameters, circuit.start_of_run(parameters), cycle))
    solver = cycle_solver(circuit, TOLERANCE, many=True)
    together = solver.solve(requests)
    for request, found in zip(requests, together, strict=True):
        (alone,) = solver.solve([request])
        assert alone.reasons == found.reasons
        np.testing.assert_array_equal(alone.values, found.values)
    assert len({found.values.tobytes() for found in together}) > 7


def test_many_runs_are_those_of_one_at_a_time(full):
    steps = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
    cells = [full.replace({"Coating thickness [m]": 1e-8 * place}) for place in range(1, 12)]
    protocols = [twin.Protocol(steps, cycles=60 - place) for place in range(len(cells))]
    found = results_of(list(zip(cells, protocols, strict=True)))
    for cell, own, many in zip(cells, protocols, found, strict=True):
        one = twin.simulate(cell, own)
        assert one["outcome"].item() == many["outcome"][1].item()
        for name in ("discharge_capacity", "resistance", "contact_fraction"):
            right = one[name].values
            np.testing.assert_allclose(many[name][1], right, 1e-4, 1e-6 * right.max(), err_msg=name)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize("unknown", ["-lmvec", "-march=native"])
def test_a_poorer_compiler_compiles_with_fewer_options(unknown, monkeypatch, tmp_path):
    compiler = tmp_path / "poor-cc"
    compiler.write_text(
        f'#!/bin/sh\ncase "$*" in *{unknown}*-o*|*-o*{unknown}*) exit 1;; esac\nexec cc "$@"\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("TWIN_COMPILER", str(compiler))
    monkeypatch.setattr(library_folder, "user_cache_path", lambda name: tmp_path / name)
    name = "Chang2023_Li_LGPS_symmetric"
    shared, parameters, cycle = prepared(load_cell(name, fitted=False), PROTOCOLS[name])
    circuit = CompiledCircuit(load_cell(name, fitted=False))
    request = Request(parameters, shared.start_of_run(parameters), cycle)
    solver = cycle_solver(circuit, TOLERANCE, many=True)
    assert isinstance(solver, NativeCycles)
    (poor,), (right,) = solver.solve([request]), cycle_solver(shared, TOLERANCE).solve([request])
    np.testing.assert_allclose(poor.states, right.states, rtol=1e-5, atol=1e-8)
