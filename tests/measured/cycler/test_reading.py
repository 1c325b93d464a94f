"""A file of a cycler and the run that it might have been written from say the same."""

import json

import numpy as np
import pytest
from measured.cycler.written import run_of, series_of, written

import twin
from twin.errors import ArgumentError, MeasurementError
from twin.measured.cycler.reading import protocol_of

CASES = {
    "full": (
        "Chang2023_LiAlO2_LGPS_LCO",
        twin.Protocol(
            ["Charge at 0.5C until 4.2 V", "Hold at 4.2 V until C/20", "Rest for 10 minutes",
             "Discharge at 0.5C until 2.6 V"], cycles=3,
        ),
    ),
    "symmetric": (
        "Chang2023_Li_LGPS_symmetric",
        twin.Protocol(
            ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"], cycles=3,
        ),
    ),
}  # fmt: skip
OF_BOTH = ("discharge_capacity", "charge_capacity", "coulombic_efficiency", "time", "charge_time",
           "areal_charge_passed", "capacity_retention")  # fmt: skip
OF_FULL = ("energy_efficiency", "mean_charge_voltage", "mean_discharge_voltage", "discharge_energy",
           "charge_energy", "specific_discharge_capacity", "areal_discharge_capacity")  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def recorded(request, tmp_path_factory):
    """Kind, cell, protocol, run, and the file of what a cycler would have recorded."""
    name, protocol = CASES[request.param]
    cell = twin.load_cell(name)
    table = series_of(cell, protocol)
    return request.param, cell, protocol, run_of(cell, protocol), table, tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "by the turns of the current"])
def test_a_run_that_is_written_is_read_back(recorded, numbered):
    kind, cell, protocol, run, table, folder = recorded
    columns = table.columns if numbered else ["Test Time / s", "Voltage / V", "Current / A"]
    data = twin.read_measurements(written(table[columns], folder / "own.bdf.csv"), cell=cell)
    for name in (*OF_BOTH, *(OF_FULL if kind == "full" else ("cell_overpotential",))):
        # the solver's points are parted by straight lines: its own tolerance is 1e-4 of a held voltage
        np.testing.assert_allclose(data[name], run[name], rtol=5e-4, err_msg=name)
        assert data[name].attrs == run[name].attrs
    recovered = protocol_of(data, cell)
    assert recovered.block * recovered.cycles == protocol.block * protocol.cycles
    assert twin.simulate(cell, recovered)["outcome"] == run["outcome"]
    assert np.isnan(data["short_circuit_onset_cycle"])


def test_resistance_at_the_start_is_that_of_the_separator(recorded):
    """The solver's first point lies before any interface has charged its capacity."""
    _, cell, _, run, table, folder = recorded
    data = twin.read_measurements(written(table, folder / "jump.bdf.csv"), cell=cell)
    separator = float(run["resistance"].sel(mechanism="separator")[0]) / cell.area
    read = data["half_cycle_resistance"].values
    # in a second the interfaces have charged to some per cent
    assert read[np.isfinite(read)] == pytest.approx(separator, rel=0.05)


def test_sign_of_the_current_is_turned_once_and_said(recorded):
    *_, table, folder = recorded
    data = twin.read_measurements(written(table, folder / "sign.bdf.csv"))
    said = table["Current / A"].to_numpy()
    np.testing.assert_allclose(data["series_current"], -said)
    assert (
        data.attrs["current_sign"]
        == "positive charges, as the format says; turned round once on reading"
    )
    assert json.loads(data.attrs["units"])["current"] == "A, from the header"
    mirrored = table.assign(**{"Current / A": -said}).rename(columns={"Test Time / s": "Time [s]"})
    other = twin.read_measurements(written(mirrored, folder / "mirrored.csv"))
    np.testing.assert_allclose(other["discharge_capacity"], data["discharge_capacity"])
    assert other.attrs["current_sign"] == "positive discharges, as it lowers the voltage"


def test_milliamperes_without_a_unit_are_asked_for(recorded):
    *_, table, folder = recorded
    plain = table.rename(columns={"Current / A": "Current"}).assign(Current=table["Current / A"] * 1e3)
    path = written(plain, folder / "plain.csv")
    with pytest.raises(
        MeasurementError, match=r"up to [\d.]+ mA, or up to [\d.]+ A; say which: current_unit"
    ):
        twin.read_measurements(path)
    data = twin.read_measurements(path, current_unit="mA")
    native = twin.read_measurements(written(table, folder / "native.bdf.csv"))
    np.testing.assert_allclose(data["charge_capacity"], native["charge_capacity"])


def test_milliamperes_that_are_called_amperes_are_said(recorded):
    _, cell, _, _, table, folder = recorded
    path = written(table.assign(**{"Current / A": table["Current / A"] * 1e3}), folder / "wrong.bdf.csv")
    assert "mA/cm2" in (notes := twin.read_measurements(path, cell=cell)["notes"].item())
    assert "is it in mA?" in notes
    right = twin.read_measurements(written(table, folder / "right.bdf.csv"), cell=cell)
    assert "mA?" not in right["notes"].item()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "current", "cycles"),
    [("Chang2023_Li_LGPS_symmetric", "1 mA/cm2", 5), ("Duan2023_Li_LPSCl_symmetric", "0.5 mA/cm2", 14)],
)
def test_a_short_is_found_in_the_cycle_in_which_the_twin_has_it(name, current, cycles, tmp_path):
    """One hard short after a sound cycle, and one soft one after nine."""
    cell = twin.load_cell(name)
    steps = [f"{way} at {current} for 1 hour" for way in ("Discharge", "Charge")]
    protocol = twin.Protocol(steps, cycles=cycles)
    run = run_of(cell, protocol)
    data = twin.read_measurements(
        written(series_of(cell, protocol), tmp_path / "short.bdf.csv"), cell=cell
    )
    assert np.isfinite(run["short_circuit_onset_cycle"])
    assert data["short_circuit_onset_cycle"] == run["short_circuit_onset_cycle"]
    np.testing.assert_allclose(
        data["short_circuit_onset_time"], run["short_circuit_onset_time"], rtol=1e-6
    )


def test_a_path_and_a_cell_are_asked_for(tmp_path):
    with pytest.raises(ArgumentError, match="path of a file must be a text or a path, not 7"):
        twin.read_measurements(7)
    path = written(
        __import__("pandas").DataFrame({"cycle": [1], "capacity_mAh": [1]}), tmp_path / "a.csv"
    )
    with pytest.raises(ArgumentError, match="cell must be a Cell, not 'x'"):
        twin.read_measurements(path, cell="x")
