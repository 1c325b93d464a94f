"""A .mpr, by libraries under the GPL, which no extra brings: here stands what each of them gives."""

import sys
import types

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import twin
from twin.errors import MeasurementError

TABLE = pd.DataFrame(
    {
        "time/s": [0.0, 1800, 3600, 3601, 5400, 7200],
        "Ewe/V": [3.1, 3.5, 3.9, 3.8, 3.4, 3.0],
        "I/mA": [1.0, 1.0, 1.0, -1.0, -1.0, -1.0],
    }
)
BEGINNING = b"BIO-LOGIC MODULAR FILE"


def galvani(monkeypatch, table=TABLE):
    """A record array."""

    class MPRfile:
        def __init__(self, path):
            self.data = np.rec.fromarrays(table.to_numpy().T, names=list(table))

    module = types.ModuleType("galvani.BioLogic")
    module.MPRfile = MPRfile
    monkeypatch.setitem(sys.modules, "galvani", types.ModuleType("galvani"))
    monkeypatch.setitem(sys.modules, "galvani.BioLogic", module)


def yadg(monkeypatch, table=TABLE):
    """A tree of Datasets whose variables have units."""

    def extract(filetype, path):
        assert filetype == "eclab.mpr"
        columns = {
            name: ("uts", table[header].to_numpy(), {"units": unit})
            for header, (name, unit) in zip(
                table, (("time", "s"), ("Ewe", "V"), ("I", "mA")), strict=True
            )
        }
        return xr.DataTree(xr.Dataset({**columns, "Range": ((), 3)}))

    module = types.ModuleType("yadg.extractors")
    module.extract = extract
    monkeypatch.setitem(sys.modules, "yadg", types.ModuleType("yadg"))
    monkeypatch.setitem(sys.modules, "yadg.extractors", module)


def without(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "own.mpr"
    path.write_bytes(BEGINNING)
    return path


@pytest.mark.parametrize(("library", "other"), [(galvani, "yadg"), (yadg, "galvani")])
def test_whichever_library_its_user_has_reads_it(library, other, path, monkeypatch):
    without(monkeypatch, other)
    library(monkeypatch)
    data = twin.read_measurements(path)
    assert data.attrs["format"] == f"BioLogic .mpr, by {library.__name__}"
    np.testing.assert_allclose([data["charge_capacity"], data["discharge_capacity"]], 1e-3, rtol=1e-3)
    assert data.attrs["current_sign"].startswith("positive charges, as it raises the voltage")


def test_without_either_it_is_said_what_to_do(path, monkeypatch):
    for library in ("galvani", "yadg"):
        without(monkeypatch, library)
    with pytest.raises(
        MeasurementError, match=r"read with galvani or yadg: pip install galvani .* \(.mpt\)"
    ):
        twin.read_measurements(path)


@pytest.mark.parametrize("library", [galvani, yadg])
def test_a_file_that_the_library_cannot_read_is_said(library, path, monkeypatch):
    without(monkeypatch, "yadg" if library is galvani else "galvani")
    library(monkeypatch, table=None)
    with pytest.raises(MeasurementError, match=r"own.mpr: cannot be read as BioLogic .mpr"):
        twin.read_measurements(path)
