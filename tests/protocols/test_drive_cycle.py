"""Drive cycles, from arrays and from files."""

import pytest

from twin.errors import ProtocolError
from twin.protocols.drive_cycle import drive_cycle, read_drive_cycle


def test_values_are_in_si_and_their_first_drives():
    step = drive_cycle([0, 10, 20], [0.0, -0.2, 0.1], "mA/cm2")
    assert step.control == "current density"
    assert step.profile.value == (0.0, -2.0, 1.0)
    assert (step.duration, step.direction) == (20.0, "charge")


@pytest.mark.parametrize(
    ("time", "values", "unit", "message"),
    [
        ([0, 1, 1], [0, 1, 2], "A", "stops or falls after point 2"),
        ([0, 2, 1], [0, 1, 2], "A", "stops or falls after point 2"),
        ([1, 2, 3], [0, 1, 2], "A", "begins after 0"),
        ([0, 1, 2], [0, float("nan"), 2], "A", "value of point 2 .* nan"),
        ([0, float("inf"), 2], [0, 1, 2], "A", "time of point 2"),
        ([0, 1], [0, 1], "bananas", "'bananas' is not a unit of a drive cycle"),
        ([0], [1], "A", "two or more"),
        ([0, 1], [1, 2, 3], "A", "as many times as values"),
    ],
)
def test_points_that_make_no_drive_cycle_are_refused(time, values, unit, message):
    with pytest.raises(ProtocolError, match=message):
        drive_cycle(time, values, unit)


def test_a_file_of_either_convention(tmp_path):
    ours = tmp_path / "city.csv"
    ours.write_text("Time [min],Current [mA]\n0,1\n1,2\n")
    step = read_drive_cycle(ours)
    assert step.profile.time == (0.0, 60.0)
    assert step.profile.value == (1e-3, 2e-3)
    assert "city" in step.text
    theirs = tmp_path / "bdf.csv"
    theirs.write_text("Test Time / s,Voltage / V,Current / A\n0,4,0.001\n60,4,0.002\n")
    assert read_drive_cycle(theirs).profile.value == (-1e-3, -2e-3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("a,b\n0,1\n", "needs a column of time"),
        ("Time [s],Current [A]\n0,one\n", "no numbers"),
        ("Time [fortnights],Current [A]\n0,1\n1,2\n", "not a unit of time"),
        ("Time [s],Current [parsec]\n0,1\n1,2\n", "not a unit of a drive cycle"),
    ],
)
def test_a_file_that_holds_no_drive_cycle_is_refused(tmp_path, content, message):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(ProtocolError, match=message):
        read_drive_cycle(path)
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_drive_cycle(tmp_path / "missing.csv")
