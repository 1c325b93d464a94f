"""`twin forecast`: what its table and its JSON say of a known forecast."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import twin
from twin import forecasting
from twin.cli import app
from twin.counterpart import counterpart

CELL = "Chang2023_LiAlO2_LGPS_LCO"
STEPS = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]


@pytest.fixture
def known(monkeypatch, tmp_path):
    """Every forecast: 20 draws keep 91 to 110 % over 4 cycles; one in four shorts in cycle 3."""
    computed = twin.forecast(twin.load_cell(CELL), twin.Protocol(STEPS, cycles=4), draws=20, processes=1)
    share = np.linspace(0.91, 1.1, 20)[:, None] * np.ones(4)
    share[:5, 3] = np.nan
    computed["capacity_retention"][:] = share
    computed["short_circuit_onset_cycle"][:] = np.where(np.arange(20) < 5, 3.0, np.nan)
    computed["lifetime"][:] = np.where(np.arange(20) < 5, 5.0, np.nan)
    computed["outcome"] = ("draw", np.where(np.arange(20) < 5, "hard_short", "completed"))
    computed.attrs["effective_draws"] = 20.0

    def forecast(cell, protocol, **_):
        return computed.assign_attrs(twin.results.provenance.provenance(cell))

    monkeypatch.setattr(forecasting, "forecast", forecast)
    monkeypatch.chdir(tmp_path)


def told(*words) -> str:
    done = CliRunner().invoke(app, ["forecast", CELL, "--cycles", "4", "--draws", "20", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_table_tells_the_living_and_how_many_live(known):
    rows = {
        (cells := [cell.strip() for cell in line.split("│")[1:3]])[0]: cells[1]
        for line in told("--plot").splitlines()
        if line.startswith("│")
    }
    assert rows["cells alive: they deliver, without a short"] == "75 % (15 draws)"
    living = np.linspace(0.91, 1.1, 20)[5:]
    low, median, high = 100 * np.quantile(living, [0.05, 0.5, 0.95])
    assert rows["capacity retention of those"] == f"{median:.3g} % ({low:.3g} to {high:.3g} %)"
    assert rows["chance of a short by then"] == "25 % (12.2 to 42.9 %)"  # Jeffreys, 5 of 20
    assert rows["first cycle with a short"] == "never in most draws; 5 % by 3"
    assert rows["worst that happened, in draws"] == "15 completed and 5 hard short"


def test_json_keeps_its_keys_and_adds_the_interval_of_the_chance(known):
    answer = json.loads(told("--json"))
    assert answer["usable_draws"] == 20
    assert answer["chance_of_short_within_4_percent"] == 25
    low, share, high = answer["chance_of_short_within_4_interval_percent"]
    assert low < share == 25 < high
    assert answer["alive_at_4_percent"] == 75
    assert answer["retention_at_4_percent"] == sorted(answer["retention_at_4_percent"])
    assert answer["short_circuit_onset_cycle"] == [3, None, None]
    assert answer["outcomes"] == {"completed": 15, "hard_short": 5}
    assert {path.rpartition(".")[2] for path in answer["files"]} == {"nc", "png", "svg"}


def test_what_both_cells_have_is_changed_in_both():
    cell = twin.load_cell(CELL).replace({"Stack pressure [Pa]": 1e6, "Coating thickness [m]": 100e-9})
    bare = counterpart(cell)
    assert bare.name == "Chang2023_Li_LGPS_LCO"
    assert {key: entry.value for key, entry in bare.changes.items()} == {"Stack pressure [Pa]": 1e6}
