"""A symmetric cell driven to its short: by a ramp of currents, or by plating in one direction."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twin.errors import DatasetError
from twin.plots.style import (
    BLUE,
    COLOURS,
    FILL,
    GREY,
    TEXT_SIZE,
    VERMILLION,
    WIDTH,
    finish,
    legend_above,
    new_axes,
)  # fmt: skip
from twin.results.lab_test_forms import CHANCE_OF_CURRENT, PLATING, RAMP_SERIES, RAMP_TIMES
from twin.results.readable import readable

MILLIVOLTS = 1e3
"""[mV/V] Overpotentials of these cells are tens of millivolts."""
MILLIAMPERES = 0.1
"""[mA/cm2 per A/m2]"""
HEIGHT = 5.4
"""[inch] of two panels above each other."""


def current_ramp(series: xr.Dataset, run: xr.Dataset) -> Figure:
    """Voltage [mV] and current density [mA/cm2] over the time of a ramp, the cycle of the short shaded.

    Both are positive while the cell charges, as papers show a symmetric cell.

    Parameters
    ----------
    series : what :func:`twin.time_series` gave of the ramp's cycles
    run : what :func:`twin.simulate` gave of the same ramp: it knows when each cycle ends, and the short

    Raises
    ------
    DatasetError : no time series or no run of a ramp, or cycles that the run does not have.
    """
    RAMP_SERIES.check(series)
    RAMP_TIMES.check(run)
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(WIDTH, HEIGHT), sharex=True, height_ratios=(1.3, 1), layout="constrained"
    )
    ends = np.append(0.0, run["time"].values)
    beyond = set(series["cycle"].values.tolist()) - set(run["cycle"].values.tolist())
    if beyond:
        raise DatasetError(
            f"the time series has the cycle {min(beyond)}, and the run has none of that number"
        )
    hours = (series["time"] + xr.DataArray(ends[:-1], {"cycle": run["cycle"].values})).values.ravel()
    there = np.isfinite(hours)
    for axes, name, sign, colour in (
        (upper, "voltage", MILLIVOLTS, BLUE),
        (lower, "current_density", -MILLIAMPERES, GREY),
    ):
        values = sign * series[name].transpose(*series["time"].dims).values.ravel()
        axes.plot(hours[there], values[there], color=colour, linewidth=1.4)
    place = _place_of_short(run)
    if place is not None:
        current = readable(run["half_cycle_current_density"])
        said = f"short at {current.values[place]:.3g} {current.unit}"
        for axes in (upper, lower):
            axes.axvspan(
                ends[place], ends[place + 1], color=VERMILLION, alpha=FILL, linewidth=0, label=said
            )
        legend_above(upper)
    upper.set_ylabel("Voltage / mV")
    lower.set_ylabel("Current density / mA/cm²")
    lower.set_xlabel("Time / h")
    upper.set_xlim(left=0)
    finish(upper)
    finish(lower)
    return figure


def short_by_current(
    critical: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Chance of a short [%] up to each current density [mA/cm2] of a ramp, with its 5-95 % interval.

    `critical` is what :func:`twin.critical_current` gave of a forecast. Raises DatasetError: it is not.
    """
    CHANCE_OF_CURRENT.check(critical)
    axes = new_axes(axes)
    across = readable(critical["current_density"])
    low, _, high = 100 * critical["short_circuit_probability_interval"].transpose("quantile", ...).values
    axes.fill_between(across.values, low, high, step="post", color=colour, alpha=FILL, linewidth=0)
    share = 100 * critical["short_circuit_probability"].values
    axes.step(across.values, share, where="post", color=colour, linewidth=2, label=label)
    axes.set_xlabel(across.label)
    axes.set_ylabel("Short-circuited / %")
    axes.set_xlim(left=0)
    axes.set_ylim(-3, 103)
    return finish(axes)


def plating_curve(run: xr.Dataset) -> Figure:
    """Overpotential [mV] and share that leaks [%] over the charge plated [mAh/cm2], the short marked.

    `run` is what :func:`twin.simulate` gave of :func:`twin.protocols.one_way_plating`. Raises
    DatasetError: it is not.
    """
    PLATING.check(run)
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(WIDTH, HEIGHT), sharex=True, height_ratios=(1.4, 1), layout="constrained"
    )
    plated = np.nancumsum(run["areal_charge_passed"].values)
    upper.plot(plated, run["cell_overpotential"].values * MILLIVOLTS, color=BLUE, linewidth=2)
    lower.plot(plated, 100 * run["leak_fraction"].values, color=BLUE, linewidth=2)
    place = _place_of_short(run)
    if place is not None:
        charge = plated[place]
        for axes in (upper, lower):
            axes.axvline(charge, color=VERMILLION, linewidth=1.5, linestyle="--")
        upper.annotate(
            f"short after {charge:.3g} mAh/cm²", (charge, 0.96), xycoords=("data", "axes fraction"),
            xytext=(6, 0), textcoords="offset points", fontsize=TEXT_SIZE - 1, color=VERMILLION,
            va="top",
        )  # fmt: skip
        upper.set_xlim(0, min(plated[-1], BEYOND * charge))
    upper.set_ylim(bottom=0)
    lower.set_ylim(-3, 103)
    upper.set_ylabel("Overpotential / mV")
    lower.set_ylabel("Share that leaks / %")
    lower.set_xlabel("Charge plated / mAh/cm²")
    finish(upper)
    finish(lower)
    return figure


def _place_of_short(run: xr.Dataset) -> int | None:
    """Place of the cycle in which the short appears; None where none does within the run."""
    places = np.flatnonzero(run["cycle"].values == run["short_circuit_onset_cycle"].item())
    return int(places[0]) if places.size else None


BEYOND = 2.5
"""How many times the charge at the short the picture shows: after it nothing happens but the leak."""
