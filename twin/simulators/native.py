"""A CasADi function compiled by the machine's C compiler, where it has one.

CasADi's virtual machine always works; native code is several times faster. The library is kept in the
user's cache folder under the fingerprint of its source, so that one machine compiles a circuit once.
``TWIN_COMPILER`` names another compiler, or switches this off when it is empty.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import casadi
from platformdirs import user_cache_path

FLAGS = ("-O1", "-fPIC", "-shared")
"""More optimisation compiles longer and runs no faster on straight-line code."""
TIME_LIMIT = 60
"""[s] after which a compiler is given up."""


def native(function: casadi.Function) -> casadi.Function:
    """`function` as native code; `function` itself where no compiler is at hand or it fails."""
    compiler = os.environ.get("TWIN_COMPILER", shutil.which("cc") or shutil.which("gcc") or "")
    if not compiler or os.name == "nt":
        return function
    generator = casadi.CodeGenerator(f"{function.name()}.c")
    generator.add(function)
    source = generator.dump()
    fingerprint = hashlib.sha256("".join((source, platform.platform(), *FLAGS)).encode())
    library = _folder() / f"{function.name()}-{fingerprint.hexdigest()[:24]}.so"
    with contextlib.suppress(OSError, RuntimeError, subprocess.SubprocessError):
        if not library.is_file():
            _compile(compiler, source, library)
        return casadi.external(function.name(), str(library))
    return function


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
