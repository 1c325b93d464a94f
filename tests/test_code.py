"""The code keeps its own rules: style, types, and who may import whom."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BESIDE_PYTHON = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command", ["ruff check .", "ruff format --check .", "mypy", "lint-imports"], ids=lambda c: c
)
def test_checker_is_content(command):
    tool, *arguments = command.split()
    path = shutil.which(tool, path=str(BESIDE_PYTHON))
    assert path, f"{tool} is part of the extra 'test'"
    done = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_is_light():
    heavy = "{'pybamm', 'casadi', 'optuna', 'matplotlib', 'xarray'}"
    code = f"import sys, twin; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_installed_package_has_its_data(tmp_path):
    """From another folder, so that the installed package answers, not the checkout."""
    code = "import twin; print(len(twin.cells()), len(twin.read_rows('Chang2023')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split() == ["13", "49"], done.stderr
