"""One cycle: in C and in Python the same, alone and in company."""

import inspect
import re
import shutil
from importlib import resources

import numpy as np
import pytest

import twin
from twin.parameter_sets import load_cell
from twin.simulators import library_folder, results_of
from twin.simulators.driven_step import driven_step
from twin.simulators.long_cycling.compiled_circuit import circuit_of, compiled
from twin.simulators.long_cycling.cycle_solver import NativeCycles, cycle_solver
from twin.simulators.long_cycling.exact_cycle import PythonCycles
from twin.simulators.long_cycling.step_plan import CyclePlan, Request, step_plan
from twin.simulators.start import initial_soc, soc_window

TOLERANCE = 5e-4
FULL, SYMMETRIC = "Chang2023_LiAlO2_LGPS_LCO", "Chang2023_Li_LGPS_symmetric"
TO_AND_FRO = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
FAST_FILAMENT = {
    "Filament growth coefficient [m3.C-1]": 1e-6,
    "Filament initiation current density [A.m-2]": 0.1,
}
KINDS_OF_STEP = {
    # name: cell, changes, steps, reasons
    "current, hold, rest, power": (
        FULL,
        {},
        [
            "Charge at 1C until 4.2 V",
            "Hold at 4.2 V until C/20",
            "Rest for 10 minutes",
            "Discharge at 1 mW until 2.6 V",
        ],
        ["cut_off", "cut_off", "time", "cut_off"],
    ),
    "currents for a time": (SYMMETRIC, {}, TO_AND_FRO, ["time", "time"]),
    "hold for a time": (
        "Luo2021_LiIn_LPSCl_NCM622",
        {},
        ["Charge at 1C until 3.68 V", "Hold at 3.68 V for 15 minutes", "Discharge at 1C until 2.1 V"],
        ["cut_off", "time", "cut_off"],
    ),
    "resistance": (
        "Duan2023_3DLi_LPSCl_LCO",
        {},
        ["Charge at C/10 until 4.2 V", "Discharge at 3000 Ohm for 6 minutes"],
        ["cut_off", "time"],
    ),
    "hold and power of a symmetric cell": (
        "Liu2018_Li3PO4_LATP_symmetric",
        {},
        ["Hold at -0.2 V for 1 hour", "Charge at 0.005 mW for 1 hour", TO_AND_FRO[1]],
        ["time", "time", "time"],
    ),
    "at its cut-off when it begins": (
        FULL,
        {},
        ["Charge at 1C until 4.2 V", "Charge at 1C until 4.1 V", "Discharge at 1C until 2.6 V"],
        ["cut_off", "skipped", "cut_off"],
    ),
    "cut-off never reached": (
        FULL,
        {"Separator electronic conductivity [S.m-1]": 1e-6},
        ["Charge at 1C until 4.2 V", "Hold at 4.2 V until C/1000"],
        ["cut_off", "cut_off_not_reached"],
    ),
    "hard short": (
        SYMMETRIC,
        FAST_FILAMENT,
        ["Discharge at 0.1 mA/cm2 for 1000 hours"],
        ["Hard short circuit"],
    ),
    "overpotential": (
        "Liu2018_LATP_symmetric",
        {"Overpotential limit [V]": 0.3},
        ["Rest for 1 hour", "Discharge at 0.05 mA/cm2 for 100 hours"],
        ["time", "Overpotential limit"],
    ),
    "power beyond the cell from the start": (
        FULL,
        {},
        ["Charge at 1C until 4.2 V", "Discharge at 10 W until 2.6 V"],
        ["cut_off", "Largest power"],
    ),
    "power beyond the cell in the end": (
        SYMMETRIC,
        {},
        [TO_AND_FRO[1], "Discharge at 0.001 mW for 1 hour"],
        ["time", "Largest power"],
    ),
}
ONLY_IN_C = {"smaller", "larger", "put", "take", "exact_cycles"}
"""Python's own min and max, and circuits side by side."""
ONLY_IN_PYTHON = {"solve", "recorded", "try_step"}
"""What of these it has for one circuit."""


def prepared(cell, texts):
    """The circuit, its parameters and the plan of a cycle."""
    protocol = twin.Protocol(texts)
    cell = cell.replace({"Initial SoC": initial_soc(cell, protocol)})
    circuit = compiled(cell)
    steps = tuple(step_plan(driven_step(step, cell)) for step in protocol.distinct_steps)
    return circuit, circuit.vector(cell), CyclePlan(steps)


def test_c_and_python_have_the_same_functions_in_the_same_order():
    source = resources.files("twin.simulators.long_cycling") / "exact_cycle.c"
    in_c = re.findall(
        r"^(?:static )?(?:int|double|void) (\w+)\(", source.read_text("utf-8"), re.MULTILINE
    )
    in_python = [name for name, _ in _own_functions(PythonCycles) if not name.startswith("_")]
    in_c = [name for name in in_c if name not in ONLY_IN_C]
    assert [name for name in in_c if name != "recorded"] == [
        name for name in in_python if name not in ONLY_IN_PYTHON
    ]
    assert len(in_c) > 20


def _own_functions(kind):
    """In the order in which they stand."""
    found = inspect.getmembers(kind, inspect.isfunction)
    return sorted(found, key=lambda member: member[1].__code__.co_firstlineno)


@pytest.mark.parametrize("kind", KINDS_OF_STEP)
def test_native_code_and_python_solve_the_same_cycle(kind):
    name, changes, texts, reasons = KINDS_OF_STEP[kind]
    cell = load_cell(name, fitted=False).replace(changes)
    circuit, parameters, cycle = prepared(cell, texts)
    request = Request(parameters, circuit.start_of_run(parameters), cycle)
    (python,) = PythonCycles(circuit, TOLERANCE).solve([request])
    assert python.reasons == tuple(reasons)
    if circuit.library is None:
        assert isinstance(cycle_solver(circuit, TOLERANCE), PythonCycles)
        return  # no compiler on this machine: Python is all there is
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


def test_a_power_step_ends_where_the_cell_gives_its_largest_power():
    """A source of voltage a behind a resistance b gives at most a^2 / 4b, at half of its voltage."""
    power = 1e-6
    texts = [TO_AND_FRO[1], f"Discharge at {power} W for 1 hour"]
    circuit, parameters, cycle = prepared(load_cell(SYMMETRIC, fitted=False), texts)
    request = Request(parameters, circuit.start_of_run(parameters), cycle)
    (ends,) = cycle_solver(circuit, TOLERANCE).solve([request])
    *states, current, _, voltage = ends.values[-1]
    source = float(circuit.start([*states, 0.0], parameters, [1.0, 0.0, 0.0, 0.0])[0])
    resistance = (source - voltage) / current
    assert voltage * current == pytest.approx(power, rel=1e-3)
    assert source**2 / (4 * resistance) == pytest.approx(power, rel=1e-3)
    assert voltage == pytest.approx(source / 2, rel=0.02)


def test_who_else_is_solved_with_a_cycle_changes_none_of_its_numbers():
    cell = load_cell(SYMMETRIC, fitted=False)
    rest = ["Discharge at 0.2 mA/cm2 for 30 minutes", "Rest for 1 hour"]
    requests = []
    for place in range(21):  # more than there are lanes, cycles of different length
        own = cell.replace({"Interphase growth rate [m.s-1]": 1e-13 * 1.5**place})
        circuit, parameters, cycle = prepared(own, TO_AND_FRO if place % 3 else [*rest, *rest[:1]])
        requests.append(Request(parameters, circuit.start_of_run(parameters), cycle))
    solver = cycle_solver(circuit, TOLERANCE, many=True)
    together = solver.solve(requests)
    for request, found in zip(requests, together, strict=True):
        (alone,) = solver.solve([request])
        assert alone.reasons == found.reasons
        np.testing.assert_array_equal(alone.values, found.values)
    assert len({found.values.tobytes() for found in together}) > 7


def test_a_solver_keeps_nothing_from_the_cycle_before():
    """The same cycle with other parameters, another cycle with the same, and from another state."""
    cell = load_cell(SYMMETRIC, fitted=False)
    circuit, parameters, cycle = prepared(cell, TO_AND_FRO)
    _, others, _ = prepared(cell.replace({"Initial temperature [K]": 310.0}), TO_AND_FRO)
    _, _, other_cycle = prepared(cell, TO_AND_FRO[::-1])
    faster = parameters.copy()
    faster[circuit.parameters.index("Interphase growth rate [m.s-1]")] *= 100
    y = circuit.start_of_run(parameters)
    requests = [
        Request(parameters, y, cycle),
        Request(faster, y, cycle),
        Request(faster, y, other_cycle),
        Request(faster, circuit.start_of_run(others), other_cycle),
    ]
    solver = cycle_solver(circuit, TOLERANCE)
    found = [solver.solve([request])[0] for request in requests]
    for request, ends in zip(requests, found, strict=True):
        (fresh,) = cycle_solver(circuit, TOLERANCE).solve([request])
        np.testing.assert_array_equal(ends.values, fresh.values)
    assert len({ends.values.tobytes() for ends in found}) == len(requests)


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
    shared, parameters, cycle = prepared(load_cell(SYMMETRIC, fitted=False), TO_AND_FRO)
    circuit = circuit_of(load_cell(SYMMETRIC, fitted=False))
    request = Request(parameters, shared.start_of_run(parameters), cycle)
    solver = cycle_solver(circuit, TOLERANCE, many=True)
    assert isinstance(solver, NativeCycles)
    (poor,), (right,) = solver.solve([request]), cycle_solver(shared, TOLERANCE).solve([request])
    np.testing.assert_allclose(poor.states, right.states, rtol=1e-5, atol=1e-8)


def test_native_code_and_python_watch_charge_and_state_of_charge_and_change_parameters():
    """Each step runs with its own row of parameters: a warm step between two cold ones."""
    name = "Chang2023_LiAlO2_LGPS_LCO"
    texts = [
        "Charge at 1C until 60 % SoC",
        "Hold at 3.9 V for 5 hours or until 0.005 mAh",
        "Discharge at 1 mW until 30 % SoC",
    ]
    circuit, parameters, cycle = prepared(load_cell(name, fitted=False), texts)
    of_each = np.tile(parameters, (3, 1))
    of_each[1, circuit.parameters.index("Ambient temperature [K]")] += 40
    request = Request(of_each, circuit.start_of_run(parameters), cycle)
    cold = request._replace(parameters=parameters)
    python = PythonCycles(circuit, TOLERANCE).solve([request, cold])
    assert python[0].reasons == ("cut_off",) * 3
    # charge counts whatever came before it; the scale of both states is 1
    passed = np.diff(python[0].states[:, circuit.net_capacity])[0]
    assert abs(passed) == pytest.approx(5e-6, rel=1e-5)
    low, high = soc_window(load_cell(name, fitted=False))
    expected = low + np.array([0.6, 0.3]) * (high - low)
    np.testing.assert_allclose(python[0].states[[0, 2], circuit.soc], expected, atol=2e-6)
    assert python[0].states[1, circuit.states["Cell temperature [degC]"]] > 30
    if circuit.library is None:
        return  # no compiler on this machine: Python is all there is
    for library in (circuit.library, circuit.wide_library):
        native = NativeCycles(circuit, library, TOLERANCE).solve([request, cold])
        for found, right in zip(native, python, strict=True):
            assert found.reasons == right.reasons
            np.testing.assert_allclose(found.states, right.states, rtol=1e-5, atol=1e-8)
