"""States of followed cells on disk: written whole, read back as they were, and never changed."""

import numpy as np
import pytest
from following_cell import CELL

import twin
from twin import files
from twin.errors import DatasetError, FittedSetError, OutputError
from twin.fitting.draws import load_draws
from twin.following.evidence import Observed
from twin.following.followed import Followed, Update
from twin.following.kept import folder_of_states, keep, read_state, states_in
from twin.following.particles import Particles
from twin.following.this_cell import this_cell
from twin.measured.curves import Curve
from twin.measured.spread import ASSUMED
from twin.parameter_sets import load_cell


@pytest.fixture(scope="module")
def cell():
    return load_cell(CELL)


@pytest.fixture(scope="module")
def draws(cell):
    return load_draws(cell)


@pytest.fixture
def state(cell, draws):
    """A state that no run was made for."""
    generator = np.random.default_rng(0)
    prior = this_cell(cell, draws)
    curve = Curve(
        "discharge_capacity", np.array([1, 2, 5]), np.array([3e-3, 2.9e-3, 2.8e-3]),
        ASSUMED["discharge_capacity"],
    )  # fmt: skip
    count = len(set((*prior.fitted, *prior.unseen, *prior.deviations)))
    made = [
        Update(
            cycles, None, 7.5, 1, 2, 0.5, 3.0, alarms,
            {
                "capacity_retention": np.array([0.8, 0.9, 0.95]),
                "short_circuit_onset_cycle": np.array([100.0, 200.0, np.inf]),
                "short_circuit_probability": np.array([0.1, 0.2, 0.3]),
            },
            generator.random((count, 3)),
        )
        for cycles, alarms in ((0, ()), (5, ("one: thing", "and another")))
    ]  # fmt: skip
    return Followed(
        prior=prior,
        draws=draws,
        protocol=twin.Protocol(["Charge at 1C until 3.68 V", "Discharge at 1C until 2.1 V"]),
        observed=Observed((curve,), 5),
        particles=Particles(prior.sample(30, generator), generator.normal(size=30)),
        updates=tuple(made),
        horizon=800,
        seed=3,
    )


def test_a_state_is_read_back_as_it_was(state, cell, draws, tmp_path):
    back = read_state(keep(state, tmp_path), cell, draws, ASSUMED)
    assert np.array_equal(back.particles.points, state.particles.points)
    assert np.array_equal(back.particles.log_weights, state.particles.log_weights)
    assert back.history.identical(state.history)
    assert back.alarms == ("one: thing", "and another")
    assert back.protocol.block == state.protocol.block
    assert (back.observed.cycles, back.observed.onset) == (5, None)
    assert back.observed.curves[0].cycles.tolist() == [1, 2, 5]
    assert (back.horizon, back.seed) == (800, 3)


def test_each_state_is_another_file_and_the_last_one_counts(state, tmp_path):
    written = [keep(state, tmp_path) for _ in range(3)]
    assert [path.name for path in written] == ["state_0001.nc", "state_0002.nc", "state_0003.nc"]
    written[1].unlink()
    assert states_in(tmp_path) == [written[0], written[2]]
    assert keep(state, tmp_path).name == "state_0004.nc"


def test_an_update_that_is_stopped_while_it_is_written_leaves_what_was_there(
    state, cell, draws, tmp_path, monkeypatch
):
    first = keep(state, tmp_path)
    before = first.read_bytes()

    def half_written(data, path, **options):
        path.write_bytes(before[: len(before) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr("xarray.DataTree.to_netcdf", half_written)
    with pytest.raises(KeyboardInterrupt):
        keep(state, tmp_path)
    assert states_in(tmp_path) == [first]
    assert first.read_bytes() == before
    assert read_state(first, cell, draws, ASSUMED).observed.cycles == 5


def test_no_place_to_write_to_is_said(state, tmp_path):
    (tmp_path / "followed").write_text("a file")
    with pytest.raises(OutputError):
        keep(state, tmp_path / "followed")


def test_a_foreign_or_damaged_file_is_no_state(cell, draws, state, tmp_path):
    foreign = files.save(twin.simulate(cell, state.protocol), tmp_path / "state_0001.nc")
    with pytest.raises(DatasetError, match="no state of a followed cell"):
        read_state(foreign, cell, draws, ASSUMED)
    foreign.write_bytes(b"\x00" * 100)
    with pytest.raises(DatasetError, match="cannot read"):
        read_state(foreign, cell, draws, ASSUMED)


def test_a_state_belongs_to_its_cell_and_its_fit(state, cell, draws, tmp_path):
    path = keep(state, tmp_path)
    changed = cell.replace({"Cathode utilisation": 0.5})
    with pytest.raises(FittedSetError, match="--anew"):
        read_state(path, changed, draws, ASSUMED)
    refitted = draws.isel(draw=slice(0, 500))
    with pytest.raises(FittedSetError, match=r"fitted\s+anew"):
        read_state(path, cell, refitted, ASSUMED)


def test_specimens_whose_names_no_folder_can_have_are_told_apart(tmp_path):
    names = ["cell 07", "cell/07", "cell_07", "../cell", "Zelle ä"]
    folders = {folder_of_states(tmp_path, name) for name in names}
    assert len(folders) == len(names)
    assert all(folder.parent == tmp_path / "followed" for folder in folders)
