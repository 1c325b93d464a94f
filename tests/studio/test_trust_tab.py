"""The tab of trust, without a browser: rows on request, and workers that are killed meanwhile."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor

from twin.parameter_sets import load_cell
from twin.studio import trust_tab
from twin.studio.trust_tab import TrustTab

CELL = "Luo2021_Li_LPSCl_NCM622"
PATIENCE = 120
"""Seconds for an answer on a busy machine."""


@pytest.fixture
def tab(monkeypatch):
    monkeypatch.setattr(trust_tab, "DRAWS", 20)
    trust_tab._predictions.cache_clear()
    made = TrustTab(load_cell(CELL), lambda call: call())
    yield made
    made.close()
    trust_tab._predictions.cache_clear()


def wait(ready):
    for _ in range(50 * PATIENCE):
        if found := ready():
            return found
        time.sleep(0.02)
    pytest.fail("no answer")


def workers():
    """Numbers of the worker processes of this process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"popen_loky" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found


def test_rows_of_this_cell_come_first_beside_what_the_fit_says(tab):
    assert "Measured rows of this family" in tab._rows.object
    tab.predict.clicks += 1
    wait(lambda: "Rows inside their 90 % interval" in tab._rows.object)
    cells = [line.split("</td><td>")[1] for line in tab._rows.object.split("<tr><td>")[1:]]
    assert cells[0] == CELL
    assert cells == sorted(cells, key=lambda name: name != CELL)
    assert not tab.predict.visible


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="workers are found in /proc")
def test_a_killed_worker_is_a_word_and_the_next_wish_is_answered(tab):
    get_reusable_executor().shutdown(kill_workers=True)  # those of other tests, which may be idle
    wait(lambda: not workers())
    tab.predict.clicks += 1
    for worker in wait(workers):
        os.kill(worker, signal.SIGKILL)
    wait(lambda: "has ended a worker process" in tab._notice.object)
    assert not tab.predict.disabled
    tab.predict.clicks += 1
    wait(lambda: "Rows inside their 90 % interval" in tab._rows.object)
    assert tab._notice.object == ""
