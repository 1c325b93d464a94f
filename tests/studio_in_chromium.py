"""A page of the studio in the system's Chromium, for the tests that look at it with a hand."""

import shutil
import socket

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
"""What keeps it from asking anybody for anything."""
PATIENCE = 120_000
"""[ms] that a machine with much other work may take for a first answer."""
LONG_ENOUGH = 2_000
"""[ms] in which what still comes has come, on a machine with much other work."""
ANSWERED = "text=/draws in/"
"""What stands on a page that has its interval."""
SHORT = "?cycles=40"
"""Fewer cycles than the page begins with: the tests ask what it does, not how a cell ages."""
IN_CHROMIUM = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
"""Marks of a file of such tests."""


def free_port():
    """One at which nobody listens."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class Opened:
    """A page that has answered, and what went wrong on it."""

    def __init__(self, browser, address, query=SHORT, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.wrong, self.foreign = [], []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "console", lambda line: self.wrong.append(line.text) if line.type == "error" else None
        )
        self.page.on("request", lambda asked: self._see(asked.url, address))
        self.page.goto(address + query, wait_until="commit")
        self.comes(ANSWERED)

    def _see(self, url, address):
        if not url.startswith((address, "data:", "blob:")):
            self.foreign.append(url)

    @property
    def headline(self):
        return self.page.locator(".headline").inner_text()

    def comes(self, selector):
        """Wait for it; where it does not come, what stands on the page instead."""
        from playwright.sync_api import TimeoutError as Late

        try:
            self.page.wait_for_selector(selector)
        except Late:
            words = self.page.locator(".headline, .quiet, .error").all_inner_texts()
            pytest.fail(
                f"{selector} does not come to a page that says {words}; it complained {self.wrong}"
            )

    def settles(self):
        """Wait until neither the answer nor the address has changed for a while; both."""
        found = None
        while found != (found := (self.headline, self.page.url)):
            self.page.wait_for_timeout(LONG_ENOUGH)
            self.comes(ANSWERED)
        return found

    def differs_from(self, headline):
        while self.headline == headline:  # the page's own waiting does not look into shadow roots
            self.page.wait_for_timeout(50)
