"""The parameters behind an answer: values, intervals, sources, and which of them drive it."""

import numpy as np
import xarray as xr

from twin import plots
from twin.cell import Cell
from twin.errors import ObservationError
from twin.parameters import part_and_key
from twin.report.page import Picture, Table, picture, table
from twin.results.form import DRAWN
from twin.results.intervals import HIGH, LOW
from twin.results.phrases import count, listed, number
from twin.sensitivities import basis_of, sensitivity

WORDS_OF_BASIS = {
    "measured rows": "measured rows",
    "prior": "prior only",
    "cell to cell": "spread between equal cells",
}
FEW_EFFECTIVE = 30
"""Effective draws below which the tails deserve no trust."""
EFFECTIVE = {
    "effective_capacity_retention": "capacity retention",
    "effective_short_circuit_onset_cycle": "onset of a short",
}
"""Attribute of a forecast -> what its effective draws are of."""
PRIORS = "They are drawn from priors: no measured row of this cell was fitted."
"""Said of draws that come from no fit."""
STRONGEST = 3
"""Parameters that a sentence on a result names."""
QUANTITIES = 3
"""Results whose drivers are told: retention and onset of a short, or what there is instead."""
ASSUMED = "assumed"
"""How the source of a value begins that nobody measured or published."""


def parameter_tables(data: xr.Dataset, cell: Cell | None) -> tuple[Table, ...]:
    """Drawn parameters with intervals; the fixed ones too, where the cell is known."""
    found = []
    drawn: set[str] = set()
    if "parameter_value" in data:
        found.append(_drawn(data))
        drawn = set(data["parameter"].values.tolist())
    if cell is not None:
        rows = [
            (key, number(entry.value), entry.part, entry.source)
            for key, entry in cell.parameters.items()
            if cell.label(key) not in drawn
        ]
        columns = ("parameter", "value", "part", "source")
        caption = "Fixed in every draw" if drawn else "Values of the cell, around which draws are taken"
        found.append(table(caption, columns, rows, right=(1,)))
    if not found:
        note = "the Dataset does not say, and its cell is none that ships: give it (cell=...)"
        found.append(table("Parameters", ("parameter", "value"), [("unknown", note)]))
    return tuple(found)


def _drawn(data: xr.Dataset) -> Table:
    DRAWN.also({"parameter_centre": ("parameter",)}).check(data)
    edges = data["parameter_value"].quantile([LOW, HIGH], "draw").transpose("parameter", "quantile")
    rows = []
    for place, name in enumerate(data["parameter"].values.tolist()):
        own = data.isel(parameter=place)
        part, key = part_and_key(name)
        low, high = edges.values[place]
        basis = basis_of(float(own["parameter_informed"]), float(own["parameter_cell_share"]))
        rows.append((
            key, number(own["parameter_centre"].item()), f"{number(low)} to {number(high)}",
            WORDS_OF_BASIS[basis], part, own["parameter_source"].item(),
        ))  # fmt: skip
    columns = (
        "parameter",
        "value",
        "5 to 95 % of the draws",
        "known from",
        "part",
        "source",
    )
    return table("Drawn", columns, rows, right=(1, 2))


def leaning(data: xr.Dataset, cell: Cell | None) -> tuple[tuple[str, ...], tuple[Picture, ...]]:
    """What the answer leans on, in sentences and as pictures."""
    sentences, pictures = [], []
    try:
        found = sensitivity(data)
    except ObservationError as error:
        sentences.append(f"Which parameters drive the answer cannot be said: {error}.")
    else:
        for quantity in found["quantity"].values.tolist()[:QUANTITIES]:
            sentences.append(_driving(found.sel(quantity=quantity)))
            bars = plots.sensitivity_bars(found, quantity=quantity)
            words = quantity.replace("_", " ")
            pictures.append(picture(
                bars,
                f"Rank correlation of the drawn parameters with the {words}; bars span 5 to 95 %.",
                f"Bars of rank correlations with the {words}. {sentences[-1]}",
            ))  # fmt: skip
        sentences.append(
            f"{count(found.attrs['distinct_draws'], 'distinct fitted point')} cannot tell parameters "
            "apart that the fit ties together: read the order as where to measure next."
        )
    if cell is not None:
        guesses = [key for key, entry in cell.parameters.items() if entry.source.startswith(ASSUMED)]
        sentences.append(
            f"{len(guesses)} of the cell's {len(cell.parameters)} parameters have no source but an "
            "assumption; the tables below mark them."
        )
    return tuple(sentences), tuple(pictures)


def _driving(own: xr.Dataset) -> str:
    """Which parameters stand out, and which of the strongest are priors only."""
    strength = np.abs(own["rank_correlation"].values)
    own = own.isel(parameter=np.argsort(-strength, kind="stable")[:STRONGEST])
    noise = float(own["noise_level"])
    described = [
        f"{part_and_key(row['parameter'].item())[1]} ({float(row['rank_correlation']):+.2f}, "
        f"{WORDS_OF_BASIS[row['basis'].item()]})"
        for row in (own.isel(parameter=place) for place in range(own.sizes["parameter"]))
    ]
    beyond = int((np.abs(own["rank_correlation"]) > noise).sum())
    words = str(own["quantity"].item()).replace("_", " ")
    if not beyond:
        return (
            f"The {words}: no parameter stands beyond what luck reaches ({noise:.2f}); the strongest "
            f"are {listed(described)}."
        )
    return f"The {words} is driven by {listed(described[:beyond])}; luck alone would reach {noise:.2f}."


def trust(effective: float) -> str:
    """How far draws carry that are worth `effective` independent ones."""
    carry = "lean on medians, not on tails" if effective < FEW_EFFECTIVE else "enough for the tails"
    return f"the draws of the fit are worth about {effective:.0f} independent ones: {carry}."


def evidence(data: xr.Dataset, answered: int) -> tuple[str, ...]:
    """How many draws stand behind an answer, and how far they carry."""
    draws = data.sizes["draw"]
    sentences = [f"{count(draws, 'draw')} of the cell's parameters, {answered} of them with an answer."]
    if "effective_draws" in data.attrs:
        carry = trust(float(data.attrs["effective_draws"]))
        sentences.append(f"{carry[0].upper()}{carry[1:]}")
    worth = [
        f"the {words} {data.attrs[name]:.0f}" for name, words in EFFECTIVE.items() if name in data.attrs
    ]
    if worth:
        sentences.append(
            "Under the standard protocol, effective draws of what is forecast, as many as drawn at "
            f"most: {listed(worth)}."
        )
    sentences += [str(data.attrs[name]) for name in ("basis", "doubt") if data.attrs.get(name)]
    if data.attrs.get("draw_from") == "priors":
        sentences.append(PRIORS)
    sentences.append(
        "Intervals are those of the next cell that is built: what the fit leaves open, and how equal "
        "cells differ."
    )
    return tuple(sentences)
