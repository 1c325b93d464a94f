"""The page in the system's Chromium: what hands do to it, and what it never does."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
PATIENCE = 120_000
"""[ms] that a machine with much other work may take for a first answer."""
LONG_ENOUGH = 2_000
"""[ms] in which what still comes has come, on a machine with much other work."""
ANSWERED = "text=/draws in/"
SHORT = "?cycles=40"
"""Fewer cycles than the page begins with: the tests ask what it does, not how a cell ages."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Of a studio in a process of its own."""
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
    yield url
    server.send_signal(signal.SIGINT)
    try:
        server.wait(20)
    finally:
        server.kill()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


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
        self.page.wait_for_selector(ANSWERED)

    def _see(self, url, address):
        if not url.startswith((address, "data:", "blob:")):
            self.foreign.append(url)

    @property
    def headline(self):
        return self.page.locator(".headline").inner_text()

    def comes(self, selector):
        self.page.wait_for_selector(selector)

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


def test_a_slider_moves_the_answer_and_the_address_by_keyboard_alone(opened):
    own = opened()
    before = own.headline
    handle = own.page.locator(".noUi-handle").nth(1)
    handle.focus()
    for _ in range(5):
        own.page.keyboard.press("ArrowRight")
    own.differs_from(before)
    own.page.wait_for_url("**rate=*")
    answer, sent = own.settles()
    # a colleague who is sent the address sees the same
    assert opened("?" + sent.partition("?")[2]).headline == answer


def test_a_mistyped_step_is_a_word_and_the_last_answer_stays(opened):
    own = opened()
    before = own.headline
    own.page.locator("textarea").fill("Charge at 1C until 4.2 W")
    own.page.get_by_text("Use these steps").click()
    own.comes("text=/cannot read the step/")
    assert own.headline == before
    own.page.locator("textarea").fill("Charge at C/5 until 4.2 V\nDischarge at C/5 until 2.6 V")
    own.page.get_by_text("Use these steps").click()
    own.differs_from(before)
    assert own.page.locator(".error").count() == 0


def test_two_sessions_share_nothing(opened):
    one, other = opened(), opened()
    before = other.headline
    handle = one.page.locator(".noUi-handle").nth(1)
    handle.focus()
    for _ in range(5):
        one.page.keyboard.press("ArrowRight")
    one.differs_from(before)
    assert other.headline == before


def test_what_was_on_the_screen_is_downloaded(opened, tmp_path):
    own = opened()
    own.page.get_by_text("Take along", exact=True).click()
    for words, beginning in (("Numbers (CSV)", "cycle,"), ("Study (TOML)", "question")):
        with own.page.expect_download() as download:
            own.page.get_by_text(words).click()
        download.value.save_as(tmp_path / "file")
        assert (tmp_path / "file").read_text(encoding="utf-8").startswith(beginning)


def test_a_dropped_file_is_understood_and_a_wrong_one_is_a_word(opened, tmp_path):
    own = opened()
    own.page.get_by_text("Data", exact=True).click()
    lines = ["Cycle,Discharge Capacity (mAh),Charge Capacity (mAh)"]
    lines += [f"{cycle},{0.17 - 0.0001 * cycle:.5f},0.17100" for cycle in range(1, 31)]
    (tmp_path / "cell 07.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    dropped = own.page.locator("input[type=file]").first
    dropped.set_input_files(tmp_path / "cell 07.csv")
    own.comes("text=understood as")
    own.comes("text=cell 07.csv")
    assert own.page.get_by_text("Update this cell").is_enabled()
    dropped.set_input_files(tmp_path / "wrong.csv")
    own.comes("text=/no line of it names columns that are known/")
    assert own.page.locator("text=understood as").count() == 1


def test_rows_stand_beside_what_the_fit_says(opened):
    own = opened()
    own.page.get_by_text("Trust", exact=True).click()
    own.page.get_by_text("Predict these rows").click()
    own.comes(
        "text=/Rows inside their 90 % interval: [0-9]+ of [0-9]+ fitted, [0-9]+ of [0-9]+ held out/"
    )


@pytest.mark.parametrize(
    "query", ["?thickness=1e9", "?cell=%3Cscript%3Ealert(1)%3C/script%3E", "?steps=x"]
)
def test_an_address_with_nonsense_is_answered_and_the_page_is_there(opened, query):
    own = opened(query + "&cycles=40")
    assert "This is what was asked for without it" in own.page.locator(".error").inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1280, "light")])
def test_it_fits_its_window_in_light_and_dark(opened, width, scheme):
    own = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    own.comes(".bk-Legend >> text=fresh")  # the last curves that come, and the widest legends
    assert own.page.evaluate("document.documentElement.scrollWidth") <= width
    paper = own.page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in paper.strip("rgb()").split(",")) > 3 * 128
    assert light == (scheme == "light")


def test_a_pinned_answer_stays_when_the_slider_goes_on(opened):
    own = opened()
    own.page.get_by_text("Pin this answer").click()
    own.comes("text=Let the pinned answer go")


def test_another_page_cannot_talk_to_the_server(address):
    import http.client

    host = address.removeprefix("http://").rstrip("/")
    asked = http.client.HTTPConnection(host, timeout=30)
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://evil.example",
        "Sec-WebSocket-Protocol": "bokeh, none",
    }  # fmt: skip
    asked.request("GET", "/ws", headers=headers)
    assert asked.getresponse().status == 403


def test_a_port_in_use_is_one_line(address):
    port = address.rstrip("/").rpartition(":")[2]
    command = [sys.executable, "-m", "twin.cli", "studio", "--no-browser", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE / 1000)
    assert done.returncode == 1
    assert "in use; another port: --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cell_that_does_not_exist_is_one_line():
    command = [sys.executable, "-m", "twin.cli", "studio", "Chang2023_LiAlO2_LGPS_LC", "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE / 1000)
    assert done.returncode == 1
    assert "Chang2023_LiAlO2_LGPS_LCO" in done.stderr.splitlines()[-1]
