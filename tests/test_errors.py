"""What an error's text shows of what came."""

import pytest

from twin.errors import shown


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
