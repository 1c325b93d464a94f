"""A folder of one's own to start from: it loads, says what is missing, and harms nothing."""

import errno
import os
import re

import pytest

import twin
from twin.errors import ArgumentError, CellError, OutputError, ParameterError
from twin.fitting.problem import problem_of
from twin.measured.experiment import read_experiment
from twin.own_folder.folder import blanks
from twin.parameter_sets import cells

FILLED = {
    "Electrode area [m2]": 7.854e-5, "Cell capacity [A.h]": 5.7e-4, "Nominal cell capacity [A.h]": 3e-4,
    "Cathode active mass [kg]": 2.1e-6, "Upper voltage cut-off [V]": 4.2,
    "Lower voltage cut-off [V]": 2.6, "Cathode utilisation": 0.93, "Diffusion time constant [s]": 1000,
    "Cathode exchange current density [A.m-2]": 0.7, "Cathode double-layer capacitance [F.m-2]": 1,
    "Calendar fade rate [s-1]": 1e-8, "Thickness [m]": 5e-4, "Conductivity [S.m-1]": 0.3,
    "Pristine interface resistance [Ohm.m2]": 1e-3, "Interphase growth rate [m.s-1]": 1e-14,
    "Critical stripping current density [A.m-2]": 2,
    "Filament growth coefficient [m3.C-1]": 1e-10,
    "Filament initiation current density [A.m-2]": 1, "Lithium inventory [C.m-2]": 3.7e6,
    "open_circuit_voltage": "LCO",
}  # fmt: skip
"""What a laboratory might fill in; activation energies are all 30 kJ/mol."""


@pytest.fixture
def like(tmp_path):
    return twin.new_experiment(tmp_path / "lab", "Chang2023_LiAlO2_LGPS_LCO")


def texts(folder):
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.is_file()}


@pytest.mark.parametrize("name", cells())
def test_begun_from_a_shipped_cell_it_is_that_cell(name, tmp_path):
    folder = twin.new_experiment(tmp_path / "lab", name)
    assert blanks(folder) == ()
    own, shipped = twin.load_cell(folder / "cell.toml"), twin.load_cell(name)
    assert set(own.values) == set(shipped.values)
    assert own.laws == shipped.laws
    for key, entry in shipped.parameters.items():
        if entry.part != f"cells/{name}" or not entry.fitted_set:
            assert own.values[key] == pytest.approx(entry.value, rel=1e-12), key
        else:  # of the cell itself: the middle of its posterior is where a fit of this folder begins
            low, high = own.parameters[key].prior.search_range
            assert low < entry.value < high
    assert {cell.name for cell in read_experiment(folder).cells.values()} <= {"cell"}


def test_every_part_says_what_was_fitted_of_it_and_what_its_keys_mean(like):
    pair = texts(like)["Li_LGPS.toml"]
    assert re.search(
        r"# Chang2023 fitted [\d.e-]+ \([\d.e-]+ to [\d.e-]+\)\n#\[\"Interphase growth", pair
    )
    assert "mA/cm2" in pair
    assert 'fits = ["Chang2023"]' in texts(like)["priors.toml"]


def test_an_entry_that_is_uncommented_is_ones_own(like):
    path, key = like / "LGPS.toml", "Separator layer 1 thickness [m]"
    before, heading, entry = path.read_text().partition('#["Thickness [m]"]')
    path.write_text(before + re.sub("value = .*", "value = 1e-4", (heading + entry).replace("#", "")))
    assert twin.load_cell(like / "cell.toml").values[key] == 1e-4
    assert twin.load_cell("Chang2023_LiAlO2_LGPS_LCO").values[key] > 1e-3


def test_its_rows_begin_with_examples_that_are_not_read_until_they_are_uncommented(like):
    assert twin.read_rows(like) == ()
    path = like / "rows.csv"
    path.write_text(path.read_text().replace("# R", "R"))
    rows = twin.read_rows(like)
    assert [row.role for row in rows] == ["fit", "fit", "validate"]
    assert {run.cell for run in read_experiment(like).runs} == {"cell"}


def test_its_study_and_its_protocols_run(like):
    study = twin.load_study(like / "study.toml")
    assert study.cell.name == "cell"
    assert twin.what_if(study, draws=1)["capacity_retention"].notnull().all()


@pytest.mark.parametrize("kind", ["full", "symmetric"])
def test_an_empty_stack_says_file_and_line_of_what_must_be_filled_in(kind, tmp_path):
    folder = twin.new_experiment(tmp_path / "lab", kind=kind)
    missing = blanks(folder)
    for blank in missing:
        line = blank.file.read_text().splitlines()[blank.line - 1]
        assert line.endswith('"fill in"')
    assert "Electrode area [m2]" in {blank.key for blank in missing}
    with pytest.raises((CellError, ParameterError), match=r"fill in.*line \d+"):
        twin.load_cell(folder / "cell.toml")


@pytest.mark.parametrize("kind", ["full", "symmetric"])
def test_an_empty_stack_that_is_filled_in_runs(kind, tmp_path):
    folder = twin.new_experiment(tmp_path / "lab", kind=kind)
    for blank in blanks(folder):
        lines = blank.file.read_text().splitlines()
        value = FILLED.get(blank.key, 30000.0)
        said = f'"{value}"' if isinstance(value, str) else f"{value}"
        lines[blank.line - 1] = lines[blank.line - 1].replace('"fill in"', said)
        blank.file.write_text("\n".join(lines) + "\n")
    assert blanks(folder) == ()
    cell = twin.load_cell(folder / "cell.toml")
    steps = ["Charge at 0.1 mA/cm2 for 1 hour", "Discharge at 0.1 mA/cm2 for 30 minutes"]
    run = twin.simulate(cell, twin.Protocol(steps, cycles=2))
    assert run["outcome"].item() == "completed"


def test_a_folder_with_something_in_it_is_left_as_it_is(like):
    before = texts(like)
    with pytest.raises(OutputError, match="is not empty"):
        twin.new_experiment(like)
    assert texts(like) == before


def test_what_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("file", "loop"):
        with pytest.raises(OutputError, match=name):
            twin.new_experiment(tmp_path / name)
    with pytest.raises(OutputError):
        twin.new_experiment(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "Büro 7").mkdir()
    folder = twin.new_experiment(tmp_path / "Büro 7", "Luo2021_LiIn_LPSCl_NCM622")
    assert twin.load_cell(folder / "cell.toml").name == "cell"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("Chang2023_LiAlO2_LGPS_LC0", None), CellError, "Chang2023_LiAlO2_LGPS_LCO"),
        ((None, "ful"), ArgumentError, "full"),
        (("Luo2021_LiIn_LPSCl_NCM622", "full"), ArgumentError, "says itself which kind"),
    ],
)
def test_what_there_is_none_of_is_refused_before_anything_is_written(arguments, error, words, tmp_path):
    name, kind = arguments
    with pytest.raises(error, match=words):
        twin.new_experiment(tmp_path / "lab", name, kind=kind)
    assert not os.listdir(tmp_path)


def test_it_is_not_called_as_a_paper_that_ships(tmp_path):
    with pytest.raises(OutputError, match="take another name"):
        twin.new_experiment(tmp_path / "Chang2023")


@pytest.mark.parametrize("name", ["Chang2023_Li_LGPS_symmetric", "Luo2021_LiIn_LPSCl_NCM622"])
def test_its_examples_are_rows_of_a_fit_that_starts_from_the_shipped_one(tmp_path, name):
    folder = twin.new_experiment(tmp_path / "lab", name)
    path = folder / "rows.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n# R", "\nR"), encoding="utf-8")
    problem = problem_of(folder)
    assert [row.id for row in problem.experiment.rows] == ["R1", "R2", "R3"]
    assert {own.earlier for own in problem.searched} - {""} == set(problem.experiment.earlier_fits)


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path, monkeypatch):
    folder = tmp_path / "unser Büro"
    folder.mkdir()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", full)
        with pytest.raises(OutputError, match="the disk is full"):
            twin.new_experiment(folder)
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []
    assert twin.new_experiment(folder) == folder
