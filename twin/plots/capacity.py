"""Discharge capacity by the kind of cycle: rate tests, check-ups, storage."""

import itertools
import textwrap

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.errors import DatasetError, unknown
from twin.plots.style import BLUE, TEXT_SIZE, category_colours, finish, legend_above, new_axes
from twin.protocols.lab_tests import CHECK_UP
from twin.results.intervals import interval
from twin.results.lab_test_forms import CAPACITIES
from twin.results.readable import Readable, readable

ROOM = 1.22
"""Height of the axis over the largest capacity of a rate test: above the points stand the rates."""
KIND_WIDTH = 9
"""[characters] of a line of a kind's name above its points."""
MANY = 20
"""Points of a kind from which they are small."""
HOURS_A_DAY = 24.0
"""[h]"""


def rate_capability(data: xr.Dataset, *, axes: Axes | None = None) -> Axes:
    """Discharge capacity of each cycle of a rate test, grouped by the rate.

    `data` is a run or a forecast of :func:`twin.protocols.rate_test`; of a forecast the median and the
    5-95 % interval of the draws. Raises DatasetError: it is not.
    """
    CAPACITIES.check(data)
    axes = new_axes(axes)
    shown = _over_cycles(data, _capacity_name(data))
    kinds = _kinds(data).tolist()
    colours = category_colours(dict.fromkeys(kinds))
    top = np.max(shown.values[np.isfinite(shown.values)], initial=0.0) * ROOM or 1.0
    for kind, group in itertools.groupby(range(len(kinds)), key=kinds.__getitem__):
        places = list(group)
        _points(axes, data["cycle"].values[places], shown.values[:, places], colours[kind], size=6)
        axes.text(
            float(np.mean(data["cycle"].values[places])), 0.99 * top, textwrap.fill(kind, KIND_WIDTH),
            ha="center", va="top", fontsize=TEXT_SIZE - 2, color=colours[kind],
        )  # fmt: skip
    axes.set_xlabel("Cycle")
    axes.set_ylabel(shown.label)
    axes.set_ylim(0, top)
    return finish(axes)


def check_up_capacity(data: xr.Dataset, *, axes: Axes | None = None) -> Axes:
    """Discharge capacity over the cycle number, a colour for each kind of cycle.

    `data` is a run or a forecast of :func:`twin.protocols.check_ups`, or of any protocol whose blocks
    have names; of a forecast the median and the 5-95 % interval. Raises DatasetError: it is not.
    """
    CAPACITIES.check(data)
    axes = new_axes(axes)
    shown = _over_cycles(data, _capacity_name(data))
    kinds = _kinds(data)
    colours = category_colours(dict.fromkeys(kinds.tolist()))
    for kind, colour in colours.items():
        own = kinds == kind
        size = 3 if own.sum() >= MANY else 7
        _points(axes, data["cycle"].values[own], shown.values[:, own], colour, size=size, label=kind)
    axes.set_xlabel("Cycle")
    axes.set_ylabel(shown.label)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    legend_above(axes)
    return finish(axes)


def storage_retention(data: xr.Dataset, *, kind: str = CHECK_UP, axes: Axes | None = None) -> Axes:
    """Capacity retention [%] of the check-ups over the time [days] of a calendar ageing.

    Parameters
    ----------
    data : a run or a forecast of :func:`twin.protocols.calendar_ageing`
        Of a forecast the median and the 5-95 % interval.
    kind : str
        Of the cycles that are shown.

    Raises
    ------
    DatasetError : no run and no forecast, or none with cycles of this kind.
    """
    over_cycle = ("cycle",)
    CAPACITIES.also({"capacity_retention": over_cycle, "time": over_cycle}).check(data)
    kinds = _kinds(data)
    own = kinds == kind
    if not own.any():
        raise DatasetError(unknown(kind, dict.fromkeys(kinds.tolist()), "a kind of its cycles"))
    axes = new_axes(axes)
    shown = _over_cycles(data, "capacity_retention")
    time = data["time"].median("draw") if "draw" in data["time"].dims else data["time"]
    days = (time.values / HOURS_A_DAY)[own]
    axes.plot(days, shown.values[len(shown.values) // 2, own], color=BLUE, linewidth=1.2)
    _points(axes, days, shown.values[:, own], BLUE, size=7)
    axes.set_xlabel("Time / days")
    axes.set_ylabel(shown.label)
    axes.set_xlim(left=0)
    return finish(axes)


def _kinds(data: xr.Dataset) -> np.ndarray:
    return data["kind"].values.astype(str)


def _capacity_name(data: xr.Dataset) -> str:
    named = "specific_discharge_capacity"
    return named if named in data else "discharge_capacity"


def _over_cycles(data: xr.Dataset, name: str) -> Readable:
    """(edge, cycle) in the unit shown: of a forecast three edges of the interval, of a run one."""
    if "draw" in data[name].dims:
        return readable(interval(data, name).transpose("quantile", "cycle"))
    return readable(data[name].expand_dims("quantile").transpose("quantile", "cycle"))


def _points(axes: Axes, across, edges: np.ndarray, colour: str, *, size: float, label: str = "") -> None:
    """Points of a run; of a forecast the median, with a bar over its interval."""
    if len(edges) == 1:
        axes.plot(across, edges[0], "o", color=colour, markersize=size, label=label)
        return
    low, median, high = edges
    bars = np.maximum([median - low, high - median], 0.0)
    axes.errorbar(
        across, median, bars, fmt="o", color=colour, markersize=size, capsize=size / 2, label=label,
        elinewidth=1.0,
    )  # fmt: skip
