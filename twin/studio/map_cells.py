"""What a map shows of each point that has come: a value, "never", or a hole with its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from twin.cell import Cell
from twin.results.intervals import CHANCE, interval
from twin.results.phrases import chance_in_words, span
from twin.results.quantities import QUANTITIES
from twin.results.readable import Readable, readable
from twin.studies.arriving import Arrival, unanswered
from twin.studies.on_draws import OnDraws
from twin.studies.point import Numbers, quantities
from twin.studies.question import SHORT_PROBABILITY
from twin.studio.page_parts import in_words
from twin.studio.varied import named_as_slider

COLUMNS = ("x", "y", "value", "across", "up", "told", "outside")
"""Of a cell of the map: its place, its value (the median), and what a hand that rests on it is told."""


def columns() -> dict[str, list]:
    """No cells."""
    return {name: [] for name in COLUMNS}


@dataclass(frozen=True)
class MapCells:
    """The cells of a map, by column, and the axes that they lie on.

    Attributes
    ----------
    across, up : the values along both axes
    label : of the values, with their unit
    known : cells with a value
    never : cells where the event does not come within the run, in most draws
    holes : cells without an answer
    """

    across: Readable
    up: Readable
    label: str
    known: dict[str, list] = field(default_factory=columns)
    never: dict[str, list] = field(default_factory=columns)
    holes: dict[str, list] = field(default_factory=columns)


def outcomes_of(cell: Cell) -> dict[str, str]:
    """What a map can show of a cell, words -> name."""
    return {
        label_of(name): name for name in quantities(cell) if QUANTITIES[name].better or name == CHANCE
    }


def label_of(name: str) -> str:
    """What people call a result of a study."""
    return QUANTITIES[SHORT_PROBABILITY if name == CHANCE else name].long_name


def dataset_of(asked: OnDraws, found: Mapping[int, Arrival]) -> xr.Dataset:
    """The Dataset of a map as far as it has come: no draw of the other points has an answer."""
    empty = unanswered(asked)
    return asked.dataset([_numbers(found.get(number), empty) for number in range(asked.study.grid.size)])


def _numbers(arrival: Arrival | None, empty: Numbers) -> Numbers:
    return empty if arrival is None or arrival.numbers is None else arrival.numbers


def cells_of(asked: OnDraws, found: Mapping[int, Arrival], name: str) -> MapCells:
    """The cells of a map, as far as they have come, for one result."""
    first, second = asked.study.grid.shape
    data = dataset_of(asked, found)
    across, up = _axis(asked, data, first), _axis(asked, data, second)
    edges = readable(interval(data, name).transpose("quantile", first, second))
    made = MapCells(across, up, edges.label)
    shape = tuple(asked.study.grid.shape.values())
    for number, arrival in sorted(found.items()):
        x, y = (int(place) for place in np.unravel_index(number, shape))
        low, value, high = (float(edge) for edge in edges.values[:, x, y])
        if np.isnan(value):
            words, group = _why(arrival), made.holes
        elif name == CHANCE:
            words, group = chance_in_words(edges.values[:, x, y] / 100), made.known
        else:
            words = span((low, value, high), edges.unit)
            group = made.never if np.isinf(value) else made.known
        entries = (x, y, value, across.entry(x), up.entry(y), words, arrival.outside or "nothing")
        for column, entry in zip(COLUMNS, entries, strict=True):
            group[column].append(entry)
    return made


def _axis(asked: OnDraws, data: xr.Dataset, name: str) -> Readable:
    return named_as_slider(asked.study.cell, readable(data[name]), name)


def _why(arrival: Arrival) -> str:
    """Why a point has no answer."""
    if arrival.error is not None:
        return in_words(arrival.error)
    assert arrival.numbers is not None  # or there is an error
    outcomes = [str(own).replace("_", " ") for own in sorted(set(arrival.numbers["outcome"]))]
    return f"no draw has an answer: {', '.join(outcomes)}"


def table_of(asked: OnDraws, found: Mapping[int, Arrival]) -> pd.DataFrame:
    """Every point that has come as a row: both values, each result with its 5 and 95 %, what is said."""
    names = list(asked.study.grid.shape)
    data = dataset_of(asked, found)
    places = np.array(sorted(found), dtype=int)
    at = np.unravel_index(places, list(asked.study.grid.shape.values()))
    axes = [_axis(asked, data, name) for name in names]
    table: dict[str, np.ndarray | list[str]] = {
        axis.label: axis.values[own] for axis, own in zip(axes, at, strict=True)
    }
    for name in quantities(asked.study.cell):
        shown = readable(interval(data, name).transpose("quantile", *names))
        label = shown.label if name != CHANCE else f"{label_of(name)} / {shown.unit}"
        for words, edge in zip(("5 %", "", "95 %"), shown.values, strict=True):
            table[f"{label}, {words}" if words else label] = edge[at]
    arrivals = [found[int(number)] for number in places]
    table["outcomes"] = [_outcomes(arrival) for arrival in arrivals]
    table["outside what was fitted"] = [arrival.outside for arrival in arrivals]
    return pd.DataFrame(table)


def _outcomes(arrival: Arrival) -> str:
    """ "24 completed, 1 hard short", or why there are none."""
    if arrival.numbers is None:
        return _why(arrival)
    kinds, counts = np.unique(arrival.numbers["outcome"], return_counts=True)
    said = [f"{count} {kind}" for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)]
    return ", ".join(said).replace("_", " ")


def wanting(asked: OnDraws, found: Mapping[int, Arrival]) -> str:
    """What a map that is not whole says of itself; "" of one that is."""
    size = asked.study.grid.size
    return f"{len(found)} of {size} points; the others are not computed" if len(found) < size else ""
