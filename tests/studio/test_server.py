"""The page inside a notebook, and a server that cannot listen."""

import socket
import time

import pytest

from twin.errors import StudioError
from twin.studio import app, serve

PATIENCE = 120
"""Seconds for a first answer on a busy machine."""


def test_inside_a_notebook_the_page_answers():
    shown = app("Duan2023_Li_LPSCl_symmetric")
    for _ in range(PATIENCE):
        words = [own.object for own in shown.select() if isinstance(getattr(own, "object", None), str)]
        if any("draws in" in own for own in words):
            break
        time.sleep(1)
    else:
        pytest.fail("no answer")
    assert any("mV after 800 cycles" in own for own in words)


def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            StudioError, match=f"cannot listen at 127.0.0.1:{port}.*another port: --port"
        ):
            serve(port=port, show=False)


def test_no_such_cell_is_said():
    with pytest.raises(StudioError, match="did you mean 'Chang2023_Li_LGPS_LCO'"):
        app("Chang2023_Li_LGPS_LC")
