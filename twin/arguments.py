"""What a caller gives, checked in one way wherever it is given: counts, draws, seeds, paths, lists."""

import math
import operator
import os
from collections.abc import Mapping
from pathlib import Path

from twin.errors import ArgumentError, shown

MOST_DRAWS = 100_000
"""Most draws of a cell: so many leave the 5 % quantile uncertain by 0.07 percentage points, far less
than a fit that is worth a hundred independent draws does."""
LARGEST_SEED = 2**32 - 2
"""Largest seed: Optuna's samplers take 32 bits, and a search draws its fresh cells with the next one."""
MOST_PROCESSES = 1024
"""Most worker processes: more than any one machine has cores."""


def checked_count(what: str, value, *, least: int = 1, most: int | None = None) -> int:
    """`value` as a whole number, numpy's included; `what` names it in the error.

    Raises ArgumentError: no whole number (True and 2.0 are none), or one outside `least` to `most`.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        allowed = f"from {least}" if most is None else f"from {least} to {most:,}"
        raise ArgumentError(f"{what} must be a whole number {allowed}, not {shown(value)}")
    return number


def checked_draws(value) -> int:
    """A number of draws. Raises ArgumentError: no whole number from 1 to ``MOST_DRAWS``."""
    return checked_count("draws", value, most=MOST_DRAWS)


def checked_seed(value) -> int:
    """A seed. Raises ArgumentError: no whole number from 0 to ``LARGEST_SEED``."""
    return checked_count("seed", value, least=0, most=LARGEST_SEED)


def checked_processes(value, what: str = "processes") -> int | None:
    """A number of worker processes, None for one a core. Raises ArgumentError: neither."""
    return None if value is None else checked_count(what, value, most=MOST_PROCESSES)


def checked_kind(what: str, value, kind: type, remedy: str) -> None:
    """Raise ArgumentError, with how to come by one, unless `value` is of a kind."""
    if not isinstance(value, kind):
        raise ArgumentError(f"{what} must be a {kind.__name__}, not {shown(value)}; {remedy}")


def checked_several(what: str, values) -> list:
    """Several values in a list. Raises ArgumentError: a single one, a text, or nothing to go through."""
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__"):
        raise ArgumentError(f"{what} must be a list, not {shown(values)}; put it in [ ]")
    return list(values)


def checked_path(value) -> Path:
    """The path of a file or folder. Raises ArgumentError: no text and no path."""
    if not isinstance(value, str | os.PathLike):
        raise ArgumentError(f"the path of a file must be a text or a path, not {shown(value)}")
    return Path(value)


def checked_number(what: str, value, *, least: float = -math.inf, most: float = math.inf) -> float:
    """`value` as a float between `least` and `most`, both included; `what` names it in the error.

    Raises ArgumentError: no number (True is none), not a number (NaN), or outside.
    """
    try:
        plain = getattr(value, "item", lambda: value)()  # a numpy scalar is a number too
        number = math.nan if isinstance(plain, bool | str) else float(plain)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not least <= number <= most:
        raise ArgumentError(f"{what} must lie between {least:g} and {most:g}, not {shown(value)}")
    return number
