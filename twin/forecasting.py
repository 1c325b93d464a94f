"""Draws -> retention and short-circuit onset with intervals."""

from collections.abc import Mapping, Sequence

import xarray as xr
from tqdm.auto import tqdm

from twin import names
from twin.arguments import checked_draws, checked_kind, checked_seed
from twin.cell import Cell
from twin.fitting.draws import drawn_factors, drawn_parameters, effective_forecast, load_draws, scaled
from twin.fitting.widening import span_dataset, widened
from twin.protocols import Protocol
from twin.protocols.standard import standard_protocol
from twin.results.form import FORECAST
from twin.results.intervals import MEDIAN, answers, chance_interval, interval, worth_of
from twin.results.provenance import provenance
from twin.results.quantities import FORECASTS, RESULTS
from twin.simulators import check_size, simulate_many

EVENTS = (
    "short_circuit_onset_cycle",
    "lifetime",
    "critical_current_density",
    "cumulative_charge",
)
"""Results that never come in some draws; symmetric cells alone have the last two."""


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
        With a fitted parameter set: of the folder that its file lies in, or of parts that ship.
    protocol : Protocol, optional
        800 cycles at 1C by default.
    draws : int
    seed : int

    Returns
    -------
    xarray.Dataset over (draw, cycle)
        The results of each run; cycles after a run's end are NaN. `parameter_value` over
        (draw, parameter): what was drawn. Over `condition`: how the protocol stands to what was fitted
        (:data:`twin.results.quantities.FITTED_SPAN`); outside it the draws are wider by `model_error`
        (:mod:`twin.fitting.widening`). Attributes `effective_draws` of the parameters of the fit and,
        where the fit ran the cell's standard protocol, `effective_capacity_retention` and
        `effective_short_circuit_onset_cycle`: effective draws of these, of bulk or tail the fewer.
        Attribute `basis`: in words, on whose fit the draws rest where the cell has none of its own.

    Raises
    ------
    ArgumentError : draws, seed or processes that are no such numbers, or too many cycles in all.
    FittedSetError : the cell has no fit.
    """
    checked_kind("cell", cell, Cell, "twin.load_cell(name or path) gives one")
    draws, seed = checked_draws(draws), checked_seed(seed)
    protocol = standard_protocol(cell) if protocol is None else protocol
    checked_kind("protocol", protocol, Protocol, "twin.Protocol([steps], cycles=…) makes one")
    check_size(draws, protocol.number_of_cycles)
    posterior = load_draws(cell)
    about = {
        "seed": seed,
        "effective_draws": posterior.attrs["effective_draws"],
        "doubt": posterior.attrs["doubt"],
        "basis": posterior.attrs["basis"],
        **effective_forecast(cell, draws),
    }
    factors = drawn_factors(cell, posterior, draws, seed)
    return forecast_of(cell, protocol, factors, posterior, about, processes=processes)


def forecast_of(
    cell: Cell,
    protocol: Protocol,
    factors: Sequence[Mapping[str, float]],
    posterior: xr.Dataset,
    about: Mapping[str, str | float],
    *,
    processes: int | None = None,
) -> xr.Dataset:
    """A forecast, as :func:`forecast` gives, on draws that somebody else has made.

    Parameters
    ----------
    factors : what each draw multiplies the parameters of the cell with, key -> factor
    posterior : the draws of the fit behind them (:func:`twin.fitting.draws.load_draws`)
    about : attributes beside those of the cell

    Raises ArgumentError: too many cycles in all.
    """
    check_size(len(factors), protocol.number_of_cycles)
    beside = span_dataset(cell, protocol)
    error = float(beside["model_error"])
    drawn = [widened(cell, one, error) for one in factors]
    tasks = [(scaled(cell, own), protocol) for own in drawn]
    with tqdm(total=len(tasks), desc=f"forecast {cell.name}", disable=None) as bar:
        runs = simulate_many(tasks, processes=processes, progress=bar.update)
    data = runs.rename(run="draw")
    data.attrs |= {**provenance(cell), **about}
    return data.merge(drawn_parameters(cell, drawn, posterior)).merge(beside)


def summarise(data: xr.Dataset) -> xr.Dataset:
    """Medians, 5-95 % intervals and the chance of a short by each cycle, of the draws of a forecast.

    A cell lives as long as it delivers, without a short. Capacity and overpotential are told of those
    that live: of the others there is nothing to measure but the short. Draws without an answer
    (infeasible, solver failure) are left out of everything and counted in `outcomes`.

    Parameters
    ----------
    data : a forecast over (draw, cycle)

    Returns
    -------
    xarray.Dataset
        Of the cells that live at a cycle, over (quantile, cycle): `capacity_retention` [1], with a
        cathode `specific_discharge_capacity` [mA.h/g], without one `cell_overpotential` [V]; NaN where
        none lives. Over cycle: `alive` [1], the share of the cells that live, and
        `short_circuit_probability` [1], the share that has shorted; over quantile too
        `short_circuit_probability_interval` [1], what the draws say of that chance
        (:func:`twin.results.intervals.chance_interval`). Over quantile: `short_circuit_onset_cycle`
        and `lifetime` [h], without a cathode also `critical_current_density` [A/m2] and
        `cumulative_charge` [mA.h/cm2], infinite where that share of the cells never gets there. Over
        outcome: `outcomes` [draws].

    Raises DatasetError: no forecast, or one that lacks something.
    """
    FORECAST.check(data)
    aged = [
        name
        for name in ("capacity_retention", "specific_discharge_capacity", "cell_overpotential")
        if name in data
    ]
    per_cycle = [*aged, "spent"] if "spent" in data else aged
    FORECAST.also(dict.fromkeys(per_cycle, ("draw", "cycle"))).check(data)
    answered = answers(data)
    shorted = data["short_circuit_onset_cycle"] <= data["cycle"]
    spent = data["spent"] > 0 if "spent" in data else xr.zeros_like(shorted)
    alive = data["capacity_retention"].notnull() & ~shorted & ~spent
    result = {name: interval(data.assign({name: data[name].where(alive)}), name) for name in aged}
    result["alive"] = alive.where(answered).mean("draw")
    chance = chance_interval(shorted.where(answered), worth_of(data))
    result["short_circuit_probability"] = chance.sel(quantile=MEDIAN, drop=True)
    result["short_circuit_probability_interval"] = chance
    for name in EVENTS:
        if name in data:
            result[name] = interval(data, name)
    summary = xr.Dataset(result).assign_coords(outcome=list(names.OUTCOMES))
    counts = [int((data["outcome"] == name).sum()) for name in names.OUTCOMES]
    summary["outcomes"] = ("outcome", counts)
    for name, quantity in {**RESULTS, **FORECASTS}.items():
        if name in summary.data_vars:
            summary[name].attrs = quantity.attributes
    summary.attrs = data.attrs
    return summary
