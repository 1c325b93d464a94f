"""A folder's followed cells: each file that says so, taken into what is known of its cell.

``measurements.toml`` marks a file that is followed with ``role = "follow"``: nothing of it enters the
fit of the family, so that no cycle counts twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from twin.cell import Cell
from twin.errors import ObservationError, unknown
from twin.fitting.draws import load_draws
from twin.fitting.family import curve_spreads_of
from twin.following.followed import Followed
from twin.following.kept import folder_of_states, keep, read_state, states_in
from twin.following.update import PARTICLES, update
from twin.measured.experiment import Experiment
from twin.measured.measurements import FOLLOW, Measurement
from twin.protocols.standard import CYCLES


@dataclass(frozen=True)
class Taken:
    """What one file of a folder has changed.

    Attributes
    ----------
    measurement : Measurement
    state : Followed
        What is known now.
    new_cycles : int
    file : Path
        Of the state.
    """

    measurement: Measurement
    state: Followed
    new_cycles: int
    file: Path


def followed_files(experiment: Experiment, specimens: Sequence[str] = ()) -> tuple[Measurement, ...]:
    """The files of an experiment that are followed, or those of the specimens named.

    Raises ObservationError: no file is followed, no such specimen, or one whose file enters the fit.
    """
    files = experiment.measurements
    if not specimens:
        found = tuple(own for own in files if own.role == FOLLOW)
        if not found:
            raise ObservationError(
                f'{experiment.folder}: no file in measurements.toml has role = "{FOLLOW}", so there is '
                "no cell to follow"
            )
        return found
    chosen = []
    for name in specimens:
        own = next((one for one in files if one.specimen == name), None)
        if own is None:
            known = [one.specimen for one in files]
            raise ObservationError(unknown(name, known, "a specimen in measurements.toml"))
        if own.role == "fit":
            raise ObservationError(
                f'{own.file} has role = "fit": its cycles are in the draws already and would count '
                f'twice; give it role = "{FOLLOW}" and fit the folder without it'
            )
        chosen.append(own)
    return tuple(chosen)


def update_file(
    experiment: Experiment,
    measurement: Measurement,
    *,
    anew: bool = False,
    particles: int = PARTICLES,
    horizon: int = CYCLES,
    seed: int = 0,
    processes: int | None = None,
) -> Taken:
    """Take the new cycles of a file into what is known of its cell; the state is kept beside it.

    `anew` starts from what the family says; the states that are there stay.

    Raises as :func:`twin.update`, and whatever a file raises that cannot be read: what is known stays.
    """
    cell = experiment.fitted_cells()[measurement.cell].replace(measurement.settings)
    draws = load_draws(cell)
    folder = folder_of_states(experiment.folder, measurement.specimen)
    before = None if anew else last_state(folder, cell, draws)
    data = measurement.data
    after = update(
        cell if before is None else before,
        data,
        protocol=measurement.protocol_of(experiment.protocols),
        enters=measurement.enters,
        particles=particles,
        horizon=horizon,
        seed=seed,
        processes=processes,
    )
    known = 0 if before is None else before.observed.cycles
    if after is before:
        return Taken(measurement, after, 0, states_in(folder)[-1])
    return Taken(measurement, after, after.observed.cycles - known, keep(after, folder))


def last_state(folder: Path, cell: Cell, draws: xr.Dataset) -> Followed | None:
    """What is known of a cell, None where it was never updated.

    Raises DatasetError: the file of its state is damaged. FittedSetError: its family was fitted anew.
    """
    states = states_in(folder)
    if not states:
        return None
    return read_state(states[-1], cell, draws, curve_spreads_of(cell))
