"""Priors and parts are read as strictly as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_cell import CELL, PAIR, changed, write

import twin
from twin.errors import CellError, ParameterError
from twin.parameters import Prior
from twin.parts import LARGEST_FACTOR, prior_table, read_prior

KEY = "Pristine interface resistance [Ohm.m2]"
HERE = "pair.toml, line 3"
LOGNORMAL = {"distribution": "lognormal", "factor": 2.0, "lower": 1e-5, "upper": 1e-2}
NORMAL = {"distribution": "normal", "deviation": 1e-3, "lower": 1e-5, "upper": 1e-2}
UNIFORM = {"distribution": "uniform", "lower": 1e-5, "upper": 1e-2}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("wide", "must be a table, as .*, not 'wide'"),
        ([1], r"must be a table, as .*, not \[1\]"),
        ({}, "None is not a distribution"),
        (
            LOGNORMAL | {"distribution": "gauss"},
            "'gauss' is not a distribution.*known: lognormal, normal",
        ),
        (LOGNORMAL | {"distribution": ["lognormal"]}, "is not a distribution"),
        (LOGNORMAL | {"deviation": 1.0}, "'deviation' is not a word of a lognormal prior"),
        (UNIFORM | {"factor": 2.0}, "'factor' is not a word of a uniform prior"),
        (LOGNORMAL | {"uper": 1.0}, "did you mean 'upper'"),
        ({"distribution": "lognormal", "lower": 1e-5, "upper": 1e-2}, "has no factor"),
        ({"distribution": "normal", "deviation": 1.0, "upper": 1e-2}, "has no lower"),
        (LOGNORMAL | {"factor": 1.0}, "factor must be more than 1 and at most 1e.06, not 1 "),
        (LOGNORMAL | {"factor": 0.5}, "factor must be more than 1"),
        (LOGNORMAL | {"factor": 2 * LARGEST_FACTOR}, "factor must be more than 1"),
        (LOGNORMAL | {"factor": float("nan")}, "must be a finite number, not nan"),
        (LOGNORMAL | {"factor": "four"}, "must be a number, not 'four'"),
        (LOGNORMAL | {"factor": True}, "must be a number, not True"),
        (NORMAL | {"deviation": 0.0}, "deviation must be more than 0"),
        (NORMAL | {"deviation": -1.0}, "deviation must be more than 0"),
        (
            LOGNORMAL | {"lower": [1]},
            r"must be a number, not \[1\] \(lower bound of its prior, pair.toml",
        ),
        (LOGNORMAL | {"lower": float("nan")}, "must be a finite number"),
        (LOGNORMAL | {"upper": float("inf")}, "must be a finite number"),
        (LOGNORMAL | {"lower": 0.0}, "must be more than zero"),
        (LOGNORMAL | {"lower": -1.0}, "must be more than zero"),
        (LOGNORMAL | {"lower": 1e-2, "upper": 1e-5}, "lower bound 0.01 must lie below"),
        (LOGNORMAL | {"lower": 1e-3, "upper": 1e-3}, "must lie below"),
        (LOGNORMAL | {"lower": 2e-3}, "lies outside its prior's bounds"),
        (LOGNORMAL | {"upper": 5e-4}, "lies outside its prior's bounds"),
    ],
)
def test_priors_that_make_no_sense_are_refused(entry, message):
    with pytest.raises(ParameterError, match=message):
        read_prior(KEY, 1e-3, entry, HERE)


def test_a_lognormal_prior_has_no_median_of_zero():
    entry = LOGNORMAL | {"lower": 0.0}
    with pytest.raises(
        ParameterError, match="needs a value above zero, not 0; take a normal or a uniform"
    ):
        read_prior("Calendar fade rate [s-1]", 0.0, entry, HERE)


@given(
    st.sampled_from(["lognormal", "normal", "uniform"]),
    st.tuples(*[st.floats(1e-6, 1e6)] * 3).filter(lambda edges: len(set(edges)) == 3),
    st.floats(1.001, 1e3),
)
def test_a_prior_that_is_written_is_read_as_it_was(distribution, edges, spread):
    lower, value, upper = sorted(edges)
    written = Prior(distribution, lower, upper, value, 1.0 if distribution == "uniform" else spread)
    assert read_prior(KEY, value, prior_table(written), HERE) == written


@pytest.mark.parametrize(
    ("way", "value", "message"),
    [
        (("open_circuit_voltage",), "LCO", "'open_circuit_voltage' is not an entry of a pair"),
        (("author",), "me", "'author' is not an entry of a pair"),
        (("based_on",), 5, "'based_on' must be a text, not 5"),
        (("based_on",), "Li_LGSP", "did you mean 'Li_LGPS'"),
        (("Electrode area [m2]",), {"value": 1e-4, "source": "x"}, "belongs in the file of a full cell"),
        (("Coating thickness [m]",), {"value": 1e-7, "source": "x"}, "in the file of a coating"),
        (
            ("Lithium invetory [C.m-2]",),
            {"value": 1.0, "source": "x"},
            "did you mean 'Lithium inventory",
        ),
        (("hard_short",), {"value": 1.0, "source": "x"}, "'hard_short' is not a parameter"),
        (("Contact fraction",), {"value": 1.0, "source": "x"}, "is not a parameter"),
        ((KEY, "source"), "", "has an empty source"),
        ((KEY, "source"), "\x00", "cannot be printed"),
        ((KEY, "source"), 5, "source of .* must be a text, not 5"),
        ((KEY, "value"), None, "has no value"),
    ],
)
def test_bad_parts_are_answered_with_file_and_line(tmp_path, way, value, message):
    write(tmp_path, "Li_LLZO", changed(PAIR | {way[0]: PAIR.get(way[0])}, way, value))
    mine = write(tmp_path, "mine", changed(CELL, ("parts", "anode_interface"), "Li_LLZO"))
    with pytest.raises(CellError, match=rf"{message}.*\(Li_LLZO.toml, line \d+\)"):
        twin.load_cell(mine)


def test_a_text_of_several_lines_is_one_sentence(tmp_path):
    text = "two\n  lines,\ta tab"
    cell = twin.load_cell(write(tmp_path, "mine", CELL | {"description": text}))
    assert cell.description == "two lines, a tab"
