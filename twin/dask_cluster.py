"""A Dask cluster that runs tasks in place of this machine's processes.

Dask distributed (Rocklin 2015, Proceedings of the 14th Python in Science Conference, 126) moves the
tasks; which worker runs one decides nothing, so that answers are those of one machine. A worker that
dies takes its tasks along, and others run them again.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import pickle
import platform
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from twin.arguments import checked_kind
from twin.errors import ClusterError, SlowRunWarning, shown

CONNECTING = 5.0
"""Seconds that a scheduler may take to answer: one that is there takes milliseconds."""
WITHOUT_WORKERS = 600.0
"""Seconds that a run waits while no worker is there: a queue of SLURM may need some minutes to start
the first, and whoever has lost all of them wants to know before the next morning."""
LOOK = 1.0
"""Seconds between two looks at whether any worker is still there."""
AHEAD = 1000
"""Least number of tasks that are sent ahead of the one whose result is waited for: all tasks of a large
study would fill the scheduler's memory."""
AHEAD_OF_A_CORE = 8
"""Tasks sent ahead for each core of a cluster that is so large that ``AHEAD`` would leave it idle."""
MUST_AGREE = ("twin", "pybamm", "casadi", "numpy", "scipy", "dask", "distributed")
"""What must be of one version everywhere: the numbers come from the first, Dask carries them."""
_PACKAGE = Path(__file__).parent
_ALONE = threading.Lock()
"""One task at a time in a worker's process: warnings are collected for the whole of it."""
_CURRENT: ContextVar["Cluster | None"] = ContextVar("cluster", default=None)


@contextlib.contextmanager
def cluster(scheduler: str) -> Iterator["Cluster"]:
    """Run what is asked for inside on the workers of a Dask scheduler.

    Parameters
    ----------
    scheduler : str
        Its address, e.g. "tcp://head-node:8786". Each worker has one thread, and the same twin.

    Yields
    ------
    Cluster
        Nobody needs it: :func:`twin.forecast`, :func:`twin.what_if`, :func:`twin.search`,
        :func:`twin.fit` and all others that take `processes` find it themselves. They answer as on one
        machine, to the bit where the processors are alike.

    Raises
    ------
    ArgumentError : an address that is no text.
    ClusterError : Dask is not installed, no scheduler answers there, it or a worker is of another
        version, or a worker has several threads.

    Examples
    --------
    >>> with twin.cluster("tcp://head-node:8786"):  # doctest: +SKIP
    ...     forecast = twin.forecast(cell, protocol, draws=10_000)
    """
    checked_kind("scheduler", scheduler, str, 'give its address, as "tcp://head-node:8786"')
    with _connected(scheduler) as client:
        found = Cluster(client, scheduler)
        found.check()
        before = _CURRENT.set(found)
        try:
            yield found
        finally:
            _CURRENT.reset(before)


def current() -> "Cluster | None":
    """The cluster inside of whose ``with`` this is asked; None outside of all."""
    return _CURRENT.get()


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    client : distributed.Client
    scheduler : str
        The address, for errors.
    """

    def __init__(self, client, scheduler: str):
        self._client, self._scheduler = client, scheduler

    @property
    def cores(self) -> int:
        """Tasks that it runs at once; 1 where no worker is there yet."""
        return max(1, len(self._workers()))

    def check(self) -> None:
        """Raise ClusterError unless the scheduler and all workers that are there can do this work."""
        scheduler = self._client.get_versions()["scheduler"]
        self._compare("the scheduler", _said_by_dask(scheduler))
        for worker, about in self._workers().items():
            if about["nthreads"] > 1:
                raise ClusterError(
                    f"the worker {worker} has {about['nthreads']} threads, and twin uses one of each "
                    "worker: start more workers of one thread (dask worker --nworkers 8 --nthreads 1)"
                )
        for worker, own in self._client.run(versions, on_error="return").items():
            if isinstance(own, Exception):
                raise ClusterError(
                    f"the worker {worker} cannot run twin ({type(own).__name__}: {own}); install the "
                    "same twin there as here"
                )
            self._compare(f"the worker {worker}", own)

    def map(self, function: Callable, tasks: Sequence) -> Iterator:
        """Results of ``function(task)`` in the order of `tasks`, each as soon as it and those before it
        are there. What is not finished when the iteration ends is cancelled.

        Raises ClusterError: a task that ends its workers, no workers left, the scheduler gone.
        """
        import cloudpickle

        # a task of its own, sent once: what Dask scatters is lost with the worker that holds it
        asked = self._client.submit(_Asked, cloudpickle.dumps(function), versions(), pure=False)
        ahead = max(AHEAD, AHEAD_OF_A_CORE * self.cores)
        waiting: deque = deque()
        remaining = iter(tasks)
        try:
            for task in remaining:
                waiting.append(self._client.submit(_run, asked, task, pure=False))
                if len(waiting) >= ahead:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            with contextlib.suppress(Exception):  # of a scheduler that is gone, nothing runs any more
                self._client.cancel([asked, *waiting], force=True)

    def _result(self, future):
        """The result of a task; waits as long as there are workers to run it."""
        from distributed import KilledWorker

        # an event of ours: a timeout of Dask's own cancels what it waits for, and may do so to a result
        came, alone = threading.Event(), None
        future.add_done_callback(lambda finished: came.set())
        while not (came.wait(LOOK) or future.done()):
            with contextlib.suppress(OSError):  # of a scheduler that is gone, the future hears as well
                alone = self._alone_since(alone)
        try:
            return future.result()
        except KilledWorker:
            raise ClusterError(
                "one task has ended every worker that tried it, most often for want of memory: ask "
                "for fewer cycles, or give the workers more memory"
            ) from None
        except (CancelledError, OSError) as lost:
            if self._client.status == "running" and isinstance(lost, OSError):
                raise  # the task's own
            raise ClusterError(
                f"the scheduler {shown(self._scheduler)} has gone; what was finished is kept where "
                "the command keeps it: start the scheduler and the command again"
            ) from None

    def _alone_since(self, alone: float | None) -> float | None:
        """When the last worker was missed, None while there is one. Raises ClusterError: long ago."""
        if self._workers():
            return None
        if alone is None:
            warnings.warn(
                f"the scheduler {shown(self._scheduler)} has no workers; waiting for some",
                SlowRunWarning,
                stacklevel=2,
            )
            return time.monotonic()
        if time.monotonic() - alone > WITHOUT_WORKERS:
            raise ClusterError(
                f"the scheduler {shown(self._scheduler)} has had no workers for "
                f"{WITHOUT_WORKERS:.0f} s: start some (dask worker ADDRESS --nworkers 8 --nthreads 1), "
                "and the command again"
            )
        return alone

    def _workers(self) -> Mapping[str, dict]:
        """Address -> what the scheduler says of each worker.

        It is asked itself: what a client has heard of workers is forgotten every two seconds. Raises
        OSError: it does not answer.
        """
        if self._client.scheduler is None:
            raise OSError("the scheduler has gone")
        return self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]

    def _compare(self, who: str, own: Mapping[str, str]) -> None:
        different = disagreement(who, own, versions())
        if different:
            raise ClusterError(different)


@contextlib.contextmanager
def _connected(scheduler: str):
    """A client of the scheduler, closed at the end."""
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "a cluster needs Dask: python -m pip install 'assb-twin[scale]', here and on every worker"
        ) from None
    _check_there(scheduler)
    with warnings.catch_warnings():
        # of other versions, :meth:`Cluster.check` makes an error
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        client = distributed.Client(scheduler, timeout=CONNECTING, set_as_default=False)
    with client:
        yield client


def _check_there(scheduler: str) -> None:
    """Raise ClusterError unless a Dask scheduler answers at that address.

    A client that finds none is left half made, and complains at the end of the process. A thread of its
    own, since a notebook has a loop running in this one.
    """
    import asyncio

    try:
        with ThreadPoolExecutor(1) as thread:
            kind = thread.submit(asyncio.run, _kind_of(scheduler)).result()
        why = "" if kind == "Scheduler" else f"there is a {kind.lower()}"
    except Exception as error:  # of sockets, of Dask, of what else may listen there: no common base
        why = " ".join(str(error).split()) or f"no answer within {CONNECTING:.0f} s"
    if why:
        raise ClusterError(
            f"no Dask scheduler answers at {shown(scheduler)} ({why}); start one (dask scheduler) and "
            "give the address that it prints, as tcp://head-node:8786"
        )


async def _kind_of(address: str) -> str:
    """What answers at an address: "Scheduler", "Worker" or "Nanny"."""
    import asyncio

    from distributed.core import connect

    async with asyncio.timeout(CONNECTING):
        comm = await connect(address, timeout=CONNECTING)
        try:
            await comm.write({"op": "identity", "reply": True})
            return (await comm.read())["type"]
        finally:
            comm.abort()


@functools.cache
def versions() -> Mapping[str, str]:
    """What decides whether this process can work with others: name -> version.

    `code` is the digest of the package as it lies on the disk: a checkout changes between versions.
    """
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in MUST_AGREE:
        if name != "twin":
            found[name] = importlib.metadata.version(name)
    digest = hashlib.sha256()
    for path in sorted(path for ending in ("py", "c", "h") for path in _PACKAGE.rglob(f"*.{ending}")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\n" + path.read_bytes())
    return found | {"twin's code": digest.hexdigest()[:12]}


def _said_by_dask(host: Mapping) -> dict[str, str]:
    """The versions of a process that need have no twin: what carries the tasks."""
    python = ".".join(host["host"]["python"].split(".")[:2])
    return {"Python": python} | {name: host["packages"][name] for name in ("dask", "distributed")}


def disagreement(who: str, own: Mapping[str, str], here: Mapping[str, str]) -> str:
    """The sentence that says in what a process of the cluster differs from this one; "" in nothing."""
    different = [
        f"{name} {version} (here {here[name]})" for name, version in own.items() if version != here[name]
    ]
    return f"{who} has {', '.join(different)}; install the same everywhere" if different else ""


@dataclass(frozen=True)
class _Asked:
    """What all tasks are asked, pickled, and the versions of who asks.

    It travels as it is: a worker with another twin could not unpickle it, and says so instead.
    """

    pickled: bytes
    asker: Mapping[str, str]

    @functools.cached_property
    def function(self) -> Callable:
        """Unpickled once in each worker."""
        return pickle.loads(self.pickled)

    def __reduce__(self):
        return _Asked, (self.pickled, self.asker)


def _run(asked: _Asked, task):
    """In a worker: the result of one task. It may have come after the others were checked."""
    different = disagreement(f"the worker on {platform.node()}", versions(), asked.asker)
    if different:
        raise ClusterError(different)
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    with _ALONE:
        return asked.function(task)
