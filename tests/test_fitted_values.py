"""Files of fitted values: read back, found beside their cells, and taken where they still hold."""

import shutil

import pytest
import tomli_w
from own_folder import write_folder

import twin
from twin.errors import FittedSetError
from twin.fitted_values import own_fit, read_fitted, shipped_fits
from twin.parameter_sets import load_cell
from twin.parts import prior_table

GROWTH = "Interphase growth rate [m.s-1]"
RESISTANCE = "Pristine interface resistance [Ohm.m2]"
OWN = "Filament growth coefficient [m3.C-1]"
"""The user's own part gives it, the two others are a shipped part's."""


@pytest.fixture
def folder(tmp_path):
    """A folder with a part that is based on a shipped one."""
    folder = write_folder(tmp_path / "lab")
    (folder / "Li_LGPS.toml").write_text(
        f'based_on = "Li_LGPS"\n["{OWN}"]\nvalue = 2e-9\nsource = "mine"\n'
        'prior = { distribution = "lognormal", factor = 3, lower = 1e-12, upper = 1e-6 }\n'
    )
    return folder


def write_fit(folder, values, name="", **more):
    """A fit of the cell in a folder, written as a fit writes it: key -> value; more under each key."""
    cell, fitted = load_cell(folder / "mine.toml", fitted=False), {}
    for key, value in values.items():
        entry = cell.parameters[key]
        fitted.setdefault(entry.part, {})[key] = {
            "value": value, "low": value / 2, "high": value * 2,
            "start": entry.prior.centre, "prior": prior_table(entry.prior), **more,
        }  # fmt: skip
    path = folder / "fitted" / f"{name or folder.name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(tomli_w.dumps({"fitted": fitted}))
    return path


def test_a_cell_takes_the_fit_of_its_folder_on_top_of_those_that_ship(folder):
    before = load_cell(folder / "mine.toml")
    assert before.fitted_sets == ("Chang2023",)
    write_fit(folder, {OWN: 3e-9, GROWTH: 4e-12}, earlier="Chang2023")
    write_fit(folder, {OWN: 3e-9, GROWTH: 4e-12})
    cell = load_cell(folder / "mine.toml")
    assert cell.fitted_sets == ("Chang2023", "lab")
    assert cell.folder == folder.resolve()
    assert (cell.values[OWN], cell.values[GROWTH]) == (3e-9, 4e-12)
    assert cell.values[RESISTANCE] == before.values[RESISTANCE]
    assert cell.parameters[OWN].source == "fitted: lab"
    assert cell.parameters[RESISTANCE].source == "fitted: Chang2023"
    # a shipped cell knows nothing of it
    shipped = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    assert shipped.values[GROWTH] == before.values[GROWTH]
    assert shipped.folder is None


def test_a_value_says_which_fit_was_its_prior(folder):
    write_fit(folder, {GROWTH: 4e-12}, earlier="Chang2023")
    entry = load_cell(folder / "mine.toml").parameters[GROWTH]
    assert entry.source == "fitted: lab, with the posterior of Chang2023 as its prior"
    assert entry.fits == ("lab", "Chang2023")
    write_fit(folder, {GROWTH: 4e-12})
    entry = load_cell(folder / "mine.toml").parameters[GROWTH]
    assert (entry.source, entry.fits) == ("fitted: lab", ("lab",))


def test_a_fit_whose_every_value_was_taken_over_leaves_the_others_behind(folder):
    fitted = {key: e.value for key, e in load_cell(folder / "mine.toml").parameters.items() if e.prior}
    write_fit(folder, fitted)
    assert load_cell(folder / "mine.toml").fitted_sets == ("lab",)


def test_a_part_that_was_edited_since_is_not_what_was_fitted(folder):
    write_fit(folder, {OWN: 3e-9, GROWTH: 4e-12})
    part = folder / "Li_LGPS.toml"
    part.write_text(part.read_text().replace("factor = 3", "factor = 4"))
    cell = load_cell(folder / "mine.toml")
    assert cell.values[OWN] == 2e-9
    assert cell.parameters[OWN].source == "mine; not fitted: lab started from another value or prior"
    assert cell.values[GROWTH] == 4e-12


def test_a_fit_on_top_of_another_one_that_no_longer_holds_does_not_hold_either(folder):
    write_fit(folder, {GROWTH: 4e-12}, earlier="Luo2021")
    assert load_cell(folder / "mine.toml").parameters[GROWTH].fitted_set == "Chang2023"


def test_a_folder_that_is_moved_or_renamed_keeps_its_fit(folder, tmp_path):
    write_fit(folder, {OWN: 3e-9, GROWTH: 4e-12})
    moved = tmp_path / "elsewhere" / "lab"
    shutil.copytree(folder, moved)
    renamed = folder.rename(tmp_path / "ünser Labor 2")
    for place in (moved, renamed):
        cell = load_cell(place / "mine.toml")
        assert (cell.values[OWN], cell.values[GROWTH]) == (3e-9, 4e-12)
        assert cell.parameters[OWN].fitted_set == place.name
        assert cell.parameters[OWN].part == f"{place.name}/Li_LGPS.toml"


def test_two_folders_of_one_name_keep_their_fits_apart(tmp_path):
    for place, value in (("a", 1e-12), ("b", 2e-12)):
        own = write_folder(tmp_path / place / "lab")
        write_fit(own, {GROWTH: value})
    found = [load_cell(tmp_path / place / "lab" / "mine.toml").values[GROWTH] for place in "ab"]
    assert found == [1e-12, 2e-12]


def test_a_fit_that_is_called_as_one_that_ships_is_no_folders(folder):
    """`twin fit Chang2023 --out fitted` beside a cell of one's own does not make it that cell's fit."""
    write_fit(folder, {GROWTH: 4e-12}, name="Chang2023")
    assert own_fit(folder) is None
    assert load_cell(folder / "mine.toml").values[GROWTH] != 4e-12


def test_of_several_fits_the_one_called_as_the_folder_is_meant(folder):
    for name, value in (("lab", 1e-12), ("older", 2e-12)):
        write_fit(folder, {GROWTH: value}, name=name)
    assert load_cell(folder / "mine.toml").values[GROWTH] == 1e-12
    (folder / "fitted" / "lab.toml").rename(folder / "fitted" / "oldest.toml")
    with pytest.raises(FittedSetError, match="holds the fits older, oldest, and none called lab"):
        load_cell(folder / "mine.toml")


@pytest.mark.parametrize("content", ["", "\x00", "fitted = 5", "[fitted.a]\nb = 1"])
def test_a_broken_fit_is_said_and_nothing_is_taken_from_it(folder, content):
    path = write_fit(folder, {GROWTH: 4e-12})
    path.write_text(content)
    with pytest.raises(FittedSetError, match=r"lab\.toml"):
        load_cell(folder / "mine.toml")
    assert load_cell(folder / "mine.toml", fitted=False).values[GROWTH]


def test_shipped_fits_are_read_as_they_stand():
    assert [fit.name for fit in shipped_fits()] == ["Chang2023", "Duan2023", "Liu2018", "Luo2021"]
    for fit in shipped_fits():
        assert fit.draws.is_file()
        for value in fit.values.values():
            assert value.low < value.high
            assert value.earlier == ""


def test_a_file_without_ends_says_none(folder):
    path = write_fit(folder, {GROWTH: 4e-12})
    path.write_text(path.read_text().replace("\nlow =", "\n#").replace("\nhigh =", "\n#"))
    (value,) = read_fitted(path).values.values()
    assert value.low != value.low
    assert value.value == 4e-12
