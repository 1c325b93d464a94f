"""Tasks over processes: the seam where a cluster plugs in."""

import os
from collections.abc import Callable, Iterable, Iterator

from joblib import Parallel, delayed


def workers() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        return os.cpu_count() or 1


def map_tasks(function: Callable, tasks: Iterable, *, processes: int | None = None) -> Iterator:
    """Results of ``function(task)`` in the order of `tasks`, as they become ready.

    Worker processes are kept between calls, with what they have compiled. With one process, or one
    task, everything runs here.
    """
    tasks = list(tasks)
    processes = workers() if processes is None else processes
    if processes == 1 or len(tasks) == 1:
        return (function(task) for task in tasks)
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    run = Parallel(n_jobs=processes, return_as="generator", batch_size=1)
    return run(delayed(function)(task) for task in tasks)
