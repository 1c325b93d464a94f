"""A circuit that was kept is the circuit that PyBaMM's tree gives, and needs no PyBaMM."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import twin
from twin.parameter_sets import load_cell
from twin.protocols.standard import standard_protocol
from twin.simulators import library_folder, start
from twin.simulators.long_cycling import compiled_circuit
from twin.simulators.long_cycling.circuit_functions import makings
from twin.simulators.long_cycling.compiled_circuit import CompiledCircuit, circuit_of

CYCLES = 12
"""Enough for jumps."""
STRUCTURES = {load_cell(name).structure: name for name in twin.cells()}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder of kept circuits, and a process that knows none."""
    monkeypatch.setattr(library_folder, "user_cache_path", lambda name: tmp_path / "cache" / name)
    monkeypatch.setattr(compiled_circuit, "_CIRCUITS", {})
    start._weights.cache_clear()
    start.soc_at.cache_clear()
    yield tmp_path / "cache" / "assb-twin"
    start._weights.cache_clear()
    start.soc_at.cache_clear()


@pytest.mark.parametrize("name", STRUCTURES.values())
def test_what_is_kept_is_what_pybamm_gives(name, cache, monkeypatch):
    cell = load_cell(name)
    made = json.loads(json.dumps(makings(cell)))
    circuit_of(cell)
    (path,) = cache.glob("equations-*.json")
    assert json.loads(path.read_bytes().partition(b"\n")[2]) == made


@pytest.mark.parametrize("name", twin.cells())
def test_a_kept_circuit_gives_the_same_run_to_the_bit(name, cache, monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "")  # in C, equal code is one library
    cell = load_cell(name)
    protocol = standard_protocol(cell, CYCLES)
    # as it comes from CasADi, without a way through any file
    monkeypatch.setattr(compiled_circuit, "_CIRCUITS", {cell.structure: CompiledCircuit(makings(cell))})
    fresh = twin.simulate(cell, protocol)
    for _ in ("made and kept", "found"):
        compiled_circuit._CIRCUITS.clear()
        start._weights.cache_clear()
        start.soc_at.cache_clear()
        assert_same(twin.simulate(cell, protocol), fresh)
    assert list(cache.glob("equations-*.json"))


def assert_same(one: xr.Dataset, other: xr.Dataset) -> None:
    """To the bit: NaN is NaN, and -0 is not 0."""
    xr.testing.assert_identical(one, other)
    for name, values in one.items():
        if values.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(values), np.signbit(other[name]), err_msg=name)


@pytest.mark.parametrize("value", [0.05, 0.5])
def test_a_changed_value_needs_no_new_circuit(value, cache, full, shallow):
    twin.simulate(full, shallow)
    kept = sorted(cache.glob("*.json"))
    changed = full.replace({"Interface resistance factor": value, "Upper voltage cut-off [V]": 4.1})
    compiled_circuit._CIRCUITS.clear()
    twin.simulate(changed, shallow)
    assert sorted(cache.glob("*.json")) == kept


RUN = ["Charge at 1C until 4.2 V", "Hold at 4.2 V until C/20", "Discharge at 1C until 50 % SoC"]
CELL = "Chang2023_LiAlO2_LGPS_LCO"
SIMULATE = f"""
import hashlib, sys, twin
run = twin.simulate(twin.load_cell({CELL!r}), twin.Protocol({RUN!r}, cycles=20))
numbers = [run[name].values.tobytes() for name in sorted(run) if run[name].dtype.kind == "f"]
print(hashlib.sha256(b"".join(numbers)).hexdigest(), sorted(run.attrs.items()))
"""
COMMAND = """
import sys
from twin.cli import main
sys.argv = ["twin", {command!r}, {cell!r}, *{run!r}, "--cycles", "20", "--json", *{options!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
WAYS = {
    "twin.simulate": SIMULATE,
    "twin run": COMMAND.format(command="run", cell=CELL, run=RUN, options=[]),
    "twin forecast": COMMAND.format(
        command="forecast", cell=CELL, run=RUN, options=["--draws", "1", "--overwrite"]
    ),
}
SAY = 'print("pybamm" in sys.modules)'


@pytest.mark.parametrize("code", WAYS.values(), ids=WAYS)
def test_a_warm_process_needs_no_pybamm_and_says_the_same(code, tmp_path):
    environment = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "TWIN_COMPILER": "",
        "PYTHONPATH": str(Path(twin.__file__).parents[1]),
    }

    def said():
        done = subprocess.run(
            [sys.executable, "-c", f"{code}\n{SAY}"],
            capture_output=True,
            text=True,
            cwd=tmp_path,  # where a forecast is written
            env=environment,
            check=True,
        )
        *answer, imported = done.stdout.splitlines()
        return answer, imported

    (cold, first), (warm, second) = said(), said()
    assert (first, second) == ("True", "False")
    assert cold == warm
    assert cold


@pytest.mark.parametrize("kind", ["equations", "potential"])
@pytest.mark.parametrize("content", [b"", b"{}", b"0" * 64 + b"\n{}"])
def test_a_foreign_file_is_answered_by_making_it_anew(kind, content, cache, full, shallow, monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "")
    right = twin.simulate(full, shallow)
    (path,) = cache.glob(f"{kind}-*.json")
    whole = path.read_bytes()
    path.write_bytes(content)
    compiled_circuit._CIRCUITS.clear()
    start._weights.cache_clear()
    start.soc_at.cache_clear()
    assert_same(twin.simulate(full, shallow), right)
    assert path.read_bytes() == whole


def test_who_has_pybamm_is_told_whom_to_cite(cache, full, tmp_path):
    import pybamm

    circuit_of(full)
    pybamm.citations._reset()
    circuit_of(full)  # found
    pybamm.print_citations(str(tmp_path / "citations.txt"), output_format="bibtex")
    assert "Cabrera" in (tmp_path / "citations.txt").read_text()
