"""What happens at the lithium interfaces over life: one small panel a state."""

import math
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twin.errors import DatasetError
from twin.plots.living import where_enough_run
from twin.plots.style import FILL, LINE_WIDTH, TEXT_SIZE, WIDTH, category_colours, finish
from twin.results.form import INTERFACES, NUMBERS
from twin.results.intervals import quantiles
from twin.results.readable import readable

COLUMNS = 2
"""Panels side by side."""
STILL = 0.01
"""A state that never changes by more than this share of its largest value gets no panel."""
TITLE_WIDTH = 28
"""[characters] of the name of a small panel."""
STYLES = ("-", "--", "-.", ":")
"""Of the lines of the interfaces, so that they are told apart without colour too."""


def interface_states(run: xr.Dataset) -> Figure:
    """Each state over (cycle, interface) in a panel of its own, a line per interface.

    Interphase thickness, contact fraction, coating damage, filament depth and whatever else the
    Dataset holds per interface; what hardly changes is named below. Of a forecast: the median and the
    5-95 % band of the draws that still run, as long as one in ten does.

    Raises DatasetError: no variable over `interface`.
    """
    INTERFACES.check(run)
    states = [
        str(name)
        for name, values in run.data_vars.items()
        if {"cycle", "interface"} <= set(values.dims) <= {"cycle", "interface", "draw"}
        and values.dtype.kind in NUMBERS
    ]
    if not states:
        raise DatasetError(
            "no variable over 'cycle' and 'interface' in this Dataset: is it the result of a run?"
        )
    moving = [name for name in states if _moves(run[name])]
    still = [f"{readable(run[name]).name.lower()}" for name in states if name not in moving]
    states = moving or states
    rows = math.ceil(len(states) / COLUMNS)
    figure, grid = plt.subplots(
        rows,
        COLUMNS,
        figsize=(WIDTH, 2.2 * rows + 0.4),
        sharex=True,
        layout="constrained",
        squeeze=False,
    )
    for axes, name in zip(grid.flat, states, strict=False):
        _panel(axes, run[name])
    for axes in grid.flat[len(states) :]:
        axes.remove()
    for axes in grid.flat[max(len(states) - COLUMNS, 0) : len(states)]:
        axes.set_xlabel("Cycle")
        axes.tick_params(labelbottom=True)
    if run.sizes["interface"] > 1:
        handles, labels = grid.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False)
    if moving and still:
        words = f"Change by less than {100 * STILL:g} %: {', '.join(still)}"
        figure.supxlabel(textwrap.fill(words, LINE_WIDTH), fontsize=TEXT_SIZE - 2)
    return figure


def _moves(state: xr.DataArray) -> bool:
    """False where a state hardly changes over the cycles, at any interface and in any draw."""
    values = state.transpose("cycle", ...).values
    with np.errstate(invalid="ignore"):
        changes = np.abs(values - values[0])
    largest = np.nanmax(np.abs(values), initial=0.0)
    return bool(np.nanmax(changes, initial=0.0) > STILL * largest)


def _panel(axes: Axes, state: xr.DataArray) -> None:
    colours = category_colours(state["interface"].values.tolist())
    for (interface, colour), style in zip(colours.items(), STYLES, strict=False):
        own = state.sel(interface=interface).dropna("cycle", how="all")
        middle = own
        if "draw" in own.dims:
            own = where_enough_run(own)
            low, middle, high = quantiles(own)
            floor, ceiling = (readable(edge, like=high).values for edge in (low, high))
            axes.fill_between(own["cycle"], floor, ceiling, color=colour, alpha=FILL, linewidth=0)
        shown = readable(middle, like=high if "draw" in own.dims else state)
        axes.plot(own["cycle"], shown.values, style, color=colour, linewidth=2, label=f"{interface}")
    # the panel is small: its name stands above it, its unit beside it
    axes.set_title(textwrap.fill(shown.name, TITLE_WIDTH), fontsize=TEXT_SIZE - 1, loc="left")
    axes.set_ylabel(shown.unit)
    if not shown.unit and np.nanmax(shown.values, initial=0) <= 1:
        axes.set_ylim(-0.03, 1.03)
    else:
        axes.set_ylim(bottom=0)
    finish(axes)
