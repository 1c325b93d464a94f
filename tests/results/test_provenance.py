"""What a result says of the cell behind it, and what is read from it."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import DatasetError, ObservationError
from twin.files import load, save
from twin.protocols import Block, Protocol
from twin.protocols.drive_cycle import MOST_POINTS, drive_cycle
from twin.results.phrases import changes_in_words
from twin.results.provenance import cell_behind, changes_of, protocol_of, provenance, run_attributes

PROTOCOL = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]


@pytest.fixture(scope="module")
def cell():
    return twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")


def test_a_cell_as_loaded_has_no_changes(cell):
    assert provenance(cell)["changes"] == ""
    assert changes_of(provenance(cell)) == {}
    assert changes_in_words(provenance(cell)) == ""


def test_changes_are_kept_with_a_run_and_lead_back_to_the_cell(cell, tmp_path):
    thin = cell.replace({"Coating thickness [m]": 100e-9, "Stack pressure [Pa]": 1e6})
    save(twin.simulate(thin, twin.Protocol(PROTOCOL)), tmp_path / "run.nc")
    kept = load(tmp_path / "run.nc").attrs
    assert changes_of(kept)["Coating thickness [m]"] == (100e-9, 200e-9)
    assert "coating thickness 100 nm, was 200 nm" in changes_in_words(kept)
    assert cell_behind(kept, None).values == thin.values


def test_draws_and_the_start_of_a_run_are_no_changes(cell):
    forecast = twin.forecast(cell, twin.Protocol(PROTOCOL), draws=2, processes=1)
    assert forecast.attrs["changes"] == ""
    source = forecast["parameter_source"].sel(parameter="cathodes/LCO: Cathode utilisation").item()
    assert source.startswith("fitted: Chang2023; prior: starting point: C20, C40")


@pytest.mark.parametrize("written", ["[1, 2]", "{", '{"a": 1}', '{"a": ["x", "y"]}'])
def test_a_foreign_attribute_is_refused(written):
    with pytest.raises(ObservationError, match="cannot read what was changed"):
        changes_of({"changes": written})


BLOCKS = [
    Block("formation", ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"], cycles=2),
    Block("ageing", PROTOCOL, cycles=3, temperature="45 oC", pressure="5 MPa"),
    Block("field", [PROTOCOL[0], drive_cycle([0, 60, 120], [0.1, 0.3, 0.1], "mA", name="drive")]),
    Block("hills", [PROTOCOL[0], drive_cycle([0, 60, 120], [0.1, 0.2, 0.1], "mA", name="drive")]),
]


@pytest.mark.parametrize(
    "protocol",
    [
        Protocol(PROTOCOL, cycles=3),
        Protocol([(*PROTOCOL, "Rest for 1 hour at 60 oC"), PROTOCOL], cycles=2),
        Protocol(BLOCKS, cycles=2),
    ],
)
def test_a_run_knows_its_protocol(cell, protocol, tmp_path):
    """Two drive cycles of one name stay two; names, temperatures and pressures of blocks are kept."""
    run = xr.Dataset({"time": ("cycle", [1.0])}, attrs=run_attributes(protocol, "reference"))
    kept = protocol_of(load(save(run, tmp_path / "run.nc")))
    assert (kept.block, kept.cycles) == (protocol.block, protocol.cycles)
    assert [cycle.texts for cycle in kept.block] == [cycle.texts for cycle in protocol.block]


def test_a_long_drive_cycle_is_kept_whole(tmp_path):
    time = np.arange(MOST_POINTS)
    protocol = Protocol([drive_cycle(time, 1e-3 * np.sin(0.1 * time), "A")])
    run = xr.Dataset(attrs=run_attributes(protocol, "reference"))
    assert protocol_of(load(save(run, tmp_path / "run.nc"))).block == protocol.block


@pytest.mark.parametrize("written", ['{"blocks": [[9e9, "a", 1, 2]]}', '{"driven": [[0, 0, 0]]}', "[]"])
def test_foreign_settings_are_refused(written):
    attributes = run_attributes(Protocol(PROTOCOL), "reference") | {"protocol_settings": written}
    with pytest.raises(DatasetError, match="cannot read what the cell went through"):
        protocol_of(xr.Dataset(attrs=attributes))
