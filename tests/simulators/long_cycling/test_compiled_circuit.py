"""The compiled circuit: what it asks a cell for, and what one step of it keeps."""

import dataclasses
from types import MappingProxyType

import casadi
import numpy as np
import pytest

import twin
from twin.errors import ParameterError
from twin.parameter_sets import load_cell
from twin.simulators.long_cycling import circuit_functions, compiled_circuit
from twin.simulators.long_cycling.compiled_circuit import compiled

SURPLUS = "Colour of the lid [1]"


def with_parameters(cell, parameters):
    return dataclasses.replace(cell, parameters=MappingProxyType(dict(parameters)))


@pytest.fixture
def nothing_compiled(monkeypatch):
    monkeypatch.setattr(compiled_circuit, "_CIRCUITS", {})


@pytest.mark.parametrize("surplus", [SURPLUS, "Open-circuit voltage [V]", "Entropic change [V/K]"])
def test_a_surplus_key_of_the_first_cell_is_not_asked_of_the_next(
    full, shallow, surplus, nothing_compiled
):
    right = twin.simulate(full, shallow)
    compiled_circuit._CIRCUITS.clear()
    one = next(iter(full.parameters.values()))
    odd = with_parameters(full, {**full.parameters, surplus: one})
    strange = twin.simulate(odd, shallow)
    assert compiled(odd) is compiled(full)
    for found in (strange, twin.simulate(full, shallow)):
        for name in ("discharge_capacity", "resistance", "time"):
            np.testing.assert_array_equal(found[name], right[name])


def test_a_cell_that_lacks_what_the_equations_contain_is_told_which(full):
    parameters = dict(full.parameters)
    parameters["Contact crep time [s]"] = parameters.pop("Contact creep time [s]")
    with pytest.raises(ParameterError, match=r"'Contact creep time \[s\]', which its equations"):
        compiled(full).vector(with_parameters(full, parameters))


def test_a_first_cell_that_lacks_a_key_does_not_spoil_the_circuit(bare, nothing_compiled):
    key = "Interphase growth rate [m.s-1]"
    poor = with_parameters(bare, {k: v for k, v in bare.parameters.items() if k != key})
    with pytest.raises(ParameterError, match="Interphase growth rate"):
        compiled(poor).vector(poor)
    assert compiled(bare) is compiled(poor)
    assert key in compiled(bare).parameters


@pytest.mark.parametrize("name", twin.cells())
def test_a_circuit_asks_for_what_its_equations_contain_and_no_more(name):
    cell = load_cell(name, fitted=False)
    circuit = compiled(cell)
    assert circuit.vector(cell).shape == (len(circuit.parameters),)
    # nobody's equations contain how a film was deposited, or what the cathode weighs
    for unasked in ("ALD cycles", "Thickness per ALD cycle [m]", "Cathode active mass [kg]"):
        assert unasked not in circuit.parameters


def stepped(circuit, cell, control, seconds):
    """What is before and after one step from the start of a run, and the voltage after it."""
    parameters = circuit.vector(cell)
    x = np.append(circuit.start_of_run(parameters), 0.0)
    for _ in range(20):  # Newton's method for the current that meets the control row
        row, slope = np.array(circuit.start(x, parameters, control)).ravel()[-2:]
        x[-1] -= row / slope
    new, watched, _ = (np.array(v).ravel() for v in circuit.step(x, parameters, control, seconds, 1e-4))
    return x, new, watched[0]


def test_a_step_at_constant_current_passes_current_times_time(full):
    circuit, current, seconds = compiled(full), 1e-4, 0.5
    before, after, _ = stepped(circuit, full, [1, 0, 0, current], seconds)
    passed = (after - before)[circuit.places("Discharge capacity [A.h]")].item()
    assert after[-1] == pytest.approx(current, rel=1e-12)
    # an integral of a constant: exact but for rounding
    assert passed == pytest.approx(current * seconds / 3600, rel=1e-10)


@pytest.mark.parametrize(("control", "what"), [([0, 1, 0, 3.9], "voltage"), ([0, 0, 1, 2e-4], "power")])
def test_a_step_keeps_what_its_control_row_holds(full, control, what):
    _, after, voltage = stepped(compiled(full), full, control, 1e-3)
    held = {"voltage": voltage, "power": voltage * after[-1]}[what]
    # the row is algebraic and nearly linear: a step meets it far better than its tolerance of 1e-4
    assert held == pytest.approx(control[-1], rel=1e-5)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_an_error_that_is_no_number_is_not_passed_over(broken):
    errors = casadi.SX.sym("errors", 4)
    largest = casadi.Function("largest", [errors], [circuit_functions._largest(errors)])
    assert float(largest([0.1, 0.4, 0.2, 0.3])) == 0.4
    for place in range(4):
        some = np.full(4, 0.1)
        some[place] = broken
        assert not np.isfinite(float(largest(some)))
