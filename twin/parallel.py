"""Tasks over processes: the seam where a cluster plugs in."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from joblib import Parallel, delayed

from twin.arguments import checked_processes

ROUNDS, LARGEST_CHUNK = 4, 32
"""Parts for each process, and the most tasks in one."""


def workers() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        return os.cpu_count() or 1


def chunks(tasks: Sequence, *, processes: int | None = None) -> list[Sequence]:
    """Consecutive tasks in parts that keep every process busy to the end and cost little to send."""
    parts = ROUNDS * (checked_processes(processes) or workers())
    size = min(LARGEST_CHUNK, max(1, -(-len(tasks) // parts)))
    return [tasks[start : start + size] for start in range(0, len(tasks), size)]


def map_tasks(function: Callable, tasks: Iterable, *, processes: int | None = None) -> Iterator:
    """Results of ``function(task)`` in the order of `tasks`, as they become ready.

    Worker processes are kept between calls, with what they have compiled. With one process, or one
    task, everything runs here.
    """
    tasks = list(tasks)
    processes = checked_processes(processes) or workers()
    if processes == 1 or len(tasks) == 1:
        return (function(task) for task in tasks)
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    run = Parallel(n_jobs=processes, return_as="generator", batch_size=1)
    return run(delayed(function)(task) for task in tasks)
