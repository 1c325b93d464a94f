"""Cells are composed of shipped and of own files; what is wrong in one is said with file and line."""

import shutil

import numpy as np
import pytest
import tomli_w
from own_cell import BROKEN_VALUES, CELL, PAIR, changed, ways, write

import twin
from twin import names
from twin.errors import CellError, FittedSetError, ParameterError
from twin.files import read_toml
from twin.fitted_values import read_fitted
from twin.fitting.draws import drawn_factors, drawn_parameters, load_draws
from twin.fitting.fitted_set import Fit
from twin.fitting.optimum import Descent, Optimum
from twin.fitting.problem import problem_of
from twin.parameter_sets import MOST_LAYERS, load_cell, with_fitted
from twin.parts import shipped

RESISTANCE = "Pristine interface resistance [Ohm.m2]"
HOUR = twin.Protocol(["Discharge at 0.1 mA/cm2 for 1 hour"])
FULL_CELL = read_toml(shipped("parameter_sets") / "cells" / "Chang2023_Li_LGPS_LCO.toml", CellError)
SHIPPED_PAIR = read_toml(shipped("parameter_sets") / "pairs" / "Li_LGPS.toml", CellError)


# --- what ships ------------------------------------------------------------------------------------


def test_unknown_cell_offers_the_nearest():
    with pytest.raises(CellError, match="did you mean 'Chang2023_Li_LGPS_LCO'"):
        twin.load_cell("Chang2023_Li_LGPS_LC")


@pytest.mark.parametrize("name", [None, 5, "", "x" * 5000, "a\0b", "../pairs/Li_LGPS", ["Mine.toml"]])
def test_what_is_no_name_of_a_cell_is_refused(name):
    with pytest.raises(CellError, match=r"is not a shipped cell|a cell is a name or a path"):
        twin.load_cell(name)


def test_every_parameter_of_every_shipped_cell_has_a_source_and_a_value_inside_its_prior():
    for name in twin.cells():
        for key, entry in load_cell(name, fitted=False).parameters.items():
            assert entry.source, key
            if entry.prior is not None:
                assert entry.prior.lower <= entry.value <= entry.prior.upper, key
                assert entry.prior.from_unit_normal(
                    entry.prior.to_unit_normal(entry.value)
                ) == pytest.approx(entry.value)


def test_every_prior_of_a_shipped_cell_is_fitted_and_says_in_which_set():
    for name in twin.cells():
        cell = load_cell(name)
        for key, entry in cell.parameters.items():
            assert (entry.prior is not None) == bool(entry.fitted_set), (name, key)
            if entry.fitted_set:
                assert entry.source == f"fitted: {entry.fitted_set}"
                assert entry.fitted_set in cell.fitted_sets


# --- own files -------------------------------------------------------------------------------------


def test_own_file_composes_shipped_parts(tmp_path):
    cell = twin.load_cell(write(tmp_path, "mine", CELL))
    assert cell.name == "mine"
    run = twin.simulate(cell, HOUR)
    assert run["discharge_capacity"].item() == pytest.approx(1e-4)


def test_own_part_lies_beside_the_cell_file(tmp_path):
    electrolyte = {
        "Thickness [m]": {"value": 1e-4, "source": "mine"},
        "Conductivity [S.m-1]": {"value": 0.1, "source": "mine"},
        "Conductivity activation energy [J.mol-1]": {"value": 3e4, "source": "mine"},
    }
    write(tmp_path, "my_electrolyte", electrolyte)
    layers = changed(CELL, ("parts", "separator"), ["LGPS", "my_electrolyte"])
    cell = twin.load_cell(write(tmp_path, "mine", layers))
    assert cell.separator_layers == 2
    run = twin.simulate(cell, HOUR)
    first = cell.values["Separator layer 1 thickness [m]"] / 0.4
    assert run["resistance"].sel(mechanism="separator").item() == pytest.approx(first + 1e-3)


def test_a_symmetric_cell_needs_no_cut_offs_and_ends_at_its_overpotential_limit(tmp_path):
    cell = twin.load_cell(write(tmp_path, "mine", CELL | {
        "Overpotential limit [V]": {"value": 3.0, "source": "the cycler's"},
    }))  # fmt: skip
    assert (cell.values[names.LOWER_CUT_OFF], cell.values[names.UPPER_CUT_OFF]) == (-6.0, 6.0)
    assert cell.parameters[names.UPPER_CUT_OFF].source.startswith("default: 2 times the overpotential")
    run = twin.simulate(cell, twin.Protocol(["Discharge at 1 A for 1 minute"]))
    assert run["outcome"].item() == "overpotential_limit"
    own = CELL | {names.UPPER_CUT_OFF: {"value": 1.0, "source": "mine"}}
    assert twin.load_cell(write(tmp_path, "mine", own)).values[names.UPPER_CUT_OFF] == 1.0


def test_the_cell_may_give_what_its_part_leaves_out(tmp_path):
    write(tmp_path, "Li_LLZO", changed(PAIR, ("Lithium inventory [C.m-2]",), None))
    mine = changed(CELL, ("parts", "anode_interface"), "Li_LLZO")
    with pytest.raises(CellError, match=r"Li_LLZO.toml: no value for 'Lithium inventory.*a pair must"):
        twin.load_cell(write(tmp_path, "mine", mine))
    mine |= {"Lithium inventory [C.m-2]": {"value": 1e5, "source": "mine"}}
    assert twin.load_cell(write(tmp_path, "mine", mine)).values["Lithium inventory [C.m-2]"] == 1e5


def test_a_coating_of_five_values_runs_and_leaves_the_rest_to_its_defaults(tmp_path):
    film = {
        "Coating thickness [m]": 5e-8,
        "Coating lithiated resistivity [Ohm.m]": 1e5,
        "Coating lithiation depth [m]": 4e-7,
        "Coated critical stripping current density [A.m-2]": 1.0,
        "Coated filament initiation current density [A.m-2]": 10.0,
    }
    write(tmp_path, "film", {key: {"value": value, "source": "mine"} for key, value in film.items()})
    cell = twin.load_cell(write(tmp_path, "mine", changed(CELL, ("parts", "coating"), "film")))
    coating = twin.simulate(cell, HOUR)["fresh_resistance"].sel(mechanism="coating").item()
    assert coating == pytest.approx(2 * 5e-8 * 1e5)  # two faces, no insulating rest
    assert cell.parameters["Coating pinhole damage [m2.C-1]"].part == "coatings/none"


# --- which fit a value comes from -------------------------------------------------------------------


def own_pair(folder, name="Li_LGPS", value=0.004, **more):
    pair = changed(SHIPPED_PAIR, (RESISTANCE, "value"), value)
    return write(folder, name, pair | more)


def test_an_own_pair_of_a_shipped_ones_name_keeps_its_values(tmp_path):
    own_pair(tmp_path)
    cell = twin.load_cell(write(tmp_path, "Mine", FULL_CELL))
    assert cell.values[RESISTANCE] == 0.004
    assert cell.parameters[RESISTANCE].part == f"{tmp_path.name}/Li_LGPS.toml"
    assert cell.parameters[RESISTANCE].source.startswith("assumed")
    # the cathode is the shipped one, and so is its fit
    assert cell.fitted_sets == ("Chang2023",)
    assert cell.parameters["Diffusion time constant [s]"].source == "fitted: Chang2023"


def test_an_own_cell_of_a_shipped_ones_name_keeps_its_values(tmp_path):
    mine = changed(FULL_CELL, ("Interface resistance factor", "value"), 2.0)
    cell = twin.load_cell(write(tmp_path, "Chang2023_Li_LGPS_LCO", mine))
    assert cell.values["Interface resistance factor"] == 2.0
    shipped_cell = twin.load_cell("Chang2023_Li_LGPS_LCO")
    assert shipped_cell.values["Interface resistance factor"] != 2.0


def test_an_own_cell_of_shipped_parts_takes_their_fit_and_says_so(tmp_path):
    cell = twin.load_cell(write(tmp_path, "mine", CELL))
    shipped_cell = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    assert cell.values[RESISTANCE] == shipped_cell.values[RESISTANCE]
    assert cell.parameters[RESISTANCE].source == "fitted: Chang2023"
    assert "fitted: Chang2023" in repr(cell)


def test_an_own_part_based_on_a_shipped_one_takes_over_its_fit(tmp_path):
    mine = changed(CELL, ("parts", "anode_interface"), "mine_LGPS")
    write(tmp_path, "mine_LGPS", {"based_on": "Li_LGPS", RESISTANCE: SHIPPED_PAIR[RESISTANCE]})
    cell = twin.load_cell(write(tmp_path, "mine", mine))
    growth = cell.parameters["Interphase growth rate [m.s-1]"]
    assert (growth.part, growth.source) == ("pairs/Li_LGPS", "fitted: Chang2023")
    assert cell.parameters[RESISTANCE].part == f"{tmp_path.name}/mine_LGPS.toml"
    assert not cell.parameters[RESISTANCE].fitted_set


def test_an_own_part_may_be_based_on_the_shipped_one_of_its_name(tmp_path):
    write(tmp_path, "Li_LGPS", {"based_on": "Li_LGPS", RESISTANCE: SHIPPED_PAIR[RESISTANCE]})
    cell = twin.load_cell(write(tmp_path, "mine", CELL))
    assert cell.parameters["Interphase growth rate [m.s-1]"].part == "pairs/Li_LGPS"
    assert cell.parameters[RESISTANCE].part == f"{tmp_path.name}/Li_LGPS.toml"


def test_a_shipped_part_is_based_on_the_shipped_one_whatever_lies_beside_the_cell(tmp_path):
    own_pair(tmp_path, "Li_LPSCl")
    mine = changed(CELL, ("parts", "anode_interface"), "3DLi_LPSCl")
    cell = twin.load_cell(write(tmp_path, "mine", mine))
    assert cell.parameters[RESISTANCE].part == "pairs/Li_LPSCl"


def test_own_parts_of_one_name_in_two_folders_are_two_parts(tmp_path):
    labels = set()
    for folder, value in (("a", 0.004), ("b", 0.003)):
        (tmp_path / folder).mkdir()
        own_pair(tmp_path / folder, value=value)
        cell = twin.load_cell(write(tmp_path / folder, "mine", CELL))
        assert cell.values[RESISTANCE] == value
        labels.add(cell.label(RESISTANCE))
    assert labels == {f"a/Li_LGPS.toml: {RESISTANCE}", f"b/Li_LGPS.toml: {RESISTANCE}"}


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """A copy of the shipped folder that a test may edit."""
    copied = tmp_path / "parameter_sets"
    shutil.copytree(shipped("parameter_sets"), copied)
    for module in ("twin.parts", "twin.parameter_sets", "twin.fitted_values"):
        monkeypatch.setattr(f"{module}.shipped", lambda folder: tmp_path / folder)
    return copied


@pytest.mark.parametrize("way", [(RESISTANCE, "value"), (RESISTANCE, "prior", "factor")])
def test_a_fit_of_another_starting_point_is_not_taken(edited, way):
    path = edited / "pairs" / "Li_LGPS.toml"
    path.write_text(tomli_w.dumps(changed(SHIPPED_PAIR, way, 2.5e-3 if way[-1] == "value" else 2.5)))
    cell = load_cell("Chang2023_Li_LGPS_symmetric")
    entry = cell.parameters[RESISTANCE]
    assert entry.value == (2.5e-3 if way[-1] == "value" else SHIPPED_PAIR[RESISTANCE]["value"])
    assert entry.source.endswith("; not fitted: Chang2023 started from another value or prior")
    assert cell.parameters["Interphase growth rate [m.s-1]"].source == "fitted: Chang2023"


def test_fitted_values_are_drawn_from_the_fit_and_the_others_from_their_priors(tmp_path):
    own_pair(tmp_path)
    cell = twin.load_cell(write(tmp_path, "Chang2023_mine", FULL_CELL))
    draws = load_draws(cell)
    fitted = set(draws["parameter"].values.tolist())
    assert fitted
    assert all(name.startswith("cathodes/LCO: ") for name in fitted)
    factors = drawn_factors(cell, draws, 400, seed=0, cell_to_cell=False)
    resistance = np.log([one[RESISTANCE] for one in factors])
    # the prior: a factor of 2, cut off a quarter above the value; 400 draws tell a median to 5 %
    assert np.std(resistance[resistance < 0]) == pytest.approx(np.log(2) * 0.6, rel=0.15)
    assert max(resistance) == pytest.approx(np.log(0.005 / 0.004))
    informed = drawn_parameters(cell, factors, draws)["parameter_informed"]
    assert informed.sel(parameter=cell.label(RESISTANCE)) == 0


def test_a_fit_that_is_written_is_taken_as_it_was_found(tmp_path):
    problem = problem_of("Chang2023")
    point = np.full(len(problem.searched), 0.1)
    found = Fit(problem, point, 1.0, 12, Optimum((Descent("here", point, 1.0),)))
    edges = {searched.name: (1.0, 2.0) for searched in problem.searched}
    path = found.save(tmp_path / "mine.toml", edges, 10)
    for name, cell in problem.cells.items():
        taken = with_fitted(load_cell(name, fitted=False), read_fitted(path))
        assert taken.fitted_sets == ("mine",)
        fitted = {key: entry for key, entry in taken.parameters.items() if entry.prior}
        assert {entry.source for entry in fitted.values()} == {"fitted: mine"}
        for key, entry in fitted.items():
            # six digits are written
            assert entry.value == pytest.approx(found.values[cell.label(key)], rel=1e-5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, r"no \[fitted\] table"),
        ({"fitted": 5}, r"no \[fitted\] table"),
        ({"fitted": {"pairs/Li_LGPS": 5}}, r"no \[pairs/Li_LGPS\] table"),
        ({"fitted": {"pairs/Li_LGPS": {RESISTANCE: 5}}}, "no .Pristine interface resistance"),
        ({"fitted": {"pairs/Li_LGPS": {RESISTANCE: {"value": 1e-3}}}}, "has no start"),
        (
            {"fitted": {"pairs/Li_LGPS": {RESISTANCE: {"value": "x", "start": 1e-3, "prior": {}}}}},
            "must be a number",
        ),
        (
            {"fitted": {"pairs/Li_LGPS": {RESISTANCE: {"value": 1e-3, "start": 1e-3, "prior": {}}}}},
            "not a distribution",
        ),
    ],
)
def test_what_is_no_fitted_set_is_refused(tmp_path, content, message):
    with pytest.raises(FittedSetError, match=message):
        read_fitted(write(tmp_path, "set", content))


# --- what is wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('value = 0.0001\nsource = "mine"', "value = 0.0001", r"area \[m2\]' has no source.*line 8"),
        ("value = 0.0001", 'value = "small"', "must be a number, not 'small'.*line 8"),
        ("value = 0.0001", "value = ", r"mine.toml: not readable as TOML.*line 9"),
        ('"Li_LGPS"', '"Li_LGSP"', r"did you mean 'Li_LGPS'.*mine.toml, line 5"),
        ("anode_interface", "anode", "names no anode_interface"),
        ('"both"', '"two"', "interfaces must be one of"),
        ("Electrode area [m2]", "Electrode aera [m2]", r"did you mean 'Electrode area \[m2\]'.*line 8"),
        (
            "value = 0.0001",
            "value = 0.0001\nvalu = 2",
            "'valu' is not an entry of .* did you mean 'value'",
        ),
    ],
)
def test_bad_files_name_file_and_line(tmp_path, old, new, message):
    path = write(tmp_path, "mine", CELL)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CellError, match=message):
        twin.load_cell(path)


PASSES = {
    "description": (None, "", "wide", "a/b", "../Li_LGPS", "x" * 200),
    "source": ("wide", "a/b", "../Li_LGPS", "x" * 200),
    "value": (5,),
    "prior": (None,),
    "factor": (5,),
    "upper": (5,),
}
"""What of the broken values means something at the end of a way."""


@pytest.mark.parametrize("kind", ["cell", "pair"])
def test_whatever_stands_where_it_does_not_belong_is_answered_in_words(tmp_path, kind):
    mine = changed(CELL, ("parts", "anode_interface"), "Li_LLZO")
    files = {"cell": ("mine", mine), "pair": ("Li_LLZO", PAIR)}
    path = write(tmp_path, "mine", mine)
    write(tmp_path, "Li_LLZO", PAIR)
    twin.load_cell(path)
    name, content = files[kind]
    passed, answers = [], []
    for way in ways(content):
        for value in (None, *BROKEN_VALUES):
            write(tmp_path, name, changed(content, way, value))
            try:
                twin.load_cell(path)
            except CellError as error:
                answers.append(str(error))
            else:
                passed.append((way, value))
    wrong = [(way, value) for way, value in passed if value not in PASSES.get(way[-1], ())]
    assert wrong == []
    assert all(".toml" in answer and "\n" not in answer for answer in answers)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parts": 5}, r"\[parts\] must be a table of roles and names, not 5"),
        ({"parts": {"anode_interface": 5, "separator": "LGPS"}}, "the name of one part, not 5"),
        ({"parts": {"anode_interface": ["Li_LGPS"], "separator": "LGPS"}}, "name of one part"),
        ({"parts": {"anode_interface": "Li_LGPS", "separator": []}}, r"list of such names.*not \[\]"),
        ({"parts": {"anode_interface": "Li_LGPS", "separator": [5]}}, "must be a text, not 5"),
        (
            {"parts": {"anode_interface": "Li_LGPS", "separator": ["LGPS"] * 500}},
            f"500 layers; at most {MOST_LAYERS}",
        ),
        ({"parts": {"anode_interface": "pairs/Li_LGPS", "separator": "LGPS"}}, "without its folder"),
        ({"parts": {"anode_interface": "../Li_LGPS", "separator": "LGPS"}}, "without its folder"),
        ({"parts": {"anode_interface": "Li\x1bLGPS", "separator": "LGPS"}}, "cannot be printed"),
        (
            {"parts": {"anode_interface": "Li_LGPS", "separator": "LGPS", "cathode": "LCO"}},
            "a symmetric cell has no cathode",
        ),
        (
            {"parts": {"anode_interface": "Li_LGPS", "separator": "LGPS", "coatng": "LiAlO2"}},
            "did you mean 'coating'",
        ),
        ({"interfaces": "negative"}, "names no cathode, which a full cell has"),
        ({"interfaces": ["both"]}, r"interfaces must be one of negative, both, not \['both'\]"),
        ({"description": 5}, "'description' must be a text, not 5"),
        ({"description": "\x1b[31mred"}, "cannot be printed"),
        ({"reference": ["a"]}, "'reference' must be a text"),
        ({"open_circuit_voltage": "LCO"}, "'open_circuit_voltage' is not an entry of a symmetric cell"),
        ({"Cathode utilisation": {"value": 1.0, "source": "x"}}, "it belongs in the file of a cathode"),
        ({"Cathode active mass [kg]": {"value": 1.0, "source": "x"}}, "the file of a full cell"),
        ({"Thickness [m]": {"value": 1.0, "source": "x"}}, "it belongs in the file of an electrolyte"),
        ({"Current function [A]": {"value": 1.0, "source": "x"}}, "is not a parameter"),
        ({"Capacity retention": {"value": 1.0, "source": "x"}}, "is not a parameter"),
        ({"Separator layer 2 thickness [m]": {"value": 1e-4, "source": "x"}}, "is not a parameter"),
        ({"Electrode area [m2]": 5}, "must be a table with value and source, not 5"),
        ({"Electrode area [m2]": {"value": 10**400, "source": "x"}}, "hundreds of digits"),
        ({"Electrode area [m2]": {"value": True, "source": "x"}}, "must be a number, not True"),
        (
            {"Electrode area [m2]": {"value": 1e-4, "source": "x", "note": 5}},
            "note of .* must be a text",
        ),
        ({"Ambient temperature [K]": {"value": 25, "source": "x"}}, r"did you mean 298.15 K \(25 °C\)"),
    ],
)
def test_bad_cells_are_answered_in_words(tmp_path, changes, message):
    with pytest.raises(CellError, match=message):
        twin.load_cell(write(tmp_path, "mine", CELL | changes))


def test_a_cathode_must_name_a_voltage_that_is_known(tmp_path):
    cathode = read_toml(shipped("parameter_sets") / "cathodes" / "LCO.toml", CellError)
    cell = write(tmp_path, "mine", changed(FULL_CELL, ("parts", "cathode"), "mycath"))
    write(tmp_path, "mycath", changed(cathode, ("open_circuit_voltage",), "bogus_LCO"))
    message = r"'bogus_LCO' is not an open-circuit voltage; did you mean 'LCO'\? \(known: LCO, NCM622\)"
    with pytest.raises(CellError, match=rf"{message} \(mycath.toml, line 2\)"):
        twin.load_cell(cell)
    write(tmp_path, "mycath", changed(cathode, ("open_circuit_voltage",), None))
    with pytest.raises(CellError, match="names its open_circuit_voltage, one of LCO, NCM622"):
        twin.load_cell(cell)


def test_a_file_whose_name_cannot_be_printed_is_no_cell(tmp_path):
    with pytest.raises(CellError, match=r"the name of '.*\\x1b.* cannot be printed"):
        twin.load_cell(write(tmp_path, "mine\x1b[31m", CELL))


def test_parts_that_are_based_on_each_other_are_refused(tmp_path):
    write(tmp_path, "one", PAIR | {"based_on": "two"})
    write(tmp_path, "two", PAIR | {"based_on": "one"})
    mine = changed(CELL, ("parts", "anode_interface"), "one")
    with pytest.raises(CellError, match=r"based_on = 'one' leads back to itself \(two.toml, line"):
        twin.load_cell(write(tmp_path, "mine", mine))


def test_a_film_must_be_as_thick_as_its_ald_cycles_say(tmp_path):
    mine = changed(CELL, ("parts", "coating"), "film")
    film = {"based_on": "Al2O3", "Coating thickness [m]": {"value": 5e-9, "source": "mine"}}
    write(tmp_path, "film", film)
    with pytest.raises(ParameterError, match="contradicts 'ALD cycles' = 150"):
        twin.load_cell(write(tmp_path, "mine", mine))
    write(tmp_path, "film", {"based_on": "LiAlO2", "ALD cycles": {"value": 5, "source": "mine"}})
    with pytest.raises(ParameterError, match="given together or not at all"):
        twin.load_cell(write(tmp_path, "mine", mine))
