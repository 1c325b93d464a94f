"""How long the shell waits for an answer: with what earlier processes have kept, and without."""

import os
import subprocess
import sys
import time

import pytest

CELL = "Chang2023_LiAlO2_LGPS_LCO"
RUN = ("run", CELL, "Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V", "--cycles", "800")
ROUNDS = 3
"""The shortest counts: what else the machine does only adds."""


def seconds(arguments, environment):
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "twin.cli", *arguments],
        env=environment,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - began


@pytest.mark.parametrize("arguments", [RUN], ids=["run"])
def test_a_warm_start_against_a_cold_one(arguments, tmp_path, capsys):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    compiling = seconds(arguments, environment)
    warm, without = [], []
    for _ in range(ROUNDS):
        warm.append(seconds(arguments, environment))
        for path in (tmp_path / "assb-twin").glob("*.json"):
            path.unlink()
        without.append(seconds(arguments, environment))
    with capsys.disabled():
        print(
            f"\ntwin {arguments[0]}: {min(warm):.2f} s with what is kept, {min(without):.2f} s through "
            f"PyBaMM ({min(without) / min(warm):.1f} x), {compiling:.2f} s the first time: it compiles"
        )
    assert list((tmp_path / "assb-twin").glob("equations-*.json"))
