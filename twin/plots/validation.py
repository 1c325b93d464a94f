"""The twin's answers beside the measured rows."""

import math
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from twin.plots.scale import plain_decades
from twin.plots.style import COLOURS, MARKERS, TEXT_SIZE, WIDTH, finish
from twin.results.form import check_validation
from twin.results.readable import SPELLINGS

AXIS_FACTOR = 15.0
"""The picture of all rows shows predicted over measured up to this factor either way."""
PANEL_FACTOR = 3.0
"""How far a panel goes beyond its measured values: what lies further off stands at its edge."""
COLUMNS = 2
"""Panels side by side."""
PANEL = 2.7
"""[inch] of the height of a panel."""
NARROW = 2.0
"""Largest over smallest value below which a linear axis reads better than a logarithmic one."""
WORDS_OF_ROLE = {"fit": "fitted", "validate": "held out"}
"""What the legend calls the rows of each role."""
NAME_SIZE = (22.0, 9.0)
"""Width and height of a row's id [points]."""
TITLE_WIDTH = 32
"""[characters]"""
ARROW = 0.11
"""Length of a censored row's arrow, as a share of the panel."""


def predicted_against_measured(table) -> Figure:
    """Predicted over measured on log axes: a panel per observable, with 5-95 % bars.

    Papers differ in marker and colour; rows that were fitted are filled, held-out ones open. An arrow
    points where the truth of a censored row lies: right of a lower bound, left of an upper one. Rows
    whose interval misses the measured value are named.

    Parameters
    ----------
    table : DataFrame, as :func:`twin.validate` gives it

    Returns
    -------
    Figure
    """
    compared = _compared(table)
    groups = list(compared.groupby(["observable", "unit"], sort=False))
    rows = max(math.ceil(len(groups) / COLUMNS), 1)
    figure, grid = plt.subplots(
        rows, COLUMNS, figsize=(WIDTH, rows * PANEL + 0.8), layout="constrained",
        squeeze=False,
    )  # fmt: skip
    looks = _looks(table)
    for axes, ((observable, unit), own) in zip(grid.flat, groups, strict=False):
        _panel(axes, own, f"{observable} / {SPELLINGS.get(unit, unit) or '1'}", looks)
    for axes in grid.flat[len(groups) :]:
        axes.remove()
    figure.supxlabel("Measured", fontsize=TEXT_SIZE)
    figure.supylabel("Predicted", fontsize=TEXT_SIZE)
    handles = _legend_handles(compared, looks)
    figure.legend(
        handles=handles, loc="outside upper center", ncols=2, frameon=False, fontsize=TEXT_SIZE - 1
    )
    return figure


def validation_figure(table) -> Figure:
    """The whole validation table: predicted over measured with its 5-95 % interval, a line per row.

    What lies beyond the axis, a factor of fifteen either way, is drawn at its edge.
    """
    compared = _compared(table)
    compared = compared[compared["measured"].astype(float) > 0].iloc[::-1]
    height = 0.24 * len(compared) + 1.4
    figure, axes = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    measured = compared["measured"].astype(float)
    ratio, low, high = (
        (compared[name].astype(float) / measured).clip(1 / AXIS_FACTOR, AXIS_FACTOR)
        for name in ("predicted", "low", "high")
    )
    place = np.arange(len(compared))
    for role, colour, marker in (("fit", COLOURS[0], "o"), ("validate", COLOURS[1], "D")):
        own = (compared["role"] == role).to_numpy()
        axes.hlines(place[own], low[own], high[own], color=colour, alpha=0.45, linewidth=4)
        face = colour if role == "fit" else "white"
        axes.plot(
            ratio[own], place[own], marker, color=colour, markerfacecolor=face,
            label=WORDS_OF_ROLE[role],
        )  # fmt: skip
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlim(1 / AXIS_FACTOR, AXIS_FACTOR)
    axes.set_ylim(-0.8, len(compared) - 0.2)
    axes.set_yticks(place, [f"{row.id}  {row.observable}" for row in compared.itertuples()])
    axes.set_xlabel("Predicted / measured")
    plain_decades(axes.xaxis, 1 / AXIS_FACTOR, AXIS_FACTOR)
    figure.legend(loc="outside upper right", ncols=2, fontsize=TEXT_SIZE - 1, frameon=False)
    finish(axes).tick_params(axis="y", labelsize=TEXT_SIZE - 2)
    return figure


def _compared(table):
    """The rows that were compared, wherever there is a number to draw: not a ranking, say."""
    check_validation(table)
    answered = table["predicted"].notna() | table["low"].notna()
    numbers = pd.to_numeric(table["measured"], errors="coerce").notna()
    return table[table["inside"].notna() & answered & numbers]


def _looks(table) -> dict[str, tuple[str, str]]:
    """Colour and marker of each paper."""
    papers = list(dict.fromkeys(table["paper"]))
    return {
        paper: (COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)])
        for number, paper in enumerate(papers)
    }


def _panel(axes: Axes, own, title: str, looks) -> None:
    measured = own["measured"].to_numpy(dtype=float)
    predicted, low, high = (own[n].to_numpy(dtype=float) for n in ("predicted", "low", "high"))
    bottom, top = _limits(axes, measured, predicted, low, high)
    axes.plot([bottom, top], [bottom, top], color="black", linewidth=0.8, zorder=1)
    missed = []
    for place, row in enumerate(own.itertuples()):
        colour, marker = looks[row.paper]
        x = float(np.clip(measured[place], bottom, top))
        ends = np.clip([low[place], high[place]], bottom, top)
        axes.vlines(x, *ends, color=colour, alpha=0.45, linewidth=2.5, zorder=2)
        y = float(np.clip(predicted[place], bottom, top))
        if math.isnan(y):
            y = float(np.sqrt(ends[0] * ends[1])) if bottom > 0 else float(ends.mean())
        else:
            axes.plot(
                x, y, marker, color=colour, markerfacecolor=colour if row.role == "fit" else "white",
                markersize=6, zorder=4,
            )  # fmt: skip
        if row.kind in ("lower_bound", "upper_bound"):
            _arrow(axes, x, y, 1 if row.kind == "lower_bound" else -1, colour)
        if not row.inside:
            missed.append((row.id, (x, y)))
    _name(axes, missed)
    axes.set_title(textwrap.fill(title, TITLE_WIDTH), fontsize=TEXT_SIZE - 1.5)
    finish(axes)
    axes.tick_params(labelsize=TEXT_SIZE - 2.5)


def _limits(axes: Axes, measured, predicted, low, high) -> tuple[float, float]:
    """The same limits and scale for both axes; what lies far off stands at the edge."""
    every = np.concatenate([measured, predicted, low, high])
    every = every[np.isfinite(every)]
    logarithmic = measured.min() > 0 and every.max() / max(every.min(), 1e-300) > NARROW
    if logarithmic:
        bottom = max(every[every > 0].min(), measured.min() / PANEL_FACTOR) / 1.25
        top = min(every.max(), measured.max() * PANEL_FACTOR) * 1.25
    else:
        room = 0.12 * (np.ptp(every) or abs(every.max()) or 1.0)
        bottom, top = every.min() - room, every.max() + room
    if logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            plain_decades(axis, bottom, top)
    else:
        axes.locator_params(nbins=4)
    axes.set_xlim(bottom, top)
    axes.set_ylim(bottom, top)
    axes.set_box_aspect(1)
    return bottom, top


def _name(axes: Axes, missed: list[tuple[str, tuple[float, float]]]) -> None:
    """Write each row's id beside its point, at the first place that no other id has taken."""
    taken: list[tuple[float, float]] = []
    scale = axes.figure.dpi / 72
    for identifier, point in missed:
        pixel = axes.transData.transform(point) / scale
        offsets = [(5, 3), (5, -10), (-24, 3), (-24, -10), (5, 14), (5, -21), (-24, 14), (-24, -21)]
        free = [
            (dx, dy)
            for dx, dy in offsets
            if all(
                abs(pixel[0] + dx - x) > NAME_SIZE[0] or abs(pixel[1] + dy - y) > NAME_SIZE[1]
                for x, y in taken
            )
        ]
        offset = free[0] if free else offsets[0]
        taken.append((pixel[0] + offset[0], pixel[1] + offset[1]))
        axes.annotate(
            identifier, point, xytext=offset, textcoords="offset points", fontsize=TEXT_SIZE - 3,
            zorder=5, annotation_clip=False,
        )  # fmt: skip


def _arrow(axes: Axes, x: float, y: float, direction: int, colour: str) -> None:
    start = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
    axes.annotate(
        "", xy=(start[0] + direction * ARROW, start[1]), xytext=tuple(start),
        xycoords="axes fraction", textcoords="axes fraction",
        arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0},
        annotation_clip=False, zorder=3,
    )  # fmt: skip


def _legend_handles(compared, looks) -> list[Line2D]:
    handles = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, label=paper)
        for paper, (colour, marker) in looks.items()
    ]
    for role, words in WORDS_OF_ROLE.items():
        if role in set(compared["role"]):
            face = "black" if role == "fit" else "white"
            handles.append(
                Line2D([], [], linestyle="none", marker="o", color="black", markerfacecolor=face,
                       label=words)
            )  # fmt: skip
    if compared["kind"].isin(["lower_bound", "upper_bound"]).any():
        handles.append(
            Line2D([], [], linestyle="none", marker=r"$\rightarrow$", markersize=13, color="black",
                   label="bound: the truth lies that way")
        )  # fmt: skip
    return handles
