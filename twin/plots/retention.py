"""How a cell ages over the cycle number, with its interval: of the cells that live."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.plots.living import FEWEST_ALIVE
from twin.plots.style import COLOURS, FILL, finish, new_axes
from twin.results.form import SUMMARY
from twin.results.quantities import RESULTS, Quantity
from twin.results.readable import readable

TOP_OF_RETENTION = 105
"""[%] where the axis of a retention ends: a little above what a cell starts with."""


def retention_fan(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Median and 5-95 % band of the capacity retention [%] over the cycle number.

    Of the cells that run without a short: it ends where fewer than one in ten does.
    """
    return fan(summary, RESULTS["capacity_retention"], axes=axes, label=label, colour=colour)


def retention_line(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Median capacity retention [%] of the cells that run without a short, to set beside a fan."""
    return line(summary, RESULTS["capacity_retention"], axes=axes, label=label, colour=colour)


def fan(
    summary: xr.Dataset, quantity: Quantity, *, axes: Axes | None = None, label: str = "",
    colour: str = COLOURS[0],
) -> Axes:  # fmt: skip
    """Median and 5-95 % band of a result over the cycle number, of the cells that live.

    Raises DatasetError: not the summary of a forecast.
    """
    SUMMARY.also({quantity.name: ("quantile", "cycle")}).check(summary)
    axes = new_axes(axes)
    cycle, (low, median, high) = _edges(summary, quantity)
    axes.fill_between(cycle, low, high, color=colour, alpha=FILL, linewidth=0)
    axes.plot(cycle, median, color=colour, linewidth=2, label=label)
    return _over_cycles(axes, summary, quantity)


def line(
    summary: xr.Dataset, quantity: Quantity, *, axes: Axes | None = None, label: str = "",
    colour: str = COLOURS[0],
) -> Axes:  # fmt: skip
    """Median of a result over the cycle number, of the cells that live.

    Raises DatasetError: not the summary of a forecast.
    """
    SUMMARY.also({quantity.name: ("quantile", "cycle")}).check(summary)
    axes = new_axes(axes)
    cycle, (_, median, _) = _edges(summary, quantity)
    axes.plot(cycle, median, "--", color=colour, linewidth=2, label=label)
    return _over_cycles(axes, summary, quantity)


def measured_points(
    points: Sequence[tuple[float, float]],
    *,
    axes: Axes,
    colour: str,
    label: str = "measured",
    is_own: bool = True,
) -> Axes:
    """Measured values as points: pairs of (cycle, value in the unit of the axis).

    Those beyond the axis are not drawn: a shorter run says nothing about them. Points that were measured
    on another cell than the one drawn (`is_own` False) are hollow.
    """
    shown = [point for point in points if point[0] <= axes.get_xlim()[1]]
    if shown:
        x, y = zip(*shown, strict=True)
        axes.plot(
            x, y, "o", color=colour, markerfacecolor=colour if is_own else "white",
            markeredgecolor="black" if is_own else colour, markeredgewidth=1.0 if is_own else 1.8,
            markersize=8, label=label, zorder=5, clip_on=False,
        )  # fmt: skip
    return finish(axes)


def _edges(summary: xr.Dataset, quantity: Quantity) -> tuple[np.ndarray, np.ndarray]:
    """Cycles, and (quantile, cycle) in the unit shown, as far as enough cells live."""
    edges = summary[quantity.name].assign_attrs(quantity.attributes).transpose("quantile", "cycle")
    edges = edges.where(summary["alive"] >= FEWEST_ALIVE)
    return edges["cycle"].values, readable(edges).values


def _over_cycles(axes: Axes, summary: xr.Dataset, quantity: Quantity) -> Axes:
    axes.set_xlabel("Cycle")
    axes.set_ylabel(readable(summary[quantity.name].assign_attrs(quantity.attributes)).label)
    axes.set_xlim(0, float(summary["cycle"][-1]))
    axes.set_ylim(0, TOP_OF_RETENTION if quantity.in_percent else None)
    return finish(axes)
