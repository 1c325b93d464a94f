"""A Dask cluster against one process, on the same runs: efficiency, what travels, what a task costs.

::

    PYTHONPATH=tests python -m benchmarks.scale --workers 2 4

starts the workers here; ``--scheduler tcp://head-node:8786`` takes those that are there, and
``--map 40`` makes a map of 40 x 40 points instead. Printed with the load of the machine, since workers
that share their cores with others look inefficient. A map is extrapolated from processor time, which
others do not change much.
"""

import argparse
import contextlib
import dataclasses
import math
import os
import pickle
import resource
import tempfile
import time
from pathlib import Path

import cloudpickle
from benchmarks.costs import Costs

import twin
from twin import parallel
from twin.fitting.draws import drawn_cells, load_draws
from twin.simulators import results_of
from twin.studies.common_draws import common_draws
from twin.studies.what_if import TOGETHER, _run_points

CELL = "Chang2023_LiAlO2_LGPS_LCO"
STEPS = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
EMPTY_TASKS = 300
"""Tasks that do nothing: so many tell what one of them costs to within some percent."""
MAP_CELL = "Chang2023_LiAlO2_LGPS_symmetric"
MAP_STEPS = ["Discharge at {current} for 1 hour", "Charge at {current} for 1 hour"]
MAP_CYCLES = 40
"""Cycles of a run of the map: a cheap one, so that 100 000 of them take minutes on two cores."""
SAMPLED = 20
"""Points of the map whose runs are timed alone, spread over all of it."""
LARGE_RUNS = 1e7
"""Runs that are extrapolated to: the most that a study takes."""
LARGE_CORES = 1000
"""Cores that are extrapolated to: some twenty nodes of a cluster."""


def nothing(task):
    return task


def seconds(function) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def measured(tasks, scheduler: str) -> tuple[float, float, int]:
    """Seconds of the tasks, of an empty task, and cores of the cluster."""
    with twin.cluster(scheduler) as cluster:
        twin.simulate_many(tasks)  # each worker loads the circuit, for as many runs side by side
        runs = seconds(lambda: twin.simulate_many(tasks))
        empty = seconds(lambda: list(parallel.map_tasks(nothing, range(EMPTY_TASKS)))) / EMPTY_TASKS
        return runs, empty, cluster.cores


def travelling(tasks) -> tuple[float, float]:
    """Bytes of a run on its way to a worker and back, in parts of the size that is sent."""
    part = list(tasks[: parallel.LARGEST_CHUNK])
    there, back = cloudpickle.dumps(part), pickle.dumps(results_of(part))
    return len(there) / len(part), len(back) / len(part)


def mapped(side: int, cycles: int = MAP_CYCLES) -> twin.Study:
    """A study of `side` thicknesses by as many currents."""
    number = {"number": side}
    return twin.Study(
        twin.load_cell(MAP_CELL),
        vary={
            "thickness": {
                "parameter": "Coating thickness [m]",
                "values": {"from": 25, "to": 500} | number,
                "unit": "nm",
            },
            "current": {
                "field": "current",
                "values": {"from": 0.02, "to": 0.5, "log": True} | number,
                "unit": "mA/cm2",
            },
        },
        protocol=MAP_STEPS,
        cycles=cycles,
    )


def costs_of_a_task(study: twin.Study) -> tuple[float, float]:
    """Processor seconds, and bytes there and back, of one run of the map among as many as a task has."""
    draws = common_draws(study.cell, TOGETHER, 0, "fit").factors
    points = list(study.grid.points())[:: max(1, study.grid.size // SAMPLED)]
    asked = [[(point, range(TOGETHER))] for point in points]
    _run_points(study.cell, draws, asked[0])  # loads the circuit
    began = time.process_time()
    answers = [_run_points(study.cell, draws, task) for task in asked]
    took = time.process_time() - began
    bytes_ = sum(
        len(cloudpickle.dumps(a)) + len(pickle.dumps(b)) for a, b in zip(asked, answers, strict=True)
    )
    runs = TOGETHER * len(points)
    return took / runs, bytes_ / runs


def make_map(side: int, cycles: int, scheduler: str) -> None:
    """Makes the map on a cluster; prints what it took and what larger ones would, of `cycles` too."""
    study = mapped(side)
    run, travels = costs_of_a_task(study)
    with tempfile.TemporaryDirectory() as folder, twin.cluster(scheduler) as cluster:
        own, task = time.thread_time(), time.process_time()
        list(parallel.map_tasks(nothing, range(EMPTY_TASKS)))
        own, task = (time.thread_time() - own) / EMPTY_TASKS, (time.process_time() - task) / EMPTY_TASKS
        load = os.getloadavg()[0]
        wall, asking = time.perf_counter(), time.thread_time()
        data = twin.what_if(study, draws=TOGETHER, storage=folder, longest_hours=math.inf)
        wall, asking = time.perf_counter() - wall, time.thread_time() - asking
        kept = sum(path.stat().st_size for path in Path(folder).iterdir())
        cores = cluster.cores
    runs = data["outcome"].size + data.sizes["draw"]
    costs = Costs(run, task, max(asking / runs - own / TOGETHER, 0.0), travels)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"a map of {runs:,} runs of {MAP_CYCLES} cycles on {cores} workers, load {load:.1f} before:")
    print(
        f"{wall:.0f} s, {runs / wall:.0f} runs/s, {kept / 1e6:.1f} MB of points, {memory / 1e6:.1f} GB "
        "of memory where it is asked"
    )
    print(f"where it is asked {1e6 * costs.asked:.0f} us a run and {1e3 * task:.2f} ms a task")
    extrapolate(costs, MAP_CYCLES)
    run, travels = costs_of_a_task(mapped(side, cycles))
    extrapolate(dataclasses.replace(costs, run=run, travels=travels), cycles)


def extrapolate(costs: Costs, cycles: int) -> None:
    """Prints how many cores such runs keep busy, and what limits many of them on many cores."""
    limits = costs.limits(LARGE_RUNS, cores=LARGE_CORES, batch=TOGETHER)
    told = ", ".join(f"{who} {seconds:.0f} s" for who, seconds in limits.items())
    print(
        f"a run of {cycles} cycles takes {1e3 * costs.run:.2f} ms of processor time, and travels as "
        f"{costs.travels:.0f} bytes: tasks of {TOGETHER} keep {costs.cores(TOGETHER):.0f} cores busy; "
        f"the scheduler alone keeps {LARGE_CORES} busy with tasks of {costs.batch(LARGE_CORES)}; "
        f"{LARGE_RUNS:.0e} runs on {LARGE_CORES} cores: {told}"
    )


@contextlib.contextmanager
def started(workers: int):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=600)
    parser.add_argument("--cycles", type=int, default=800)
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--scheduler", help="of workers that are there, instead of --workers")
    parser.add_argument(
        "--map", type=int, default=0, help="Make a map of so many thicknesses and currents."
    )
    asked = parser.parse_args()
    if asked.map:
        with (
            started(asked.workers[0])
            if not asked.scheduler
            else contextlib.nullcontext(asked.scheduler) as scheduler
        ):
            make_map(asked.map, asked.cycles, scheduler)
        return
    cell = twin.load_cell(CELL)
    protocol = twin.Protocol(STEPS, cycles=asked.cycles)
    cells = drawn_cells(cell, load_draws(cell), asked.runs, 0)
    tasks = [(own, protocol) for own in cells]
    twin.simulate_many(tasks[: parallel.LARGEST_CHUNK], processes=1)  # loads the circuit
    alone = seconds(lambda: twin.simulate_many(tasks, processes=1))
    there, back = travelling(tasks)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} when it began")
    print(f"one process: {asked.runs / alone:.0f} runs/s of {asked.cycles} cycles")
    print(f"a run travels as {there / 1e3:.1f} kB there and {back / 1e3:.1f} kB back")
    clusters = (
        [contextlib.nullcontext(asked.scheduler)] if asked.scheduler else map(started, asked.workers)
    )
    for cluster in clusters:
        with cluster as scheduler:
            took, empty, cores = measured(tasks, scheduler)
        print(
            f"{cores} workers: {alone / took:.2f} times as fast as one process "
            f"(efficiency {alone / took / cores:.2f}), {1e3 * empty:.1f} ms an empty task"
        )


if __name__ == "__main__":
    main()
