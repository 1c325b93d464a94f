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
