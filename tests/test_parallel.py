"""Tasks over processes: in order, and in words where a process is ended from outside."""

import os
import signal
import threading
import time
import warnings

import pytest

from twin import parallel
from twin.errors import ArgumentError, WorkerError
from twin.parallel import chunks, map_in_threads, map_tasks


def squared(number):
    return number**2


def ends(number):
    os.kill(os.getpid(), signal.SIGKILL)


def hears_ctrl_c(number):
    return signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_their_tasks(processes):
    assert list(map_tasks(squared, range(20), processes=processes)) == [n**2 for n in range(20)]


def test_chunks_hold_every_task_once():
    parts = chunks(list(range(101)), processes=3)
    assert [task for part in parts for task in part] == list(range(101))


def test_a_worker_that_the_system_ends_is_said_in_words():
    with pytest.raises(WorkerError, match="fewer draws, cycles or points, or for fewer processes"):
        list(map_tasks(ends, range(4), processes=2))


def test_ctrl_c_is_heard_here_and_not_by_the_workers():
    assert not any(map_tasks(hears_ctrl_c, range(4), processes=2))
    assert hears_ctrl_c(0)


@pytest.mark.parametrize("processes", [0, -1, 2.0, "two", True])
def test_processes_are_a_whole_number(processes):
    with pytest.raises(ArgumentError, match="processes must be a whole number from 1"):
        map_tasks(squared, range(4), processes=processes)
    with pytest.raises(ArgumentError, match="processes must be"):
        chunks([1], processes=processes)


def warns(number):
    warnings.warn("this number is odd in its own way", UserWarning, stacklevel=1)
    return number


def test_what_many_workers_warn_of_is_shown_once():
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("default")
        assert list(map_tasks(warns, range(8), processes=2)) == list(range(8))
    assert [str(one.message) for one in heard] == ["this number is odd in its own way"]


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_threads_give_results_in_the_order_of_their_tasks(cores, monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: cores)
    seen = set()

    def noted(number):
        seen.add(threading.get_ident())
        return number**2

    assert list(map_in_threads(noted, range(40), threads=3)) == [n**2 for n in range(40)]
    assert 1 <= len(seen) <= min(3, cores)


def test_what_no_thread_has_begun_is_given_up_after_an_error(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    begun = []

    def fails(number):
        begun.append(number)
        time.sleep(0.01)
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(map_in_threads(fails, range(1000), threads=2))
    assert len(begun) < 1000


@pytest.mark.parametrize("count", [1, 2, 3, 50, 129, 400])
def test_threads_have_equal_shares_of_all_tasks(count):
    parts = parallel.shares(range(count), threads=2)
    assert [task for part in parts for task in part] == list(range(count))
    assert max(map(len, parts)) <= parallel.LARGEST_SHARE
    # but for the last part, whose share is what is left
    assert len({len(part) for part in parts[:-1]}) <= 1
    assert len(parts) % 2 == 0 or count < 2 * len(parts)


def test_no_task_needs_no_thread():
    assert list(map_in_threads(squared, [], threads=2)) == []
