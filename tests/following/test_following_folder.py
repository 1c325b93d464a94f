"""A folder whose cells are followed: which files count, what is kept, and what changes nothing."""

import numpy as np
import pytest
import tomli_w
from following_cell import CELL, measured
from measured.folders import copy_of

import twin
from twin.errors import DatasetError, FittedSetError, ObservationError, TwinError
from twin.fitting.draws import load_draws
from twin.following.folder import followed_files, update_file
from twin.following.kept import states_in
from twin.following.this_cell import this_cell
from twin.measured.experiment import read_experiment
from twin.parameter_sets import load_cell

WORDS = next(iter(read_experiment("Luo2021").protocols))
SMALL = {"particles": 40, "horizon": 60, "processes": 1}


@pytest.fixture(scope="module")
def data():
    """120 cycles of a cell of the family."""
    cell = load_cell(CELL)
    prior = this_cell(cell, load_draws(cell))
    truth = prior.versions(prior.sample(1, np.random.default_rng(4)))[0]
    protocol = twin.Protocol(read_experiment("Luo2021").protocols[WORDS].protocol.block, 120)
    return measured(twin.simulate(truth, protocol), np.random.default_rng(4))


def write(folder, data, cycles, name="cell_07.csv"):
    """A table as a cycler exports it, of the first cycles."""
    lines = ["Cycle,Discharge Capacity (mAh),Charge Capacity (mAh)"]
    for own in range(cycles):
        delivered = 1e3 * float(data["discharge_capacity"][own])
        taken = delivered / float(data["coulombic_efficiency"][own])
        lines.append(f"{own + 1},{delivered:.7f},{taken:.7f}")
    path = folder / "files" / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(data, tmp_path):
    """A folder of one's own with a followed cell of which 20 cycles are there, and a fitted one."""
    folder = copy_of("Luo2021", tmp_path)
    (folder / "files").mkdir()
    write(folder, data, 20)
    write(folder, data, 20, "cell_01.csv")
    table = {"cell": CELL, "protocol": WORDS, "specimen": "cell 07", "role": "follow"}
    content = {
        "files/cell_07.csv": table,
        "files/cell_01.csv": table | {"specimen": "cell 01", "role": "fit"},
    }
    (folder / "measurements.toml").write_text(tomli_w.dumps(content), encoding="utf-8")
    return folder


def taken(folder, **options):
    experiment = read_experiment(folder)
    (measurement,) = followed_files(experiment)
    return update_file(experiment, measurement, **SMALL, **options)


def test_each_update_goes_on_from_the_last_state(folder, data):
    first = taken(folder)
    write(folder, data, 35)
    second = taken(folder)
    assert (first.new_cycles, second.new_cycles) == (20, 15)
    assert second.state.updates[:-1] == first.state.updates or second.state.history.isel(
        update=slice(0, -1)
    ).identical(first.state.history)
    assert second.state.history["measured_cycles"].values.tolist() == [0, 20, 35]
    assert states_in(second.file.parent) == [first.file, second.file]


def test_without_new_cycles_no_state_is_written(folder):
    first = taken(folder)
    again = taken(folder)
    assert again.new_cycles == 0
    assert states_in(first.file.parent) == [first.file]


def test_anew_starts_from_the_family_and_keeps_what_was_there(folder, data):
    first = taken(folder)
    write(folder, data, 35)
    anew = taken(folder, anew=True)
    assert anew.state.history["measured_cycles"].values.tolist() == [0, 35]
    assert states_in(anew.file.parent) == [first.file, anew.file]


@pytest.mark.parametrize(
    "content",
    ["", "\x00\x01\x02" * 50, "Cycle,Discharge Capacity (mAh)\n", "Cycle,Bananas\n1,2\n"],
    ids=["empty", "binary", "no cycle", "no capacity"],
)
def test_a_file_that_cannot_be_read_changes_nothing(folder, data, content):
    first = taken(folder)
    before = first.file.read_bytes()
    (folder / "files" / "cell_07.csv").write_text(content, encoding="utf-8")
    with pytest.raises(TwinError):
        taken(folder)
    assert states_in(first.file.parent) == [first.file]
    assert first.file.read_bytes() == before
    write(folder, data, 30)
    assert taken(folder).new_cycles == 10


def test_half_of_a_file_changes_nothing(folder, data):
    first = taken(folder)
    write(folder, data, 10)
    with pytest.raises(DatasetError, match="end at cycle 10, and cycle 20 was taken in"):
        taken(folder)
    assert states_in(first.file.parent) == [first.file]


def test_a_file_of_the_fit_is_not_followed_too(folder):
    experiment = read_experiment(folder)
    assert [own.specimen for own in followed_files(experiment)] == ["cell 07"]
    with pytest.raises(ObservationError, match="would count twice"):
        followed_files(experiment, ["cell 01"])
    with pytest.raises(ObservationError, match="did you mean 'cell 07'"):
        followed_files(experiment, ["cel 07"])


def test_a_folder_in_which_nothing_is_followed_says_how_to(folder):
    text = (folder / "measurements.toml").read_text(encoding="utf-8")
    (folder / "measurements.toml").write_text(text.replace('"follow"', '"context"'), encoding="utf-8")
    with pytest.raises(ObservationError, match='has role = "follow"'):
        taken(folder)


def test_a_cell_that_nobody_fitted_cannot_be_followed(folder, monkeypatch):
    unfitted = load_cell(CELL, fitted=False)
    monkeypatch.setattr(
        "twin.measured.experiment.Experiment.fitted_cells", lambda self: {CELL: unfitted}
    )
    with pytest.raises(FittedSetError, match="fit"):
        taken(folder)
    assert not (folder / "followed").exists()
