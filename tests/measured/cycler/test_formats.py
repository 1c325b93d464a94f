"""The same series gives the same Dataset, whatever its format."""

import sys

import numpy as np
import pandas as pd
import pytest

import twin

TABLE = pd.DataFrame(
    {
        "Test Time / s": [0.0, 1800, 3600, 3601, 5400, 7200],
        "Voltage / V": [3.1, 3.5, 3.9, 3.8, 3.4, 3.0],
        "Current / A": [0.001, 0.001, 0.001, -0.001, -0.001, -0.001],
        "Cycle Count / 1": [1, 1, 1, 1, 1, 1],
        "Step Count / 1": [1, 1, 1, 2, 2, 2],
    }
)


@pytest.fixture
def right(tmp_path):
    TABLE.to_csv(tmp_path / "right.bdf.csv", index=False)
    return twin.read_measurements(tmp_path / "right.bdf.csv")


def as_parquet(path):
    import polars

    polars.from_dict({name: TABLE[name].to_list() for name in TABLE}).write_parquet(path)
    return "Battery Data Format, Parquet"


def as_parquet_of_another_name(path):
    as_parquet(path)
    return "Battery Data Format, Parquet"


def as_excel(path):
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"made by": ["a cycler"]}).to_excel(book, sheet_name="info", index=False)
        TABLE.to_excel(book, sheet_name="record", index=False, startrow=3)
    return "Excel, sheet 'record'"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("own.bdf.parquet", as_parquet),
        ("own.dat", as_parquet_of_another_name),
        ("own.xlsx", as_excel),
    ],
)
def test_every_format_says_the_same(name, write, tmp_path, right):
    form = write(tmp_path / name)
    data = twin.read_measurements(tmp_path / name)
    assert data.attrs["format"] == form
    for variable in right.data_vars:
        if variable != "notes":
            np.testing.assert_array_equal(data[variable], right[variable], err_msg=variable)


def test_pieces_of_a_parquet_file_are_one_series(tmp_path, right, monkeypatch):
    as_parquet(tmp_path / "own.parquet")
    monkeypatch.setattr("twin.measured.cycler.parquet.ROWS_AT_ONCE", 2)
    data = twin.read_measurements(tmp_path / "own.parquet")
    np.testing.assert_allclose(data["discharge_capacity"], right["discharge_capacity"])
    np.testing.assert_array_equal(data["series_voltage"], right["series_voltage"])


def test_what_batterydf_reads_is_read_through_it(tmp_path, right):
    """It asks for a file beside MATLAB's that says which variable is what."""
    import json

    from scipy.io import savemat

    sources = {"Test Time / s": "seconds", "Voltage / V": "volts", "Current / A": "amperes"}
    savemat(tmp_path / "own.mat", {own: TABLE[name].to_numpy() for name, own in sources.items()})
    (tmp_path / "own.map.json").write_text(json.dumps({"variables": sources}))
    data = twin.read_measurements(tmp_path / "own.mat")
    assert data.attrs["format"] == ".mat, by batterydf"
    np.testing.assert_allclose(data["discharge_capacity"], right["discharge_capacity"])


def test_libraries_are_imported_only_when_asked(tmp_path):
    import subprocess

    TABLE.to_csv(tmp_path / "own.csv", index=False)
    heavy = "{'polars', 'fastnda', 'openpyxl', 'bdf', 'pybamm', 'matplotlib', 'scipy.stats'}"
    code = (
        f"import sys, twin; twin.read_measurements({str(tmp_path / 'own.csv')!r}); "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
