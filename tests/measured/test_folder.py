"""Where an experiment lies: a shipped name or a path."""

import pytest

from twin.errors import ObservationError
from twin.measured.folder import folder_of, shipped_experiments


def test_shipped_experiments_are_the_four_papers():
    assert shipped_experiments() == ["Chang2023", "Duan2023", "Liu2018", "Luo2021"]


def test_name_of_a_shipped_one_is_taken_before_a_folder_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Chang2023").mkdir()
    (tmp_path / "Chang2023" / "rows.csv").write_text("")
    assert (folder_of("Chang2023") / "protocols.toml").is_file()
    assert folder_of("./Chang2023").resolve() == tmp_path / "Chang2023"


@pytest.mark.parametrize("what", ["Chang2022", "no/such/folder", "", None, 3, "x" * 5000, "a\0b"])
def test_what_is_neither_is_refused(what):
    with pytest.raises(ObservationError, match=r"no measured rows|holds no rows.csv"):
        folder_of(what)


def test_folder_without_rows_is_refused(tmp_path):
    with pytest.raises(ObservationError, match=r"holds no rows.csv"):
        folder_of(tmp_path)
