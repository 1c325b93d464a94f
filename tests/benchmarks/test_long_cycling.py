"""Speed of the long-cycling simulator: both sides in one run, the ratio printed.

Stock PyBaMM runs at its own best: IDAKLU, built once, the first and last state of each step kept. By
default it runs a few cycles and counts by the cycle; ``--full-length`` runs them all. A ratio is a
figure to read, not to assert: a busy machine must not fail the tests.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import twin
from twin import names
from twin.model import parameter_values
from twin.parameter_sets import load_cell
from twin.simulators import long_cycling, reference, simulate_many
from twin.simulators.start import initial_soc

CHARGES = ("Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V")
LI_IN = ("Charge at 1C until 3.68 V", "Hold at 3.68 V for 15 minutes", "Discharge at 1C until 2.1 V")
SHALLOW = ("Discharge at 0.01 mA/cm2 for 1 hour", "Charge at 0.01 mA/cm2 for 1 hour")
LIVES = [
    ("Chang2023_LiAlO2_LGPS_LCO", CHARGES, 800),
    ("Luo2021_LiIn_LPSCl_NCM622", LI_IN, 900),
    ("Liu2018_Li3PO4_LATP_symmetric", SHALLOW, 300),
    ("Liu2018_LATP_symmetric", SHALLOW, 300),
]
UNDAMAGED = {"Coating pinhole damage [m2.C-1]": 0.0, "Coating strain damage [m2.C-1]": 0.0}
"""A coating that lasts: nothing happens but slow ageing."""
STOCK_CYCLES = 20
DRAWS, FEW_DRAWS = 200, 40


@pytest.fixture
def say(capsys):
    """Prints past pytest's capture."""

    def speak(line):
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    return speak


def stock_seconds(cell, steps, cycles):
    """Seconds that stock PyBaMM takes for `cycles` cycles, once all that it needs is built."""
    protocol = twin.Protocol(list(steps), cycles=cycles)
    values = parameter_values(cell)
    values["Initial SoC"] = initial_soc(cell, protocol)
    with reference.Quiet():
        simulation = reference.prepare(cell, protocol, values)
        simulation.solve()  # sets its solvers up
        began = time.perf_counter()
        simulation.solve()
        return time.perf_counter() - began


@pytest.mark.parametrize(("name", "steps", "cycles"), LIVES, ids=[name for name, *_ in LIVES])
def test_life_against_stock_pybamm(name, steps, cycles, benchmark, say, full_length):
    cell, protocol = load_cell(name), twin.Protocol(list(steps), cycles=cycles)
    twin.simulate(cell, protocol)
    run = benchmark.pedantic(twin.simulate, (cell, protocol), rounds=3)
    began = time.perf_counter()
    twin.simulate(cell, protocol, jump=False)
    every = time.perf_counter() - began

    ran = run.sizes["cycle"]
    stock_cycles = ran if full_length else STOCK_CYCLES
    stock = stock_seconds(cell, steps, stock_cycles) * ran / stock_cycles
    jumped = best(benchmark)
    scaled = "" if full_length else f", scaled from {stock_cycles} cycles"
    say(
        f"{name}, {ran} cycles ({run['outcome'].item()}, {int(run['computed'].sum())} solved): "
        f"{jumped * 1e3:.0f} ms, every cycle {every * 1e3:.0f} ms, stock PyBaMM {stock:.1f} s{scaled}: "
        f"{stock / jumped:.0f} x faster, {stock / every:.0f} x with every cycle"
    )
    assert int(run["computed"].sum()) < ran


def best(benchmark):
    """Shortest round [s]; NaN where pytest-benchmark is switched off, as it is under pytest-xdist."""
    return benchmark.stats.stats.min if benchmark.stats else float("nan")


def test_batch_of_draws_against_single_runs(benchmark, say, full_length):
    name, steps, cycles = LIVES[0]
    count = DRAWS if full_length else FEW_DRAWS
    cell, protocol = load_cell(name), twin.Protocol(list(steps), cycles=cycles)
    key = "Interphase growth rate [m.s-1]"
    factors = np.random.default_rng(0).lognormal(0.0, 0.3, count)
    draws = [(cell.replace({key: cell.values[key] * float(factor)}), protocol) for factor in factors]
    simulate_many(draws[:4])  # processes started, circuits built
    batch = benchmark.pedantic(simulate_many, (draws,), rounds=1)
    began = time.perf_counter()
    for task in draws[:10]:
        twin.simulate(*task)
    single = (time.perf_counter() - began) / 10
    seconds = best(benchmark)
    say(
        f"{count} draws x {cycles} cycles: {seconds:.2f} s in one batch; one after the other "
        f"{single * count:.2f} s: {single * count / seconds:.1f} x faster"
    )
    one = twin.simulate(*draws[3])
    np.testing.assert_allclose(batch["capacity_retention"][3], one["capacity_retention"])


SIDE_BY_SIDE = 16
"""Runs of one call, enough to fill the lanes of any processor."""
ROUNDS = 3
"""Both sides are timed in turns, so often, and the shortest counts."""


@pytest.mark.parametrize(("name", "steps", "cycles"), LIVES, ids=[name for name, *_ in LIVES])
def test_runs_side_by_side_against_one_after_the_other(name, steps, cycles, say):
    """In one process, by its own time, so that what else the machine does hardly counts."""
    cell, protocol = load_cell(name), twin.Protocol(list(steps), cycles=cycles)
    key = "Interphase growth rate [m.s-1]"
    factors = np.random.default_rng(0).lognormal(0.0, 0.3, SIDE_BY_SIDE)
    tasks = [(cell.replace({key: cell.values[key] * float(factor)}), protocol) for factor in factors]
    sides = {
        "side by side": lambda: long_cycling.records(tasks),
        "one after the other": lambda: [long_cycling.record(*task) for task in tasks],
    }
    found = {side: run() for side, run in sides.items()}  # circuits built
    seconds = dict.fromkeys(sides, np.inf)
    for _ in range(ROUNDS):
        for side, run in sides.items():
            began = time.process_time()
            run()
            seconds[side] = min(seconds[side], time.process_time() - began)
    together, alone = seconds.values()
    solved = np.mean([record.computed.sum() for record in found["side by side"]])
    say(
        f"{name}, {cycles} cycles ({solved:.0f} solved): a run takes "
        f"{together / SIDE_BY_SIDE * 1e3:.1f} ms side by side with {SIDE_BY_SIDE - 1} others, "
        f"{alone / SIDE_BY_SIDE * 1e3:.1f} ms alone: {alone / together:.1f} x faster"
    )
    for one, other in zip(*found.values(), strict=True):
        assert one.end == other.end
        # a vector's exponential may round its last digit otherwise; jumps keep to a thousandth
        last, right = (record.values[names.THROUGHPUT_CAPACITY][-1] for record in (one, other))
        assert last == pytest.approx(right, rel=1e-3)


def test_cost_grows_slower_than_the_number_of_cycles(say, request):
    name, steps, _ = LIVES[0]
    cell = load_cell(name).replace(UNDAMAGED)
    counts, seconds, solved = (100, 300, 1000, 3000, 10_000), [], []
    twin.simulate(cell, twin.Protocol(list(steps), cycles=counts[0]))
    for count in counts:
        began = time.perf_counter()
        run = twin.simulate(cell, twin.Protocol(list(steps), cycles=count))
        seconds.append(time.perf_counter() - began)
        solved.append(int(run["computed"].sum()))
    say(
        "cost against cycles: "
        + ", ".join(
            f"{n}: {s * 1e3:.0f} ms ({k} solved)"
            for n, s, k in zip(counts, seconds, solved, strict=True)
        )
    )
    folder = request.config.getoption("--save-plots")
    if folder:
        save_plot(counts, seconds, solved, folder)
    # a hundredfold life needs far fewer than a hundred times the solved cycles
    assert solved[-1] < 10 * solved[0]


def save_plot(counts, seconds, solved, folder):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3.6), layout="constrained")
    milliseconds = np.array(seconds) * 1e3
    axes.loglog(counts, milliseconds, "o-", label="measured")
    axes.loglog(
        counts, milliseconds[0] * np.array(counts) / counts[0], "--", color="0.6", label="proportional"
    )
    for count, height, number in zip(counts, milliseconds, solved, strict=True):
        axes.annotate(f"{number} solved", (count, height), (6, -16), textcoords="offset points")
    axes.set_xlabel("Cycles")
    axes.set_ylabel("Time of a run [ms]")
    axes.margins(0.15)
    axes.legend(frameon=False)
    figure.savefig(Path(folder) / "cost_against_cycles.png", dpi=150)
    pyplot.close(figure)


RUN = """
import twin
twin.simulate(twin.load_cell({name!r}), twin.Protocol({steps!r}, cycles={cycles}))
print(open("/proc/self/status").read())
"""
"""What a user's own process does. Linux hands ``ru_maxrss`` on from the process that starts another."""


def peak_memory_mb(cycles):
    """Peak memory of a process that runs so many cycles [MB]."""
    name, steps, _ = LIVES[0]
    code = RUN.format(name=name, steps=list(steps), cycles=cycles)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(re.search(r"VmHWM:\s+(\d+) kB", done.stdout)[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's account of a process")
def test_peak_memory_of_ten_thousand_cycles_stays_bounded(say):
    few, many = peak_memory_mb(100), peak_memory_mb(10_000)
    say(f"peak memory: {few:.0f} MB with 100 cycles, {many:.0f} MB with 10 000")
    assert many <= 500  # [MB], most of which is PyBaMM itself
    assert many - few <= 30  # [MB], of a table of 10 000 cycles
