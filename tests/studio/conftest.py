"""A studio that is served, a browser, and pages in it that ask nobody else for anything."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from studio_in_chromium import CHROMIUM, PATIENCE, QUIET, Opened, free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A studio in a process of its own: its number, and its address."""
    port = free_port()
    log = (tmp_path_factory.mktemp("studio") / "log").open("w")
    command = [sys.executable, "-m", "twin.cli", "studio", "--no-browser", "--port", str(port)]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    for _ in range(PATIENCE // 500):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=30).close()
            break
        assert server.poll() is None
        time.sleep(0.5)
    yield server.pid, url
    server.send_signal(signal.SIGINT)
    try:
        server.wait(20)
    finally:
        server.kill()


@pytest.fixture(scope="module")
def address(server):
    """Of the studio."""
    return server[1]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, address):
    found = []

    def open_page(*query, **options):
        found.append(Opened(browser, address, *query, **options))
        return found[-1]

    yield open_page
    for own in found:
        own.context.close()
        assert not own.foreign
        assert not own.wrong
