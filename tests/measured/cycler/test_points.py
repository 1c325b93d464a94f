"""The points of a series: whatever tells the time, whichever way the current is written."""

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError
from twin.measured.cycler.points import numbers_of_time

VOLTS, MILLIAMPERES = (3.1, 3.5, 3.4, 3.0), (1, 1, -1, -1)
HOURS = [0, 1, 1 + 1 / 3600, 2]


def series(path, header, clock, *, volts=VOLTS, milliamperes=MILLIAMPERES, extra=None, rows=None):
    """A file of four points, with another column where `extra` says so."""
    lines = [f"{header},U[V],I/mA" + (f",{extra[0]}" if extra else "")]
    for place, (time, volt, ampere) in enumerate(zip(clock, volts, milliamperes, strict=True)):
        lines.append(f"{time},{volt},{ampere}" + (f",{extra[1][place]}" if extra else ""))
    path.write_text("\n".join(rows or lines) + "\n")
    return twin.read_measurements(path)


@pytest.mark.parametrize(
    ("header", "clock"),
    [
        ("Test Time / s", (0, 3600, 3601, 7200)),
        ("Total Time", ("00:00:00", "01:00:00", "01:00:01", "02:00:00")),
        ("Total Time", ("0d 00:00:00", "0d 01:00:00", "0d 01:00:01", "0d 02:00:00")),
        ("test_time_millisecond", (500, 3600500, 3601500, 7200500)),
        ("Unix Time / s", (1.7e9, 1.7e9 + 3600, 1.7e9 + 3601, 1.7e9 + 7200)),
        ("Date Time", [f"01/31/2024 {t}" for t in ("12:00:00", "13:00:00", "13:00:01", "14:00:00")]),
        (
            "Date",
            [
                f"{d}.2024 {t}"
                for d, t in (
                    ("31.01", "23:00:00"),
                    ("01.02", "00:00:00"),
                    ("01.02", "00:00:01"),
                    ("01.02", "01:00:00"),
                )
            ],
        ),
        ("DPT Time", [f"23-Nov-23 {t} PM" for t in ("3:56:11", "4:56:11", "4:56:12", "5:56:11")]),
        ("Step Time (s)", (0, 3600, 1, 3600)),
    ],
)
def test_time_is_told_by_whatever_clock_there_is(header, clock, tmp_path):
    data = series(tmp_path / "own.csv", header, clock)
    np.testing.assert_allclose(data["series_time"], HOURS, atol=2e-4)  # a second
    assert data["charge_capacity"].item() == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:00:01.5", 1.5), ("125:00:10", 450010), ("1d 00:00:01", 86401), ("02:03", 7380), ("x", np.nan)],
)
def test_clocks_count_beyond_a_day(text, seconds):
    entries = np.array([text, "00:00:00"], object)
    np.testing.assert_allclose(numbers_of_time(entries)[0], seconds)


@pytest.mark.parametrize("words", [("CC Chg", "CC DChg"), ("Charge", "Discharge"), ("C", "D")])
def test_a_current_without_signs_takes_them_from_the_words_of_its_steps(words, tmp_path):
    state = ("Step Type", [words[0], words[0], words[1], words[1]])
    data = series(
        tmp_path / "own.csv", "Test Time / h", (0, 1, 1.001, 2), milliamperes=(1, 1, 1, 1), extra=state
    )  # fmt: skip
    np.testing.assert_allclose(data["series_current"], [-1e-3, -1e-3, 1e-3, 1e-3])
    assert "the words of its step type tell the direction" in data.attrs["current_sign"]


def test_signs_that_appear_after_words_have_told_them_are_asked_about(tmp_path, monkeypatch):
    """A file whose positive current discharges, and of which the first piece has nothing else."""
    monkeypatch.setattr("twin.measured.cycler.text_table.ROWS_AT_ONCE", 2)
    state = ("Step Type", ["D", "D", "C", "C"])
    with pytest.raises(
        MeasurementError, match=r"above zero in steps that discharge, and below zero in others"
    ):
        series(
            tmp_path / "own.csv", "Test Time / h", (0, 1, 1.001, 2), volts=(4, 3, 3.1, 4), extra=state
        )


def test_a_column_that_counts_points_within_a_step_begins_steps_where_it_falls(tmp_path):
    """`step_index` of the Battery Data Format, since its ontology 1.2."""
    clock = np.arange(0, 12, 1)
    current = [1] * 6 + [2] * 6
    counter = ("step_index", [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
    data = series(
        tmp_path / "own.csv",
        "test_time_second",
        clock,
        volts=3 + 0.1 * clock,
        milliamperes=current,
        extra=counter,
    )
    assert data.sizes["step"] == 2
    np.testing.assert_allclose(data["step_current"], [-1e-3, -2e-3])


def test_current_by_mass_and_by_area_is_that_of_the_cell(tmp_path):
    path = tmp_path / "own.csv"
    rows = ["Time [h],Voltage [V],Current density [mA/cm2]", "0,3.1,1", "1,3.5,1"]
    path.write_text("\n".join(rows) + "\n")
    assert twin.read_measurements(path, area="2 cm2")["charge_capacity"].item() == pytest.approx(2e-3)
    path.write_text("\n".join(rows).replace("density [mA/cm2]", "[mA/g]") + "\n")
    assert twin.read_measurements(path, active_mass="10 mg")["charge_capacity"].item() == pytest.approx(
        1e-5
    )
