"""`twin measurements`: what is understood of a file, for people and for machines."""

import json

import pytest
from typer.testing import CliRunner

from twin.cli import app

BDF = """\
Test Time / s,Voltage / V,Current / A,Cycle Count / 1,Step Index / 1
0,3.10,0.000314,1,1
3600,3.45,0.000314,1,1
7200,3.68,0.000314,1,1
7201,3.60,-0.000314,1,2
14000,2.10,-0.000314,1,2
"""
NEWARE = """\
DataPoint,Cycle Index,Step Type,Time,Total Time,Current(A),Voltage(V),Capacity(Ah),Energy(Wh),Date
1,1,CC Chg,00:00:00,00:00:00,0.0003,3.10,0,0,2024-01-01 00:00:00
2,1,CC Chg,01:00:00,01:00:00,0.0003,3.68,0.0003,0.001,2024-01-01 01:00:00
"""
CYCLES = "cycle,discharge_capacity_mAh_g\n1,137.5\n50,110\n100,97.6\n"
SPECTRUM = "freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm\n1e5,10,0.1\n1e3,20,10\n10,30,0.5\n0.1,40,20\n"


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Runs `twin measurements` on files of given texts, in a folder of their own."""
    monkeypatch.chdir(tmp_path)

    def asked(texts, *options):
        for name, text in texts.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return CliRunner().invoke(app, ["measurements", *texts, *options])

    return asked


def test_what_users_bring_is_understood(ask):
    """The three files of the case: Battery Data Format, an export of Neware, capacities by cycle."""
    texts = {"bdf.csv": BDF, "neware.csv": NEWARE, "cyclecap.csv": CYCLES}
    done = ask(texts, "--active-mass", "10 mg", "--json")
    assert done.exit_code == 0, done.output
    bdf, neware, table = json.loads(done.stdout)
    assert bdf["format"] == "Battery Data Format, text"
    assert bdf["protocol"] == [
        {"steps": ["Charge at 0.314 mA for 2 hours", "Discharge at 0.314 mA until 2.1 V"], "cycles": 1}
    ]
    assert bdf["charge_capacity_first"] == pytest.approx(6.28e-4)
    assert neware["charge_capacity_first"] == pytest.approx(3e-4)
    assert neware["columns"]["time"] == "Total Time"
    assert (table["cycles"], table["discharge_capacity_last"]) == (3, pytest.approx(9.76e-4))


def test_the_table_says_how_each_column_was_read(ask):
    done = ask({"bdf.csv": BDF})
    assert done.exit_code == 0, done.output
    for said in (
        "Test Time / s (s, from the header)",
        "positive charges, as the format says",
        "no short",
    ):
        assert said in done.stdout


def test_a_file_that_is_not_understood_does_not_hide_the_others(ask):
    done = ask({"cyclecap.csv": CYCLES, "bdf.csv": BDF}, "--json")
    assert done.exit_code == 1
    assert 'active_mass="12.3 mg" (on the command line --active-mass "12.3 mg")' in done.stderr
    assert [answer["file"] for answer in json.loads(done.stdout)] == ["bdf.csv"]


def test_pictures_are_written_for_every_kind_of_file(ask, tmp_path):
    texts = {"bdf.csv": BDF, "cycles.csv": CYCLES, "eis.csv": SPECTRUM}
    done = ask(texts, "--active-mass", "10 mg", "--plot", "--out", "pictures")
    assert done.exit_code == 0, done.output
    written = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert written == {
        f"{stem}_measurements.{kind}" for stem in ("bdf", "cycles", "eis") for kind in ("png", "svg")
    }
    again = ask(texts, "--active-mass", "10 mg", "--plot", "--out", "pictures")
    assert again.exit_code == 1
    assert "exists already" in again.stderr
