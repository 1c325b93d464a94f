"""Which earlier fits are priors: the file that says so, and what is wrong in it."""

import pytest

from twin.errors import ObservationError
from twin.measured.folder import shipped_experiments
from twin.measured.priors import read_earlier_fits


def test_every_shipped_fit_is_one_where_no_file_says_otherwise(tmp_path):
    assert read_earlier_fits(tmp_path) == tuple(shipped_experiments())


@pytest.mark.parametrize("named", [[], ["Luo2021"], ["Luo2021", "Chang2023"]])
def test_a_file_names_them(tmp_path, named):
    (tmp_path / "priors.toml").write_text(f"fits = {named!r}")
    assert read_earlier_fits(tmp_path) == tuple(named)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no 'fits'"),
        ('fits = "Chang2023"', "needs a list of words under 'fits'"),
        ('fits = ["Chang2022"]', "line 1: .*did you mean 'Chang2023'"),
        ("fits = []\nfit = 1", "has an entry too many: 'fit'.*did you mean 'fits'"),
        ("fits = [", "not readable as TOML"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(tmp_path, text, message):
    (tmp_path / "priors.toml").write_text(text)
    with pytest.raises(ObservationError, match=message):
        read_earlier_fits(tmp_path)
