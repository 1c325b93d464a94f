"""A circuit's cycles as a native library, where the machine has a C compiler.

``c_functions`` are its equations as C, ``exact_cycle.c`` is the algorithm around them. A library is kept
under the fingerprint of its source and of the processor, so that one machine compiles a circuit once
(``library_folder``). Without a compiler, or where it fails, the same algorithm runs in Python.
``TWIN_COMPILER`` names another compiler, or
switches this off when it is empty.
"""

import ctypes
import hashlib
import multiprocessing
import os
import platform
import sys
import warnings
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from filelock import Timeout

from twin.errors import SlowRunWarning
from twin.simulators import library_folder
from twin.simulators.library_folder import UnsafeFolderError
from twin.simulators.long_cycling import c_compiler, step_control
from twin.simulators.long_cycling.c_compiler import CompilerError
from twin.simulators.long_cycling.step_codes import ENUMERATIONS, LAST_FINISHED, CutOff


def native(
    code: Mapping[str, Any], sizes: Mapping[str, int], *, lanes: int | None
) -> ctypes.CDLL | None:
    """The library of a circuit.

    None where no compiler is at hand. None, too, after a SlowRunWarning that says what is wrong with it.

    Parameters
    ----------
    code : mapping
        As :func:`twin.simulators.long_cycling.c_functions.c_functions` gives it.
    sizes : mapping
        Those of the circuit, by the names that ``exact_cycle.c`` gives them.
    lanes : int or None
        None takes as many as the processor has.
    """
    if "unknown_operation" in code:
        _warn(f"its equations contain '{code['unknown_operation']}', which has no form in C here")
        return None
    return loaded(_source(code, sizes, lanes))


def loaded(source: str) -> ctypes.CDLL | None:
    """The library of a C source, as :func:`native` gives it."""
    compiler = c_compiler.c_compiler()
    if compiler is None:
        return None
    try:
        return _kept(compiler, source)
    except CompilerError as error:
        _warn(f"the C compiler {compiler} {error}")
    except (UnsafeFolderError, OSError) as error:
        _warn(f"the compiled code cannot be kept or loaded: {error}")
    return None


def _warn(why: str) -> None:
    warnings.warn(
        "runs are solved in Python, which gives the same results and takes some ten times as long: "
        f"{why}. Set TWIN_COMPILER to another compiler, or to nothing to do without one",
        SlowRunWarning,
        stacklevel=3,
    )


def _source(code, sizes, lanes) -> str:
    defined = dict(sizes) | {key: value for key, value in vars(step_control).items() if key.isupper()}
    defined |= {"LAST_FINISHED": int(LAST_FINISHED), "CUT_OFF_WIDTH": len(CutOff)}
    if lanes is not None:
        defined["LANES"] = lanes
    defined |= code["sizes"]
    constants = "\n".join(f"#define {name} ({value!r})" for name, value in defined.items())
    enumerations = "\n".join(
        f"enum {{ {', '.join(f'{member.name} = {member.value}' for member in codes)} }};"
        for codes in ENUMERATIONS
    )
    header, algorithm = (
        (resources.files("twin.simulators.long_cycling") / name).read_text(encoding="utf-8")
        for name in ("lanes.h", "exact_cycle.c")
    )
    return "\n".join((constants, header, code["text"], enumerations, algorithm))


def _kept(compiler: str, source: str) -> ctypes.CDLL:
    """The library of a source: kept from before, or compiled now, to be kept if that is safe."""
    about = (source, platform.platform(), c_compiler.processor(compiler))
    how = repr((c_compiler.FLAGS, c_compiler.ATTEMPTS))
    name = f"circuit-{hashlib.sha256(''.join((*about, how)).encode()).hexdigest()[:24]}"
    try:
        folder = library_folder.library_folder()
    except UnsafeFolderError as error:
        warnings.warn(
            f"every process compiles its circuits anew, because they cannot be kept: {error}",
            SlowRunWarning,
            stacklevel=4,
        )
        return _compiled_for_this_process(compiler, source)
    except OSError:  # no folder to be had, as in many a container
        return _compiled_for_this_process(compiler, source)

    def build(library: Path) -> None:
        if why := library_folder.given_up(folder, identity):
            raise CompilerError(why)
        _say("compiling this kind of circuit for this processor; later runs find it compiled")
        try:
            c_compiler.compile_library(compiler, source, library)
        except CompilerError as error:
            library_folder.give_up(folder, identity, str(error))
            raise

    identity = _identity(compiler)
    try:
        library = library_folder.library(folder, name, build)
    except Timeout:
        raise CompilerError("has been at work for another process for minutes") from None
    except (OSError, NotImplementedError):  # nothing can be written there, or locked
        return _compiled_for_this_process(compiler, source)
    return ctypes.CDLL(str(library))


def _identity(compiler: str) -> str:
    """What tells a compiler from one that is installed in its place, or on another machine."""
    found = os.stat(compiler)
    return repr((platform.node(), compiler, found.st_mtime_ns, found.st_size))


_GIVEN_UP: dict[str, str] = {}
"""Why a compiler was given up in this process, where no note of it can be kept for others."""


def _compiled_for_this_process(compiler: str, source: str) -> ctypes.CDLL:
    """The library of a source, compiled where only this process can have been, and kept nowhere."""
    identity = _identity(compiler)
    if identity in _GIVEN_UP:
        raise CompilerError(_GIVEN_UP[identity])
    if multiprocessing.parent_process() is None:  # one word for all workers
        _say("compiling this kind of circuit; it cannot be kept for later runs")
    with library_folder.temporary_workshop() as own:
        library = own / library_folder.LIBRARY
        try:
            c_compiler.compile_library(compiler, source, library)
        except CompilerError as error:
            _GIVEN_UP[identity] = str(error)
            raise
        return ctypes.CDLL(str(library))


def _say(words: str) -> None:
    """A line for somebody who waits at a terminal, on one of its own beside a progress bar."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r\033[Ktwin: {words}", file=sys.stderr)
