"""The family of a cell: whose rows it is fitted to, how its equals differ, which fit it has."""

import shutil
from pathlib import Path

import pytest
from measured.folders import copy_of
from own_cell import CELL
from own_folder import SPREAD, write_folder

import twin
from twin.errors import FittedSetError, ObservationError, OutputError
from twin.fitting.draws import drawn_factors, effective_forecast, file_of_draws, load_draws
from twin.fitting.family import (
    basis,
    check_name,
    family_of,
    home_of,
    name_of,
    spread_of,
    stale,
    storage_of,
)
from twin.fitting.fitted_span import fitted_spans
from twin.measured.rows import read_rows
from twin.measured.spread import read_spread
from twin.parameter_sets import load_cell
from twin.parts import shipped

KEY = "Interphase growth rate [m.s-1]"
PAIR = "pairs/Li_LPSCl.toml"
SHIPPED = "Duan2023_Li_LPSCl_symmetric"
"""The shipped cell of the same parts."""


@pytest.fixture
def folder(tmp_path):
    parts = {"anode_interface": "Li_LPSCl", "separator": "LPSCl"}
    return write_folder(tmp_path / "lab", cell=CELL | {"parts": parts})


def give_fit(folder, paper="Duan2023"):
    """A copy of a paper's fit as that of the folder: of shipped parts, whose labels are the same."""
    source = shipped("parameter_sets") / "fitted"
    (folder / "fitted").mkdir()
    shutil.copy(source / f"{paper}.toml", folder / "fitted" / f"{folder.name}.toml")
    shutil.copy(source / f"{paper}_draws.nc", folder / "fitted" / f"{folder.name}_draws.nc")


def test_a_folder_a_cell_in_it_and_its_path_are_one_family(folder, monkeypatch):
    cell = load_cell(folder / "mine.toml")
    monkeypatch.chdir(folder.parent)
    for member in (folder, str(folder), "lab", "lab/", Path("lab"), cell, folder / "mine.toml"):
        family = family_of(member)
        assert Path(family).resolve() == folder.resolve()
        assert name_of(family) == "lab"
        assert home_of(family).resolve() == (folder / "fitted").resolve()
    link = folder.with_name("link")
    link.symlink_to(folder)
    assert name_of(family_of(link)) == "lab"  # the fit is called alike, whichever way it is reached


def test_what_ships_is_meant_by_its_name_whatever_lies_here(tmp_path, monkeypatch):
    write_folder(tmp_path / "Chang2023")
    monkeypatch.chdir(tmp_path)
    assert family_of("Chang2023") == "Chang2023"
    assert home_of("Chang2023") == Path()
    assert family_of(Path("Chang2023")) == Path("Chang2023")
    assert home_of(shipped("experiments") / "Luo2021") == Path()


def test_a_folder_called_as_a_paper_is_not_fitted(tmp_path):
    for name in ("Chang2023", "Luo2021"):
        check_name(name)
        with pytest.raises(FittedSetError, match=r"called as a paper that ships.*rename the folder"):
            check_name(write_folder(tmp_path / name))
    check_name(write_folder(tmp_path / "Chang2023_ours"))


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (
            "nowhere",
            FittedSetError,
            "'nowhere' is not an experiment that ships, nor a cell of one, nor a",
        ),
        ("Chang2022", FittedSetError, "did you mean 'Chang2023'"),
        ("empty", ObservationError, r"empty: holds no rows.csv"),
        ("empty/rows.toml", twin.errors.CellError, "No such file"),
        (Path("nowhere"), ObservationError, "nor a folder with measured rows"),
        ("\x00", FittedSetError, "not an experiment"),
    ],
)
def test_what_has_no_rows_is_said(tmp_path, monkeypatch, name, error, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(error, match=message):
        family_of(name)


def test_trials_are_kept_beside_the_fit(folder, monkeypatch):
    assert storage_of("Chang2023", Path()) == "sqlite:///fits.db"
    assert storage_of(folder, home_of(folder)) == f"sqlite:///{folder / 'fitted' / 'fits.db'}"
    assert (folder / "fitted").is_dir()
    taken = write_folder(folder.with_name("taken"))
    (taken / "fitted").write_text("a file")
    with pytest.raises(OutputError, match="fitted"):
        storage_of(taken, home_of(taken))


# --- how equal cells differ ---------------------------------------------------------------------------


def test_equal_cells_differ_as_the_folder_says(folder):
    cell = load_cell(folder / "mine.toml")
    assert spread_of(cell) == {key: own["ln_sd"] for key, own in SPREAD["parameter"].items()}
    # a shipped cell that is measured there, too
    there = load_cell(SHIPPED, beside=folder)
    assert spread_of(there) == spread_of(cell)
    assert spread_of(load_cell(SHIPPED)) == read_spread("Duan2023")[1]


def test_without_a_folders_word_they_differ_as_those_that_were_fitted(tmp_path, folder):
    """The wider word counts, of the papers whose fits the cell takes."""
    alone = tmp_path / "alone"
    shutil.copytree(folder, alone)
    (alone / "rows.csv").unlink()
    (alone / "mine.toml").write_text(
        (alone / "mine.toml").read_text()
        .replace('interfaces = "both"', 'interfaces = "negative"')
        .replace('separator = "LPSCl"', 'separator = "LPSCl"\ncathode = "NCM622"')
        + '\n["Cathode active mass [kg]"]\nvalue = 1e-5\nsource = "mine"\n'
    )  # fmt: skip
    cell = load_cell(alone / "mine.toml")
    assert set(cell.fitted_sets) == {"Duan2023", "Luo2021"}
    duan, luo = (read_spread(name)[1] for name in cell.fitted_sets)
    assert set(duan) & set(luo)
    for key, deviation in spread_of(cell).items():
        assert deviation == max(duan.get(key, 0.0), luo.get(key, 0.0))
    assert set(spread_of(cell)) == set(duan) | set(luo)


# --- which fit it has ---------------------------------------------------------------------------------


def test_without_a_fit_of_its_own_a_cell_is_drawn_from_those_that_ship_and_says_so(folder):
    cell = load_cell(folder / "mine.toml")
    draws = load_draws(cell)
    assert draws.attrs["basis"] == basis(cell)
    assert basis(cell) == (
        "mine has no fit of its own: draws of Duan2023, widened by the spread between equal cells."
    )
    assert draws.attrs["paper"] == "lab"
    assert effective_forecast(cell, 100) == {}
    factors = drawn_factors(cell, draws, 50, 0)
    assert all("Interface resistance factor" in one for one in factors)
    assert basis(load_cell(SHIPPED)) == ""
    # two fits stand behind this one, and it is none of a user's own
    assert basis(load_cell("Luo2021_Li_LPSCl_NCM622")) == ""


def test_with_a_fit_of_its_own_it_is_drawn_from_that(folder):
    give_fit(folder)
    cell = load_cell(folder / "mine.toml")
    assert cell.fitted_sets == ("lab",)
    assert basis(cell) == stale(cell) == ""
    own, other = load_draws(cell), load_draws(load_cell(SHIPPED))
    assert own["value"].equals(other["value"])
    assert file_of_draws(str(folder)) == folder / "fitted" / "lab_draws.nc"


def test_draws_of_a_renamed_folder_find_their_parts(folder):
    (folder / "Li_LPSCl.toml").write_bytes((shipped("parameter_sets") / PAIR).read_bytes())
    give_fit(folder)
    before = load_cell(folder / "mine.toml")
    assert before.fitted_sets == ()  # the parts of this fit ship, and the folder has its own
    import netCDF4

    path = folder / "fitted" / "lab.toml"
    path.write_text(path.read_text().replace('"pairs/Li_LPSCl"', '"lab/Li_LPSCl.toml"'))
    with netCDF4.Dataset(folder / "fitted" / "lab_draws.nc", "a") as file:
        for place, name in enumerate(file["parameter"][:]):
            file["parameter"][place] = name.replace("pairs/Li_LPSCl:", "lab/Li_LPSCl.toml:")
    moved = folder.rename(folder.with_name("new name"))
    cell = load_cell(moved / "mine.toml")
    assert cell.fitted_sets == ("new name",)
    names = load_draws(cell)["parameter"].values.tolist()
    assert f"new name/Li_LPSCl.toml: {KEY}" in names


def test_no_fit_yet_is_said_with_the_command(folder):
    with pytest.raises(FittedSetError, match=f"has no fit yet: run `twin fit {folder}`"):
        load_draws(load_cell(folder / "mine.toml", fitted=False))
    with pytest.raises(FittedSetError, match="has no fit yet: run"):
        file_of_draws(str(folder))
    assert file_of_draws("nowhere") is None
    assert file_of_draws("Luo2021").name == "Luo2021_draws.nc"


def test_a_fit_without_its_draws_is_said(folder):
    give_fit(folder)
    (folder / "fitted" / "lab_draws.nc").unlink()
    with pytest.raises(
        FittedSetError, match=r"lab has no draws in .*fitted; run `twin fit .*--overwrite`"
    ):
        load_draws(load_cell(folder / "mine.toml"))


def test_a_fit_that_is_older_than_its_parts_is_doubted(folder):
    give_fit(folder)
    path = folder / "fitted" / "lab.toml"
    path.write_text(path.read_text().replace("start = 1e-14", "start = 2e-14"))
    cell = load_cell(folder / "mine.toml")
    assert cell.parameters[KEY].fitted_set == "Duan2023"
    doubt = load_draws(cell).attrs["doubt"]
    assert f"started from other values or priors of 1 parameter (first: {KEY})" in doubt
    assert f"run `twin fit {folder} --overwrite`" in doubt
    assert basis(cell).startswith("mine has a fit of its own in part: draws of Duan2023")


# --- what was fitted, in conditions -------------------------------------------------------------------


def test_the_span_is_that_of_the_folders_rows_and_of_the_fit_that_was_their_prior(folder):
    """A file that is edited counts as it stands."""
    give_fit(folder)
    span = fitted_spans(load_cell(folder / "mine.toml"))["pairs/Li_LPSCl"]
    assert max(span["Cycles"]) == 20
    path = folder / "rows.csv"
    path.write_text(path.read_text().replace(",20,,one", ",15,,one"))
    assert max(fitted_spans(load_cell(folder / "mine.toml"))["pairs/Li_LPSCl"]["Cycles"]) == 15
    path = folder / "fitted" / "lab.toml"
    path.write_text(path.read_text().replace("\nstart =", '\nearlier = "Duan2023"\nstart ='))
    both = fitted_spans(load_cell(folder / "mine.toml"))["pairs/Li_LPSCl"]
    alone = fitted_spans(load_cell(SHIPPED))["pairs/Li_LPSCl"]
    assert max(both["Cycles"]) == max(*alone["Cycles"], 15)


def test_files_that_were_fitted_widen_the_span(tmp_path):
    """Cycles of a file, where the rows tell of fewer; a file that is followed tells of none."""
    folder = copy_of("Luo2021", tmp_path)
    give_fit(folder, "Luo2021")
    name = "Luo2021_LiIn_LPSCl_NCM622"
    words = next(row.protocol for row in read_rows(folder) if row.cell == name and row.role == "fit")

    def cycles():
        spans = fitted_spans(load_cell(name, beside=folder))
        return max(spans["cathodes/NCM622"]["Cycles"])

    before = cycles()
    assert before < 1500
    (folder / "files").mkdir()
    lines = "".join(f"{number},3.0\n" for number in range(1, 1501))
    (folder / "files" / "one.csv").write_text(f"Cycle,Discharge Capacity (mAh)\n{lines}")
    for role, expected in (("follow", before), ("fit", 1500)):
        table = f'["files/one.csv"]\ncell = "{name}"\nrole = "{role}"\nprotocol = "{words}"\n'
        (folder / "measurements.toml").write_text(table)
        assert cycles() == expected


def test_a_copy_of_a_paper_is_a_family_of_its_own(tmp_path):
    folder = copy_of("Luo2021", tmp_path)
    assert family_of(folder) == folder
    assert spread_of(load_cell("Luo2021_LiIn_LPSCl_NCM622", beside=folder)) == read_spread("Luo2021")[1]
