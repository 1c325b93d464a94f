"""How long the shell waits for an answer: with what earlier processes have kept, and without."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import twin

CELL = "Chang2023_LiAlO2_LGPS_LCO"
COMMANDS = {
    "run": (CELL, "Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V", "--cycles", "800"),
    "forecast": (CELL, "--overwrite"),
}
ROUNDS = 3
"""The shortest counts: what else the machine does only adds."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_warm_start_against_a_cold_one(command, tmp_path, capsys):
    environment = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(twin.__file__).parents[1]),
    }

    def seconds():
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "twin.cli", command, *COMMANDS[command]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - began

    compiling = seconds()
    warm, without = [], []
    for _ in range(ROUNDS):
        warm.append(seconds())
        for path in (tmp_path / "assb-twin").glob("*.json"):
            path.unlink()
        without.append(seconds())
    with capsys.disabled():
        print(
            f"\ntwin {command}: {min(warm):.2f} s with what is kept, {min(without):.2f} s through "
            f"PyBaMM ({min(without) / min(warm):.1f} x), {compiling:.2f} s the first time: it compiles"
        )
    assert list((tmp_path / "assb-twin").glob("equations-*.json"))
