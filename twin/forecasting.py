"""Draws -> retention and short-circuit onset with intervals."""

from typing import Literal

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin import names
from twin.arguments import checked_draws, checked_seed
from twin.cell import Cell
from twin.fitting.draws import drawn_factors, drawn_parameters, load_draws, scaled
from twin.protocols import Protocol
from twin.results.provenance import provenance
from twin.simulators import simulate_many

CYCLES = 800
QUANTILES = (0.05, 0.5, 0.95)
DEAD = ("hard_short", "overpotential_limit")
"""Outcomes after which a cell delivers nothing: its later cycles count as zero retention."""
NO_ANSWER = names.NO_ANSWER


def standard_protocol(cell: Cell, cycles: int = CYCLES) -> Protocol:
    """1C between the cut-offs, discharge second; a symmetric cell passes 0.1 mAh/cm2 at 0.1 mA/cm2."""
    if not cell.has_cathode:
        steps = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
        return Protocol(steps, cycles=cycles)
    upper, lower = cell.values[names.UPPER_CUT_OFF], cell.values[names.LOWER_CUT_OFF]
    steps = [f"Charge at 1C until {upper:g} V", f"Discharge at 1C until {lower:g} V"]
    return Protocol(steps, cycles=cycles)


def forecast(
    cell: Cell,
    protocol: Protocol | None = None,
    *,
    draws: int = 200,
    seed: int = 0,
    processes: int | None = None,
) -> xr.Dataset:
    """Run a protocol on draws of a cell: what the fit leaves open, and how the next cell differs.

    Parameters
    ----------
    cell : Cell
        With a fitted parameter set.
    protocol : Protocol, optional
        800 cycles at 1C by default.
    draws : int
    seed : int

    Returns
    -------
    xarray.Dataset over (draw, cycle)
        The results of each run; cycles after a run's end are NaN. `parameter_value` over
        (draw, parameter): what was drawn.

    Raises
    ------
    ArgumentError : draws, seed or processes that are no such numbers.
    FittedSetError : the cell has no fit.
    """
    draws, seed = checked_draws(draws), checked_seed(seed)
    protocol = standard_protocol(cell) if protocol is None else protocol
    posterior = load_draws(cell)
    drawn = drawn_factors(cell, posterior, draws, seed)
    versions = [scaled(cell, factors) for factors in drawn]
    tasks = [(version, protocol) for version in versions]
    with tqdm(total=draws, desc=f"forecast {cell.name}", disable=None) as bar:
        runs = simulate_many(tasks, processes=processes, progress=bar.update)
    data = runs.rename(run="draw")
    data.attrs |= provenance(cell) | {
        "seed": seed,
        "effective_draws": posterior.attrs["effective_draws"],
    }
    return data.merge(drawn_parameters(cell, drawn, posterior))


def summarise(data: xr.Dataset) -> xr.Dataset:
    """Medians, 5-95 % intervals and the chance of a short by each cycle.

    Returns a Dataset with `capacity_retention` and, with a cathode,
    `specific_discharge_capacity` over (quantile, cycle), `short_circuit_probability` [1] over cycle,
    `short_circuit_onset_cycle` and `lifetime` [h] over quantile (infinite where that share of the
    draws never gets there), `outcomes` (draws) over outcome. Draws without an answer (infeasible,
    solver failure) are left out and counted in `outcomes`; a dead cell's later cycles count as zero.
    """
    outcome = data["outcome"]
    usable = data.sel(draw=~outcome.isin(NO_ANSWER))
    dead = usable["outcome"].isin(DEAD)
    result = {}
    for name in ("capacity_retention", "specific_discharge_capacity"):
        if name in usable:
            values = usable[name]
            values = values.where(values.notnull() | ~dead, 0.0)
            result[name] = _quantiles(values)
    onset = usable["short_circuit_onset_cycle"]
    chance = (onset <= data["cycle"]).mean("draw") if usable.sizes["draw"] else np.nan
    result["short_circuit_probability"] = xr.zeros_like(data["cycle"], dtype=float) + chance
    for name in ("short_circuit_onset_cycle", "lifetime"):
        values = usable[name].fillna(np.inf)
        # an infinite neighbour must not be averaged in: take the draw itself
        result[name] = _quantiles(values, method="inverted_cdf")
    counts = [int((outcome == name).sum()) for name in names.OUTCOMES]
    summary = xr.Dataset(result).assign_coords(outcome=list(names.OUTCOMES))
    summary["outcomes"] = ("outcome", counts)
    for key, variable in summary.data_vars.items():
        if str(key) in names.RESULT_UNITS:
            units, long_name = names.RESULT_UNITS[str(key)]
            variable.attrs = {"units": units, "long_name": long_name}
    summary["short_circuit_probability"].attrs = {
        "units": "1",
        "long_name": "Chance of a short circuit by this cycle",
    }
    summary.attrs = data.attrs
    return summary


def _quantiles(
    values: xr.DataArray, method: Literal["linear", "inverted_cdf"] = "linear"
) -> xr.DataArray:
    answered = values.sizes["draw"] > 0
    if not answered:
        values = values.reindex(draw=[0])  # nothing is known: NaN
    return values.quantile(list(QUANTILES), dim="draw", method=method, skipna=answered)
