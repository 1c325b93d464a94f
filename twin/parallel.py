"""Tasks over processes of this machine, or over a cluster inside :func:`twin.cluster`."""

import contextlib
import functools
import os
import signal
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from twin import dask_cluster
from twin.arguments import checked_processes
from twin.errors import WorkerError

T = TypeVar("T")
LARGEST_SHARE = 64
"""Most tasks in one part for a thread, so that progress shows."""
ROUNDS = 4
"""Parts for each process: with fewer, one slow part keeps all the others waiting at the end."""
LARGEST_CHUNK = 32
"""Most tasks in one part, so that progress shows and little is lost when a run is stopped."""


def workers() -> int:
    """Tasks that run at once: on the cluster inside of which this is asked, else on :func:`cores`."""
    cluster = dask_cluster.current()
    return cores() if cluster is None else cluster.cores


def cores() -> int:
    """Processor cores of this machine that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        return os.cpu_count() or 1


def chunks(tasks: Sequence, *, processes: int | None = None) -> list[Sequence]:
    """Consecutive tasks in parts that keep every process busy to the end and cost little to send."""
    parts = ROUNDS * (checked_processes(processes) or workers())
    return in_parts(tasks, min(LARGEST_CHUNK, max(1, -(-len(tasks) // parts))))


def shares(tasks: Sequence, *, threads: int) -> list[Sequence]:
    """Consecutive tasks in equal parts, as many for each thread: large, for little Python among them."""
    rounds = -(-len(tasks) // (threads * LARGEST_SHARE))
    return in_parts(tasks, -(-len(tasks) // (threads * rounds)))


def in_parts(things: Sequence[T], size: int) -> list[Sequence[T]]:
    """Consecutive things in parts of `size`; the last may have fewer."""
    return [things[start : start + size] for start in range(0, len(things), size)]


def on_cluster() -> bool:
    """Whether tasks run on a cluster: inside of :func:`twin.cluster`."""
    return dask_cluster.current() is not None


def map_in_threads(function: Callable, tasks: Sequence, *, threads: int) -> Generator[Any, None, None]:
    """As :func:`map_tasks`, in threads of this process, of which no more run than there are cores.

    For a `function` that spends its time in C, where other threads go on; nothing has to be started or
    sent. What has not begun when the caller stops, by an error or Ctrl-C, is given up.
    """
    threads = min(threads, cores(), len(tasks))
    if threads <= 1:
        yield from map(function, tasks)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(function, tasks)
    finally:
        pool.shutdown(cancel_futures=True)


def map_tasks(function: Callable, tasks: Iterable, *, processes: int | None = None) -> Iterator:
    """Results of ``function(task)`` in the order of `tasks`, as they become ready.

    Worker processes are kept between calls, with what they have compiled. With one process, or one
    task, everything runs here. Inside of :func:`twin.cluster`, all run there, whatever `processes` says.
    What the workers warn of is shown here, once.

    Raises ArgumentError: no such number of processes. WorkerError: the operating system has ended one.
    ClusterError: see :meth:`twin.dask_cluster.Cluster.map`.
    """
    tasks, processes = list(tasks), checked_processes(processes)
    cluster = dask_cluster.current()
    if cluster is not None:
        answers = cluster.map(functools.partial(_heard, function), tasks)
        return (_retold(result, heard) for result, heard in answers)
    processes = processes or cores()
    if processes == 1 or len(tasks) == 1:
        return (function(task) for task in tasks)
    from joblib import Parallel, delayed

    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    run = Parallel(n_jobs=processes, return_as="generator", batch_size=1)
    with _interrupts_for_us_alone():
        answers = run(delayed(_heard)(function, task) for task in tasks)
    return (_retold(result, heard) for result, heard in _unless_ended(answers))


@contextlib.contextmanager
def _interrupts_for_us_alone():
    """Processes that are started within do not hear Ctrl-C: it is this one that stops them.

    They would each print a traceback. What a thread blocks, those that it starts inherit.
    """
    if not hasattr(signal, "pthread_sigmask"):  # not on every platform
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unless_ended(answers: Iterable) -> Iterator:
    """The answers, as long as no worker is killed."""
    try:
        yield from answers
    except BrokenProcessPool:
        raise WorkerError(
            "the operating system has ended a worker process, most often for want of memory: ask for "
            "fewer draws, cycles or points, or for fewer processes"
        ) from None


Heard = tuple[str, type[Warning], str, int]
"""A warning: its words, its kind, the file and the line that it comes from."""


def _heard(function: Callable, task) -> tuple[object, list[Heard]]:
    """In a worker: the result of a task, and the warnings that came with it."""
    with warnings.catch_warnings(record=True) as heard:
        result = function(task)
    return result, [(str(one.message), one.category, one.filename, one.lineno) for one in heard]


_TOLD: dict = {}


def _retold(result, heard: list[Heard]):
    """In the process that asked: the result, after each warning is shown that no worker had before."""
    for words, kind, filename, line in heard:
        warnings.warn_explicit(words, kind, filename, line, registry=_TOLD)
    return result
