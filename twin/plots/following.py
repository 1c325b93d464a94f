"""How a forecast narrows as the cell's cycles arrive."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from twin.plots.style import BLUE, FILL, GREY, VERMILLION, finish, legend_above, new_axes
from twin.results.form import FOLLOWED
from twin.results.quantities import FOLLOWING
from twin.results.readable import readable

ROOM = 1.25
"""An axis of an event ends so much beyond the last end of an interval that is a number."""


def narrowing(
    history: xr.Dataset,
    quantity: str = "short_circuit_onset_cycle",
    *,
    happened: float | None = None,
    axes: Axes | None = None,
) -> Axes:
    """The forecast of a followed cell over the cycles that were measured when it was made.

    A line and a band: median and 5-95 % interval; an interval without an upper end is open. Updates
    with an alarm carry a cross: the cell does what the model does not know. Where an onset is drawn,
    below the diagonal lies what has been lived through.

    Parameters
    ----------
    history : of :attr:`twin.following.followed.Followed.history`
    quantity : "short_circuit_onset_cycle", "capacity_retention", "short_circuit_probability"
    happened : what came in the end, where it is known, in the unit of the axis
    axes : optional

    Raises DatasetError: no such history, or a quantity that it does not hold.
    """
    FOLLOWED.also({quantity: ("update", "quantile")}).check(history)
    axes = new_axes(axes)
    edges = history[quantity].assign_attrs(FOLLOWING[quantity].attributes)
    shown = readable(edges.transpose("quantile", "update"))
    cycles = history["measured_cycles"].values.astype(float)
    low, median, high = shown.values
    top = _top(shown.values, cycles, happened, int(history.attrs["horizon"]), quantity)
    handles = _band(axes, cycles, np.minimum(low, 2 * top), median, np.minimum(high, 2 * top))
    if FOLLOWING[quantity].never is not None:
        axes.fill_between([0, top], [0, top], color=GREY, alpha=0.12, linewidth=0)
        handles.append(Line2D([], [], color=GREY, alpha=0.3, linewidth=8, label="lived through"))
    if happened is not None:
        handles.append(axes.axhline(happened, color="black", linestyle=":", label="what came"))
    alarmed = np.array([bool(str(words)) for words in history["alarm"].values])
    if alarmed.any():
        place = np.minimum(median, 0.97 * top)[alarmed]
        handles += axes.plot(
            cycles[alarmed], place, "X", color=VERMILLION, markersize=10, zorder=6, linestyle="none",
            label="alarm",
        )  # fmt: skip
    axes.set_xlim(0, 1.02 * max(cycles.max(), 1.0))
    axes.set_ylim(0 if FOLLOWING[quantity].never is not None else None, top)
    axes.set_xlabel("Cycles measured when the forecast was made")
    name, slash, unit = shown.label.partition(" / ")
    by = "" if FOLLOWING[quantity].never is not None else f" (cycle {history.attrs['horizon']})"
    axes.set_ylabel(f"{name}{by}{slash}{unit}")
    legend_above(axes, handles)
    return finish(axes)


def _band(axes: Axes, cycles, low, median, high) -> list:
    axes.fill_between(cycles, low, high, color=BLUE, alpha=FILL, linewidth=0)
    handles = axes.plot(cycles, median, "o-", color=BLUE, linewidth=2, label="median")
    band = Line2D([], [], color=BLUE, alpha=FILL, linewidth=8, label="5 to 95 %")
    return [*handles, band]


def _top(values, cycles, happened, horizon: int, quantity: str) -> float:
    """Where the axis ends."""
    if FOLLOWING[quantity].never is None:
        finite = values[np.isfinite(values)]
        above = [*finite.tolist(), happened if happened is not None else -np.inf]
        return 1.02 * max(above) if finite.size else 1.0
    finite = values[np.isfinite(values)]
    ends = [*finite.tolist(), cycles.max(), happened or 0.0]
    return float(horizon) if not np.isfinite(values).all() else ROOM * max(ends)
