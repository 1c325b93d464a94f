"""Which cells a page may show: a folder shows its own, and no address opens another file."""

import shutil
import time

import pytest

import twin
from twin.errors import StudioError
from twin.parameter_sets import cells
from twin.studio import app
from twin.studio.served import served
from twin.studio.view import view_of

PATIENCE = 120
"""Seconds for a first answer on a busy machine."""
SHIPPED = "Chang2023_Li_LGPS_LCO"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two cells of its own."""
    made = twin.new_experiment(tmp_path_factory.mktemp("own") / "lab", SHIPPED)
    shutil.copy(made / "cell.toml", made / "cell_b.toml")
    return made


def test_a_folder_shows_its_cells_before_those_that_ship(folder):
    shown = served(folder)
    assert shown.all == [str(folder / "cell.toml"), str(folder / "cell_b.toml"), *cells()]
    assert view_of({}, shown).cell_name == shown.own[0]
    assert view_of({"cell": shown.own[1]}, shown).cell.name == "cell_b"


def test_a_file_shows_itself_and_a_name_what_ships(folder):
    path = str(folder / "cell.toml")
    assert (served(path).first, served(path).own) == (path, (path,))
    assert (served(SHIPPED).first, served(SHIPPED).own) == (SHIPPED, ())


def test_no_address_opens_another_file(folder):
    shown = served(folder / "cell.toml")
    with pytest.raises(StudioError, match="a cell that is shown here"):
        view_of({"cell": str(folder / "cell_b.toml")}, shown)
    with pytest.raises(StudioError):
        view_of({"cell": str(folder / "cell.toml")})


def test_a_folder_without_a_cell_is_said(tmp_path):
    with pytest.raises(StudioError, match="no file in it is a cell's; `twin new FOLDER`"):
        served(tmp_path)


def test_a_new_folder_without_rows_and_without_a_fit_has_its_page(folder):
    page = app(folder)
    for _ in range(PATIENCE):
        words = [own.object for own in page.select() if isinstance(getattr(own, "object", None), str)]
        if any("of the capacity after" in own for own in words):
            break
        time.sleep(1)
    else:
        pytest.fail("no answer")
    assert not any("fault of this program" in own for own in words)
