"""Tasks over processes: in order, and in words where a process is ended from outside."""

import os
import signal
import warnings

import pytest

from twin.errors import ArgumentError, WorkerError
from twin.parallel import chunks, map_tasks


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
