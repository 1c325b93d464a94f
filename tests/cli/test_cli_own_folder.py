"""One's own folder on the command line: fit, forecast, validate, ask what if, report, as of a paper."""

import json
import os
import shutil
from pathlib import Path

import pytest
from own_folder import ROWS, write_folder
from typer.testing import CliRunner

from twin.cli import app

STUDY = """
cell = "mine.toml"
draws = 2
cycles = 3
[protocol]
steps = ["Discharge at {current} for 1 hour", "Charge at {current} for 1 hour"]
[vary.current]
field = "current"
values = [0.1, 0.2]
unit = "mA/cm2"
"""
FIT = ("--trials", "8", "--draws", "20", "--workers", "1")


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output + done.stderr
    return done.output


def refused(*words):
    """The one line that says why."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 1, done.output
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("twin: ")
    return done.stderr


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A folder with a space and an umlaut in its path, and what `twin fit` says of it to machines."""
    folder = write_folder(tmp_path_factory.mktemp("a b") / "Büro")
    (folder / "study.toml").write_text(STUDY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.fitting.sampling.most_evaluations", int)
        return folder, json.loads(run("fit", folder, *FIT, "--json"))


@pytest.mark.slow
def test_a_fit_is_written_where_its_cells_look_for_it(fitted):
    folder, answer = fitted
    assert answer["files"] == [str(folder / "fitted" / name) for name in ("Büro.toml", "Büro_draws.nc")]
    assert (folder / "fitted" / "fits.db").is_file()
    assert answer["trials"] == 8
    assert "the posterior of Chang2023, each for itself, widened" in answer["about_priors"][0]
    text = (folder / "fitted" / "Büro.toml").read_text()
    assert 'earlier = "Chang2023"' in text


@pytest.mark.slow
def test_a_forecast_takes_the_fit_of_the_folder(fitted, tmp_path):
    folder, _ = fitted
    words = ("--cycles", "3", "--draws", "4", "--json")
    told = json.loads(run("forecast", folder / "mine.toml", *words, "--out", tmp_path))
    assert told["basis"] == ""
    before = write_folder(tmp_path / "unfitted" / "Büro")
    told = json.loads(run("forecast", before / "mine.toml", *words, "--out", tmp_path / "other"))
    assert told["basis"].startswith("mine has no fit of its own: draws of Chang2023")
    text = run("forecast", before / "mine.toml", *words[:4], "--out", tmp_path / "words")
    assert "mine has no fit of its own" in " ".join(text.split())
    ran = run("run", folder / "mine.toml", "Rest for 1 hour")
    assert "Büro" in ran


@pytest.mark.slow
def test_a_validation_prints_every_row_beside_the_answer(fitted, tmp_path):
    folder, _ = fitted
    table = json.loads(run("validate", folder, "--draws", "4", "--json"))
    assert [row["id"] for row in table] == ["M1", "M2", "M3"]
    assert [row["role"] for row in table] == ["fit", "fit", "validate"]
    assert all(0 < row["low"] < row["high"] for row in table)
    page = tmp_path / "page.html"
    told = run("validate", folder, "--draws", "4", "--report", page)
    assert "rows marked validate inside" in told
    assert "Fitted to Büro" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_study_and_reports_know_the_folder(fitted, tmp_path):
    folder, _ = fitted
    told = json.loads(run("what-if", folder / "study.toml", "--out", tmp_path, "--json"))
    assert told["cell"] == "mine"
    assert len(told["points"]) == 2
    run("report", folder, "--out", tmp_path / "fit.html")
    page = " ".join((tmp_path / "fit.html").read_text(encoding="utf-8").split())
    assert "the posterior of Chang2023, each for itself" in page
    assert "the fit of Chang2023" in page
    run("report", tmp_path / "study.nc", "--out", tmp_path / "study.html")


@pytest.mark.slow
def test_a_fit_that_is_there_is_not_replaced_unasked_and_goes_on(fitted, monkeypatch, tmp_path):
    folder, answer = fitted
    assert "exists already; --overwrite replaces it" in refused("fit", folder, *FIT)
    monkeypatch.setattr("twin.fitting.sampling.most_evaluations", int)
    again = json.loads(run("fit", folder, *FIT, "--overwrite", "--json"))
    # nothing new was tried: what the study in the folder holds is enough
    assert again["trials"] == answer["trials"]
    assert again["objective"] <= answer["objective"] + 1e-9


# --- what is wrong with a folder ----------------------------------------------------------------------


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_no_folder_of_rows_is_said_in_a_line(here):
    (here / "empty").mkdir()
    (here / "file").write_text("x")
    (here / "archive.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (here / "loop").symlink_to("loop")
    for command in ("fit", "validate", "compare"):
        assert "empty: holds no rows.csv" in refused(command, "empty")
        for name in ("nowhere", "file", "archive.zip", "loop", "archive.zip/lab"):
            assert "no measured rows" in refused(command, name)
    assert "empty has no fit yet: run `twin fit empty`" in refused("report", "empty")


def test_rows_that_cannot_be_fitted_are_said(here):
    folder = write_folder(here / "lab", rows=())
    assert "nothing to fit: lab has no row with the role 'fit'" in refused("fit", "lab")
    assert "lab has no rows yet: write them into lab/rows.csv" in refused("validate", "lab")
    rows = ROWS[0].replace(",mine,", ",mime,")
    write_folder(folder, rows=(rows,))
    said = refused("fit", "lab")
    assert "rows.csv, line 2: M1: 'mime' is not a cell that ships" in said
    assert "did you mean 'mine'" in said


def test_a_cell_without_its_part_is_said_with_its_line(here):
    folder = write_folder(here / "lab")
    text = (folder / "mine.toml").read_text()
    (folder / "mine.toml").write_text(text.replace("Li_LGPS", "Li_LGPZ"))
    for words in (("fit", "lab"), ("validate", "lab"), ("forecast", "lab/mine.toml")):
        said = refused(*words)
        assert "mine.toml, line" in said
        assert "did you mean 'Li_LGPS'" in said


def test_a_folder_that_cannot_be_written_to_is_said_before_the_work(here):
    write_folder(here / "lab")
    (here / "lab" / "fitted").write_text("a file where the folder should be")
    assert "fitted" in refused("fit", "lab")
    assert "a file where" in (here / "lab" / "fitted").read_text()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_said(here):
    folder = write_folder(here / "lab")
    folder.chmod(0o555)
    assert "name a folder that you may write to" in refused("fit", "lab")


def test_a_folder_called_as_a_paper_is_not_fitted(here):
    write_folder(here / "Luo2021")
    assert "rename the folder" in refused("fit", "./Luo2021/mine.toml")


def test_a_broken_fit_is_said(here):
    folder = write_folder(here / "lab")
    (folder / "fitted").mkdir()
    for name, content in (("lab.toml", "fitted = 3"), ("lab_draws.nc", "no netCDF")):
        (folder / "fitted" / name).write_text(content)
    for words in (
        ("forecast", "lab/mine.toml"),
        ("validate", "lab"),
        ("run", "lab/mine.toml", "Rest for 1 s"),
    ):
        assert "lab.toml is not a fitted set" in refused(*words)


@pytest.mark.parametrize("way", ["lab/", "./lab", "../here/lab", "link", "absolute"])
def test_every_way_to_the_folder_is_the_same(here, monkeypatch, way):
    here = here / "here"
    folder = write_folder(here / "lab")
    (here / "link").symlink_to("lab")
    monkeypatch.chdir(here)
    way = folder if way == "absolute" else way
    table = json.loads(run("validate", way, "--draws", "2", "--json"))
    assert {row["paper"] for row in table} == {"lab"}
    cell = Path(way) / "mine.toml"
    assert json.loads(run("run", cell, "Rest for 1 hour", "--json"))["fitted"] == "Chang2023"
    shutil.rmtree(folder)
