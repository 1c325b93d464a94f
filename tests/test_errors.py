"""What an error's text shows of what came."""

import pytest

from twin.errors import shown, unknown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        ("wide", "'wide'"),
        (["Li_LGPS"], "['Li_LGPS']"),
        ("\x1b[31m\n", r"'\x1b[31m\n'"),
        (10**400, "a whole number of hundreds of digits"),
        (-(10**400), "a whole number of hundreds of digits"),
    ],
)
def test_values_are_shown_as_they_were_written(value, text):
    assert shown(value) == text


def test_however_much_came_its_picture_fits_a_line():
    deep: dict = {}
    for _ in range(100_000):
        deep = {"a": deep}
    for much in ("x" * 10**6, list(range(10**5)), {n: n for n in range(10**5)}, deep, 16**100_000):
        assert len(shown(much)) < 200
        assert "\n" not in shown(much)


KNOWN = ("long_cycling", "reference")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        (
            "refrence",
            "'refrence' is not a simulator; did you mean 'reference'? (known: " + ", ".join(KNOWN),
        ),
        ("zzz", "'zzz' is not a simulator (known: long_cycling, reference)"),
        (7, "7 is not a simulator (known: long_cycling, reference)"),
        ("LONG_CYCLING", "did you mean 'long_cycling'?"),
    ],
)
def test_an_unknown_word_gets_the_nearest_and_the_known_ones(word, sentence):
    assert sentence in unknown(word, KNOWN, "a simulator")


def test_an_unknown_word_of_many_stays_a_line_and_costs_no_time():
    names = [f"parameter {number}" for number in range(1000)]
    assert unknown("parametr 77", names, "a parameter") == (
        "'parametr 77' is not a parameter; did you mean 'parameter 77'?"
    )
    assert len(unknown("x" * 10**6, names, "a parameter")) < 200
    assert unknown("x", [], "a field") == "'x' is not a field (known: none)"
