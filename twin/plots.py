"""Dataset -> matplotlib Axes. Nothing here simulates; colours are safe for colour-blind eyes."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito."""
TEXT_SIZE = 11
FILL = 0.22
AXIS_FACTOR = 15.0
"""Of predicted over measured, that the validation figure shows."""


def retention_fan(
    summary: xr.Dataset, *, ax: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Median and 5-95 % band of the capacity retention [%] over the cycle number."""
    ax = _axes(ax)
    percent = summary["capacity_retention"] * 100
    cycle = percent["cycle"].values
    low, median, high = (percent.isel(quantile=k).values for k in range(3))
    ax.fill_between(cycle, low, high, color=colour, alpha=FILL, linewidth=0)
    ax.plot(cycle, median, color=colour, linewidth=2, label=label)
    ax.set_xlabel("Cycle")
    ax.set_ylabel("Capacity retention / %")
    ax.set_xlim(0, cycle[-1])
    ax.set_ylim(0, 105)
    return _finish(ax)


def retention_line(
    summary: xr.Dataset, *, ax: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Median capacity retention [%] over the cycle number, to set beside a fan."""
    ax = _axes(ax)
    percent = summary["capacity_retention"].sel(quantile=0.5) * 100
    ax.plot(percent["cycle"], percent, "--", color=colour, linewidth=2, label=label)
    return _finish(ax)


def measured_points(
    points: Sequence[tuple[float, float]], *, ax: Axes, colour: str, label: str = "measured"
) -> Axes:
    """Measured values as points: pairs of (cycle, value in the unit of the axis)."""
    if points:
        x, y = zip(*points, strict=True)
        ax.plot(
            x, y, "o", color=colour, markeredgecolor="black", markersize=8, label=label, zorder=5,
            clip_on=False,
        )  # fmt: skip
    return _finish(ax)


def short_probability(
    summary: xr.Dataset, *, ax: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Chance of a short circuit by each cycle [%]."""
    ax = _axes(ax)
    chance = summary["short_circuit_probability"] * 100
    ax.step(chance["cycle"], chance, color=colour, linewidth=2, where="post", label=label)
    ax.set_xlabel("Cycle")
    ax.set_ylabel("Short-circuited / %")
    ax.set_xlim(0, float(chance["cycle"][-1]))
    ax.set_ylim(-3, 103)
    return _finish(ax)


def forecast_figure(
    summaries: Mapping[str, xr.Dataset],
    measured: Mapping[str, Sequence[tuple[float, float]]],
    title: str,
) -> Figure:
    """Retention above, with its band for the first cell; chance of a short below; a colour per cell.

    `summaries` and `measured` are keyed by the label of each cell.
    """
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(8, 7), sharex=True, height_ratios=(3, 1.4), layout="constrained"
    )
    for colour, (label, summary) in zip(COLOURS, summaries.items(), strict=False):
        draw = retention_fan if colour == COLOURS[0] else retention_line
        draw(summary, ax=upper, label=label, colour=colour)
        measured_points(measured.get(label, ()), ax=upper, colour=colour, label=f"{label}, measured")
        short_probability(summary, ax=lower, label=label, colour=colour)
    upper.set_xlabel("")
    upper.set_title(title, fontsize=TEXT_SIZE + 1)
    upper.legend(loc="best", fontsize=TEXT_SIZE, frameon=False)
    return figure


def predicted_against_measured(table, *, ax: Axes | None = None) -> Axes:
    """Predicted over measured with its 5-95 % interval, one line per row that was compared.

    What lies beyond the axis, a factor of fifteen either way, is drawn at its edge.
    """
    compared = table[table["inside"].notna() & table["predicted"].notna()].iloc[::-1]
    ax = _axes(ax)
    measured = compared["measured"].astype(float)
    ratio, low, high = (
        (compared[name].astype(float) / measured).clip(1 / AXIS_FACTOR, AXIS_FACTOR)
        for name in ("predicted", "low", "high")
    )
    place = np.arange(len(compared))
    for role, colour, marker in (("fit", COLOURS[0], "o"), ("validate", COLOURS[1], "D")):
        own = (compared["role"] == role).to_numpy()
        ax.hlines(place[own], low[own], high[own], color=colour, alpha=0.45, linewidth=4)
        ax.plot(ratio[own], place[own], marker, color=colour, label=role)
    ax.axvline(1, color="black", linewidth=0.8)
    ax.set_xscale("log")
    ax.set_xlim(1 / AXIS_FACTOR, AXIS_FACTOR)
    ax.set_yticks(place, [f"{row.id}  {row.observable}" for row in compared.itertuples()])
    ax.set_xlabel("Predicted / measured")
    ax.legend(loc="best", fontsize=TEXT_SIZE, frameon=False)
    return _finish(ax)


def validation_figure(table) -> Figure:
    """The whole validation table, as :func:`predicted_against_measured`."""
    height = 0.27 * len(table[table["inside"].notna()]) + 1.4
    figure, ax = plt.subplots(figsize=(8, height), layout="constrained")
    predicted_against_measured(table, ax=ax)
    return figure


def _axes(ax: Axes | None) -> Axes:
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    return ax


def _finish(ax: Axes) -> Axes:
    ax.tick_params(labelsize=TEXT_SIZE - 1)
    ax.xaxis.label.set_fontsize(TEXT_SIZE)
    ax.yaxis.label.set_fontsize(TEXT_SIZE)
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax
