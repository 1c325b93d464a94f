"""What the files of an experiment owe each other: each row its cell, protocol, place and spread."""

import pytest
from measured.folders import HEADER, change, copy_of, write_rows

from twin.errors import ObservationError
from twin.measured.experiment import read_experiment

SLOW = '"0.1 mA/cm2, 0.1 mAh/cm2 per half-cycle"'
CELL = "Chang2023_LiAlO2_LGPS_symmetric"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "rows.csv",
            SLOW,
            '"0.1 mA/cm2"',
            "line 2: C01: '0.1 mA/cm2' is not a protocol of protocols.toml",
        ),
        (
            "rows.csv",
            f"C03,{CELL}",
            "C03,Chang2023_symmetric",
            "line 4: C03: 'Chang2023_symmetric' is not a",
        ),
        ("rows.csv", f"C03,{CELL}", f"C03,{'x' * 5000}", "line 4: C03: 'xxx.* is not a cell"),
        (
            "rows.csv",
            "Coating thickness [m]=",
            "Coating [m]=",
            "line 2: C01: 'Coating .m.' is not a param",
        ),
        (
            "rows.csv",
            "Coating thickness [m]=200",
            "Coating thickness [m]=-200",
            "line 2: C01.*not -2e-07",
        ),
        ("rows.csv", ",,3000,", ",,3001,", "line 3: C02.*cycle 1501, and .* has 1500"),
        ("rows.csv", ",,3000,", ",1501,,", "line 3: C02.*cycle 1501, and .* has 1500"),
        (
            "rows.csv",
            ",,3000,",
            ",later,,",
            "line 3: C02: 'later' is not the number of a cycle, nor a block",
        ),
        ("rows.csv", ",,3000,", ",,,", "line 3: C02.*say in the column 'cycle'.*'time .h.'"),
        ("rows.csv", ",back at 0.1C,,", ",1 C,,", "'1 C' is not the number of a cycle.*mean '1C'"),
        (
            "rows.csv",
            "overpotential,0.2,V",
            "overpotential,0,V",
            "line 3: C02.*must be more than 0, not 0",
        ),
        (
            "rows.csv",
            "overpotential,0.2,V",
            "overpotential,-0.2,V",
            "line 3: C02.*more than 0, not -0.2",
        ),
        ("rows.csv", "diameter,10,mm", "diameter,10,bananas", "C70: 'bananas' is not a unit"),
        ("rows.csv", "diameter,10,mm", "diameter,10,kg", "C70: 'mm' is the wrong unit|C70.*wrong unit"),
        ("rows.csv", 'low",20,GPa', 'low",20,bananas', "C76: 'bananas' is not a unit"),
        (
            "spread.toml",
            '[observable."lifetime"]',
            '[observable."life"]',
            "line 2: C01: spread.toml does",
        ),
        (
            "spread.toml",
            'cell = 0.20\nsource = "assumed: no',
            'cell = 0.20\npoints = true\nsource = "no',
            "line 2: C01: spread.toml gives its spread in points",
        ),
        (
            "spread.toml",
            '"Cathode utilisation"',
            '"Cathode utilization"',
            "did you mean 'Cathode utilis",
        ),
        ("parameters.toml", '["LGPS mass"]', '["LGPS masses"]', "'LGPS masses' is not what a row"),
        (
            "parameters.toml",
            'key = "Electrode area [m2]"',
            'key = "Electrode area [cm2]"',
            "mean 'Electrode",
        ),
        (
            "parameters.toml",
            '"Chang2023_LiAlO2_LGPS_LCO"',
            '"Chang2023_LGPS_LCO"',
            "is not a cell of the exp",
        ),
        (
            "protocols.toml",
            'name = "0.25 mA/cm2"',
            'name = "0.26 mA/cm2"',
            "C12: '0.25 mA/cm2' is not the",
        ),
    ],
)
def test_files_that_contradict_each_other_name_file_and_line(file, old, new, message, tmp_path):
    folder = copy_of("Chang2023", tmp_path)
    change(folder / file, old, new)
    with pytest.raises(ObservationError, match=message) as raised:
        read_experiment(folder)
    assert f"{folder}/" in str(raised.value)
    assert ", line " in str(raised.value)


def test_protocol_for_a_cell_that_no_row_is_about_is_refused(tmp_path):
    folder = copy_of("Duan2023", tmp_path)
    change(folder / "protocols.toml", '["Duan2023_3DLi_LPSCl_symmetric"]', '["Duan2023_3DLi_LPSCl"]')
    with pytest.raises(ObservationError, match=r"protocols.toml, line 5.*did you mean"):
        read_experiment(folder)


def test_row_for_readers_may_name_a_protocol_that_nobody_ran(tmp_path):
    """L16 of Liu2018: films on the lithium side too, of which there is no cell."""
    folder = copy_of("Liu2018", tmp_path)
    assert "L16" not in {row.id for run in read_experiment(folder).runs for row in run.rows}
    change(folder / "rows.csv", "5.5,V,value,context", "5.5,V,value,validate")
    with pytest.raises(ObservationError, match=r"L16: '75 ALD cycles.*is not a protocol"):
        read_experiment(folder)


def test_place_may_be_left_out_where_the_protocol_has_one_cycle(tmp_path):
    folder = copy_of("Duan2023", tmp_path)
    line = "D06,Duan2023_3DLi_LPSCl_LCO,,{},,discharge capacity,137.5,mAh/g,value,fit,,"
    (folder / "parameters.toml").unlink()
    (folder / "protocols.toml").write_text(
        '[once]\ncycles = 1\nsteps = ["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"]\n'
        '[twice]\ncycles = 2\nsteps = ["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"]\n'
    )
    write_rows(folder, line.format("once"))
    (row,) = read_experiment(folder).rows
    assert row.cycle == 1
    write_rows(folder, line.format("twice"))
    with pytest.raises(ObservationError, match=r"line 2: D06.*say in the column 'cycle'"):
        read_experiment(folder)
    write_rows(folder, f"{line.format('twice')},2", header=f"{HEADER},cycle")
    (row,) = read_experiment(folder).rows
    assert row.cycle == 2


def test_unit_of_a_parameter_row_is_converted(tmp_path):
    folder = copy_of("Luo2021", tmp_path)
    change(folder / "rows.csv", "conductivity,0.00295,S/cm", "conductivity,0.295,S/m")
    experiment = read_experiment(folder)
    used = experiment.parameter_rows["LPSCl conductivity"]
    cell = experiment.cells[used.cell]
    conductivity = cell.values["Separator layer 1 conductivity [S.m-1]"]
    assert used.of(cell, "S/m") == conductivity
    assert used.of(cell, "S/cm") == pytest.approx(conductivity / 100, rel=1e-15)
