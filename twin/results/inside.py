"""Whether a forecast lies inside what was fitted, in words: for a table and for a sentence."""

import math

import xarray as xr

from twin import names
from twin.results.phrases import in_a_sentence, listed, number
from twin.units import in_words, words_of_key

COLUMNS = ("condition", "this protocol", "fitted between", "inside")
"""Columns of the table that says how a protocol stands to what was fitted."""
SAID_DIGITS = 3
"""Digits of a current or a temperature in the table; counts of cycles and hours are told in full."""


def rows_of(data: xr.Dataset) -> list[tuple[str, str, str, str]]:
    """The table, a row for each condition; none of a cell without fitted rows."""
    return [_row(own) for own in _conditions(data)]


def is_inside(data: xr.Dataset) -> bool:
    """True where a forecast says what was fitted, and lies within it in every respect."""
    return bool(_conditions(data)) and bool((data["times_beyond"] == 1).all())


def sentence(data: xr.Dataset) -> str:
    """Whether a protocol lies inside what was fitted and, where not, what was done about it."""
    if not _conditions(data):
        return ""
    if is_inside(data):
        return "The protocol lies inside what was fitted."
    outside = [own for own in _conditions(data) if own["times_beyond"] != 1]
    words = listed([in_a_sentence(words_of_key(str(own["condition"].item()))) for own in outside])
    return (
        f"Outside what was fitted: {words}. Each rate of ageing is taken to be less sure there "
        f"(assumed: a standard deviation of {number(float(data['model_error']))} in its logarithm)."
    )


def for_machines(data: xr.Dataset) -> list[dict]:
    """Each condition with its numbers, in the unit of its key."""
    return [
        {str(name): own[name].item() for name in ("condition", *own.data_vars)}
        for own in _conditions(data)
    ]


def _conditions(data: xr.Dataset) -> list[xr.Dataset]:
    if "times_beyond" not in data:
        return []
    of_conditions = data[[str(n) for n, own in data.data_vars.items() if own.dims == ("condition",)]]
    return [of_conditions.isel(condition=place) for place in range(data.sizes["condition"])]


def _row(own: xr.Dataset) -> tuple[str, str, str, str]:
    key = str(own["condition"].item())
    asked = float(own["condition_low"]), float(own["condition_high"])
    fitted = float(own["fitted_low"]), float(own["fitted_high"])
    beyond = _beyond(float(own["times_beyond"]), key, asked, fitted)
    return words_of_key(key), _range(asked, key), _range(fitted, key), beyond


def _range(ends: tuple[float, float], key: str) -> str:
    low, high = ends
    if math.isnan(high):
        return "never"
    if key in (names.CYCLES, names.RUN_TIME):
        return in_words([round(high) if high >= 10 else high], key)[0]
    low, high = (float(f"{end:.{SAID_DIGITS}g}") for end in ends)
    if low == high:
        return in_words([high], key)[0]
    first, last = in_words([low, high], key)
    return f"{first.partition(' ')[0]} to {last}"


def _beyond(times: float, key: str, asked: tuple[float, float], fitted: tuple[float, float]) -> str:
    if math.isnan(times):
        return "not fitted"
    return "yes" if times == 1 else f"no, {how_far(times, key, asked, fitted)}"


def how_far(times: float, key: str, asked: tuple[float, float], fitted: tuple[float, float]) -> str:
    """How far a condition lies outside what was fitted: "2 times above", "10 K below".

    `asked` and `fitted` are lowest and highest values, `times` how many times beyond they lie.
    """
    if key == names.WORKING_TEMPERATURE:
        above, below = asked[1] - fitted[1], fitted[0] - asked[0]
        return f"{number(max(above, below))} K {'above' if above >= below else 'below'}"
    above = asked[1] / fitted[1] >= times * (1 - TOLERANCE)
    return f"{number(times)} times {'above' if above else 'below'}"


TOLERANCE = 1e-6
"""Relative difference within which two ratios are one: the exponential of a logarithm is not exact."""
