"""`measurements.toml`: files of cyclers, of which cell they are, and what they may be used for."""

import numpy as np
import pytest

import twin
from twin.errors import MeasurementError, ObservationError
from twin.measured.measurements import read_measurement_files
from twin.measured.procedure import read_procedures

SERIES = """\
Test Time / s,Voltage / V,Current / A
0,3.1,0.0001
3600,3.7,0.0001
3601,3.6,-0.0001
7201,3.0,-0.0001
"""
PROTOCOLS = (
    '["1C ageing"]\ncycles = 7\nsteps = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]\n'
)
CELL = "Chang2023_LiAlO2_LGPS_LCO"


def folder_of(tmp_path, text, series=SERIES):
    (tmp_path / "files").mkdir(exist_ok=True)
    (tmp_path / "files" / "cell 07.csv").write_text(series, encoding="utf-8")
    (tmp_path / "measurements.toml").write_text(text, encoding="utf-8")
    (tmp_path / "protocols.toml").write_text(PROTOCOLS, encoding="utf-8")
    return tmp_path


def entry(*lines, cell=CELL, role="fit"):
    return "\n".join(['["files/cell 07.csv"]', f'cell = "{cell}"', f'role = "{role}"', *lines]) + "\n"


def test_a_folder_without_the_file_has_no_measurements(tmp_path):
    assert read_measurement_files(tmp_path) == ()


def test_what_is_left_out_has_a_meaning(tmp_path):
    (found,) = read_measurement_files(folder_of(tmp_path, entry()))
    assert (found.cell, found.role, found.specimen) == (CELL, "fit", "cell 07")
    assert (found.protocol, found.enters, dict(found.settings), found.readings) == (None, None, {}, {})


def test_all_that_can_be_said_is_read(tmp_path):
    lines = (
        'specimen = "no. 7"', 'protocol = "1C ageing"', 'enters = ["discharge_capacity"]',
        'current = "positive discharges"', 'settings = { "Coating thickness [m]" = 1e-7 }',
    )  # fmt: skip
    (found,) = read_measurement_files(folder_of(tmp_path, entry(*lines)))
    assert (found.specimen, found.enters) == ("no. 7", ("discharge_capacity",))
    assert found.settings == {"Coating thickness [m]": 1e-7}
    assert found.readings == {"current": "positive discharges"}
    assert found.cell_as_measured().values["Coating thickness [m]"] == 1e-7
    assert found.protocol_of(read_procedures(tmp_path)).cycles == 7


def test_data_are_those_of_the_file_read_as_was_said(tmp_path):
    (found,) = read_measurement_files(folder_of(tmp_path, entry('current = "positive discharges"')))
    assert found.data["discharge_capacity"].item() == pytest.approx(1e-4)
    assert found.data.attrs["cell"] == CELL
    assert found.data is found.data  # read once


def test_a_protocol_that_nobody_says_is_told_by_the_file(tmp_path):
    (found,) = read_measurement_files(folder_of(tmp_path, entry()))
    nominal = twin.load_cell(CELL).values["Nominal cell capacity [A.h]"]
    (cycle,) = found.protocol_of({}).block
    assert cycle.steps[0].value == pytest.approx(-1e-4 / nominal, rel=0.01)  # a C-rate of three digits


def test_a_cell_of_the_folder_comes_before_a_shipped_one(tmp_path):
    folder = folder_of(tmp_path, entry())
    (folder / f"{CELL}.toml").write_text("description = 7\n", encoding="utf-8")
    with pytest.raises(ObservationError, match=rf"{CELL}\.toml: interfaces must be"):
        read_measurement_files(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            entry("celll = 1"),
            r"line 1: 'files/cell 07.csv' has an entry too many: 'celll' .* did you mean 'cell'",
        ),
        (entry(role="fitt"), "'fitt' is not a role of a file; did you mean 'fit'"),
        (entry(cell="Chang"), "'Chang' is not a cell that ships"),
        (entry('current = "up"'), "'up' is not what a positive current does"),
        (entry("current = 1"), "needs words under 'current', not 1"),
        (entry('active_mass = "12"'), "active_mass must be a positive number with its unit"),
        (entry('area = "-1 cm2"'), "area must be a positive number with its unit"),
        (entry('settings = { "Coating thicknes [m]" = 1e-7 }'), r"did you mean 'Coating thickness"),
        (entry("settings = 7"), r"needs a table under 'settings'"),
        (
            entry('settings = { "Coating thickness [m]" = "x" }'),
            "needs a number under 'Coating thickness",
        ),
        (entry("enters = []"), "needs a list of words under 'enters'"),
        ('["files/none.csv"]\ncell = "a"\nrole = "fit"', r"measurements.toml, line 1: .* is no file of"),
        ('["../x.csv"]\ncell = "a"\nrole = "fit"', "must be the path of a file below"),
        ('["/etc/passwd"]\ncell = "a"\nrole = "fit"', "must be the path of a file below"),
        ("a = 1", "needs a table under 'a'"),
        ("[", "not readable as TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, message, tmp_path):
    with pytest.raises(ObservationError, match=message):
        read_measurement_files(folder_of(tmp_path, text))


def test_a_protocol_that_is_not_there_is_told_with_its_line(tmp_path):
    (found,) = read_measurement_files(folder_of(tmp_path, entry('protocol = "1C aging"')))
    with pytest.raises(ObservationError, match=r"line 1: .*did you mean '1C ageing'"):
        found.protocol_of(read_procedures(tmp_path))


def test_a_file_that_cannot_be_read_is_told_with_its_line(tmp_path):
    (found,) = read_measurement_files(folder_of(tmp_path, entry(), series="no table\n"))
    with pytest.raises(
        MeasurementError, match=r"measurements.toml, line 1: .*names columns that are known"
    ):
        found.data  # noqa: B018


def test_a_file_of_one_cycle_has_one(tmp_path):
    (found,) = read_measurement_files(folder_of(tmp_path, entry()))
    np.testing.assert_array_equal(found.data["cycle"], [1])
