"""A header's name and unit, as cyclers and people write them."""

import pytest

from twin.measured.cycler.headers import read_header, read_unit


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("Test Time / s", "test time", "s"),
        ("test_time_second", "test time", "second"),
        ("Current(A)", "current", "A"),
        ("U[V]", "u", "V"),
        ("I/mA", "i", "mA"),
        ("<I>/mA", "i", "mA"),
        ("Q charge/discharge/mA.h", "q charge discharge", "mA.h"),
        ("control/V/mA", "control v", "mA"),
        ("discharge_capacity_mAh_g", "discharge capacity", "mAh_g"),
        ("Capacity (mAh/g)", "capacity", "mAh/g"),
        ("\ufeffVoltage (µV)", "voltage", "µV"),
        ("~Time[s]", "time", "s"),
        ("Amps", "current", "A"),
        ("-Im(Z)/Ohm", "im z", "Ohm"),
        ("Cycle (P)", "cycle p", None),
        ("Test Time(h:m:s)", "test time", None),
        ("Time (hh:mm:ss.ms)", "time", None),
        ("Rec#", "rec", None),
        ("", "", None),
    ],
)
def test_header_is_a_name_and_a_unit(text, name, unit):
    header = read_header(text)
    assert (header.name, header.unit and header.unit.text) == (name, unit)
    assert header.negative == text.startswith("-")


@pytest.mark.parametrize(
    ("text", "kind", "size"),
    [
        ("mA", "current", 1e-3),
        ("MA", "current", 1e-3),  # nobody means a million amperes
        ("MOhm", "impedance", 1e6),
        ("mOhm", "impedance", 1e-3),
        ("mAh/cm2", "areal charge", 10.0),
        ("mAh/cm²", "areal charge", 10.0),
        ("mAs", "charge", 1e-3 / 3600),
        ("Ω", "impedance", 1.0),
        ("%", "share", 0.01),
        ("hr", "time", 3600.0),
    ],
)
def test_unit_has_a_kind_and_a_size(text, kind, size):
    unit = read_unit(text)
    assert unit is not None
    assert unit.kind == kind
    assert unit.size == pytest.approx(size, rel=1e-12)  # of a division by 3600


@pytest.mark.parametrize("text", ["", "V/s", "Ah/V", "C/20", "9**9**9", "x" * 10_000])
def test_what_is_no_known_unit_is_none(text):
    assert read_unit(text) is None
