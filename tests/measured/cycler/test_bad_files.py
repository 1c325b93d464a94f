"""Files that are wrong: each is read as far as it can be, with a word, or answered in one line."""

import os
import shutil
import threading

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError

HEADER = "Test Time / s,Voltage / V,Current / A"
ROWS = (
    "0,3.1,0.001", "1800,3.5,0.001", "3600,3.9,0.001",
    "3601,3.8,-0.001", "5400,3.4,-0.001", "7200,3.0,-0.001",
)  # fmt: skip
WHOLE = "\n".join((HEADER, *ROWS)) + "\n"


@pytest.fixture
def read(tmp_path):
    """Reads a file of a given content."""

    def reading(content, name="own.csv", **said):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return twin.read_measurements(path, **said)

    return reading


@pytest.fixture
def right(read):
    """What the whole file says."""
    return read(WHOLE, name="right.csv")


def assert_same(data, right):
    for name in ("charge_capacity", "discharge_capacity", "time", "series_voltage"):
        np.testing.assert_allclose(data[name], right[name], err_msg=name)


# --- answered in one line --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"\x00\x01\x02\xff" * 100, "is a binary file of no format that is read; export it as text"),
        (b"PAR1 and then nothing", "cannot be read as Parquet"),
        (b"hello\n", "no line of it names columns that are known"),
        (b"1,2,3\n4,5,6\n", "write a header with units, like 'Test Time / s"),
        ((HEADER + "\n").encode(), "has a header and no rows"),
        ((HEADER + "\n0,0,3,1,0,001\n").encode(), "more entries than the header, left out: 1"),
        ((HEADER + "\na,b,c\n").encode(), "no row of it has numbers"),
        ((HEADER + "\n1,x,y\n").encode(), "no row of it has numbers"),
        (
            WHOLE.replace(",", ";").replace(HEADER.replace(",", ";"), HEADER).encode(),
            "parted by different",
        ),
        (WHOLE.replace("Voltage / V", "Current / A").encode(), "two columns are called 'Current / A'"),
        (WHOLE.replace("Voltage / V", "Pressure / Pa").encode(), "no line of it names"),
        ((HEADER + ",Voltage / V\n0,1,2,3\n").encode(), "two columns are called 'Voltage / V'"),
    ],
)
def test_what_is_no_table_is_said(content, message, read):
    with pytest.raises(MeasurementError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.cex", "LANDT's program reads: export the records as CSV or Excel"),
        ("a.res", "export the channel as CSV"),
        ("a.pkl", "is a pickle, which would be run and is never opened"),
        ("a.csv.gz", "packed: unpack it"),
        ("a.ndax", "cannot be read as Neware .ndax"),
        ("a.nda", "cannot be read as Neware .nda"),
        ("a.xlsx", "cannot be read as Excel"),
        ("a.parquet", "cannot be read as Parquet"),
        ("a.mpr", r"BioLogic .mpr is read with galvani or yadg: pip install galvani \(GPL"),
    ],
)
def test_a_format_that_is_not_read_or_not_there_is_answered_with_what_to_do(name, message, read):
    with pytest.raises(MeasurementError, match=message):
        read(WHOLE, name=name)


def test_what_batterydf_cannot_read_is_said(read):
    with pytest.raises(MeasurementError, match=r"cannot be read as a file of the kind .mat"):
        read(b"MATLAB 5.0 MAT-file" + bytes(200), name="a.mat")


def test_a_library_that_is_missing_is_named(read, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(
        MeasurementError, match=r"Parquet is read with polars: pip install 'assb-twin\[files\]'"
    ):
        read(b"PAR1", name="a.parquet")
    assert read(WHOLE).sizes["cycle"] == 1  # text needs no library


def test_folders_links_and_devices_are_no_files(tmp_path):
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path, loop, tmp_path / "pipe.csv", tmp_path / "none.csv", "/dev/zero", "a\0b"):
        with pytest.raises(MeasurementError, match=r"cannot be read|not a file"):
            twin.read_measurements(path)


def test_capacity_by_mass_asks_for_the_mass(read, full):
    table = "cycle,discharge_capacity_mAh_g\n1,137.5\n50,110\n"
    with pytest.raises(
        MeasurementError, match=r'by mass \(mAh_g\); say the mass .*active_mass="12.3 mg"'
    ):
        read(table)
    np.testing.assert_allclose(read(table, active_mass="2 mg")["discharge_capacity"], [2.75e-4, 2.2e-4])
    own = read(table, cell=full)
    np.testing.assert_allclose(own["specific_discharge_capacity"], [137.5, 110])


def test_charge_by_area_asks_for_the_area(read):
    table = "cycle,charge capacity (mAh/cm2)\n1,2\n2,1\n"
    with pytest.raises(
        MeasurementError, match=r'by area \(mAh/cm2\); say the electrode\'s: area="0.785 cm2"'
    ):
        read(table)
    np.testing.assert_allclose(read(table, area="0.5 cm2")["charge_capacity"], [1e-3, 5e-4])


def test_current_that_tells_no_sign_shows_both_readings(read):
    flat = "Time / s,Voltage / V,Current / A\n0,3.5,0.001\n10,3.5,0.001\n20,3.5,0.001\n"
    with pytest.raises(
        MeasurementError,
        match=r"Read as charging, the file begins with a charge; read as discharging, with a discharge; "
        'say which: current="positive charges"',
    ):
        read(flat)
    assert read(flat, current="positive discharges")["discharge_capacity"].item() > 0


def test_time_without_a_unit_shows_both_readings(read):
    text = WHOLE.replace("Test Time / s", "Test Time")
    with pytest.raises(MeasurementError, match=r"up to 7200 s, or up to 7200 h; say which: time_unit="):
        read(text)
    assert read(text, time_unit="s", current="positive charges")["time"].item() == pytest.approx(2)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"current": "up"}, "'up' is not what a positive current does"),
        ({"current_unit": "V"}, "current_unit must be a unit of a current, like 'mA', not 'V'"),
        ({"active_mass": "12"}, "active_mass must be a positive number with its unit, like '12.3 mg'"),
        ({"active_mass": "12 cm2"}, "active_mass must be a positive number with its unit"),
        ({"area": 7}, "area must be words, not 7"),
    ],
)
def test_what_is_said_wrongly_is_answered(said, message, read):
    with pytest.raises(MeasurementError, match=message):
        read(WHOLE.replace("Current / A", "Current"), **said)


# --- read, with a word -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        WHOLE.encode("utf-8-sig"),
        WHOLE.encode("utf-16"),
        WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.replace(",", "\t").encode(),
        WHOLE.replace(",", ";").encode(),
        WHOLE.replace(",", ", ").encode(),
        WHOLE.replace(HEADER, "Time[s]  U[V]  I[A]").replace(",", "  ").encode(),
        ("exported by a cycler\n\nchannel: 7\n" + WHOLE).encode(),
        WHOLE.replace(HEADER, "Test Time,Voltage,Current\ns,V,A").encode(),
        ("name: B\xfcro, caf\xe9\n".encode("latin-1") + WHOLE.encode()),
    ],
    ids=[
        "mark", "utf-16", "windows", "tabs", "semicolons", "comma and space", "spaces", "preamble",
        "unit row", "latin",
    ],
)  # fmt: skip
def test_the_ways_of_writing_a_table_are_all_the_same(content, read, right):
    assert_same(read(content, current="positive charges"), right)


def test_decimal_commas_are_read_and_said(read, right):
    text = WHOLE.replace(",", ";").replace(".", ",")
    data = read(text)
    assert_same(data, right)
    assert "Decimals are written with commas." in data["notes"].item()
    quoted = ['"' + row.replace(",", '";"').replace(".", ",").replace(";", ",") + '"' for row in ROWS]
    assert_same(read("\n".join([HEADER, *quoted]) + "\n"), right)


def test_other_encodings_within_a_file_do_not_stop_it(read, right):
    rows = (
        WHOLE.encode()
        .replace(b"Current / A\n", b"Current / A,Note\n")
        .replace(b"0.001\n", b"0.001,\xb0C \xff\n")
    )
    assert_same(read(rows), right)


def test_rows_without_numbers_are_left_out_and_counted(read):
    data = read(WHOLE.replace("1800,3.5", "1800,nan").replace("5400,3.4,-0.001", "5400,inf,-0.001"))
    assert data.sizes["point"] == 4
    assert "Rows without a number for time, voltage or current, left out: 2." in data["notes"].item()


def test_time_that_falls_goes_on_and_is_said(read, right):
    data = read(WHOLE.replace("5400,", "1,").replace("7200,", "1801,"))
    assert "falls back and the series goes on from where it was: 1." in data["notes"].item()
    assert (np.diff(data["series_time"]) >= 0).all()
    repeated = read(WHOLE.replace("\n1800,", "\n0,3.1,0.001\n1800,"))
    np.testing.assert_allclose(repeated["charge_capacity"], right["charge_capacity"])


def test_cycles_that_are_missing_are_said(read):
    numbered = [HEADER + ",Cycle Count / 1"] + [
        f"{row},{cycle}" for row, cycle in zip(ROWS, "111444", strict=True)
    ]
    data = read("\n".join(numbered) + "\n")
    assert data["cycle"].values.tolist() == [1, 4]
    assert "Numbers of cycles are missing: 2 of them, the first after cycle 1." in data["notes"].item()


def test_two_channels_are_asked_about_and_told_apart(read, right):
    rows = [HEADER + ",Channel"] + [f"{row},{channel}" for row in ROWS for channel in ("A1", "B2")]
    text = "\n".join(rows) + "\n"
    with pytest.raises(MeasurementError, match=r'several channels \(A1 and B2\) .* channel="A1"'):
        read(text)
    assert_same(read(text, channel="B2"), right)
    with pytest.raises(MeasurementError, match="has no channel 'C3'; it has A1, B2"):
        read(text, channel="C3")


def test_a_channel_with_a_number_is_called_by_it(read, right):
    rows = [HEADER + ",Channel"] + [f"{row},{channel}" for row in ROWS for channel in (1, 2, "")]
    assert_same(read("\n".join(rows) + "\n", channel="2"), right)


def test_a_rest_alone_is_a_rest(read):
    data = read(HEADER + "\n0,3.5,0\n600,3.49,0\n1200,3.48,0\n")
    assert "the file holds a rest and nothing else" in data["notes"].item()
    assert data.attrs["protocol"] == '[["Rest for 20 minutes"]]'
    assert data["discharge_capacity"].item() == 0
    assert np.isnan(data["coulombic_efficiency"].item())


def test_a_last_line_that_is_cut_short_is_left_out(read):
    data = read(WHOLE[: -len("0,-0.001\n")])
    assert "The last line is cut short" in data["notes"].item()
    assert data.sizes["point"] == 5


def test_a_file_that_grows_while_it_is_read_is_read_as_it_was(tmp_path, monkeypatch, right):
    """Rows come two at a time, and after the first two the cycler writes on."""
    monkeypatch.setattr("twin.measured.cycler.text_table.ROWS_AT_ONCE", 2)
    path = tmp_path / "growing.csv"
    path.write_text(WHOLE + "7300,3.0,-0.0")
    from twin.measured.cycler import text_table

    frames = text_table._frames

    def growing(*arguments):
        for number, frame in enumerate(frames(*arguments)):
            if number == 1:
                with path.open("a") as file:
                    file.write("01\n9000,2.9,-0.001\n")
            yield frame

    monkeypatch.setattr(text_table, "_frames", growing)
    data = twin.read_measurements(path)
    assert_same(data, right)
    assert "still written" in data["notes"].item()


def test_a_lone_quotation_mark_costs_its_row_alone(read):
    data = read(WHOLE.replace("1800,3.5", '1800,"3.5'))
    assert data.sizes["point"] == 5


def test_lines_with_too_many_entries_are_counted(read, right):
    data = read(WHOLE.replace("\n3601", "\n3600,3.9,0.001,7,8\n3601"))
    assert_same(data, right)
    assert "more entries than the header, left out: 1" in data["notes"].item()


def test_a_reading_never_changes_what_was_there(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(WHOLE)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    twin.read_measurements(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_in_a_file_is_worked_out(read, tmp_path):
    mark = tmp_path / "run"
    evil = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    rows = WHOLE.replace("1800,3.5,0.001", f'1800,"{evil}",0.001')
    assert read(rows).sizes["point"] == 5
    with pytest.raises(MeasurementError):
        read(WHOLE.replace("Test Time / s", f"Test Time / {evil}"))
    assert not mark.exists()


def test_an_old_pipe_does_not_hold_up_a_reading(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    asked = threading.Thread(target=lambda: _refused(tmp_path / "pipe.csv"), daemon=True)
    asked.start()
    asked.join(timeout=20)  # a pipe that is opened waits for ever
    assert not asked.is_alive()
    shutil.rmtree(tmp_path)


def _refused(path):
    with pytest.raises(MeasurementError):
        twin.read_measurements(path)
