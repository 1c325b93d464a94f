"""A protocol by words of a command line: a file, or a test of a laboratory with its options.

::

    my_protocol.toml
    critical_current_density
    critical_current_density step=0.2 mA/cm2 charge=0.5 mAh/cm2
    rate_test rates=0.1,0.5,1 cycles_each=3
"""

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin.cell import Cell
from twin.errors import ProtocolError, unknown
from twin.protocols import lab_tests, pulses
from twin.protocols.file import read_protocol
from twin.protocols.protocol import Protocol

SUFFIX = ".toml"
"""What tells the path of a file from the name of a test."""
LAB_TESTS: Mapping[str, Callable[..., Protocol]] = MappingProxyType({
    test.__name__: test
    for test in (
        lab_tests.critical_current_density,
        lab_tests.one_way_plating,
        lab_tests.rate_test,
        lab_tests.check_ups,
        lab_tests.calendar_ageing,
        pulses.gitt,
        pulses.hppc,
    )
})  # fmt: skip
"""Name -> test."""
OF_SYMMETRIC_CELLS = ("critical_current_density", "one_way_plating")
"""Tests that drive lithium between two foils: a cathode's cut-offs would end them."""
OPTION = re.compile(r"(?:^|\s)(\w+)\s*=\s*")
"""Where an option begins, whose value ends where the next one begins."""


def named_protocol(words: str, cell: Cell) -> Protocol:
    """The protocol of a TOML file, or of a test with options, as the command line takes it.

    Raises ProtocolError: no such test (the known ones are listed), one of symmetric cells for a cell
    with a cathode, no such option, or a value that cannot be read.
    """
    name = test_named(words)
    if name is None:
        return read_protocol(Path(words.strip()))
    if name in OF_SYMMETRIC_CELLS and cell.has_cathode:
        raise ProtocolError(
            f"{name} is a test of symmetric cells, and {cell.name} has a cathode; take rate_test or "
            "check_ups, or the symmetric cell of the same anode (twin cells)"
        )
    options = words.strip().removeprefix(name)
    test = LAB_TESTS[name]
    known = inspect.signature(test, eval_str=True).parameters
    given = {key: _value(name, key, text, known) for key, text in _options(name, options).items()}
    return test(cell, **given) if "cell" in known else test(**given)


def test_named(words: str) -> str | None:
    """The name of the test that words begin with, None where they are the path of a file.

    Raises ProtocolError: no such test.
    """
    if words.strip().endswith(SUFFIX):
        return None
    name = words.strip().partition(" ")[0]
    if name not in LAB_TESTS:
        raise ProtocolError(unknown(name, LAB_TESTS, f"a test, nor the path of a {SUFFIX} file"))
    return name


def _options(name: str, text: str) -> dict[str, str]:
    """Option -> value, of "step=0.2 mA/cm2 time=1 hour"."""
    before, *parts = OPTION.split(text)
    keys = parts[::2]
    if before.strip() or len(set(keys)) < len(keys):
        raise ProtocolError(
            f"cannot read the options of {name} in {text!r}: each is written once, as name=value"
        )
    return dict(zip(keys, (value.strip() for value in parts[1::2]), strict=True))


def _value(name: str, key: str, text: str, known: Mapping[str, inspect.Parameter]) -> Any:
    """An option's value as the test takes it: a number, words, or several of them."""
    options = [word for word in known if word != "cell"]
    if key not in options:
        raise ProtocolError(unknown(key, options, f"an option of {name}"))
    read, form = FORMS.get(str(known[key].annotation), (str, "words"))
    try:
        return read(text)
    except ValueError:
        raise ProtocolError(f"{key} of {name} must be {form}, not {text!r}") from None


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _number_or_none(text: str) -> float | None:
    return None if text == "none" else float(text)


def _steps(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


FORMS: Mapping[str, tuple[Callable[[str], Any], str]] = MappingProxyType({
    "<class 'int'>": (int, "a whole number, e.g. 5"),
    "<class 'float'>": (float, "a number, e.g. 0.5"),
    "float | None": (_number_or_none, "a number, e.g. 0.5, or none"),
    "collections.abc.Sequence[float]": (_numbers, "numbers with commas, e.g. 0.1,0.5,1"),
    "collections.abc.Sequence[str] | None": (_steps, "steps with semicolons"),
})  # fmt: skip
"""What an option's annotation says of it -> how its text is read, and how it is written."""
