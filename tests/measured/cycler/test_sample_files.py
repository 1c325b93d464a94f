"""Files as cyclers and tools write them: how many cycles, points and steps are recognised in each.

They lie in a folder of their own, which is no part of the project: TWIN_SAMPLES names it, or it is
``samples`` beside the repository under ``shared``.
"""

import os
from pathlib import Path

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError
from twin.measured.cycler.formats import open_table
from twin.measured.cycler.raw_table import numbers

ROOT = Path(__file__).parents[3]
SAMPLES = Path(os.environ.get("TWIN_SAMPLES", ROOT.parent / "shared" / "samples"))

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the folder of sample files is not here; TWIN_SAMPLES names it"
)

MACCOR = {"current_unit": "mA"}
CELLPY = {"time_unit": "s", "current_unit": "mA"}
PYBOP = {"time_unit": "s", "current_unit": "A"}


@pytest.mark.parametrize(
    ("name", "said", "cycles", "points", "steps"),
    [
        ("sample.bdf.csv", {}, 1, 3, 1),
        ("legacy.bdf.parquet", {}, 3, 5000, 9),
        ("coin_cell_landt.bdf.csv", {}, 2, 25162, 4),
        ("filetype14.ndax", {}, 1, 67, 1),
        ("21_10_7_85.ndax", {}, 1, 141, 1),
        ("unit27.ndax", {}, 1, 301, 1),
        ("unit27_corrupt.ndax", {}, 1, 301, 1),  # its records are whole; what names its sensors is not
        ("arbin.csv", {}, 1, 13, 2),
        ("maccor.csv", MACCOR, 1, 15, 2),
        ("biologic_no_header.mpt", {}, 1, 13, 1),
        ("basytec.txt", {}, 1, 74, 3),
        ("truncated.csv", CELLPY, 1, 59, 1),
        ("nan_inf.csv", CELLPY, 1, 57, 1),
        ("missing_cycle.csv", CELLPY, 2, 40, 2),
        ("hppc_pulse.xlsx", PYBOP, 1, 403, 3),
    ],
)
def test_cycles_are_recognised(name, said, cycles, points, steps):
    data = twin.read_measurements(SAMPLES / name, **said)
    assert (data.sizes["cycle"], data.attrs["points"], data.sizes["step"]) == (cycles, points, steps)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("empty.ndax", "has a header and no rows"),
        ("maccor.csv", "'Current' has no unit. It may be read as up to 28.84 mA, or up to 28.84 A"),
        ("truncated.csv", "'current' has no unit"),
    ],
)
def test_what_a_file_does_not_say_is_asked(name, message):
    with pytest.raises(MeasurementError, match=message):
        twin.read_measurements(SAMPLES / name)


@pytest.mark.parametrize("name", ["21_10_7_85", "unit27"])
def test_neware_files_hold_what_a_reader_must_give(name):
    """The expected tables are those of fastnda's own tests, in µA, mV and s."""
    own, expected = SAMPLES / f"{name}.ndax", SAMPLES / f"{name}_expected.parquet"
    data = twin.read_measurements(own)
    table = open_table(expected)
    places = {header: place for place, header in enumerate(table.headers)}
    columns = ("Total Time", "Voltage(mV)", "Current(uA)", "Cycle Index")
    (piece,) = table.pieces([places[name] for name in columns])
    seconds, millivolts, microamperes, cycle = (numbers(piece[places[name]]) for name in columns)
    np.testing.assert_allclose(data["series_time"] * 3600, seconds, atol=1e-6)
    # Neware's own export, which the expected table comes from, rounds to 0.1 mV
    np.testing.assert_allclose(data["series_voltage"], millivolts / 1e3, atol=0.51e-4)
    np.testing.assert_allclose(data["series_current"], -microamperes / 1e6, atol=1e-12)
    np.testing.assert_array_equal(data["series_cycle"], cycle)


def test_capacity_is_that_which_the_cycler_counted():
    """LANDT's own counter, in steps of 0.1 mAh, beside what the current adds up to."""
    path = SAMPLES / "coin_cell_landt.bdf.csv"
    data = twin.read_measurements(path)
    table = open_table(path)
    place = table.headers.index("discharging_capacity_ah")
    (piece,) = table.pieces([place])
    counted = numbers(piece[place]).max()
    # the file's current has one digit, 0.2 mA, so that the sum can be off by a quarter of it
    assert data["discharge_capacity"].max() == pytest.approx(counted, rel=0.25)
