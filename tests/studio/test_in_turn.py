"""No call of a thread is lost on its way to the page, and their order stays."""

import sys
import threading
import time
import urllib.request

import panel as pn
import pytest
from studio_in_chromium import PATIENCE, free_port

from twin.studio.in_turn import in_turn

CALLS = 8_000
"""So many that some fall between, as often as not, where a thread gives them to a document itself."""


@pytest.fixture
def hurried():
    """Threads that are exchanged as often as it goes."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.slow
def test_no_call_is_lost_while_the_page_changes(hurried):
    ran = []

    def app():
        schedule, pane = in_turn(pn.state.curdoc), pn.pane.HTML("")

        def show(number):
            pane.object = str(number)  # Panel holds its events here
            ran.append(number)

        def work():
            for number in range(CALLS):
                schedule(lambda number=number: show(number))
                if number % 50 == 0:
                    time.sleep(0.0005)

        threading.Thread(target=work, daemon=True).start()
        return pane

    port = free_port()
    server = pn.serve({"/": app}, port=port, show=False, threaded=True, verbose=False)
    try:
        until = time.monotonic() + PATIENCE / 1e3
        while time.monotonic() < until and not (ran and ran[-1] == CALLS - 1):
            if not ran:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).close()
                except OSError:
                    time.sleep(0.2)
            time.sleep(0.05)
    finally:
        server.stop()
    assert ran == list(range(CALLS))
