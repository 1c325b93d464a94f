"""What a result was computed from: the attributes of its Dataset."""

import functools
import importlib.metadata
import json

import xarray as xr

from twin.cell import Cell
from twin.protocols import Protocol


def run_attributes(protocol: Protocol, simulator: str) -> dict[str, str | int]:
    return {
        "protocol": json.dumps(protocol.block),
        "repetitions": protocol.cycles,
        "simulator": simulator,
    }


def protocol_of(run: xr.Dataset) -> Protocol:
    """The protocol that a run went through, from its attributes."""
    return Protocol(json.loads(run.attrs["protocol"]), cycles=int(run.attrs["repetitions"]))


def provenance(cell: Cell) -> dict[str, str]:
    """Attributes that say what a Dataset was computed from."""
    return {
        "cell": cell.name,
        "parameter_hash": cell.hash,
        "fitted_set": cell.fitted_set or "none",
        "twin_version": twin_version(),
        "versions": _versions(),
    }


@functools.cache  # reading them takes as long as a hundred cycles
def _versions() -> str:
    packages = ("pybamm", "numpy", "xarray", "optuna")
    return json.dumps({package: importlib.metadata.version(package) for package in packages})


@functools.cache
def twin_version() -> str:
    """Version of the installed distribution."""
    try:
        return importlib.metadata.version("assb-twin")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
