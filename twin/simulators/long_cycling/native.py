"""A circuit's cycles as a native library, where the machine has a C compiler.

CasADi writes what one circuit is asked as C, ``lane_code`` the integration step of several side by side,
``exact_cycle.c`` is the algorithm around them. A library is kept in the user's cache folder under the
fingerprint of its source and of the processor, so that one machine compiles a circuit once. Without a
compiler, or where it fails, the same algorithm runs in Python. ``TWIN_COMPILER`` names another compiler,
or switches this off when it is empty.
"""

import contextlib
import ctypes
import functools
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

from twin.simulators.long_cycling import step_control
from twin.simulators.long_cycling.lane_code import UnknownOperationError, lane_code
from twin.simulators.long_cycling.step_codes import ENUMERATIONS, LAST_FINISHED, CutOff

FLAGS = (
    *("-O1", "-fPIC", "-shared"),  # more optimisation compiles longer and runs no faster
    # one division by what many divide by; NaN and infinity keep their meaning
    *("-fno-math-errno", "-fno-trapping-math", "-freciprocal-math"),
    *("-fassociative-math", "-fno-signed-zeros"),
)
VECTORS = ("-march=native", "-fexpensive-optimizations", "-fopenmp-simd", "-ftree-loop-vectorize")
"""What this processor can do: fused multiplication and addition, wide registers. GCC keeps to half of
the widest ones unless told."""
ATTEMPTS = (
    (*VECTORS, "-mprefer-vector-width=512", "-DVECTOR_MATHS", "-Wl,--no-undefined", "-lmvec"),
    (*VECTORS,),
    (),
)
"""From what runs fastest, with glibc's elementary functions of vectors, to what compiles anywhere."""
TIME_LIMIT = 60
"""[s] after which a compiler is given up."""


def native(
    alone: tuple[casadi.Function, ...],
    together: tuple[casadi.Function, ...],
    sizes: Mapping[str, int],
    *,
    lanes: int | None,
) -> ctypes.CDLL | None:
    """The library of a circuit; None where no compiler is at hand or it fails.

    Parameters
    ----------
    alone, together : of casadi.Function
        What one circuit is asked, and what as many as there are lanes are asked at once.
    sizes : mapping
        Those of the circuit, by the names that ``exact_cycle.c`` gives them.
    lanes : int or None
        None takes as many as the processor has.
    """
    compiler = os.environ.get("TWIN_COMPILER", shutil.which("cc") or shutil.which("gcc") or "")
    if not compiler or os.name == "nt":
        return None
    with contextlib.suppress(OSError, subprocess.SubprocessError, UnknownOperationError):
        source = _source(alone, together, sizes, lanes)
        about = (source, platform.platform(), _processor(compiler), repr((FLAGS, ATTEMPTS)))
        fingerprint = hashlib.sha256("".join(about).encode()).hexdigest()
        library = _folder() / f"circuit-{fingerprint[:24]}.so"
        if not library.is_file():
            _compile(compiler, source, library)
        return ctypes.CDLL(str(library))
    return None


def _source(alone, together, sizes, lanes) -> str:
    generator = casadi.CodeGenerator("circuit.c")
    defined = dict(sizes) | {key: value for key, value in vars(step_control).items() if key.isupper()}
    defined |= {"LAST_FINISHED": int(LAST_FINISHED), "CUT_OFF_WIDTH": len(CutOff)}
    if lanes is not None:
        defined["LANES"] = lanes
    for function in alone:
        generator.add(function)
        name = function.name().upper()
        defined[f"{name}_ARGUMENTS"] = function.sz_arg()
        defined[f"{name}_RESULTS"] = function.sz_res()
        defined[f"{name}_WORK"] = function.sz_w()
    constants = "\n".join(f"#define {name} ({value!r})" for name, value in defined.items())
    enumerations = "\n".join(
        f"enum {{ {', '.join(f'{member.name} = {member.value}' for member in codes)} }};"
        for codes in ENUMERATIONS
    )
    header, algorithm = (
        (resources.files("twin.simulators.long_cycling") / name).read_text(encoding="utf-8")
        for name in ("lanes.h", "exact_cycle.c")
    )
    functions = (generator.dump(), *map(lane_code, together))
    return "\n".join((constants, header, *functions, enumerations, algorithm))


@functools.cache
def _processor(compiler: str) -> str:
    """What the compiler knows of this processor: a home folder may be shared by machines that differ."""
    asked = subprocess.run(
        [compiler, *VECTORS[:1], "-dM", "-E", "-x", "c", os.devnull],
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
    )
    return asked.stdout


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
        for attempt in ATTEMPTS:
            command = [compiler, *FLAGS, str(code), "-o", str(built), *attempt, "-lm"]
            ran = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT)
            if ran.returncode == 0:
                break
        ran.check_returncode()
        built.replace(library)
