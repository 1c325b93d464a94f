"""One point of a study: draws of a cell through a protocol, each run reduced to its few numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.arguments import checked_draws, checked_seed
from twin.cell import Cell
from twin.errors import StudyError, unknown
from twin.fitting.draws import drawn_factors, drawn_parameters, load_draws, prior_factors, scaled
from twin.names import DEAD, NO_ANSWER
from twin.protocols import Protocol
from twin.results.dataset import Results
from twin.results.quantities import QUANTITIES as TABLE
from twin.simulators import results_of

LAST_CYCLE = (
    "capacity_retention",
    "discharge_capacity",
    "specific_discharge_capacity",
    "areal_discharge_capacity",
    "discharge_energy",
)
"""Read at the last cycle of the protocol: 0 where the cell died before, NaN without an answer."""
OVERPOTENTIAL = "cell_overpotential"
"""Of symmetric cells: at the last cycle that ran."""
WHOLE_RUN = (
    "energy_delivered",
    "charge_time",
    "short_circuit",
    "short_circuit_onset_cycle",
    "short_circuit_onset_time",
    "lifetime",
    "run_time",
)
"""Said of the run as a whole; `charge_time` is the median over its cycles."""
QUANTITIES = (*LAST_CYCLE, OVERPOTENTIAL, *WHOLE_RUN)
DRAW_FROM = ("fit", "priors")
TOLERANCE = 2e-3
"""Of the runs of a study: on 160 of the shipped map of Chang2023, onset, lifetime and energy are within
0.4 % of those at 1e-5, as they are with the default of a single run, in 7/8 of its time."""


def quantities(cell: Cell) -> tuple[str, ...]:
    """The numbers that every run of a cell is reduced to."""
    return tuple(name for name in QUANTITIES if TABLE[name].is_of(cell))


@dataclass(frozen=True)
class CommonDraws:
    """What every point of a study multiplies its cell with.

    Attributes
    ----------
    factors : sequence over draws of mappings, key -> factor
    parameters : xarray.Dataset over (draw, parameter)
        The values that they give the study's own cell (:func:`twin.fitting.draws.drawn_parameters`).
    effective : float
        How many independent draws they are worth.
    """

    factors: Sequence[Mapping[str, float]]
    parameters: xr.Dataset
    effective: float


def common_draws(cell: Cell, draws: int, seed: int, draw_from: str) -> CommonDraws:
    """Draws of a cell, for all points of a study alike.

    `draw_from` is "fit" (the posterior that ships, and how the next cell differs) or "priors".

    Raises FittedSetError: no fit. ArgumentError: draws or seed are no such number. StudyError: another
    word.
    """
    check_draws(draws, draw_from)
    seed = checked_seed(seed)
    posterior = load_draws(cell) if draw_from == "fit" else None
    if posterior is None:
        factors, effective = prior_factors(cell, draws, seed), float(draws)
    else:
        factors = drawn_factors(cell, posterior, draws, seed)
        effective = float(posterior.attrs["effective_draws"])
    return CommonDraws(factors, drawn_parameters(cell, factors, posterior), effective)


def check_draws(draws: int, draw_from: str) -> None:
    """Raise ArgumentError: no such number of draws. StudyError: nowhere to draw from."""
    checked_draws(draws)
    if draw_from not in DRAW_FROM:
        raise StudyError(unknown(draw_from, DRAW_FROM, "what draws are taken from (draw_from)"))


Task = tuple[Cell, Protocol, Sequence[Mapping[str, float]]]
"""A cell, its protocol, and the draws that it is run on."""


def run_draws(task: Task) -> dict[str, np.ndarray]:
    """Runs of a cell on some draws: each of :func:`quantities`, and `outcome`, over (draw,)."""
    (found,) = run_together([task])
    return found


def run_together(tasks: Sequence[Task]) -> list[dict[str, np.ndarray]]:
    """As :func:`run_draws` of each, for cells of one structure: side by side, which is faster."""
    runs = [(scaled(cell, factors), protocol) for cell, protocol, drawn in tasks for factors in drawn]
    found = iter(results_of(runs, tolerance=TOLERANCE))
    answers = []
    for cell, protocol, drawn in tasks:
        kept = [reduced(next(found), protocol) for _ in drawn]
        names_of = (*quantities(cell), "outcome")
        answers.append({name: np.array([run[name] for run in kept]) for name in names_of})
    return answers


def reduced(run: Results, protocol: Protocol) -> dict[str, float | str]:
    """The numbers of one run that a study keeps."""
    values = {name: array for name, (_, array) in run.items()}
    outcome, cycles = values["outcome"].item(), len(values["time"])
    complete = cycles == protocol.number_of_cycles and outcome not in NO_ANSWER
    early = 0.0 if outcome in DEAD else np.nan
    kept: dict[str, float | str] = {"outcome": outcome}
    for name in LAST_CYCLE:
        if name in values:
            kept[name] = float(values[name][-1]) if complete else early
    if OVERPOTENTIAL in values:
        answers = cycles and outcome not in NO_ANSWER
        kept[OVERPOTENTIAL] = float(values[OVERPOTENTIAL][-1]) if answers else np.nan
    if "discharge_energy" in values:
        kept["energy_delivered"] = float(np.nansum(values["discharge_energy"]))
    kept["charge_time"] = float(np.median(values["charge_time"])) if cycles else np.nan
    kept["run_time"] = float(values["time"][-1]) if cycles else 0.0
    for name in ("short_circuit_onset_cycle", "short_circuit_onset_time", "lifetime"):
        kept[name] = values[name].item()
    kept["short_circuit"] = float(np.isfinite(values["short_circuit_onset_cycle"]))
    return kept


def joined(parts: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Runs on consecutive draws as one."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def attributes(name: str) -> dict[str, str]:
    """`units` and `long_name` of a quantity."""
    return TABLE[name].attributes
