"""What decides a result: the code that computes it, the libraries under it, and what it was asked.

Finished points of a study, evaluations of a search and trials of a fit are kept under the fingerprint of
what decides them, and go on only where it is still the same.

Which code that is, is derived: from the module that computes, along its imports, those inside functions
too. Comments and docstrings decide nothing.
"""

import ast
import functools
import hashlib
import importlib.metadata
import json
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NUMERICAL_LIBRARIES = ("pybamm", "casadi", "numpy", "scipy")
"""The libraries that the numbers come from: PyBaMM writes the equations and casadi evaluates them, numpy
and scipy do the rest. The others (netCDF files, progress bars, …) carry numbers and do not make them."""
LENGTH = 24
"""Hexadecimal digits of a fingerprint: 96 bits, so that no two results of a lifetime share one."""
C_COMMENT_OR_TEXT = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+'""", re.DOTALL)
"""A comment of C, or a text or character, which may look as if a comment began in it."""


def fingerprint(content, *, computed_by: tuple[str, ...]) -> str:
    """Same fingerprint, same result.

    Parameters
    ----------
    content : what JSON can hold, and mappings
        What was asked: hashes of cells, steps, draws.
    computed_by : names of modules
        Where the computation starts, "twin.studies.point"; a module outside of twin adds nothing.
    """
    everything = [computed_by, code_version(computed_by), content]
    text = json.dumps(everything, default=dict)  # JSON does not know that a frozen mapping is one
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


@functools.cache
def code_version(computed_by: tuple[str, ...]) -> str:
    """Fingerprint of the modules that these lead to, of the C code beside them, and of the libraries."""
    modules = _reached(computed_by)
    found = hashlib.sha256()
    for name in sorted(modules):
        found.update(f"{name}\n{modules[name]}\n".encode())
    folders = {_file_of(name).parent for name in modules}
    for path in sorted(path for folder in folders for path in folder.glob("*.[ch]")):
        found.update(f"{path.name}\n{_c_without_words(path.read_text(encoding='utf-8'))}\n".encode())
    for library in NUMERICAL_LIBRARIES:
        found.update(f"{library} {importlib.metadata.version(library)}\n".encode())
    return found.hexdigest()


def _reached(start: tuple[str, ...]) -> dict[str, str]:
    """The code of the modules that are imported on the way, and of the packages that hold them."""
    reached: dict[str, str] = {}
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name in reached or not _is_module(name):
            continue
        reached[name], imported = _module(name)
        holder, _, _ = name.rpartition(".")
        ahead += [holder, *imported]
    return reached


@functools.cache  # what computes one thing leads to most of the modules that compute another
def _module(name: str) -> tuple[str, list[str]]:
    return _code_and_imports(ast.parse(_file_of(name).read_bytes()))


def _code_and_imports(tree: ast.Module) -> tuple[str, list[str]]:
    """A module's syntax tree as text, without docstrings, and the names that it imports, anywhere.

    One pass over the tree: with :func:`ast.dump` and :func:`ast.walk` it takes three times as long.
    """
    code: list[str] = []
    imported: list[str] = []
    ahead: list = [tree]
    while ahead:
        thing = ahead.pop()
        if not isinstance(thing, ast.AST):
            code.append(repr(thing))
            continue
        code.append(type(thing).__name__)
        if isinstance(thing, ast.Import):
            imported += [alias.name for alias in thing.names]
        elif isinstance(thing, ast.ImportFrom):  # `from twin import names` may mean twin.names
            imported += [f"{thing.module}", *(f"{thing.module}.{alias.name}" for alias in thing.names)]
        for name in thing._fields:
            value = getattr(thing, name, None)
            if isinstance(value, list):
                parts = [part for part in value if not _is_words(part)]
                ahead += [*reversed(parts), len(parts)]
            else:
                ahead.append(value)
    return " ".join(code), imported


def _is_words(thing) -> bool:
    """True of a docstring, also one below a constant."""
    return (
        isinstance(thing, ast.Expr)
        and isinstance(thing.value, ast.Constant)
        and isinstance(thing.value.value, str)
    )


def _is_module(name: str) -> bool:
    return name.split(".")[0] == PACKAGE.name and _file_of(name).is_file()


def _file_of(name: str) -> Path:
    path = PACKAGE.joinpath(*name.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _c_without_words(source: str) -> str:
    """C without comments and blank lines."""
    code = C_COMMENT_OR_TEXT.sub(lambda found: " " if found[0][0] == "/" else found[0], source)
    return "\n".join(line.rstrip() for line in code.splitlines() if line.strip())
