"""When a browser has gone: what it held is freed, and a line to nowhere is no news."""

import gc
import logging
import time
import weakref

import pytest
from tornado.websocket import WebSocketClosedError

from twin.studio.departures import WAIT, give_back_soon, hush


class Ring:
    """Something that holds itself, as a session does."""

    def __init__(self):
        self.own = self


def test_what_a_session_held_is_freed():
    gc.disable()
    try:
        watched = weakref.ref(Ring())
        assert watched() is not None
        give_back_soon()
        for _ in range(100):
            if watched() is None:
                break
            time.sleep(WAIT / 10)
        assert watched() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(("error", "is_told"), [(WebSocketClosedError(), False), (OSError(), True)])
def test_only_lines_to_nowhere_are_no_news(error, is_told):
    hush()
    told = logging.LogRecord("asyncio", logging.ERROR, "", 0, "", (), (type(error), error, None))
    assert bool(logging.getLogger("asyncio").filter(told)) == is_told
