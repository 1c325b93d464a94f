"""Everything that `twin` raises on purpose.

::

    TwinError
    ├── CellError            a cell or a part of one that cannot be read or composed
    │   └── ParameterError   one value of it: unknown name, wrong unit, no source, out of range
    ├── ProtocolError        steps that cannot be parsed, or no cycles
    ├── ObservationError     measured rows that cannot be read, or that ask what no run holds
    ├── StudyError           a study that cannot be read, opened or resumed, or makes no sense
    ├── FittedSetError       no fitted parameter set, or one that does not belong to this cell
    └── OutputError          a file or folder that cannot be written, or would be overwritten

and one warning, ``ExtrapolationWarning``: a run that leaves what its model knows.

A short circuit, a coating that fails or a step that is infeasible is no error: it is an
`outcome` of a run.
"""

import difflib
import reprlib
from collections.abc import Iterable


class TwinError(Exception):
    """Base of all errors raised on purpose; its text is one line fit for a terminal."""


class CellError(TwinError):
    """A cell, or a part of one, that cannot be read or composed."""


class ParameterError(CellError):
    """A parameter that is unknown, has no source, or has a value that is not allowed."""


class ProtocolError(TwinError):
    """Steps that cannot be parsed, or a protocol without cycles."""


class ObservationError(TwinError):
    """Measured data that cannot be read or compared."""


class StudyError(TwinError):
    """A study that cannot be read, opened or resumed, or that asks what cannot be varied."""


class FittedSetError(TwinError):
    """A fitted parameter set that is missing or does not match."""


class OutputError(TwinError):
    """A place that cannot be written to."""


class ExtrapolationWarning(UserWarning):
    """A run went where its model has no data, e.g. an alloy beyond its plateau."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """'; did you mean …?' with the nearest known name, or '' where none is near."""
    lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    return f"; did you mean '{lower[near[0]]}'?" if near else ""


def shown(value) -> str:
    """What came, as an error's text shows it: on one line, short, control characters spelled out."""
    if isinstance(value, int) and value.bit_length() > LONGEST_INTEGER:
        return "a whole number of hundreds of digits"
    return _SHORT.repr(value)


LONGEST_INTEGER = 300
"""Binary digits of the longest whole number that an error spells out: some ninety decimal ones."""


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 120
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 6
