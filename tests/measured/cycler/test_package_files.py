"""Files that come in packages of the field: ageing, spectra and pulses."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError


def file_of(package: str, *parts: str) -> Path:
    """A file of an installed package, which is not imported: some take long."""
    spec = find_spec(package)
    assert spec is not None, f"{package} is part of the extra 'test'"
    return Path(spec.origin).parent.joinpath(*parts)


def test_spectrum_of_ionworks_is_an_arc_and_a_tail():
    data = twin.read_measurements(
        file_of("ionworks_schema", "_example_data", "eis_synthetic.csv"), area="1 cm2"
    )
    assert data.sizes["frequency"] == 51
    assert data["impedance_real"].attrs["units"] == "Ohm m2"
    assert (data["impedance_imag"] < 0).all()
    assert data["high_frequency_resistance"] < data["total_resistance"] < 0.02


def test_discharge_of_ionworks_discharges():
    path = file_of("ionworks_schema", "_example_data", "current_driven_discharge.csv")
    data = twin.read_measurements(path)
    assert data.attrs["current_sign"] == "positive discharges, as it lowers the voltage"
    assert data.attrs["protocol"] == '[["Discharge at 2.5 A until 2.5 V"]]'
    # 2.5 A over the time in the file
    assert data["discharge_capacity"].item() == pytest.approx(2.5 * data["time"].item(), rel=1e-6)


def test_ageing_table_of_ionworks_without_capacities_says_what_is_missing():
    path = file_of("ionworks_schema", "_example_data", "cycle_ageing_summary.csv")
    with pytest.raises(MeasurementError, match=r"cycle and capacities.*'Cycle number,LLI \[%\]'"):
        twin.read_measurements(path)


def test_gitt_of_a_million_points_is_pulses_and_rests():
    path = file_of("ampworks", "datasets", "resources", "gitt", "gitt_discharge.csv")
    data = twin.read_measurements(path)
    assert data.attrs["points"] == 984_949
    directions = data["step_direction"].values.tolist()
    assert directions[:4] == ["rest", "discharge", "rest", "discharge"]
    assert directions.count("discharge") == 121
    resistance = data["half_cycle_resistance"].sel(half_cycle="discharge").item()
    assert 0 < resistance < 1000
    assert np.isnan(data["half_cycle_resistance"].sel(half_cycle="charge").item())


def test_pulses_of_ampworks_are_cycles_by_the_turns_of_the_current():
    path = file_of("ampworks", "datasets", "resources", "hppc", "hppc_discharge.csv")
    data = twin.read_measurements(path)
    assert data.sizes["cycle"] == 10
    assert "cycle number never changes" in data["notes"].item()
