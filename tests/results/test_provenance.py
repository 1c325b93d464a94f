"""What a result says of the cell behind it, and what is read from it."""

import pytest

import twin
from twin.errors import ObservationError
from twin.files import load, save
from twin.results.phrases import changes_in_words
from twin.results.provenance import cell_behind, changes_of, provenance

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
