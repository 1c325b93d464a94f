"""Amounts: units that people type, and what is none."""

import pytest

from twin.errors import ProtocolError
from twin.protocols.amounts import read_amount, read_pressure, read_temperature, read_time


@pytest.mark.parametrize(
    ("text", "quantity", "value"),
    [
        ("2 mA", "current", 2e-3),
        ("0.1 mA/cm2", "current density", 1.0),
        ("0.1 mA cm-2", "current density", 1.0),
        ("0.1 mA cm^-2", "current density", 1.0),
        ("0.1 mA.cm-2", "current density", 1.0),
        ("0.1mA/cm²", "current density", 1.0),
        ("75 µA/cm2", "current density", 0.75),  # U+00B5, the micro sign of keyboards
        ("75 μA/cm2", "current density", 0.75),  # U+03BC, the Greek letter
        ("75 uA/cm^2", "current density", 0.75),
        ("1 A/m2", "current density", 1.0),
        ("14 mA/g", "specific current", 14.0),
        ("14 mA g-1", "specific current", 14.0),
        ("C/20", "C-rate", 0.05),
        ("0.5 C", "C-rate", 0.5),
        ("1C", "C-rate", 1.0),
        ("4.2V", "voltage", 4.2),
        ("50 mV", "voltage", 0.05),
        ("3 uW", "power", 3e-6),
        ("2 mW/cm2", "power density", 20.0),
        ("10 Ohm", "resistance", 10.0),
        ("0.5 mAh/cm2", "areal charge", 5.0),
        ("0.5 mA.h cm-2", "areal charge", 5.0),
        ("0.2 A.h", "charge", 0.2),
        ("150 mAh/g", "specific charge", 150.0),
        ("50 % SoC", "state of charge", 0.5),
        ("SoC 0.2", "state of charge", 0.2),
    ],
)
def test_units_as_people_type_them(text, quantity, value):
    amount = read_amount(text)
    assert amount.quantity == quantity
    assert amount.value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    ["mA", "5", "1 parsec", "1 V/cm2", "1 A/cm", "1 A/g2", "C/0", "1e999 A", "120 % SoC", "1 mA / cm-2"],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ProtocolError):
        read_amount(text)


def test_times():
    assert read_time("90 s") == 90
    assert read_time("1.5 hours") == 5400
    assert read_time("365 days") == read_time("8760 h")
    with pytest.raises(ProtocolError, match="no time"):
        read_time("3 fortnights")


def test_temperatures_and_what_celsius_taken_for_kelvin_is_asked():
    assert read_temperature("60 oC") == pytest.approx(333.15)
    assert read_temperature("298.15 K") == 298.15
    with pytest.raises(ProtocolError, match="did you mean 60 oC"):
        read_temperature("60 K")
    with pytest.raises(ProtocolError, match="no cell is kept outside"):
        read_temperature("-300 oC")


def test_pressures():
    assert read_pressure("5 MPa") == read_pressure("50 bar") == 5e6
    with pytest.raises(ProtocolError, match="up to 1 GPa"):
        read_pressure("-1 MPa")
