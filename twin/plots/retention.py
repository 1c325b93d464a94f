"""Capacity retention over the cycle number, with its interval."""

from collections.abc import Sequence

import xarray as xr
from matplotlib.axes import Axes

from twin.plots.style import COLOURS, FILL, finish, new_axes


def retention_fan(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Median and 5-95 % band of the capacity retention [%] over the cycle number."""
    axes = new_axes(axes)
    percent = summary["capacity_retention"] * 100
    cycle = percent["cycle"].values
    low, median, high = (percent.isel(quantile=k).values for k in range(3))
    axes.fill_between(cycle, low, high, color=colour, alpha=FILL, linewidth=0)
    axes.plot(cycle, median, color=colour, linewidth=2, label=label)
    return _over_cycles(axes, cycle)


def retention_line(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Median capacity retention [%] over the cycle number, to set beside a fan."""
    axes = new_axes(axes)
    percent = summary["capacity_retention"].sel(quantile=0.5) * 100
    axes.plot(percent["cycle"], percent, "--", color=colour, linewidth=2, label=label)
    return _over_cycles(axes, percent["cycle"].values)


def measured_points(
    points: Sequence[tuple[float, float]], *, axes: Axes, colour: str, label: str = "measured"
) -> Axes:
    """Measured values as points: pairs of (cycle, value in the unit of the axis).

    Those beyond the axis are not drawn: a shorter run says nothing about them.
    """
    shown = [point for point in points if point[0] <= axes.get_xlim()[1]]
    if shown:
        x, y = zip(*shown, strict=True)
        axes.plot(
            x, y, "o", color=colour, markeredgecolor="black", markersize=8, label=label, zorder=5,
            clip_on=False,
        )  # fmt: skip
    return finish(axes)


def _over_cycles(axes: Axes, cycle) -> Axes:
    axes.set_xlabel("Cycle")
    axes.set_ylabel("Capacity retention / %")
    axes.set_xlim(0, cycle[-1])
    axes.set_ylim(0, 105)
    return finish(axes)
