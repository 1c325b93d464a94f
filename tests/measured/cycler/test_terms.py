"""Which columns of a file are what."""

import pytest

from twin.errors import MeasurementError
from twin.measured.cycler.terms import (
    find_columns,
    is_battery_data_format,
    is_cycle_table,
    is_series,
    is_spectrum,
)

BDF = ("Test Time / s", "Voltage / V", "Current / A")
MACHINE = ("test_time_second", "current_ampere", "voltage_volt", "cycle_count", "step_count")
NEWARE = ("Cycle Index", "Step Type", "Time", "Total Time", "Current(A)", "Voltage(V)", "Date")
BIOLOGIC = (
    "mode",
    "ox/red",
    "time/s",
    "control/V/mA",
    "Ewe/V",
    "Ecell/V",
    "<I>/mA",
    "cycle number",
    "Ns",
)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        (BDF, {"time": 0, "voltage": 1, "current": 2}),
        (MACHINE, {"time": 0, "current": 1, "voltage": 2, "cycle": 3, "step": 4}),
        (NEWARE, {"cycle": 0, "state": 1, "time": 3, "current": 4, "voltage": 5, "date": 6}),
        (BIOLOGIC, {"time": 2, "voltage": 5, "current": 6, "cycle": 7, "step": 8}),
    ],
)
def test_columns_are_found_by_the_words_of_the_field(headers, told):
    columns = find_columns(headers)
    assert {name: column.place for name, column in columns.items()} == told
    assert is_series(columns)


def test_unit_of_another_kind_is_another_quantity():
    columns = find_columns(["t / s", "T / degC", "V / V", "I / A"])
    assert columns["time"].place == 0
    assert "temperature" not in columns  # a bare T may be anything


def test_date_in_milliseconds_is_no_date():
    columns = find_columns(["date_time_millisecond", "voltage_volt", "current_ampere"])
    assert columns["unix time"].place == 0
    assert "date" not in columns


def test_kinds_of_files_are_told_apart():
    assert is_cycle_table(find_columns(["cycle", "discharge_capacity_mAh_g"]))
    assert is_spectrum(find_columns(["freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm"]))
    assert not is_series(find_columns(["Capacity [A.h]", "Voltage [V]"]))
    assert not is_cycle_table(find_columns([*BDF, "Cycle Count / 1", "Discharging Capacity / Ah"]))


def test_two_columns_of_one_name_are_two_channels():
    with pytest.raises(MeasurementError, match=r"'Voltage / V' \(columns 2 and 4\): keep those of one"):
        find_columns([*BDF, "Voltage / V"])


def test_battery_data_format_is_known_by_its_required_columns():
    assert is_battery_data_format(BDF)
    assert is_battery_data_format(["\ufeffTest  Time / s", "VOLTAGE / V", "Current / A", "Other"])
    assert is_battery_data_format(MACHINE)
    assert not is_battery_data_format(["Time / s", "Voltage / V", "Current / A"])
