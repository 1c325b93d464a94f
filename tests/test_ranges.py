"""Values that no cell has are refused, and the unit that was meant is offered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import twin
from twin.errors import ParameterError
from twin.ranges import SHARES, checked_value, finite_number

HERE = "my_cell.toml, line 7"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("Ambient temperature [K]", 25, r"173 and 500 K, not 25; did you mean 298.15 K \(25 °C\)\?"),
        ("Ambient temperature [K]", -20.0, r"did you mean 253.15 K \(-20 °C\)\?"),
        ("Ambient temperature [K]", 0, r"did you mean 273.15 K \(0 °C\)\?"),
        ("Ambient temperature [K]", 2e4, r"must lie between 173 and 500 K, not 20000 \("),
        ("Stack pressure [Pa]", 10, r"between 1000 and 1e\+11 Pa, not 10 \("),
        ("Stack pressure [Pa]", 1e15, r"between 1000 and 1e\+11 Pa, not 1e\+15"),
        ("Stack pressure [Pa]", 0, "must be more than zero, not 0"),
        (
            "Conductivity activation energy [J.mol-1]", 0.3,
            r"did you mean 28945.6 J/mol \(0.3 eV\)\?",
        ),
        ("Diffusion activation energy [J.mol-1]", 1e7, r"between 10 and 2e\+06 J.mol-1, not 1e\+07"),
        ("Coating thickness [m]", 200, r"be zero or lie between 1e-30 and 0.1 m, not 200"),
        ("Upper voltage cut-off [V]", 4200, r"between -1000 and 1000 V, not 4200"),
        ("Lower voltage cut-off [V]", -4200, r"between -1000 and 1000 V, not -4200"),
        ("Initial SoC", 50, r"must lie between 0 and 1, not 50"),
        ("Interphase growth rate [m.s-1]", 5, "between 1e-30 and 0.001 m.s-1, not 5"),
        ("Coating breach exponent", 1e99, r"between 1e-30 and 1e\+30, not 1e\+99"),
        ("Electrode area [m2]", 1e-99, r"not 1e-99"),
        ("Electrode area [m2]", 10**400, "finite number, not a whole number of hundreds of digits"),
        ("Electrode area [m2]", float("inf"), "finite number, not inf"),
        ("Electrode area [m2]", True, "must be a number, not True"),
        ("Electrode area [m2]", np.array([1.0, 2.0]), "must be a number, not array"),
        ("Electrode area [m2]", 1j, "must be a number, not 1j"),
        ("Electrode area [m2]", None, "must be a number, not None"),
    ],
)  # fmt: skip
def test_absurd_values_are_refused_with_what_is_allowed(key, value, message):
    with pytest.raises(ParameterError, match=message) as caught:
        checked_value(key, value, HERE)
    assert str(caught.value).endswith(f"({HERE})")


@pytest.mark.parametrize(
    "value", [1e-4, np.float32(0.5), np.float64(1e-4), np.int64(2), np.array(1.0), 3]
)
def test_numbers_of_numpy_and_python_are_numbers(value):
    assert checked_value("Electrode area [m2]", value, HERE) == float(value)


@given(st.sampled_from(twin.cells()), st.floats(0.5, 2))
def test_shipped_values_and_their_neighbours_are_allowed(name, factor):
    for key, value in twin.load_cell(name).values.items():
        if not key.endswith("[K]"):
            near = min(value * factor, 1.0) if key in SHARES else value * factor
            assert checked_value(key, near, HERE) == near


@given(st.floats() | st.integers() | st.booleans() | st.text() | st.none())
def test_whatever_comes_is_a_finite_number_or_refused(value):
    try:
        number = finite_number("it", value, HERE)
    except ParameterError:
        assert isinstance(value, bool | str | None) or not abs(value) < 1e309
    else:
        assert number == value
