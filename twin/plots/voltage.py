"""Voltage over capacity or time within chosen cycles."""

from typing import Literal

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.plots.style import finish, legend_above, new_axes, ordered_colours
from twin.results.form import SERIES
from twin.results.readable import readable


def voltage_curves(
    series: xr.Dataset,
    *,
    x: Literal["capacity", "time"] = "capacity",
    measured: xr.Dataset | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Cell voltage [V] of each cycle over the charge passed in a half-cycle, or over time.

    Parameters
    ----------
    series : Dataset over (cycle, point)
        As :func:`twin.time_series` gives it: `voltage`, and `capacity` or `time`.
    measured : Dataset of the same form, drawn as points in the colour of its cycle.

    Raises
    ------
    DatasetError : no time series, or one without such a variable.
    """
    for data in (series,) if measured is None else (series, measured):
        SERIES.also({x: ("cycle", "point")}).check(data)
    axes = new_axes(axes)
    across, volts = (readable(series[name].transpose("cycle", "point")) for name in (x, "voltage"))
    colours = dict(
        zip(series["cycle"].values.tolist(), ordered_colours(series.sizes["cycle"]), strict=True)
    )
    for place, (cycle, colour) in enumerate(colours.items()):
        horizontal, vertical = _broken_where_it_restarts(across.values[place], volts.values[place])
        axes.plot(horizontal, vertical, color=colour, linewidth=1.8, label=f"{cycle}")
    if measured is not None:
        _points(axes, measured, x, colours)
    axes.set_xlabel(across.label)
    axes.set_ylabel(volts.label)
    axes.set_xlim(left=0)
    legend_above(axes, title="Cycle")
    return finish(axes)


def _points(axes, measured: xr.Dataset, x: str, colours) -> None:
    for cycle in measured["cycle"].values.tolist():
        own = measured.sel(cycle=cycle)
        axes.plot(
            readable(own[x]).values, readable(own["voltage"]).values, "o", markersize=5,
            color=colours.get(cycle, "black"), markeredgecolor="black", label=f"{cycle}, measured",
        )  # fmt: skip


def _broken_where_it_restarts(horizontal: np.ndarray, vertical: np.ndarray):
    """No line from the end of one half-cycle back to the start of the next."""
    restarts = np.flatnonzero(np.diff(horizontal) < 0) + 1
    return np.insert(horizontal, restarts, np.nan), np.insert(vertical, restarts, np.nan)
