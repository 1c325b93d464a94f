"""The report of a forecast."""

import numpy as np
import xarray as xr

from twin import plots
from twin.cell import Cell
from twin.forecasting import summarise
from twin.measured.experiment import measured_retention
from twin.report.page import Page, Picture, Table, picture, table
from twin.report.parameters import evidence, leaning, parameter_tables
from twin.report.phrases import cell_behind, count, listed, number, provenance, span, steps_of
from twin.results.intervals import answers, interval
from twin.results.provenance import protocol_of

ROWS = 8
"""Cycles of the table."""


def page(data: xr.Dataset, question: str | None, cell: Cell | None) -> Page:
    """The page of a forecast over (draw, cycle)."""
    cell = cell_behind(data.attrs, cell)
    cycles = int(data["cycle"][-1])
    answered = int(answers(data).sum())
    sentences, bars = leaning(data, cell)
    name = cell.description if cell is not None else data.attrs["cell"]
    asked = question or f"How does {name} age over {cycles} cycles of {steps_of(data.attrs)}?"
    summary = summarise(data)
    return Page(
        kind="Forecast",
        question=asked,
        answer=_answer(summary, cycles, answered, data) if answered else _no_answer(data),
        pictures=_pictures(data, summary, name, cycles) if answered else (),
        tables=(_over_life(data, summary, cycles), _outcomes(summary))
        if answered
        else (_outcomes(summary),),
        leans_on=sentences,
        leans_on_pictures=bars,
        evidence=evidence(data, answered),
        parameters=parameter_tables(data, cell),
        provenance=provenance(data.attrs),
    )


def _answer(summary: xr.Dataset, cycles: int, answered: int, data: xr.Dataset) -> str:
    chance = 100 * float(summary["short_circuit_probability"].isel(cycle=-1))
    shorted = int(data["short_circuit_onset_cycle"].notnull().sum())
    short = (
        f"the chance of a short circuit by then is {number(chance)} % ({shorted} of {answered} draws)"
    )
    if not shorted:
        short = f"no short circuit comes in any of {count(answered, 'draw')}"
    elif chance > 50:
        short += f", at cycle {span(summary['short_circuit_onset_cycle'].values)}"
    name, _, unit = _ageing(data)
    last = span(_over_cycles(data, summary).isel(cycle=-1).values, unit)
    if name == "capacity_retention":
        return f"After {cycles} cycles it keeps {last} of its first capacity, and {short}."
    return f"After {cycles} cycles its overpotential is {last}, and {short}."


def _ageing(data: xr.Dataset) -> tuple[str, str, str]:
    """What tells the age of a cell: its capacity or, without a cathode, its overpotential."""
    if "specific_discharge_capacity" in data or "cell_overpotential" not in data:
        return "capacity_retention", "retention", "%"
    return "cell_overpotential", "cell overpotential", "V"


def _over_cycles(data: xr.Dataset, summary: xr.Dataset) -> xr.DataArray:
    """Its 5, 50 and 95 % quantiles in the unit told, (cycle, quantile); of draws that still run."""
    name, _, _ = _ageing(data)
    if name in summary:
        return 100 * summary[name].transpose("cycle", "quantile")
    return interval(data, name).transpose("cycle", "quantile")


def _no_answer(data: xr.Dataset) -> str:
    notes = [str(note) for note in data["notes"].values if str(note)] if "notes" in data else []
    return f"No draw gave an answer. {notes[0] if notes else ''}".strip()


def _pictures(data: xr.Dataset, summary: xr.Dataset, name: str, cycles: int) -> tuple[Picture, ...]:
    points = [
        (cycle, value)
        for cycle, value in measured_retention(data.attrs["cell"], protocol_of(data))
        if cycle <= cycles
    ]
    survivors = 100 - 100 * float(summary["short_circuit_probability"].isel(cycle=-1))
    measured = listed([f"{value:g} % at cycle {cycle:g}" for cycle, value in points])
    described = f"{number(survivors)} % of the cells have not shorted by cycle {cycles}."
    if _ageing(data)[0] == "capacity_retention":
        edges = 100 * summary["capacity_retention"].isel(cycle=-1).values
        first = picture(
            plots.forecast_figure({name: summary}, {name: points}, ""),
            "Above: capacity retention, median and 5 to 95 %. Below: cells that have not shorted."
            + (f" Measured: {measured}." if points else ""),
            f"Capacity retention falls to {span(edges, '%')} at cycle {cycles}; {described}",
        )
    else:
        first = picture(plots.survival_curve(summary), "Cells that have not shorted.", described)
    pictures = [first]
    if "resistance" in data:
        last = data["resistance"].isel(cycle=-1).mean("draw") * 1e4
        shares = listed(
            [f"{m} {number(v)}" for m, v in zip(last["mechanism"].values, last.values, strict=True)]
        )
        pictures.append(picture(
            plots.resistance_breakdown(data),
            "Resistance by mechanism, mean of the draws that still run.",
            f"Stacked resistances; at the last cycle in Ohm cm2: {shares}.".replace("_", " "),
        ))  # fmt: skip
    if "interface" in data.dims:
        pictures.append(picture(
            plots.interface_states(data),
            "States of the lithium interfaces, median and 5 to 95 % of the draws that still run.",
            "Small panels: the states of each lithium interface over the cycles.",
        ))  # fmt: skip
    return tuple(pictures)


def _over_life(data: xr.Dataset, summary: xr.Dataset, cycles: int) -> Table:
    chosen = np.unique(np.linspace(0, cycles, ROWS + 1).round().astype(int).clip(min=1))
    edges = _over_cycles(data, summary)
    rows = [
        (
            f"{cycle}",
            *(number(value) for value in edges.sel(cycle=cycle).values),
            number(100 * float(summary["short_circuit_probability"].sel(cycle=cycle))),
        )
        for cycle in chosen.tolist()
    ]
    _, words, unit = _ageing(data)
    columns = (
        "cycle",
        f"{words} 5 % / {unit}",
        f"median / {unit}",
        f"95 % / {unit}",
        "shorted by then / %",
    )
    return table("Over life", columns, rows, right=(1, 2, 3, 4))


def _outcomes(summary: xr.Dataset) -> Table:
    rows = [
        (str(name).replace("_", " "), f"{int(amount)}")
        for name, amount in zip(summary["outcome"].values, summary["outcomes"].values, strict=True)
        if amount
    ]
    life = span(summary["lifetime"].values, "h")
    note = f"Time of the first failure of any kind: {life}."
    return table("Worst that happened", ("outcome", "draws"), rows, right=(1,), note=note)
