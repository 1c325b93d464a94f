"""How numbers, intervals, chances and changes are said."""

import numpy as np
import pytest

from twin.results.phrases import chance_in_words, changes_in_words, in_a_sentence, number


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.123456, "0.123"), (1234.5, "1234"), (2.5e7, "2.5e+07"), (np.nan, "-"), (np.inf, "never")],
)
def test_numbers(value, said):
    assert number(value) == said


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ((0.04, 0.115, 0.258), "11.5 % (4 to 25.8 %)"),
        ((0, 0, 0.0825), "below 8.25 %"),
        ((0.9175, 1, 1), "above 91.8 %"),
        ((np.nan,) * 3, "-"),
    ],
)
def test_chances(edges, said):
    assert chance_in_words(edges) == said


def test_changes_name_what_was_there_before():
    changes = '{"Coating thickness [m]": [1e-7, 2e-7], "ALD cycles": [10, 20]}'
    said = changes_in_words({"changes": changes})
    assert said == "coating thickness 100 nm, was 200 nm; ALD cycles 10, was 20"
    assert changes_in_words({}) == ""
    assert in_a_sentence("SoC") == "SoC"
    assert in_a_sentence("Initial SoC") == "initial SoC"
