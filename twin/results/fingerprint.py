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
from collections.abc import Iterator
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
        found.update(f"{name}\n{ast.dump(_without_words(modules[name]))}\n".encode())
    folders = {_file_of(name).parent for name in modules}
    for path in sorted(path for folder in folders for path in folder.glob("*.[ch]")):
        found.update(f"{path.name}\n{_c_without_words(path.read_text(encoding='utf-8'))}\n".encode())
    for library in NUMERICAL_LIBRARIES:
        found.update(f"{library} {importlib.metadata.version(library)}\n".encode())
    return found.hexdigest()


def _reached(start: tuple[str, ...]) -> dict[str, ast.Module]:
    """The modules of the package that are imported on the way, and the packages that hold them."""
    reached: dict[str, ast.Module] = {}
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name in reached or not _is_module(name):
            continue
        reached[name] = ast.parse(_file_of(name).read_bytes())
        holder, _, _ = name.rpartition(".")
        ahead += [holder, *_imported(reached[name])]
    return reached


def _imported(tree: ast.Module) -> Iterator[str]:
    """What a module imports: `from twin import names` may mean twin and twin.names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_module(name: str) -> bool:
    return name.split(".")[0] == PACKAGE.name and _file_of(name).is_file()


def _file_of(name: str) -> Path:
    path = PACKAGE.joinpath(*name.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _without_words(tree: ast.Module) -> ast.Module:
    """The tree without docstrings, also those below constants; comments are not in it anyway."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return tree


def _is_text(line: ast.stmt) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _c_without_words(source: str) -> str:
    """C without comments and blank lines."""
    code = C_COMMENT_OR_TEXT.sub(lambda found: " " if found[0][0] == "/" else found[0], source)
    return "\n".join(line.rstrip() for line in code.splitlines() if line.strip())
