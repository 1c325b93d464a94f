"""States of a followed cell on disk: one netCDF file each, written whole, and none ever changed.

::

    followed/cell_07/state_0001.nc     after the first update
    followed/cell_07/state_0002.nc     after the second; each with the history from before any

The last one is what is known now. A state belongs to the draws of a fit and to a cell: where they have
changed since, it cannot be gone on from, and says so.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.errors import DatasetError, FittedSetError
from twin.files import load_groups, save
from twin.following.evidence import Observed
from twin.following.followed import Followed, updates_of
from twin.following.particles import Particles
from twin.following.this_cell import ThisCell, this_cell
from twin.measured.curves import Curve
from twin.measured.spread import CurveSpread
from twin.results.provenance import protocol_of, run_attributes, twin_version

FOLDER = "followed"
"""Beside the cells of an experiment: what is known of each cell that is followed."""
STATE = re.compile(r"state_(\d+)\.nc")
"""Names of the files of states, with their number."""
HISTORY = "history"
"""The group of a state that holds what each update changed."""


def folder_of_states(experiment: Path, specimen: str) -> Path:
    """Where the states of a physical cell lie, under its name as far as a folder may have it."""
    plain = re.sub(r"[^\w.-]+", "_", specimen).strip("._") or "cell"
    if plain != specimen:  # two names that differ by such letters alone have folders of their own
        plain = f"{plain}_{zlib.crc32(specimen.encode()):08x}"
    return experiment / FOLDER / plain


def states_in(folder: Path) -> list[Path]:
    """Files of states, the oldest first."""
    found = {}
    if folder.is_dir():
        for path in folder.iterdir():
            if matched := STATE.fullmatch(path.name):
                found[int(matched[1])] = path
    return [found[number] for number in sorted(found)]


def keep(state: Followed, folder: Path) -> Path:
    """Write a state behind those that are there. Raises OutputError: not writable."""
    last = states_in(folder)
    matched = STATE.fullmatch(last[-1].name) if last else None
    number = int(matched[1]) + 1 if matched else 1
    return save(state_groups(state), folder / f"state_{number:04d}.nc")


def state_groups(state: Followed) -> xr.DataTree:
    """A state as a Dataset over (particle, coordinate), with its history as a group."""
    data: dict = {
        "point": (("particle", "coordinate"), state.particles.points),
        "log_weight": ("particle", state.particles.log_weights),
    }
    for curve in state.observed.curves:
        over = f"measured_{curve.name}"
        data[over] = (f"cycle_of_{curve.name}", curve.values)
        data[f"cycle_of_{curve.name}"] = (f"cycle_of_{curve.name}", curve.cycles)
    above = xr.Dataset(data, coords={"coordinate": state.prior.names})
    above.attrs = run_attributes(state.protocol, "long_cycling") | {
        "cell": state.cell.name,
        "belongs_to": _belongs_to(state.prior),
        "curves": list(state.observed.names),
        "measured_cycles": state.observed.cycles,
        "measured_onset": state.observed.onset or 0,
        "horizon": state.horizon,
        "seed": state.seed,
        "twin_version": twin_version(),
    }
    return xr.DataTree.from_dict({"/": above, HISTORY: state.history})


def read_state(
    path: Path, cell: Cell, draws: xr.Dataset, spreads: Mapping[str, CurveSpread]
) -> Followed:
    """A state that :func:`keep` wrote, of a cell with the draws of its family.

    Raises DatasetError: no such file, or none of a state. FittedSetError: of another cell or other
    draws.
    """
    groups = load_groups(path)
    above = groups.to_dataset()
    try:
        prior = this_cell(cell, draws)
        _check_belongs(path, above, prior)
        names = np.atleast_1d(above.attrs["curves"]).tolist()
        onset = int(above.attrs["measured_onset"])
        return Followed(
            prior=prior,
            draws=draws,
            protocol=protocol_of(above),
            observed=Observed(
                tuple(_curve(above, name, spreads[name]) for name in names if name),
                int(above.attrs["measured_cycles"]),
                onset or None,
            ),
            particles=Particles(above["point"].values, above["log_weight"].values),
            updates=updates_of(groups[HISTORY].to_dataset()),
            horizon=int(above.attrs["horizon"]),
            seed=int(above.attrs["seed"]),
        )
    except (KeyError, ValueError, AttributeError, TypeError) as problem:
        raise DatasetError(
            f"{path} is no state of a followed cell: it lacks {problem}; remove it, and the state "
            "before it is gone on from"
        ) from None


def _curve(above: xr.Dataset, name: str, spread: CurveSpread) -> Curve:
    cycles = above[f"cycle_of_{name}"].values.astype(int)
    return Curve(name, cycles, above[f"measured_{name}"].values, spread)


def _check_belongs(path: Path, above: xr.Dataset, prior: ThisCell) -> None:
    if above.attrs["cell"] != prior.cell.name:
        raise FittedSetError(
            f"{path} is of {above.attrs['cell']}, not of {prior.cell.name}: two kinds of cell have one "
            "specimen in measurements.toml; give each its own"
        )
    if above.attrs["belongs_to"] != _belongs_to(prior):
        raise FittedSetError(
            f"{path} was made with other values of {prior.cell.name}, or before its family was fitted "
            "anew: follow it anew (`twin update FOLDER --anew`); earlier states stay"
        )


def _belongs_to(prior: ThisCell) -> str:
    """Fingerprint of the cell and of its family's draws."""
    found = hashlib.sha256(prior.cell.hash.encode())
    for array in (prior.kernels, prior.factor):
        found.update(np.ascontiguousarray(array, dtype=float).tobytes())
    found.update(repr(sorted(prior.deviations.items())).encode())
    return found.hexdigest()[:16]
