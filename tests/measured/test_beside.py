"""What was measured stands beside the cell that it was measured on, and beside no other as its own."""

import pytest

import twin
from twin.measured.beside import MeasuredBeside, measured_beside
from twin.parameter_sets import load_cell

CELL = "Chang2023_LiAlO2_LGPS_LCO"
FAST = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=800)
SLOW = twin.Protocol(["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"], cycles=96)
THICKNESS = "Coating thickness [m]"
GENTLE = twin.Protocol(
    ["Discharge at 0.01 mA/cm2 for 1 hour", "Charge at 0.01 mA/cm2 for 1 hour"], cycles=300
)


@pytest.fixture(scope="module")
def cell():
    return load_cell(CELL)


def test_points_are_of_the_cell_and_the_protocol(cell):
    assert measured_beside(cell, FAST) == MeasuredBeside(((800.0, 95.0),), "measured", True)
    assert measured_beside(cell, SLOW).points == ((96.0, 89.0),)
    other = twin.Protocol(["Charge at 2C until 4.2 V", "Discharge at 2C until 2.6 V"])
    assert measured_beside(cell, other).points == ()
    assert measured_beside(load_cell("Chang2023_Li_LGPS_LCO"), FAST).points == ()


def test_a_changed_cell_does_not_take_the_points_for_its_own(cell):
    beside = measured_beside(cell.replace({THICKNESS: 100e-9}), FAST)
    assert beside == MeasuredBeside(((800.0, 95.0),), "measured at coating thickness 200 nm", False)
    changed_back = cell.replace({THICKNESS: 100e-9}).replace({THICKNESS: 200e-9})
    assert measured_beside(changed_back, FAST).is_own
    two = cell.replace({THICKNESS: 100e-9, "Stack pressure [Pa]": 1e6})
    assert measured_beside(two, FAST).label == "measured on the unchanged cell"


def test_rows_that_were_measured_with_the_change_are_its_own():
    cell = load_cell("Liu2018_Al2O3_LATP_symmetric")
    own = measured_beside(cell, GENTLE)
    thick = measured_beside(cell.replace({"ALD cycles": 100}), GENTLE)
    assert thick.is_own
    assert thick.points == ((1.0, 8.0), (100.0, 0.8), (200.0, 1.2), (300.0, 1.5))
    assert thick.points != own.points
    unmeasured = measured_beside(cell.replace({"ALD cycles": 37}), GENTLE)
    assert not unmeasured.is_own
    assert unmeasured.points == own.points
    assert unmeasured.label == "measured at coating thickness 15 nm"


def test_a_file_of_ones_own_is_not_the_cell_whose_name_it_bears(cell, tmp_path):
    shipped = load_cell(CELL, fitted=False)
    path = tmp_path / f"{CELL}.toml"
    parts = "\n".join(f'{role} = "{part}"' for role, part in shipped.parts.items())
    path.write_text(
        f'interfaces = "negative"\ndescription = "mine"\n[parts]\n{parts}\n'
        + "\n".join(
            f'["{key}"]\nvalue = {1.1 * entry.value!r}\nsource = "assumed"'
            for key, entry in shipped.parameters.items()
            if entry.part == f"cells/{CELL}"
        )
    )
    assert measured_beside(load_cell(path), FAST).points == ()
    path.rename(tmp_path / "mine.toml")
    assert measured_beside(load_cell(tmp_path / "mine.toml"), FAST).points == ()
