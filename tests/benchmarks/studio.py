"""The studio under a hand: from a key on a slider to the new curve, and to its interval, in a browser.

::

    PYTHONPATH=tests python -m benchmarks.studio --moves 100 --sessions 10

starts a studio in a process of its own and moves the slider of the current in the system's Chromium. It
prints median and 95 % of the waits, and the memory of the server before, after the moves, and after
sessions that came and went. Times are read by polling the page, which adds some milliseconds.
"""

import argparse
import contextlib
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from studio_in_chromium import CHROMIUM, QUIET, free_port

LEFT_ALONE = 40_000
"""[ms] after which the server has let go of sessions that left: Panel keeps them for some 15 s."""
PATIENCE = 120.0
"""Seconds after which an answer is given up."""


def memory_mb(process: int) -> float:
    """What a process holds now."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1e3


def answer_of(page: Page) -> int:
    """How many answers the page has shown."""
    return int(page.locator(".headline").get_attribute("data-answer"))


def until(done, page: Page) -> None:
    """Wait for something, looking often."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError("no answer")
        page.wait_for_timeout(2)


def waits(page: Page, moves: int, *, at_rest: bool) -> np.ndarray:
    """Seconds from a key to the curve or, where the hand then rests, to its interval."""
    handle = page.locator(".noUi-handle").nth(1)
    handle.focus()
    found = []
    for number in range(moves):
        before = answer_of(page)
        began = time.monotonic()
        page.keyboard.press("ArrowLeft" if number % 20 < 10 else "ArrowRight")
        until(lambda before=before: answer_of(page) > before, page)
        if at_rest:
            until(lambda: page.get_by_text("draws in").count() > 0, page)
        found.append(time.monotonic() - began)
    return np.array(found)


def told(words: str, seconds: np.ndarray) -> None:
    middle, late = np.quantile(seconds, [0.5, 0.95])
    print(f"{words}: median {1e3 * middle:.0f} ms, 95 % {1e3 * late:.0f} ms, {len(seconds)} moves")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--sessions", type=int, default=10)
    asked = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "twin.cli", "studio", "--no-browser", "--port", str(port)]
    began = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    while time.monotonic() - began < PATIENCE:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=30).close()
            break
        time.sleep(0.1)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page()
            page.goto(url, wait_until="commit")
            page.wait_for_selector(".headline")
            print(f"from the command to the first curve: {time.monotonic() - began:.1f} s")
            page.wait_for_selector("text=/draws in/")
            page.wait_for_timeout(3000)
            first = memory_mb(server.pid)
            told("slider to curve", waits(page, asked.moves, at_rest=False))
            told("slider to interval", waits(page, max(asked.moves // 5, 1), at_rest=True))
            moved = memory_mb(server.pid)
            for _ in range(asked.sessions):
                with contextlib.closing(browser.new_page()) as other:
                    other.goto(url, wait_until="commit")
                    other.wait_for_selector("text=/draws in/")
            page.wait_for_timeout(LEFT_ALONE)
            last = memory_mb(server.pid)
            print(
                f"server: {first:.0f} MB, {moved:.0f} MB after the moves, "
                f"{last:.0f} MB after the sessions"
            )
            browser.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


if __name__ == "__main__":
    main()
