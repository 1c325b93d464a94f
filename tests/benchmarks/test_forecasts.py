"""Draws of a forecast over threads, over workers that run already, and one part after the other."""

import time

import xarray as xr

import twin
from twin.parameter_sets import load_cell

CELL = "Chang2023_LiAlO2_LGPS_LCO"
DRAWS, FEW_DRAWS = 200, 40
ROUNDS = 3
"""All sides are timed in turns, so often, and the shortest counts."""
SIDES = {"threads": None, "two workers": 2, "one after the other": 1}
"""How, and the number of processes that is asked for."""


def test_threads_against_workers_and_against_one_part_after_the_other(capsys, full_length):
    draws = DRAWS if full_length else FEW_DRAWS
    cell = load_cell(CELL)
    began = time.perf_counter()
    first = twin.forecast(cell, draws=draws)  # loads the circuit
    loading = time.perf_counter() - began
    began = time.perf_counter()
    twin.forecast(cell, draws=draws, processes=2)
    starting = time.perf_counter() - began
    seconds = dict.fromkeys(SIDES, float("inf"))
    for _ in range(ROUNDS):
        for side, processes in SIDES.items():
            began = time.perf_counter()
            found = twin.forecast(cell, draws=draws, processes=processes)
            seconds[side] = min(seconds[side], time.perf_counter() - began)
            xr.testing.assert_identical(found, first)
    slowest = max(seconds.values())
    told = ", ".join(f"{side} {own:.2f} s ({slowest / own:.1f} x)" for side, own in seconds.items())
    with capsys.disabled():
        print(
            f"\n{draws} draws x 800 cycles: {told}; the first time {loading:.2f} s over threads, "
            f"{starting:.2f} s while two workers start"
        )
