"""The tab of one's own files, without a browser: read, expected, updated, and what it refuses."""

import time

import numpy as np
import pandas as pd
import pytest
from following_cell import CELL, measured

import twin
from twin.fitting.draws import load_draws
from twin.following.this_cell import this_cell
from twin.parameter_sets import load_cell
from twin.studio import own_data
from twin.studio.data_tab import DataTab
from twin.studio.knobs import CYCLES
from twin.studio.view import View

PATIENCE = 120
"""Seconds for an answer on a busy machine."""
VIEW = View(CELL).turn(CYCLES, 200)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Forty cycles of a cell of the family, one row each."""
    cell = load_cell(CELL)
    prior = this_cell(cell, load_draws(cell))
    truth = prior.versions(prior.sample(1, np.random.default_rng(4)))[0]
    data = measured(twin.simulate(truth, VIEW.protocol.first(40)), np.random.default_rng(4))
    columns = {
        "Cycle": data["cycle"].values,
        "Discharge Capacity (mAh)": 1e3 * data["discharge_capacity"].values,
        "Charge Capacity (mAh)": 1e3
        * data["discharge_capacity"].values
        / data["coulombic_efficiency"].values,
    }
    path = tmp_path_factory.mktemp("files") / "cell_07.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def small():
    """Fewer particles and cycles than the page takes: the tests ask what it does, not how well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_data, "CYCLES", 100)
        patch.setattr(own_data, "DRAWS", 10)
        patch.setattr(own_data, "PARTICLES", 30)
        yield


@pytest.fixture
def tab(small):
    made = DataTab(lambda: VIEW, lambda call: call(), go_through=lambda own: None)
    yield made
    made.close()


def wait(ready):
    for _ in range(10 * PATIENCE):
        if ready():
            return
        time.sleep(0.1)
    pytest.fail("no answer")


def test_a_file_is_read_held_beside_what_is_expected_and_taken_in(tab, table):
    assert tab.update.disabled
    tab.take(table)
    wait(lambda: len(tab.picture.before.data["x"]))
    assert "understood as" in tab.told.object
    assert len(tab.picture.measured.data["x"]) == 40
    assert not tab.update.disabled
    assert tab.use.disabled, "a table of cycles does not say its steps"
    tab.update.clicks += 1
    wait(lambda: tab.state is not None)
    assert tab.state.observed.cycles == 40
    assert "after cycle 40" in tab.changes.object
    now, before = (
        np.subtract(own.data["high"], own.data["low"])[30]
        for own in (tab.picture.now, tab.picture.before)
    )
    assert now < before, "forty cycles narrow what is expected of the thirtieth"
    assert tab.state_file.visible
    assert tab._netcdf().getvalue().startswith(b"\x89HDF")


def test_what_cannot_be_read_is_said_and_what_was_read_stays(tab, table, tmp_path):
    tab.take(table)
    wait(lambda: tab.own is not None)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    tab.take(wrong)
    wait(lambda: "wrong.csv" in tab.notice.object)
    assert tab.own.name == table.name


def test_a_spectrum_is_told_and_cannot_be_taken_in(tab, tmp_path):
    path = tmp_path / "eis.csv"
    frequencies = np.geomspace(1e5, 1.0, 20)
    pd.DataFrame(
        {
            "Frequency / Hz": frequencies,
            "Real Impedance / ohm": 50 + 100 / (1 + frequencies / 1e3),
            "Imaginary Impedance / ohm": -40 * np.ones(20),
        }
    ).to_csv(path, index=False)
    tab.take(path)
    wait(lambda: tab.own is not None)
    assert "frequencies" in tab.told.object
    assert tab.update.disabled
    with pytest.raises(twin.errors.DatasetError, match="holds a spectrum and no cycles"):
        own_data.updated(tab.own)
