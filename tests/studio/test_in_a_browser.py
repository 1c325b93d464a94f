"""The page in the system's Chromium: what hands do to it, and what it never does."""

import subprocess
import sys

import pytest
from studio_in_chromium import IN_CHROMIUM, PATIENCE

pytestmark = IN_CHROMIUM


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
    own.page.locator("textarea").first.fill("Charge at 1C until 4.2 W")
    own.page.get_by_text("Use these steps").click()
    own.comes("text=/cannot read the step/")
    assert own.headline == before
    own.page.locator("textarea").first.fill("Charge at C/5 until 4.2 V\nDischarge at C/5 until 2.6 V")
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
            own.page.get_by_text(words).locator("visible=true").click()
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
    for tab in own.page.locator(".bk-tab").locator("visible=true").all():
        edges = tab.bounding_box()
        assert edges["x"] + edges["width"] <= width, "a tab that is cut is not seen"
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
