"""What a result was computed from: the attributes of its Dataset."""

import dataclasses
import functools
import importlib.metadata
import itertools
import json
from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from twin.cell import Cell
from twin.errors import DatasetError, ProtocolError, TwinError, shown
from twin.parameter_sets import load_cell
from twin.protocols import Cycle, Protocol
from twin.protocols.step import End, Profile, Step, check


def run_attributes(protocol: Protocol, simulator: str) -> dict[str, str | int]:
    """Attributes that say what a run went through.

    `protocol` lists the cycles of the block, each a list of its steps; `protocol_settings` is there only
    where words alone do not say all (:func:`_settings`).
    """
    found: dict[str, str | int] = {
        "protocol": json.dumps([cycle.texts for cycle in protocol.block]),
        "repetitions": protocol.cycles,
        "simulator": simulator,
    }
    settings = _settings(protocol)
    return found | {"protocol_settings": json.dumps(settings)} if settings else found


def protocol_of(run: xr.Dataset) -> Protocol:
    """The protocol that a run went through, from its attributes.

    Raises DatasetError: its attributes are not those of a run.
    """
    written, times = run.attrs.get("protocol"), run.attrs.get("repetitions")
    settings = run.attrs.get("protocol_settings", "{}")
    try:
        cycles = _cycles(json.loads(str(written)), **json.loads(str(settings)))
        return Protocol(cycles, cycles=int(str(times)))
    except (
        AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError, ProtocolError
    ) as problem:  # fmt: skip
        beside = "" if settings == "{}" else f", 'protocol_settings' = {shown(settings)}"
        raise DatasetError(
            f"cannot read what the cell went through from the attributes 'protocol' = {shown(written)}"
            f"{beside} and 'repetitions' = {shown(times)}: {problem}"
        ) from None


def _settings(protocol: Protocol) -> dict[str, list]:
    """What the words of a protocol do not say.

    blocks : runs of cycles that share them, as [how many, name, temperature [K], pressure [Pa]]
    drive_cycles : each drive cycle once, as :class:`Step` has it
    driven : where they stand, as [cycle of the block, step of the cycle, drive cycle]
    """
    found: dict[str, list] = {}
    around = [(cycle.name, cycle.temperature, cycle.pressure) for cycle in protocol.block]
    if set(around) != {NOTHING_SET}:
        found["blocks"] = [[len(list(same)), *own] for own, same in itertools.groupby(around)]
    profiles = [step for step in protocol.distinct_steps if step.profile is not None]
    if profiles:
        number = {step: place for place, step in enumerate(profiles)}
        found["drive_cycles"] = [dataclasses.asdict(step) for step in profiles]
        found["driven"] = [
            [cycle, place, number[step]]
            for cycle, own in enumerate(protocol.block)
            for place, step in enumerate(own.steps)
            if step in number
        ]
    return found


NOTHING_SET = ("", None, None)
"""Name, temperature and pressure of a cycle that no block surrounds."""


def _cycles(cycles: list, *, blocks=(), drive_cycles=(), driven=()) -> list:
    """The cycles that were written as lists of words, with what :func:`_settings` has beside them."""
    steps = [_driven(**written) for written in drive_cycles]
    for cycle, place, number in driven:
        cycles[cycle][place] = steps[number]
    if not blocks:
        return cycles
    around = itertools.chain.from_iterable(itertools.repeat(own, count) for count, *own in blocks)
    return [
        Cycle(Protocol([tuple(cycle)]).block[0].steps, *own)
        for cycle, own in zip(cycles, around, strict=True)
    ]


def _driven(profile, ends, **written) -> Step:
    """The drive cycle that was written as ``dataclasses.asdict`` of a Step."""
    points = Profile(*(tuple(map(float, profile[column])) for column in ("time", "value")))
    step = Step(**written, profile=points, ends=tuple(End(**end) for end in ends))
    check(step)
    return step


def provenance(cell: Cell) -> dict[str, str]:
    """Attributes that say what a Dataset was computed from.

    `changes` is what :func:`changes_of` reads, "" where nothing was changed in the cell; `folder` is
    that of a user's own cell.
    """
    changes = {key: [entry.value, entry.loaded.value] for key, entry in cell.changes.items()}
    return {
        "cell": cell.name,
        **({} if cell.folder is None else {"folder": str(cell.folder)}),
        "changes": json.dumps(changes) if changes else "",
        "parameter_hash": cell.hash,
        "fitted_set": cell.fitted_set or "none",
        "twin_version": twin_version(),
        "versions": _versions(),
    }


def versions_of(attributes: Mapping) -> dict[str, str]:
    """The versions of the packages that computed a Dataset. Raises DatasetError: unreadable."""
    written = attributes.get("versions", "{}")
    try:
        return {str(package): str(version) for package, version in json.loads(written).items()}
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise DatasetError(
            f"cannot read the versions of packages from the attribute 'versions' = {shown(written)}"
        ) from None


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
    """The cell that the data are of: the one given, or one that ships or lies in the folder that they
    name, with the changes that they name; None if none is the same."""
    if given is not None:
        return given
    try:
        changes = {key: value for key, (value, _) in changes_of(attributes).items()}
        name = str(attributes.get("cell"))
        folder = Path(str(attributes["folder"])) if "folder" in attributes else None
        own = None if folder is None else folder / f"{name}.toml"
        file = own if own is not None and own.is_file() else name
        found = load_cell(file, beside=folder).replace(changes)
    except TwinError:
        return None
    return found if found.hash == attributes.get("parameter_hash") else None


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
