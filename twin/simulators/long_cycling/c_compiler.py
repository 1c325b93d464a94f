"""The C compiler of this machine: which one it is, what it knows of the processor, a library from it."""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

FLAGS = (
    *("-O1", "-fPIC", "-shared"),  # more optimisation compiles longer and runs no faster
    # one division by what many divide by; NaN and infinity keep their meaning
    *("-fno-math-errno", "-fno-trapping-math", "-freciprocal-math"),
    *("-fassociative-math", "-fno-signed-zeros"),
)
"""Options of every compilation."""

VECTORS = ("-march=native", "-fexpensive-optimizations", "-fopenmp-simd", "-ftree-loop-vectorize")
"""Options for what this processor can do: fused multiplication and addition, wide registers."""

ATTEMPTS = (
    # GCC keeps to half of the widest registers unless told
    (*VECTORS, "-mprefer-vector-width=512", "-DVECTOR_MATHS", "-Wl,--no-undefined", "-lmvec"),
    (*VECTORS,),
    (),
)
"""Further options, tried in this order: from what runs fastest, with the elementary functions of vectors
that glibc has, to what compiles anywhere."""

TIME_LIMIT = 180
"""[s] A compiler is given up after this time, over all attempts; a usual one takes three seconds."""


class CompilerError(Exception):
    """A compiler that is of no use; its text goes on from the compiler's name: "fails (…)"."""


def c_compiler() -> str | None:
    """Path of the compiler, or what ``TWIN_COMPILER`` names; None where there is none or it is empty."""
    if os.name == "nt":
        return None
    named = os.environ.get("TWIN_COMPILER")
    if named is None:
        return shutil.which("cc") or shutil.which("gcc")
    return shutil.which(named) or named or None


@functools.cache
def processor(compiler: str) -> str:
    """What a compiler knows of itself and of this processor: a home folder may be shared by machines.

    Raises CompilerError: it cannot be run or takes too long.
    """
    _, macros = _run([compiler, *VECTORS[:1], "-dM", "-E", "-x", "c", os.devnull], TIME_LIMIT)
    return macros


def compile_library(compiler: str, source: str, library: Path) -> None:
    """Compile C to a shared library, with the fastest options that this compiler takes.

    Parameters
    ----------
    compiler : str
        Its path.
    source : str
    library : Path
        Where the library goes; the source is written beside it.

    Raises CompilerError: the compiler cannot be run, fails or takes longer than ``TIME_LIMIT``.
    """
    code = library.with_suffix(".c")
    code.write_text(source, encoding="utf-8")
    deadline = time.monotonic() + TIME_LIMIT
    for attempt in ATTEMPTS:
        command = [compiler, *FLAGS, str(code), "-o", str(library), *attempt, "-lm"]
        status, said = _run(command, deadline - time.monotonic())
        if status == 0 and library.is_file():
            return
    raise CompilerError(f"fails ({_gist(said) or f'exit status {status}, without a word'})")


def _run(command: Sequence[str], seconds: float) -> tuple[int, str]:
    """Exit status and words of a command; after `seconds` it is ended with all that it has started."""
    # what it says goes to a file: a pipe stays open as long as anything that the compiler has started
    with tempfile.TemporaryFile() as words:
        try:
            running = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C"},
                start_new_session=True,
            )
        except OSError as error:
            raise CompilerError(f"cannot be run ({error.strerror or error})") from None
        try:
            running.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            raise CompilerError(f"takes longer than {TIME_LIMIT:g} s") from None
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
        words.seek(0)
        return running.returncode, words.read().decode(errors="replace")


def _gist(said: str) -> str:
    """The line of a compiler's words that says what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")[:200]
