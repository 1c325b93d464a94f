"""A slider that is dragged for a minute does not make a minute of work."""

import threading
import time

from twin.studio.latest import Latest

PATIENCE = 10.0
"""Seconds after which a test gives up waiting for a thread."""


def test_wishes_that_are_overtaken_are_never_begun():
    latest, gate, done, last = Latest(), threading.Event(), [], threading.Event()
    begun = threading.Event()

    def first():
        begun.set()
        assert gate.wait(PATIENCE)
        done.append(0)

    latest.ask(first)
    assert begun.wait(PATIENCE)
    for number in range(1, 1000):
        latest.ask(lambda number=number: (done.append(number), last.set()))
    gate.set()
    assert last.wait(PATIENCE)
    assert done == [0, 999]
    assert latest.begun == 2


def test_after_it_is_closed_nothing_is_begun():
    latest, done = Latest(), []
    latest.close()
    latest.ask(lambda: done.append(1))
    time.sleep(0.2)  # far longer than a thread takes to begin what it is asked
    assert not done
    assert latest.begun == 0
