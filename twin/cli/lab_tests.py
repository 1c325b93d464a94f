"""What the commands say and draw of a test of a laboratory, beside what they say of every protocol."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from twin.cli.pictures import drawing

TO_THE_SHORT: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "critical_current_density": ("critical_current_density", "cumulative_charge"),
    "one_way_plating": ("cumulative_charge",),
})  # fmt: skip
"""Test that drives a cell to its short -> what :func:`twin.critical_current` says of it."""
PICTURES: Mapping[str, Callable] = MappingProxyType({
    "critical_current_density": lambda data: drawing().short_by_current(_critical(data)).figure,
    "rate_test": lambda data: drawing().rate_capability(data).figure,
    "check_ups": lambda data: drawing().check_up_capacity(data).figure,
    "calendar_ageing": lambda data: drawing().storage_retention(data).figure,
})  # fmt: skip
"""Test -> the picture of its forecast."""


def test_of(named: str | None) -> str:
    """The test that `--protocol` names, "" where it names none."""
    from twin.protocols.named import test_named

    return (test_named(named) if named else None) or ""


def picture_names(test: str) -> tuple[str, ...]:
    """Names of the pictures of a forecast of that test, the one of every forecast first."""
    return ("", test) if test in PICTURES else ("",)


def figures(test: str, data) -> dict:
    """Name -> the picture of a test's forecast."""
    return {test: PICTURES[test](data)} if test in PICTURES else {}


def values(test: str, data) -> dict:
    """What --json prints of a test: numbers of a run, [5 %, median, 95 %] of a forecast."""
    said = {}
    for name, found in _results(test, data).items():
        unit = found.unit.replace("²", "2").replace("/", "_per_")
        said[f"{name}_{unit}"] = found.values.tolist()
    return said


def rows(test: str, data) -> list[tuple[str, str]]:
    """What the table says of a test."""
    from twin.results.phrases import in_a_sentence, number, span
    from twin.results.quantities import RESULTS

    told = []
    for name, found in _results(test, data).items():
        if found.values.ndim:
            told.append((in_a_sentence(found.name), span(found.values, found.unit)))
        else:
            value = float(found.values)
            said = RESULTS[name].never or "-" if math.isnan(value) else number(value)
            told.append((in_a_sentence(found.label), said))
    return told


def _results(test: str, data) -> dict:
    """Name -> what a test says of a run or, over quantiles, of a forecast, in the unit shown."""
    from twin.results.readable import readable

    if test not in TO_THE_SHORT:
        return {}
    found = _critical(data)
    behind = "_interval" if "draw" in data.dims else ""
    return {name: readable(found[f"{name}{behind}"]) for name in TO_THE_SHORT[test]}


def _critical(data):
    from twin.results.lab_tests import critical_current

    return critical_current(data)
