"""The report of a forecast."""

import dataclasses

import numpy as np
import xarray as xr

from twin import plots
from twin.cell import Cell
from twin.forecasting import summarise
from twin.measured.beside import MeasuredBeside, measured_beside
from twin.report.origin import changed, provenance
from twin.report.page import Page, Picture, Table, picture, table
from twin.report.parameters import evidence, leaning, parameter_tables
from twin.results import inside
from twin.results.form import FORECAST
from twin.results.intervals import answers
from twin.results.phrases import chance_in_words, count, listed, number, span, steps_of
from twin.results.provenance import cell_behind, protocol_of
from twin.results.quantities import ageing
from twin.results.readable import readable

PROVEN = dataclasses.replace(
    FORECAST, attributes={"cell": str, "protocol": str, "repetitions": int, "parameter_hash": str}
)
"""A forecast that says what it was computed from."""
ROWS = 8
"""Steps between the cycles of the table, from the first to the last."""
LIVES = "A cell lives as long as it runs without a short."
"""What "alive" means, for whoever reads the page."""


def page(data: xr.Dataset, question: str | None, cell: Cell | None) -> Page:
    """The page of a forecast over (draw, cycle)."""
    PROVEN.check(data)
    protocol = protocol_of(data)
    cell = cell_behind(data.attrs, cell)
    cycles = int(data["cycle"][-1])
    answered = int(answers(data).sum())
    sentences, bars = leaning(data, cell)
    name = cell.description if cell is not None else data.attrs["cell"]
    asked = question or f"How does {name} age over {cycles} cycles of {steps_of(protocol)}?"
    summary = summarise(data)
    beside = MeasuredBeside() if cell is None else measured_beside(cell, protocol)
    tables = (_over_life(summary, cycles), _outcomes(summary)) if answered else (_outcomes(summary),)
    return Page(
        kind="Forecast",
        question=asked,
        changed=changed(data.attrs),
        answer=_answer(summary, cycles, answered, data) if answered else _no_answer(data),
        pictures=_pictures(data, summary, name, beside) if answered else (),
        tables=(*tables, *_inside(data)),
        leans_on=sentences,
        leans_on_pictures=bars,
        evidence=evidence(data, answered),
        parameters=parameter_tables(data, cell),
        provenance=provenance(data.attrs),
    )


def _answer(summary: xr.Dataset, cycles: int, answered: int, data: xr.Dataset) -> str:
    alive = 100 * float(summary["alive"].isel(cycle=-1))
    last = readable(_over_cycles(summary).isel(cycle=-1))
    told = span(last.values, last.unit)
    if ageing(summary).name == "capacity_retention":
        aged = f"keep {told} of their first capacity"
    else:
        aged = f"have an overpotential of {told}"
    if not alive:
        first = f"After {cycles} cycles no cell lives"
    elif alive < 100:
        first = f"After {cycles} cycles {number(alive)} % of the cells live and {aged}"
    else:
        first = f"After {cycles} cycles the cells {aged}"
    return f"{first}; {_short(summary, answered, data)}."


def _short(summary: xr.Dataset, answered: int, data: xr.Dataset) -> str:
    """The chance of a short by the end and, where most cells short, when."""
    shorted = int(data["short_circuit_onset_cycle"].where(answers(data)).notnull().sum())
    edges = summary["short_circuit_probability_interval"].isel(cycle=-1).values
    if not shorted:
        return (
            f"no short circuit comes in any of {count(answered, 'draw')}, "
            f"so that its chance is {chance_in_words(edges)}"
        )
    told = (
        f"the chance of a short circuit by then is {chance_in_words(edges)}: "
        f"{shorted} of {count(answered, 'draw')} short"
    )
    onset = summary["short_circuit_onset_cycle"].values
    return f"{told}, at cycle {span(onset)}" if np.isfinite(onset[1]) else told


def _over_cycles(summary: xr.Dataset) -> xr.DataArray:
    """What tells the age of the cells that live, (cycle, quantile)."""
    return summary[ageing(summary).name].transpose("cycle", "quantile")


def _no_answer(data: xr.Dataset) -> str:
    notes = [str(note) for note in data["notes"].values if str(note)] if "notes" in data else []
    return f"No draw gave an answer. {notes[0] if notes else ''}".strip()


def _pictures(
    data: xr.Dataset, summary: xr.Dataset, name: str, beside: MeasuredBeside
) -> tuple[Picture, ...]:
    cycles = int(data["cycle"][-1])
    aged = readable(_over_cycles(summary).isel(cycle=-1))
    words = ageing(summary).name.replace("_", " ")
    points = [f"{value:g} {aged.unit} at cycle {at:g}" for at, value in beside.points if at <= cycles]
    kind = "Measured" if beside.is_own else f"Hollow, {beside.label}"
    measured = f" {kind}: {listed(points)}." if points else ""
    alive = number(100 * float(summary["alive"].isel(cycle=-1)))
    own, before = ({name: beside.points}, {}) if beside.is_own else ({}, {beside.label: beside.points})
    pictures = [picture(
        plots.forecast_figure({name: summary}, own, "", before_changes=before),
        f"Above: {words} of the cells that live, median and 5 to 95 %. Below: how many live.{measured}"
        f" {LIVES}",
        f"At cycle {cycles} {alive} % of the cells live; their {words} is "
        f"{span(aged.values, aged.unit)}.{measured}",
    )]  # fmt: skip
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


def _over_life(summary: xr.Dataset, cycles: int) -> Table:
    chosen = np.unique(np.linspace(0, cycles, ROWS + 1).round().astype(int).clip(min=1))
    aged = _over_cycles(summary)
    rows = []
    for cycle in chosen.tolist():
        own = summary.sel(cycle=cycle)
        rows.append((
            f"{cycle}",
            *(number(value) for value in readable(aged.sel(cycle=cycle), like=aged).values),
            number(100 * float(own["alive"])),
            chance_in_words(own["short_circuit_probability_interval"].values),
        ))  # fmt: skip
    shown, words = readable(aged), ageing(summary).name.replace("_", " ")
    columns = (
        "cycle",
        f"{words} 5 % / {shown.unit}",
        f"median / {shown.unit}",
        f"95 % / {shown.unit}",
        "cells alive / %",
        "chance of a short by then",
    )
    note = f"The {words} is that of the cells that live. {LIVES} Chances have Jeffreys' interval."
    return table("Over life", columns, rows, right=(1, 2, 3, 4, 5), note=note)


def _outcomes(summary: xr.Dataset) -> Table:
    rows = [
        (str(name).replace("_", " "), f"{int(amount)}")
        for name, amount in zip(summary["outcome"].values, summary["outcomes"].values, strict=True)
        if amount
    ]
    life = span(summary["lifetime"].values, "h")
    note = f"Time of the first failure of any kind: {life}."
    return table("Worst that happened", ("outcome", "draws"), rows, right=(1,), note=note)


def _inside(data: xr.Dataset) -> tuple[Table, ...]:
    """How the protocol stands to what was fitted; none where the forecast does not say."""
    rows = inside.rows_of(data)
    note = inside.sentence(data)
    return (table("Inside what was fitted?", inside.COLUMNS, rows, note=note),) if rows else ()
