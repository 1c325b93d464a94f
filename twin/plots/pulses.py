"""The resistance of a full cell over its state of charge, from pulses."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.plots.scale import is_logarithmic, plain_decades
from twin.plots.style import BLUE, VERMILLION, finish, legend_above, new_axes
from twin.results.lab_test_forms import RESISTANCE_BY_PULSES
from twin.results.readable import readable


def pulse_resistances(pulses: xr.Dataset, *, axes: Axes | None = None) -> Axes:
    """Area-specific resistance [Ohm cm2] over the state of charge [%], by the direction of the pulse.

    Filled points are at the end of a pulse, hollow ones at its start. `pulses` is what
    :func:`twin.pulse_resistance` gave. Raises DatasetError: it is not.
    """
    RESISTANCE_BY_PULSES.check(pulses)
    axes = new_axes(axes)
    across = readable(pulses["state_of_charge"])
    discharging = pulses["current_density"].values > 0
    found = {}
    for name in ("pulse_resistance", "instantaneous_resistance"):
        found[name] = readable(pulses[name])
        filled = name == "pulse_resistance"
        when = "end" if filled else "start"
        for own, direction, colour in (
            (discharging, "discharging", BLUE),
            (~discharging, "charging", VERMILLION),
        ):
            if own.any():
                axes.plot(
                    across.values[own], found[name].values[own], "o-", color=colour, linewidth=1.2,
                    markerfacecolor=colour if filled else "white", markersize=6,
                    label=f"{direction}, {when} of the pulse",
                )  # fmt: skip
    values = np.concatenate([one.values for one in found.values()])
    if is_logarithmic(values):
        axes.set_yscale("log")
        plain_decades(axes.yaxis, np.nanmin(values), np.nanmax(values))
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel(across.label)
    axes.set_ylabel(f"Resistance / {found['pulse_resistance'].unit}")
    legend_above(axes)
    return finish(axes)
