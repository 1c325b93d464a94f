"""What a result was computed from: the attributes of its Dataset."""

import functools
import importlib.metadata
import json
from collections.abc import Mapping

import xarray as xr

from twin.cell import Cell
from twin.errors import DatasetError, ProtocolError, TwinError, shown
from twin.parameter_sets import load_cell
from twin.protocols import Protocol


def run_attributes(protocol: Protocol, simulator: str) -> dict[str, str | int]:
    return {
        "protocol": json.dumps([cycle.texts for cycle in protocol.block]),
        "repetitions": protocol.cycles,
        "simulator": simulator,
    }


def protocol_of(run: xr.Dataset) -> Protocol:
    """The protocol that a run went through, from its attributes.

    Raises DatasetError: the attributes `protocol` and `repetitions` are not those of a run.
    """
    written, times = run.attrs.get("protocol"), run.attrs.get("repetitions")
    try:
        return Protocol(json.loads(str(written)), cycles=int(str(times)))
    except (TypeError, ValueError, RecursionError, ProtocolError) as problem:
        raise DatasetError(
            f"cannot read what the cell went through from the attributes 'protocol' = {shown(written)} "
            f"and 'repetitions' = {shown(times)}: {problem}"
        ) from None


def versions_of(attributes: Mapping) -> dict[str, str]:
    """The versions of the packages that computed a Dataset. Raises DatasetError: unreadable."""
    written = attributes.get("versions", "{}")
    try:
        return {str(package): str(version) for package, version in json.loads(written).items()}
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise DatasetError(
            f"cannot read the versions of packages from the attribute 'versions' = {shown(written)}"
        ) from None


def provenance(cell: Cell) -> dict[str, str]:
    """Attributes that say what a Dataset was computed from.

    `changes` is what :func:`changes_of` reads, "" where nothing was changed in the cell.
    """
    changes = {key: [entry.value, entry.loaded.value] for key, entry in cell.changes.items()}
    return {
        "cell": cell.name,
        "changes": json.dumps(changes) if changes else "",
        "parameter_hash": cell.hash,
        "fitted_set": cell.fitted_set or "none",
        "twin_version": twin_version(),
        "versions": _versions(),
    }


def changes_of(attributes: Mapping) -> dict[str, tuple[float, float]]:
    """What was changed in the cell behind a Dataset: key -> (value, value that it was loaded with).

    Raises DatasetError: the attribute `changes` is not one that :func:`provenance` wrote.
    """
    written = attributes.get("changes") or "{}"
    try:
        return {
            key: (float(value), float(loaded)) for key, (value, loaded) in json.loads(written).items()
        }
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise DatasetError(
            f"cannot read what was changed in the cell from the attribute 'changes' = {shown(written)}"
        ) from None


def cell_behind(attributes: Mapping, given: Cell | None) -> Cell | None:
    """The cell that the data are of: the one given, or one that ships, with the changes that the data
    name; None if neither is the same."""
    if given is not None:
        return given
    try:
        changes = {key: value for key, (value, _) in changes_of(attributes).items()}
        shipped = load_cell(str(attributes.get("cell"))).replace(changes)
    except TwinError:
        return None
    return shipped if shipped.hash == attributes.get("parameter_hash") else None


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
