"""Libraries that read formats of their own, imported only when a file asks for one."""

import importlib
import types
from pathlib import Path

from twin.errors import MeasurementError

INSTALL = "pip install 'assb-twin[files]'"
"""How the libraries come that read Parquet, Neware, Excel and the rest."""


def reader_for(path: Path, module: str, what: str, install: str = INSTALL) -> types.ModuleType:
    """A library that reads a file. Raises MeasurementError: it is missing, and how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MeasurementError(f"{path}: {what} is read with {module}: {install}") from None


def unreadable(path: Path, what: str, problem: BaseException) -> MeasurementError:
    """Says that a library could not read a file; what it raises has no common base."""
    return MeasurementError(f"{path}: cannot be read as {what}: {one_line(problem)}")


def one_line(problem: BaseException | str) -> str:
    """What a library says, on one line of sane length that moves no cursor."""
    words = " ".join(str(problem).split())[:LONGEST_REASON] or type(problem).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in words)


LONGEST_REASON = 200
"""Characters of a library's own words that are repeated."""
