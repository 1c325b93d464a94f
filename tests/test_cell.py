"""Cells are values, and bad ones get a clear word."""

import pytest

import twin
from twin.errors import ParameterError
from twin.parameter_sets import load_cell


def test_replace_gives_a_new_cell_and_leaves_the_old(full):
    thin = full.replace({"Coating thickness [m]": 100e-9})
    assert thin.values["Coating thickness [m]"] == 100e-9
    assert full.values["Coating thickness [m]"] == 200e-9
    assert thin.hash != full.hash


def test_a_changed_value_says_what_it_is_and_what_it_was():
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    assert cell.changes == {}
    thin = cell.replace({"Coating thickness [m]": 150e-9}).replace({"Coating thickness [m]": 100e-9})
    (entry,) = thin.changes.values()
    assert entry.source == "changed: 100 nm, was 200 nm"
    assert (entry.value, entry.before.value) == (100e-9, 200e-9)
    assert "Coating thickness [m] changed: 100 nm, was 200 nm" in repr(thin)
    assert thin.parameters["Coating thickness [m]"].stated.source.startswith("Chang2023: 200 nm")


def test_changed_back_is_no_change(full):
    cell = twin.load_cell("Liu2018_Al2O3_LATP_symmetric")
    for key, other in (
        ("ALD cycles", 100),
        ("Coating thickness [m]", 7e-9),
        ("Stack pressure [Pa]", 1e6),
    ):
        back = cell.replace({key: other}).replace({key: cell.values[key]})
        assert back.changes == {}
        assert back.parameters == cell.parameters
        assert cell.replace({key: cell.values[key]}).parameters == cell.parameters


def test_a_film_that_follows_its_ald_cycles_is_changed_too():
    cell = twin.load_cell("Liu2018_Al2O3_LATP_symmetric").replace({"ALD cycles": 100})
    assert {key: entry.source for key, entry in cell.changes.items()} == {
        "ALD cycles": "changed: 100, was 150",
        "Coating thickness [m]": "changed: 10 nm, was 15 nm",
    }


def test_a_fitted_value_says_so_and_keeps_what_its_file_says():
    key = "Interphase growth rate [m.s-1]"
    stated = load_cell("Chang2023_Li_LGPS_LCO", fitted=False).parameters[key]
    fitted = twin.load_cell("Chang2023_Li_LGPS_LCO").parameters[key]
    assert stated.source.startswith("starting point")
    assert fitted.source == "fitted: Chang2023"
    assert fitted.value != stated.value
    assert fitted.stated == stated


def test_a_drawn_cell_says_what_was_drawn_and_keeps_what_was_changed():
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    film, resistivity = "Coating thickness [m]", "Coating lithiated resistivity [Ohm.m]"
    thin = cell.replace({film: 100e-9})
    drawn = thin.drawn({film: 110e-9, resistivity: 2 * cell.values[resistivity]})
    assert drawn.parameters[resistivity].source == "drawn from: fitted: Chang2023"
    assert drawn.parameters[film].source == "drawn from: changed: 100 nm, was 200 nm"
    assert drawn.changes == thin.changes


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("Coating thicknes [m]", 1e-7, r"did you mean 'Coating thickness \[m\]'"),
        (5, 1.0, "the name of a parameter is a text, not 5"),
        ("Coating thickness [nm]", 100, r"wrong unit.*'Coating thickness \[m\]'"),
        ("Coating thickness [m]", -1e-9, "zero or more, not -1e-09"),
        ("Electrode area [m2]", 0, "more than zero, not 0"),
        ("Electrode area [m2]", float("nan"), "finite number"),
        ("Electrode area [m2]", "wide", "must be a number, not 'wide'"),
    ],
)
def test_bad_changes_are_refused_with_the_remedy(full, key, value, message):
    with pytest.raises(ParameterError, match=message):
        full.replace({key: value})


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("Chang2023_Li_LGPS_LCO", {"Coating thickness [m]": 1e-7}, "has no coating: name one"),
        (
            "Chang2023_Li_LGPS_LCO",
            {"Filament initiation current density [A.m-2]": 1e5},
            "above any current that a solid electrolyte carries",
        ),
        ("Chang2023_Li_LGPS_LCO", {"Lower voltage cut-off [V]": 4.5}, "must lie below"),
    ],
)
def test_values_that_contradict_the_stack_are_refused(name, changes, message):
    with pytest.raises(ParameterError, match=message):
        load_cell(name, fitted=False).replace(changes)
