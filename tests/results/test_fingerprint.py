"""What decides a result changes its fingerprint, and nothing else does."""

import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import twin
from twin.results.fingerprint import code_version, fingerprint

POINT = ("twin.studies.point",)
COMPUTE = """
import sys
from twin.results.fingerprint import code_version
print(code_version(("twin.studies.point",)))
assert "pybamm" not in sys.modules and "twin.studies.point" not in sys.modules
"""


@pytest.fixture
def package(tmp_path):
    """A copy of the package that a test may change."""
    return Path(
        shutil.copytree(
            Path(twin.__file__).parent, tmp_path / "twin", ignore=shutil.ignore_patterns("__pycache__")
        )
    )


def version_of(package: Path) -> str:
    """What a fresh process makes of that copy, without importing what it reads."""
    return subprocess.run(
        [sys.executable, "-c", COMPUTE],
        cwd=package.parent,  # where "python -c" looks first
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def changed(package: Path, name: str, old: str, new: str) -> None:
    path = package / name
    text = path.read_text(encoding="utf-8")
    assert old in text, name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_words_decide_nothing(package):
    before = version_of(package)
    for path in package.rglob("*.py"):
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\n# a comment\n", encoding="utf-8")
    for path in package.rglob("*.[ch]"):
        text = path.read_text(encoding="utf-8")
        path.write_text(f"/* in the\n\n front */\n{text}\n// behind\n", encoding="utf-8")
    changed(package, "protocols/protocol.py", '"""', '"""Other words. ')
    changed(package, "studies/point.py", "TOLERANCE = 2e-3\n", 'TOLERANCE = 2e-3\n"""Why so."""\n')
    assert version_of(package) == before


@pytest.mark.parametrize(
    "name",
    [
        "cell.py",
        "protocols/protocol.py",
        "names.py",
        "results/quantities.py",
        "fitting/draws.py",
        "physics/filament.py",
        "studies/point.py",
        "simulators/long_cycling/exact_cycle.py",
    ],
)
def test_a_constant_of_the_code_decides(name, package):
    before = version_of(package)
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("\nFIRST_OF_ITS_NAME = 1\n")
    first = version_of(package)
    assert first != before
    changed(package, name, "FIRST_OF_ITS_NAME = 1", "FIRST_OF_ITS_NAME = 2")
    assert version_of(package) not in (before, first)


def test_c_code_decides(package):
    before = version_of(package)
    (source,) = package.rglob("exact_cycle.c")
    changed(package, str(source.relative_to(package)), "return ", "return 1 + ")
    assert version_of(package) != before


def test_pictures_decide_nothing(package):
    before = version_of(package)
    for folder in ("plots", "report", "cli"):
        shutil.rmtree(package / folder)
    assert version_of(package) == before


@pytest.mark.parametrize("library", ["pybamm", "casadi"])
def test_the_libraries_decide(library, monkeypatch):
    before = code_version(POINT)
    installed = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "0.0" if name == library else installed(name)
    )
    assert code_version.__wrapped__(POINT) != before


def test_what_was_asked_decides():
    asked = fingerprint(["a cell", [1.0, 2.0]], computed_by=POINT)
    assert asked == fingerprint(["a cell", [1.0, 2.0]], computed_by=POINT)
    assert asked != fingerprint(["a cell", [1.0, 2.5]], computed_by=POINT)
    assert asked != fingerprint(["a cell", [1.0, 2.0]], computed_by=("twin.fitting.problem",))
