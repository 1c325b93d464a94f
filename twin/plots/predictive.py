"""What a fit says for each of its rows, before it has seen them and after."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from twin.plots.scale import plain_decades
from twin.plots.style import BLUE, GREY, LINE_WIDTH, TEXT_SIZE, VERMILLION, WIDTH, finish
from twin.results.fit_groups import PULLS, SIDE_OF, group_of
from twin.results.intervals import HIGH, LOW, MEDIAN, NORMAL_END
from twin.results.phrases import number
from twin.results.readable import SPELLINGS

AXIS_FACTOR = 5.0
"""Predicted over measured is shown up to this factor either way; a fit counts what is less as this."""
AXIS_POINTS = 30.0
"""[points of percent] up to which predicted less measured is shown."""
LINE = 0.25
"""[inch] of the height of a row."""


def predictive_checks(fit: xr.DataTree) -> Figure:
    """Each row's prediction before and after a fit beside its measured value, 5-95 %.

    Predicted over measured; a row in percent has a panel of its own, in points. The measured value is
    drawn with the spread of equal cells. Rows that pull, with a Pareto k above 0.7, are marked. What
    lies beyond an axis is drawn at its edge.

    Parameters
    ----------
    fit : DataTree, as :func:`twin.load_groups` reads it from ``<paper>_draws.nc``

    Raises
    ------
    DatasetError : no fit, or one that does not say its rows.
    """
    rows = group_of(fit, "observed_data")
    rows["pareto_k"] = group_of(fit, "leave_one_out")["pareto_k"]
    for when in ("prior", "posterior"):
        told = group_of(fit, f"{when}_predictive")["prediction"]
        edges = told.quantile([LOW, MEDIAN, HIGH], ("chain", "draw"))
        rows[when] = edges.transpose("row", "quantile")
    by_ratio = rows.isel(row=np.flatnonzero(rows["points"].values == 0))
    by_points = rows.isel(row=np.flatnonzero(rows["points"].values == 1))
    panels = [own for own in (by_ratio, by_points) if own.sizes["row"]]
    heights = [LINE * own.sizes["row"] + 0.75 for own in panels]
    figure, grid = plt.subplots(
        len(panels), 1, figsize=(WIDTH, sum(heights) + 0.6), height_ratios=heights, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for axes, own in zip(grid.flat, panels, strict=True):
        _panel(axes, own)
    handles: dict = {}
    for axes in grid.flat:
        handles |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(
        handles.values(), handles, loc="outside upper center", ncols=2, frameon=False,
        fontsize=TEXT_SIZE - 1,
    )  # fmt: skip
    return figure


def _panel(axes: Axes, rows: xr.Dataset) -> None:
    """Rows that are all compared in one unit, the first above."""
    rows = rows.isel(row=slice(None, None, -1))
    points = bool(rows["points"].values[0])
    measured, deviation = rows["measured"].values.astype(float), rows["deviation"].values
    neutral = 0.0 if points else 1.0
    least, most = (-AXIS_POINTS, AXIS_POINTS) if points else (1 / AXIS_FACTOR, AXIS_FACTOR)
    place = np.arange(len(measured))
    beside = {
        when: np.clip(
            rows[when].values.T - measured if points else rows[when].values.T / measured, least, most
        )
        for when in ("prior", "posterior")
    }
    low, _, high = beside["prior"]
    axes.hlines(place, low, high, color=GREY, alpha=0.35, linewidth=8, label="prior, 5-95 %")
    low, middle, high = beside["posterior"]
    axes.hlines(place, low, high, color=BLUE, linewidth=4, label="posterior, 5-95 %")
    axes.plot(
        middle,
        place,
        "o",
        color=BLUE,
        markerfacecolor="white",
        markersize=3.5,
        clip_on=False,
        label="its median",
    )
    ends = NORMAL_END * deviation
    arms = [np.minimum(ends, -least), np.minimum(ends, most)]
    if not points:
        arms = [1 - np.exp(-ends).clip(least), np.exp(ends).clip(max=most) - 1]
    axes.errorbar(
        np.full(len(place), neutral), place - 0.27, xerr=arms, fmt="|", color="black", elinewidth=1,
        markersize=6, label="measured, 5-95 % of equal cells",
    )  # fmt: skip
    pulls = rows["pareto_k"].values > PULLS
    if pulls.any():
        axes.plot(
            np.full(pulls.sum(), most), place[pulls], "<", color=VERMILLION, markersize=7, clip_on=False,
            label=f"pulls (Pareto k > {PULLS:g})", linestyle="none", zorder=6,
        )  # fmt: skip
    axes.axvline(neutral, color="black", linewidth=0.8, zorder=0)
    if points:
        axes.set_xlabel("Predicted - measured / points of percent")
        axes.xaxis.set_major_locator(MaxNLocator(7))
    else:
        axes.set_xscale("log")
        axes.set_xlabel("Predicted / measured")
        plain_decades(axes.xaxis, least, most)
    axes.set_xlim(least, most)
    axes.set_ylim(-0.8, len(place) - 0.2)
    axes.set_yticks(place, [_label(rows.isel(row=own)) for own in place])
    finish(axes).tick_params(axis="y", labelsize=TEXT_SIZE - 3)


def _label(row: xr.Dataset) -> str:
    """ "C55  capacity retention, 95 %"."""
    observable = str(row["observable"].item()).partition(" (")[0]
    side = SIDE_OF[str(row["kind"].item())]
    unit = str(row["unit"].item())
    told = f"{side}{number(float(row['measured']))} {SPELLINGS.get(unit, unit)}".strip()
    return f"{row['row'].item()}  {observable}, {told}"[:LINE_WIDTH]
