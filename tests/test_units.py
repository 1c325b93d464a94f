"""Units as people and as PyBaMM's keys write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import twin
from twin.errors import ParameterError
from twin.units import convert, unit_of_key

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


@given(st.floats(1e-9, 1e9))
def test_there_and_back_is_where_it_started(value):
    there = convert(value, "nm", "m", "it")
    assert convert(there, "m", "nm", "it") == pytest.approx(value, rel=1e-12)  # 14 digits are kept


@pytest.mark.parametrize("unit", ["mA", "foo", "nm nm", "", "m-", "[m]"])
def test_wrong_unit_says_what_it_should_be_or_that_it_is_none(unit):
    with pytest.raises(ParameterError, match=r"measured in m$|is not a unit"):
        convert(1.0, unit, "m", "the thickness")
