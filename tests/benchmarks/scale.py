"""A Dask cluster against one process, on the same runs: efficiency, what travels, what a task costs.

::

    PYTHONPATH=tests python -m benchmarks.scale --workers 2 4

starts the workers here; ``--scheduler tcp://head-node:8786`` takes those that are there.
Printed with the load of the machine, since workers that share their cores with others look inefficient.
"""

import argparse
import contextlib
import os
import pickle
import time

import cloudpickle

import twin
from twin import parallel
from twin.fitting.draws import drawn_cells, load_draws
from twin.simulators import results_of

CELL = "Chang2023_LiAlO2_LGPS_LCO"
STEPS = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
EMPTY_TASKS = 300
"""Tasks that do nothing: so many tell what one of them costs to within some percent."""


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
    asked = parser.parse_args()
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
