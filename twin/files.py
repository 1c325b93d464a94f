"""Files that are written whole or not at all, and netCDF ones read back."""

import os
import tempfile
from pathlib import Path

import xarray as xr

from twin.errors import ObservationError, OutputError


def save(data: xr.Dataset, path: str | Path) -> Path:
    """Write a Dataset as netCDF, whole or not at all. Raises OutputError: cannot be written."""
    path = Path(path)

    def write(beside):
        data.to_netcdf(beside, engine="netcdf4")

    return write_whole(path, write)


def write_whole(path: Path, write) -> Path:
    """Let `write(path)` write beside `path`, then rename. Raises OutputError: not writable."""
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(handle)
        beside = Path(name)
        write(beside)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; name a folder that you may write to"
        ) from None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
    return path


def load(path: str | Path) -> xr.Dataset:
    """Read what :func:`save` wrote. Raises ObservationError: not a readable netCDF file."""
    try:
        with xr.open_dataset(path, engine="netcdf4") as data:
            return data.load()
    except (OSError, ValueError) as error:
        raise ObservationError(f"cannot read {path} as netCDF: {error}") from None
