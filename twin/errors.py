"""Everything that `twin` raises on purpose.

::

    TwinError
    ├── ArgumentError        an argument of another kind than asked, outside its range, far too large
    ├── CellError            a cell or a part of one that cannot be read or composed
    │   └── ParameterError   one value of it: unknown name, wrong unit, no source, out of range
    ├── ProtocolError        steps that cannot be parsed, or no cycles
    ├── ObservationError     measured rows that cannot be read, or that ask what no run holds
    │   ├── MeasurementError a file of a cycler that cannot be read, or only in two ways
    │   └── DatasetError     no netCDF file, or a Dataset that lacks what is asked of it
    ├── StudyError           a study that cannot be read, opened or resumed, or makes no sense
    ├── FittedSetError       no fitted parameter set, or one that does not belong to this cell
    ├── WorkerError          a worker process that the operating system has ended
    │   └── ClusterError     a cluster out of reach, of another version, or without workers
    └── OutputError          a file or folder that cannot be written, or would be overwritten

and three warnings: ``ExtrapolationWarning``, a run that leaves what its model knows;
``DamagedFileWarning``, a file of unfinished work that cannot be gone on from; ``SlowRunWarning``, a run
that is slower than it could be.

A short circuit, a coating that fails or a step that is infeasible is no error: it is an
`outcome` of a run.
"""

import difflib
import reprlib
from collections.abc import Iterable

LONGEST_LIST = 400
"""Characters of the known words that an error lists; a longer list is left to the nearest word."""
LONGEST_COMPARED = 200
"""Characters of a word that is compared with the known ones: nobody mistypes a name of this length, and
the time that a comparison takes grows with the square of it."""
NEAR = 0.5
"""Similarity (difflib's ratio) from which a known word is offered in place of an unknown one."""


class TwinError(Exception):
    """Base of all errors raised on purpose; its text is one line fit for a terminal."""


class ArgumentError(TwinError):
    """An argument of another kind than is asked, outside its range, or far too large."""


class CellError(TwinError):
    """A cell, or a part of one, that cannot be read or composed."""


class ParameterError(CellError):
    """A parameter that is unknown, has no source, or has a value that is not allowed."""


class ProtocolError(TwinError):
    """Steps that cannot be parsed, or a protocol without cycles."""


class ObservationError(TwinError):
    """Measured rows that cannot be read or compared."""


class MeasurementError(ObservationError):
    """A file of a cycler that cannot be read, or that may mean two things until its user says which."""


class DatasetError(ObservationError):
    """A netCDF file that cannot be read, or a Dataset that lacks what is asked of it."""


class StudyError(TwinError):
    """A study that cannot be read, opened or resumed, or that asks what cannot be varied."""


class StudioError(TwinError):
    """An input of the studio, or an address, that says what cannot be; a port that is in use."""


class FittedSetError(TwinError):
    """A fitted parameter set that is missing or does not match."""


class WorkerError(TwinError):
    """A worker process that the operating system has ended, most often for want of memory."""


class ClusterError(WorkerError):
    """A Dask cluster that is out of reach, of another version, or that has lost its workers."""


class OutputError(TwinError):
    """A place that cannot be written to."""


class ExtrapolationWarning(UserWarning):
    """A run went where its model has no data, e.g. an alloy beyond its plateau."""


class DamagedFileWarning(UserWarning):
    """A file of unfinished work is damaged: what it held is computed anew."""


class SlowRunWarning(UserWarning):
    """A run takes longer than it would with a C compiler and a folder to keep what it compiles."""


def unknown(word, known: Iterable[str], kind: str) -> str:
    """The sentence that says that a word is none of those known, with the nearest and the known ones.

    >>> unknown("refrence", ["long_cycling", "reference"], "a simulator")
    "'refrence' is not a simulator; did you mean 'reference'? (known: long_cycling, reference)"
    """
    known = [str(name) for name in known]
    listed = ", ".join(known) or "none"
    all_of_them = f" (known: {listed})" if len(listed) <= LONGEST_LIST else ""
    return f"{shown(word)} is not {kind}{_nearest(word, known)}{all_of_them}"


def _nearest(word, known: Iterable[str]) -> str:
    """'; did you mean …?' with the nearest known word, or '' where none is near."""
    if not isinstance(word, str) or len(word) > LONGEST_COMPARED:
        return ""
    lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=NEAR)
    return f"; did you mean '{lower[near[0]]}'?" if near else ""


def shown(value) -> str:
    """What came, as an error's text shows it: on one line, short, control characters spelled out."""
    if isinstance(value, int) and value.bit_length() > LONGEST_INTEGER:
        return "a whole number of hundreds of digits"
    return " ".join(_SHORT.repr(value).split())


LONGEST_INTEGER = 300
"""Binary digits of the longest whole number that an error spells out: some ninety decimal ones."""


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 120
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 6
