"""Tables with one row a cycle."""

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError


def read(tmp_path, text, **said):
    (tmp_path / "cycles.csv").write_text(text)
    return twin.read_measurements(tmp_path / "cycles.csv", **said)


def test_capacities_energies_and_efficiencies_are_those_of_a_run(tmp_path):
    text = (
        "Cycle Index,Chg. Cap.(mAh),DChg. Cap.(mAh),Chg. Energy(mWh),DChg. Energy(mWh)\n"
        "1,2,1.9,8,7\n2,1.9,1.8,7.6,6.8\n"
    )
    data = read(tmp_path, text)
    np.testing.assert_allclose(data["charge_capacity"], [2e-3, 1.9e-3])
    np.testing.assert_allclose(data["coulombic_efficiency"], [0.95, 1.8 / 1.9])
    np.testing.assert_allclose(data["discharge_energy"], [7e-3, 6.8e-3])
    np.testing.assert_allclose(data["capacity_retention"], [1, 1.8 / 1.9])
    assert data["discharge_capacity"].attrs["units"] == "A.h"


def test_energies_without_a_unit_are_left_out_and_said(tmp_path):
    data = read(tmp_path, "cycle,capacity_mAh,discharge energy\n1,2,8\n")
    assert "discharge_energy" not in data
    assert "'discharge energy' has no unit and is left out." in data["notes"].item()


@pytest.mark.parametrize(
    ("header", "values", "said"),
    [("CE (%)", (99, 98), False), ("CE", (99, 98), True), ("CE", (0.99, 0.98), False)],
)
def test_efficiencies_in_percent_are_shares(header, values, said, tmp_path):
    data = read(tmp_path, f"cycle,{header}\n1,{values[0]}\n2,{values[1]}\n")
    np.testing.assert_allclose(data["coulombic_efficiency"], [0.99, 0.98])
    assert ("is read in percent" in data["notes"].item()) == said


def test_rows_in_any_order_are_cycles_in_theirs(tmp_path):
    data = read(tmp_path, "cycle,capacity_mAh\n3,1\n0,2\nx,7\n1,\n")
    assert data["cycle"].values.tolist() == [1, 2, 4]
    np.testing.assert_allclose(data["discharge_capacity"], [2e-3, np.nan, 1e-3])
    for word in (
        "counts cycles from 0",
        "Rows without a whole number of a cycle, left out: 1.",
        "is read as the discharge capacity",
    ):
        assert word in data["notes"].item()
    np.testing.assert_allclose(data["capacity_retention"], [1, np.nan, 0.5])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cycle,capacity_mAh\n1,1\n2,1\n1,2\n", "cycle 1 stands twice"),
        ("cycle,capacity_mAh\n", "has a header and no rows"),
        ("cycle,capacity_mAh\nx,1\n", "no row has the number of a cycle"),
        (
            "cycle,capacity\n1,1\n",
            "'capacity' has no unit.*up to 1 mAh, or up to 1 mAh/g; say which: capacity_unit",
        ),
    ],
)
def test_a_wrong_table_is_answered(text, message, tmp_path):
    with pytest.raises(MeasurementError, match=message):
        read(tmp_path, text)


def test_terms_of_the_battery_data_format_for_a_cycle_are_its_capacities(tmp_path):
    text = (
        "cycle_count,cycle_charging_capacity_ah,cycle_discharging_capacity_ah,schedule_charging_capacity_ah\n"
        "1,2e-3,1.9e-3,7\n2,1.9e-3,1.8e-3,8\n"
    )
    data = read(tmp_path, text)
    np.testing.assert_allclose(data["charge_capacity"], [2e-3, 1.9e-3])
    np.testing.assert_allclose(data["discharge_capacity"], [1.9e-3, 1.8e-3])
