"""A circuit's cycles as a native library, where the machine has a C compiler.

CasADi writes the circuit's functions as C, ``exact_cycle.c`` is the algorithm around them. The library
is kept in the user's cache folder under the fingerprint of its source, so that one machine compiles a
circuit once. Without a compiler, or where it fails, the same algorithm runs in Python.
``TWIN_COMPILER`` names another compiler, or switches this off when it is empty.
"""

import contextlib
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import casadi
from platformdirs import user_cache_path

from twin.simulators import step_control

FLAGS = (
    *("-O1", "-fPIC", "-shared"),  # more optimisation compiles longer and runs no faster
    # one division by what many divide by; NaN and infinity keep their meaning
    *("-fno-math-errno", "-fno-trapping-math", "-freciprocal-math"),
    *("-fassociative-math", "-fno-signed-zeros"),
)
TIME_LIMIT = 60
"""[s] after which a compiler is given up."""


def native(functions: tuple[casadi.Function, ...], sizes: Mapping[str, int]) -> ctypes.CDLL | None:
    """The library of a circuit's `functions`; None where no compiler is at hand or it fails.

    `sizes` are the circuit's, by the names that ``exact_cycle.c`` gives them.
    """
    compiler = os.environ.get("TWIN_COMPILER", shutil.which("cc") or shutil.which("gcc") or "")
    if not compiler or os.name == "nt":
        return None
    source = _source(functions, sizes)
    fingerprint = hashlib.sha256("".join((source, platform.platform(), *FLAGS)).encode())
    library = _folder() / f"circuit-{fingerprint.hexdigest()[:24]}.so"
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if not library.is_file():
            _compile(compiler, source, library)
        return ctypes.CDLL(str(library))
    return None


def _source(functions, sizes) -> str:
    generator = casadi.CodeGenerator("circuit.c")
    defined = dict(sizes) | {key: value for key, value in vars(step_control).items() if key.isupper()}
    for function in functions:
        generator.add(function)
        name = function.name().upper()
        defined[f"{name}_ARGUMENTS"] = function.sz_arg()
        defined[f"{name}_RESULTS"] = function.sz_res()
        defined[f"{name}_WORK"] = function.sz_w()
    headers = ["#include <math.h>", "#include <string.h>"]
    constants = [f"#define {name} ({value!r})" for name, value in defined.items()]
    algorithm = (resources.files("twin.simulators") / "exact_cycle.c").read_text(encoding="utf-8")
    return "\n".join((generator.dump(), *headers, *constants, algorithm))


def _folder() -> Path:
    folder = user_cache_path("assb-twin")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return folder


def _compile(compiler: str, source: str, library: Path) -> None:
    with tempfile.TemporaryDirectory(dir=library.parent) as beside:
        code = Path(beside) / "circuit.c"
        code.write_text(source, encoding="utf-8")
        built = Path(beside) / library.name
        subprocess.run(
            [compiler, *FLAGS, str(code), "-o", str(built), "-lm"],
            check=True,
            capture_output=True,
            timeout=TIME_LIMIT,
        )
        built.replace(library)
