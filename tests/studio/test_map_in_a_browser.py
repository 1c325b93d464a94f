"""Maps and searches in the system's Chromium: they fill in, are stopped, go on, and fit their window."""

import io
import zipfile
from pathlib import Path

import pytest
from studio_in_chromium import IN_CHROMIUM

pytestmark = IN_CHROMIUM
WHOLE = "text=/the map is whole/"


@pytest.fixture
def at_the_map(opened):
    def open_tab(*query, **options):
        own = opened(*query, **options)
        own.page.get_by_text("Map and search", exact=True).click()
        own.comes("text=Fill the map")
        return own

    return open_tab


def test_a_map_fills_in_is_stopped_and_goes_on(at_the_map, tmp_path):
    own = at_the_map("?cycles=400")
    own.page.get_by_text("Fill the map").click()
    own.comes("text=/[1-9]\\d* of 64 points …/")
    own.page.get_by_text("Stop", exact=True).locator("visible=true").click()
    own.comes("text=/stopped, and goes on where it was/")
    there = int(own.page.locator("text=/of 64 points: stopped/").inner_text().split()[0])
    assert 0 < there < 64
    own.page.get_by_text("Go on", exact=True).locator("visible=true").click()
    own.comes(WHOLE)
    with own.page.expect_download() as download:
        own.page.get_by_text("Study and points (ZIP)").locator("visible=true").click()
    download.value.save_as(tmp_path / "map.zip")
    names = zipfile.ZipFile(io.BytesIO(Path(tmp_path / "map.zip").read_bytes())).namelist()
    assert names[0] == "map.toml"
    assert len(names) == 1 + 64


def test_ends_that_fall_are_a_word(at_the_map):
    own = at_the_map()
    first = own.page.get_by_label("from").first
    first.fill("400")
    first.press("Enter")
    own.page.get_by_text("Fill the map").click()
    own.comes("text=/give two numbers that rise/")


def test_a_search_draws_its_front(at_the_map, tmp_path):
    own = at_the_map()
    own.page.get_by_text("Search", exact=True).first.click()
    own.page.get_by_label("evaluations").fill("6")
    own.page.get_by_label("evaluations").press("Enter")
    own.page.get_by_role("button", name="Search").click()
    own.comes("text=/6 of 6 evaluations.*the search is done/")
    own.comes("text=/Nearest to the best of both/")
    with own.page.expect_download() as download:
        own.page.get_by_text("Numbers (CSV)").locator("visible=true").click()
    download.value.save_as(tmp_path / "search.csv")
    assert len((tmp_path / "search.csv").read_text(encoding="utf-8").splitlines()) == 1 + 6


@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1280, "light")])
def test_a_map_fits_its_window(at_the_map, width, scheme):
    own = at_the_map(viewport={"width": width, "height": 900}, color_scheme=scheme)
    own.page.get_by_text("Fill the map").click()
    own.comes(WHOLE)
    assert own.page.evaluate("document.documentElement.scrollWidth") <= width
