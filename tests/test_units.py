"""Units as people and as PyBaMM's keys write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import twin
from twin.errors import ParameterError
from twin.units import READABLE, convert, in_words, unit_of_key

KEYS = sorted({key for name in twin.cells() for key in twin.load_cell(name).values})


@pytest.mark.parametrize("unit", sorted({unit_of_key(key) for key in KEYS} - {""}))
def test_unit_of_every_parameter_is_understood(unit):
    spaced = unit.replace(".", " ")  # another spelling of the same, so that it is converted
    assert convert(2.0, f" {spaced}", unit, "it") == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (200, "nm", "m", 2e-7),
        (1, "mA/cm2", "A.m-2", 10),
        (1, "mA/cm^2", "A.m-2", 10),
        (60, "degC", "K", 333.15),
        (50, "MPa", "Pa", 5e7),
        (90, "%", "", 0.9),
        (0.9, "1", "%", 90),
        (1, "mAh/cm2", "C.m-2", 36000),
        (1, "kOhm cm2", "Ohm.m2", 0.1),
    ],
)
def test_known_conversions(value, unit, wanted, expected):
    assert convert(value, unit, wanted, "it") == expected


@pytest.mark.parametrize("unit", READABLE)
def test_units_that_people_say_have_the_sizes_that_pint_gives_them(unit):
    for said, size in READABLE[unit].items():
        assert convert(1.0, said, unit, "it") == size


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ([1e-7, 2e-7], "Coating thickness [m]", ["100 nm", "200 nm"]),
        ([0.0, 2e-5], "Coating thickness [m]", ["0 um", "20 um"]),
        ([1.0], "Interphase passivation thickness [m]", ["1 m"]),
        ([-3.0, 1e7], "Stack pressure [Pa]", ["-3e-06 MPa", "10 MPa"]),
        ([5.0], "Stack pressure [Pa]", ["0.005 kPa"]),
        ([3e-12], "Interphase growth rate [m.s-1]", ["3e-12 m.s-1"]),
        ([150.0, 1.0], "ALD cycles", ["150", "1"]),
        ([2e-7, 2.00000001e-7], "Coating thickness [m]", ["2e-07 m", "2.00000001e-07 m"]),
    ],
)
def test_values_are_said_in_one_unit_and_stay_apart(values, key, words):
    assert in_words(values, key) == words


@given(st.floats(1e-9, 1e9))
def test_there_and_back_is_where_it_started(value):
    there = convert(value, "nm", "m", "it")
    assert convert(there, "m", "nm", "it") == pytest.approx(value, rel=1e-12)  # 14 digits are kept


@pytest.mark.parametrize("unit", ["mA", "foo", "nm nm", "", "m-", "[m]"])
def test_wrong_unit_says_what_it_should_be_or_that_it_is_none(unit):
    with pytest.raises(ParameterError, match=r"measured in m$|is not a unit"):
        convert(1.0, unit, "m", "the thickness")


@pytest.mark.parametrize(
    "unit",
    [
        "9**9**9**9",
        "m**999999999",
        "m^9^9",
        "m*" * 5000 + "m",
        "(" * 2000,
        "2 m",
        "1e400 m",
        "m\0",
        None,
        5,
    ],
    ids=lambda unit: str(unit)[:12],
)
def test_what_pint_would_reckon_out_for_ever_is_not_a_unit(unit):
    with pytest.raises(ParameterError, match=r"is not a unit \(the thickness\); .* like nm, mA/cm2"):
        convert(1.0, unit, "m", "the thickness")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, "5", None, [1.0]])
def test_only_a_finite_number_has_a_unit(value):
    for unit in ("nm", "m"):
        with pytest.raises(ParameterError, match="the thickness must be a finite number, not "):
            convert(value, unit, "m", "the thickness")
    with pytest.raises(ParameterError, match="too large a number of nm"):
        convert(1e300, "km", "nm", "the thickness")
