"""Whatever a command may draw is refused where it exists already, before anything is computed."""

import made_up
import numpy as np
import pytest
from typer.testing import CliRunner

from twin import plots
from twin.cli import app
from twin.cli.pictures import picture_suffixes, save_pictures, study_suffixes

CELL = "Chang2023_LiAlO2_LGPS_LCO"
STUDY = f"""
cell = "{CELL}"
[protocol]
steps = ["Charge at {{current}} until 4.2 V", "Discharge at {{current}} until 2.6 V"]
[vary.current]
field = "current"
unit = "mA/cm2"
"""
WHAT_IF = STUDY + "values = [0.1, 0.2]\n"
SEARCH = STUDY + 'low = 0.1\nhigh = 0.2\n[[objective]]\nquantity = "charge_time"\n'
COMPUTING = (
    "twin.forecasting.forecast", "twin.studies.what_if.what_if", "twin.studies.search.search",
    "twin.validation.validate",
)  # fmt: skip


def studies():
    """What-if studies that among them have every kind of answer, and a search."""
    full = made_up.study()
    lasting = full.copy(deep=True)
    lasting["lifetime"] = 2 * full["short_circuit_onset_cycle"]
    symmetric = lasting.assign(cell_overpotential=2 * full["capacity_retention"])
    few_short = full.isel(thickness=[4, 5, 6], current=[2, 3, 4]).copy(deep=True)
    few_short["short_circuit_onset_cycle"][:] = np.nan
    few_short["short_circuit_onset_cycle"][1, 1, :3] = 700.0
    few_short["short_circuit"] = few_short["short_circuit_onset_cycle"].notnull().astype(float)
    energy = full.assign(energy_delivered=full["capacity_retention"] * full["current"])
    energy["current"].attrs["field"] = "current"
    return [full, lasting, symmetric, few_short, energy, made_up.search()]


def test_what_may_be_drawn_of_a_study_is_known_beforehand(tmp_path):
    names, files = set(), set()
    for number, study in enumerate(studies()):
        figures = plots.study_figures(study)
        names |= set(figures)
        stem = tmp_path / f"mine{number}"
        written = save_pictures(figures, stem)
        files |= {path.name.removeprefix(stem.name) for path in written}
    assert names == set(plots.STUDY_PICTURES)
    assert files == set(study_suffixes())


def written_by(command: str) -> list[str]:
    """Every file that a command may write into its folder."""
    pictures = {
        "forecast": [f"{CELL}_forecast{suffix}" for suffix in picture_suffixes()],
        "validate": [
            f"{name}{suffix}"
            for name in ("validation", "predicted_against_measured")
            for suffix in picture_suffixes()
        ],
    }
    data = {"forecast": [f"{CELL}_forecast.nc"], "validate": ["validation.csv"]}
    studies = [f"mine{suffix}" for suffix in study_suffixes()]
    return data.get(command, ["mine.nc"]) + pictures.get(command, studies)


ARGUMENTS = {
    "forecast": ["forecast", CELL, "--plot"],
    "what-if": ["what-if", "mine.toml", "--plot"],
    "search": ["search", "mine.toml", "--plot"],
    "validate": ["validate"],
}


@pytest.mark.parametrize(("command", "name"), [(c, name) for c in ARGUMENTS for name in written_by(c)])
def test_no_file_is_replaced_unasked(command, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(SEARCH if command == "search" else WHAT_IF)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("drawn before")
    for function in COMPUTING:
        monkeypatch.setattr(function, lambda *_, **__: pytest.fail("it computes"))
    done = CliRunner().invoke(app, [*ARGUMENTS[command], "--out", "out"])
    assert done.exit_code == 1, done.output
    assert f"{name} exists already; --overwrite replaces it" in done.stderr
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {
        name: "drawn before"
    }


def test_a_study_told_nothing_takes_a_name_whose_pictures_are_free(tmp_path, monkeypatch):
    from twin.cli.outputs import output_stem

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_energy_delivered.svg").write_text("drawn before")
    assert output_stem(None, "mine", study_suffixes(), overwrite=False).name == "mine_2"
    assert output_stem(None, "mine", study_suffixes(), overwrite=True).name == "mine"
