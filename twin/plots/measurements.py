"""What was understood of a cycler's file: its voltage and current over time, and its cycles."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from twin.errors import DatasetError
from twin.plots.style import BLUE, GREEN, ORANGE, VERMILLION, WIDTH, finish, legend_above
from twin.results.readable import readable

SMALL_MARKERS = 40
"""Cycles from which the points of a cycle are small."""
BY_CYCLE = ("cell_overpotential", "charge_capacity", "discharge_capacity", "coulombic_efficiency")
"""What the last panel may show; an efficiency where a file has nothing else."""
ROOM = 1.15
"""Height of the axis over its largest value."""
STEP_COLOURS = {"charge": BLUE, "discharge": VERMILLION, "rest": GREEN}


def measurements(data: xr.Dataset) -> Figure:
    """A file of a cycler: voltage over time by what steps do, current, and values by cycle.

    `data` is what :func:`twin.read_measurements` gave; a table of cycles has only the last panel. It
    shows capacities, of symmetric cells the voltage at the end of the half-cycles. A short is marked in
    the cycle in which it was found. Raises DatasetError: neither a series nor a table of cycles.
    """
    if not isinstance(data, xr.Dataset) or not any(name in data.variables for name in BY_CYCLE):
        raise DatasetError("this picture shows measurements: give what twin.read_measurements gave")
    if "series_time" not in data.variables:
        figure, alone = plt.subplots(figsize=(WIDTH, 3.9), layout="constrained")
        _over_cycles(alone, data)
        finish(alone)
        return figure
    figure, axes = plt.subplots(3, 1, figsize=(WIDTH, 7.2), layout="constrained")
    axes[1].sharex(axes[0])
    _over_time(axes[0], axes[1], data)
    _over_cycles(axes[2], data)
    for one in axes:
        finish(one)
    return figure


def _over_time(upper: Axes, lower: Axes, data: xr.Dataset) -> None:
    hours = readable(data["series_time"])
    volts, amperes = readable(data["series_voltage"]), readable(data["series_current"])
    begins = data["step_start"].values / 3600
    step = np.clip(np.searchsorted(begins, hours.values, side="left") - 1, 0, len(begins) - 1)
    direction = data["step_direction"].values[step]
    for word, colour in STEP_COLOURS.items():
        own = direction == word
        if own.any():
            shown = np.where(own, volts.values, np.nan)
            upper.plot(
                hours.values, shown, color=colour, linewidth=1.2, label=word, marker=".", markersize=1.5
            )
    lower.plot(hours.values, amperes.values, color="black", linewidth=0.9)
    upper.set_ylabel(volts.label)
    lower.set_ylabel(f"Current / {amperes.unit}, above 0 discharging")
    lower.set_xlabel(hours.label)
    upper.tick_params(labelbottom=False)
    legend_above(upper)


def _over_cycles(axes: Axes, data: xr.Dataset) -> None:
    symmetric = "cell_overpotential" in data
    names = (
        BY_CYCLE[:1] if symmetric else [name for name in BY_CYCLE[1:3] if name in data] or BY_CYCLE[3:]
    )
    size = 6 if data.sizes["cycle"] < SMALL_MARKERS else 3
    top = 0.0
    for name, colour, marker in zip(names, (BLUE, VERMILLION), ("o", "s"), strict=False):
        shown = readable(data[name])
        top = max(top, float(np.nanmax(shown.values, initial=0.0)))
        axes.plot(
            data["cycle"].values, shown.values, marker, color=colour, markersize=size,
            markerfacecolor="white", label=shown.name,
        )  # fmt: skip
        axes.set_ylabel(shown.label if len(names) == 1 else f"Capacity / {shown.unit}")
    onset = float(data.get("short_circuit_onset_cycle", np.nan))
    if np.isfinite(onset):
        axes.axvline(onset, color=ORANGE, linewidth=1.5, label="short circuit")
    axes.set_xlabel("Cycle")
    axes.set_ylim(0, ROOM * top or 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_above(axes)
