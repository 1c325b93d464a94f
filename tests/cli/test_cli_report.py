"""`twin report`: a page of what another command has written."""

import json

import made_up
import made_up_fit
import pytest
from typer.testing import CliRunner

import twin
from twin.cli import app


def run(*words):
    return CliRunner().invoke(app, ["report", *map(str, words)])


@pytest.fixture
def fit(tmp_path):
    return twin.save(made_up_fit.fit(), tmp_path / "Toy_draws.nc")


def test_the_page_of_a_fit_and_its_pictures_stand_beside_each_other(fit, tmp_path):
    page = tmp_path / "answer.html"
    done = run(fit, "--out", page, "--plot", "--json")
    assert done.exit_code == 0, done.output
    names = [
        f"answer_{name}.{kind}" for name in ("parameters", "pairs", "rows") for kind in ("png", "svg")
    ]
    assert [path.rsplit("/", 1)[-1] for path in json.loads(done.stdout)["files"]] == [page.name, *names]
    assert all((tmp_path / name).is_file() for name in names)
    assert "What do the measured rows of Luo2021 say?" in page.read_text(encoding="utf-8")


def test_what_is_there_is_not_replaced_unasked(fit, tmp_path):
    page = tmp_path / "answer.html"
    page.write_text("precious")
    assert run(fit, "--out", page).exit_code == 1
    assert page.read_text() == "precious"
    assert run(fit, "--out", page, "--overwrite").exit_code == 0
    (tmp_path / "answer_rows.svg").write_text("precious")
    page.unlink()
    refused = run(fit, "--out", page, "--plot")
    assert refused.exit_code == 1
    assert "answer_rows.svg exists already" in refused.output
    assert not page.exists()


def test_a_shipped_fit_is_known_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("Luo2021")
    assert done.exit_code == 0, done.output
    assert "10 parameters" in (tmp_path / "Luo2021_draws.html").read_text(encoding="utf-8")


def test_a_study_has_its_page_and_no_pictures_of_a_fit(tmp_path):
    study = twin.save(made_up.study(), tmp_path / "study.nc")
    assert run(study, "--out", tmp_path / "study.html").exit_code == 0
    refused = run(study, "--out", tmp_path / "other.html", "--plot")
    assert refused.exit_code == 1
    assert "--plot saves the pictures of a fit" in refused.output


def test_what_is_no_file_is_said(tmp_path):
    refused = run(tmp_path / "none.nc", "--out", tmp_path / "page.html")
    assert refused.exit_code == 1
    assert "none.nc" in refused.output
