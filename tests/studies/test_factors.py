"""What a study varies means the right parameters, in the right unit."""

import pytest

from twin.errors import ArgumentError, ParameterError, StudyError
from twin.studies.factors import MOST_VALUES, read_axis, read_range

THICKNESS = "Coating thickness [m]"


def test_values_are_converted_to_the_unit_of_the_key(full):
    entry = {"parameter": THICKNESS, "values": [100, 200], "unit": "nm"}
    factor = read_axis("thickness", entry, full, ())
    assert [factor.changes(full, value) for value in factor.values] == [
        {THICKNESS: 1e-7},
        {THICKNESS: 2e-7},
    ]
    assert factor.values == (100, 200)


def test_values_may_carry_their_unit(full):
    factor = read_axis(THICKNESS, ["100 nm", "200 nm"], full, ())
    assert (factor.values, factor.unit) == ((100, 200), "nm")


def test_bare_values_are_in_the_unit_of_the_key(full):
    factor = read_axis(THICKNESS, [1e-7], full, ())
    assert factor.changes(full, 1e-7) == {THICKNESS: 1e-7}


def test_temperature_sets_the_cell_and_its_surroundings(full):
    factor = read_axis("temperature", {"values": [60], "unit": "degC"}, full, ())
    warm = full.replace(factor.changes(full, 60.0))
    assert warm.values["Ambient temperature [K]"] == 333.15
    assert warm.values["Initial temperature [K]"] == 333.15


def test_areal_capacity_scales_mass_and_capacities_together(full):
    factor = read_axis("areal_capacity", {"values": [0.75], "unit": "mAh/cm2"}, full, ())
    thick = full.replace(factor.changes(full, 0.75))
    nominal = "Nominal cell capacity [A.h]"
    assert thick.values[nominal] * 1e3 / (thick.area * 1e4) == pytest.approx(0.75)
    grew = thick.values[nominal] / full.values[nominal]
    for key in ("Cathode active mass [kg]", "Cell capacity [A.h]"):
        assert thick.values[key] / full.values[key] == pytest.approx(grew)


def test_a_symmetric_cell_has_no_areal_capacity(bare):
    with pytest.raises(ParameterError, match="has none"):
        read_axis("areal_capacity", [1.0], bare, ())


def test_evenly_spread_values(full):
    entry = {"values": {"from": 10, "to": 1000, "number": 3, "log": True}, "unit": "nm"}
    assert read_axis(THICKNESS, entry, full, ()).values == (10, 100, 1000)


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(0.25, "mA/cm2", "0.25 mA/cm2"), (0.1, "C", "0.1C"), (4.2, "V", "4.2 V")]
)
def test_a_field_is_written_as_pybamm_reads_it(value, unit, text, full):
    entry = {"field": "x", "values": [value], "unit": unit}
    assert read_axis("any", entry, full, ("x",)).text(value) == text


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        ({"parameter": "Coating thicknes [m]", "values": [1]}, ParameterError, "did you mean 'Coating"),
        ({"parameter": "Coating thickness [nm]", "values": [1]}, ParameterError, "wrong unit"),
        ({"parameter": "temprature", "values": [1]}, ParameterError, "did you mean 'temperature'"),
        ({"parameter": THICKNESS, "values": [1], "unit": "mA"}, ParameterError, "wrong unit"),
        ({"parameter": THICKNESS, "values": [-1], "unit": "nm"}, ParameterError, "zero or more"),
        ({"parameter": THICKNESS, "values": ["1 nm", "1 um"]}, StudyError, "one unit"),
        ({"parameter": THICKNESS, "values": []}, StudyError, "has no values"),
        ({"parameter": THICKNESS}, StudyError, "has no values"),
        ({"parameter": THICKNESS, "values": ["thick"]}, StudyError, "cannot read the value"),
        ({"parameter": THICKNESS, "values": [[1]]}, StudyError, "is not a number"),
        ({"parameter": THICKNESS, "values": {"from": 1, "to": 2}}, StudyError, "no 'number'"),
        ({"field": "curent", "values": [1]}, StudyError, "did you mean 'current'"),
        ({"field": "current", "parameter": THICKNESS, "values": [1]}, StudyError, "only one"),
        ({"field": "current", "value": [1]}, StudyError, "did you mean 'values'"),
        ({"field": "current", "low": 1, "high": 2}, StudyError, "are for a search"),
        ({"field": ["current"], "values": [1]}, StudyError, "field is a text"),
        ({"field": "current", "values": 3}, StudyError, "has no values"),
        ({"field": "current", "values": [float("nan")]}, StudyError, "is not a number"),
        ({"field": "current", "values": [10**400]}, StudyError, "is not a number"),
        ({"field": "current", "values": {"from": 1, "to": 2, "number": 0}}, ArgumentError, "from 1"),
        (
            {"field": "current", "values": {"from": 1, "to": 2, "number": 2, "log": "no"}},
            StudyError,
            "true or false",
        ),
    ],
)
def test_what_cannot_be_varied_is_said(entry, error, message, full):
    with pytest.raises(error, match=message):
        read_axis("mine", entry, full, ("current",))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"low": 2, "high": 1}, "low below high"),
        ({"low": 1}, "low below high"),
        ({"low": 0, "high": 1, "log": True}, "above zero"),
        ({"values": [1, 2]}, "takes no values"),
        ({"low": 1, "high": float("inf")}, "is not a number"),
        ({"low": 1, "high": 2, "log": 1}, "true or false"),
    ],
)
def test_a_search_needs_a_range(entry, message, full):
    with pytest.raises(StudyError, match=message):
        read_range("current", {"field": "current"} | entry, full, ("current",))


@pytest.mark.parametrize("number", [MOST_VALUES + 1, 10**9, 10**18])
def test_values_are_counted_before_they_are_made(number, full):
    entry = {"field": "current", "values": {"from": 1, "to": 2, "number": number}}
    with pytest.raises(StudyError, match=f"has {number:,} values"):
        read_axis("current", entry, full, ("current",))


@pytest.mark.parametrize("name", ["outcome", "protocol", "draw", "feasible", "a/b", 3])
def test_a_name_that_the_dataset_needs_is_refused(name, full):
    with pytest.raises(StudyError, match="cannot be called"):
        read_axis(name, {"field": "current", "values": [1]}, full, ("current",))
