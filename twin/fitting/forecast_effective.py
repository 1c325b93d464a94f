"""Effective draws of what is forecast: retention at cycle 800 and the onset of a short.

Effective draws of the parameters do not tell those of a forecast, which may hang on one parameter that
mixes badly, or on none of them. So the standard protocol is run for states of the chains, in their
order, and the chains of each answer are judged as those of the parameters are. The spread between equal
cells is left out: a forecast adds it draw by draw, independently, which would hide how slowly the chains
move.

What a forecast of n draws rests on is the smaller of n and this number.

It costs seconds of two processors: 5 for Luo2021, 15 for Duan2023 and Liu2018, 30 for Chang2023.
"""

import itertools

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin.fitting.problem import Problem, with_values
from twin.fitting.sampling import bulk_and_tail
from twin.protocols.standard import CYCLES, standard_protocol
from twin.simulators import simulate_many

MOST_STATES = 1000
"""Different states that are run at most: where chains have more, they are thinned evenly."""
GROUP = "forecast_effective"
"""Name of the group of a fit's file that holds them."""
RETENTION = "capacity_retention"
"""Result whose value in the last cycle is forecast."""
ONSET = "short_circuit_onset_cycle"
"""Result that says when a short comes."""
QUANTITIES = (RETENTION, ONSET)
"""Coordinate `quantity`."""


def forecast_effective(
    problem: Problem,
    values: np.ndarray,
    *,
    processes: int | None = None,
) -> xr.Dataset:
    """Effective draws of the standard forecast of each cell of a fit, from its chains.

    Parameters
    ----------
    values : (chain, draw, parameter)
        Of the posterior, in the order of the chains.

    Returns
    -------
    xarray.Dataset over (cell, quantity)
        `bulk` and `tail`: effective draws (Vehtari et al. 2021, Bayesian Analysis 16, 667), of the tail
        those of the worse end. NaN where the quantity is the same in every draw, and of the retention of
        a symmetric cell, whose charge is prescribed. A cell that dies before the last cycle has a
        retention of 0 then; a short that never comes is later than all others. Attributes: `cycles`,
        and `states`, how many of the chains were run.
    """
    distinct, places = _thinned(values)
    versions = [
        with_values(problem.cells, problem.searched, row.tolist(), problem.paper) for row in distinct
    ]
    found = np.full((len(problem.cells), len(QUANTITIES), 2), np.nan)
    bar = tqdm(problem.cells.items(), desc="effective draws of forecasts", unit=" cells", disable=None)
    for number, (name, cell) in enumerate(bar):
        protocol = standard_protocol(cell)
        runs = simulate_many([(version[name], protocol) for version in versions], processes=processes)
        onset = runs[ONSET].values
        answers = {ONSET: np.nan_to_num(onset, nan=2.0 * CYCLES)}
        if cell.has_cathode:
            kept = runs[RETENTION].isel(cycle=-1).values
            answers[RETENTION] = np.where(np.isfinite(onset), 0.0, np.nan_to_num(kept))
        for quantity, answer in answers.items():
            if np.ptp(answer):
                found[number, QUANTITIES.index(quantity)] = bulk_and_tail(answer[places])
    told = xr.Dataset(
        {
            "bulk": (("cell", "quantity"), found[..., 0]),
            "tail": (("cell", "quantity"), found[..., 1]),
        },
        coords={"cell": list(problem.cells), "quantity": list(QUANTITIES)},
        attrs={"cycles": CYCLES, "states": places.size},
    )
    for name, where in (("bulk", "the middle"), ("tail", "the 5 and 95 % ends")):
        told[name].attrs = {"units": "1", "long_name": f"Effective draws of {where}"}
    return told


def _thinned(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different states (state, parameter) of chains, and which of them each chain is at, when.

    A state that is repeated is one.
    """
    for step in itertools.count(1):
        chains = values[:, ::step]
        states, places = np.unique(chains.reshape(-1, chains.shape[-1]), axis=0, return_inverse=True)
        if len(states) <= MOST_STATES:
            break
    return states, places.reshape(chains.shape[:2])
