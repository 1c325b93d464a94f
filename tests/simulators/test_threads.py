"""Runs over threads: the same to the bit as one after the other, and only where C solves them."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from twin import parallel, simulators
from twin.parameter_sets import load_cell
from twin.protocols.drive_cycle import drive_cycle
from twin.protocols.standard import standard_protocol
from twin.simulators import long_cycling, simulate_many
from twin.simulators.long_cycling import compiled_circuit

NAMES = ("Chang2023_LiAlO2_LGPS_LCO", "Liu2018_LATP_symmetric")
KEY = "Interphase growth rate [m.s-1]"
RUNS = 2 * parallel.LARGEST_SHARE + 3
"""Two rounds of two threads."""


def draws(name, count=RUNS, cycles=40):
    """Versions of a cell that age at different rates."""
    cell = load_cell(name)
    protocol = standard_protocol(cell, cycles)
    factors = np.random.default_rng(0).lognormal(0.0, 0.5, count)
    return [(cell.replace({KEY: cell.values[KEY] * float(own)}), protocol) for own in factors]


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)


@pytest.fixture
def asked(monkeypatch):
    """What was given to processes, which run it here."""
    given = []

    def here(function, tasks, *, processes):
        given.extend(tasks)
        return map(function, tasks)

    monkeypatch.setattr(parallel, "map_tasks", here)
    return given


def needs_c(tasks):
    if not long_cycling.in_c(tasks):
        pytest.skip("no C compiler")


@pytest.mark.parametrize("name", NAMES)
def test_threads_change_no_bit(name, two_cores, asked):
    tasks = draws(name)
    needs_c(tasks)
    finished = []
    together = simulate_many(tasks, progress=finished.append)
    assert asked == []
    assert sum(finished) == RUNS
    assert len(finished) == 4
    alone = simulate_many(tasks, processes=1)
    assert asked != []
    xr.testing.assert_identical(together, alone)


def test_many_runs_go_over_processes(two_cores, asked, monkeypatch):
    monkeypatch.setattr(simulators, "MOST_RUNS_IN_THREADS", 5)
    simulate_many(draws(NAMES[1], 6, cycles=2))
    assert sum(map(len, asked)) == 6


def test_without_c_runs_go_over_processes(two_cores, asked, monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "")
    monkeypatch.setattr(compiled_circuit, "_CIRCUITS", {})
    simulate_many(draws(NAMES[1], 3, cycles=2))
    assert sum(map(len, asked)) == 3


def test_what_only_pybamm_can_run_goes_over_processes(two_cores, asked):
    follows = drive_cycle([0, 10, 20], [0.0, 1e-5, 0.0])
    (cell, protocol), *_ = draws(NAMES[1], 1, cycles=1)
    followed = dataclasses.replace(protocol, steps=[follows])
    runs = simulate_many([(cell, followed)] * 2)
    assert sum(map(len, asked)) == 2
    assert runs.sizes["run"] == 2


def test_a_run_that_fails_ends_all(two_cores, monkeypatch):
    tasks = draws(NAMES[1])
    needs_c(tasks)

    def fails(*_, **__):
        raise MemoryError

    monkeypatch.setattr(simulators, "results_of", fails)
    with pytest.raises(MemoryError):
        simulate_many(tasks)
