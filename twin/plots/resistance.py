"""The cell's resistance over its life, broken down by mechanism."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.plots.readable import readable
from twin.plots.style import category_colours, finish, new_axes
from twin.results.quantities import variable_of


def resistance_breakdown(run: xr.Dataset, *, axes: Axes | None = None) -> Axes:
    """Area-specific resistance [Ohm cm2] at the end of each cycle, stacked by mechanism.

    `run` holds `resistance` over (cycle, mechanism); of a forecast, the mean of the draws that still
    run is shown. Mechanisms that never resist are left out.

    Raises ObservationError: no `resistance` in the Dataset.
    """
    axes = new_axes(axes)
    resistance = variable_of(run, "resistance")
    if "draw" in resistance.dims:
        resistance = resistance.mean("draw", skipna=True, keep_attrs=True)
    resistance = resistance.dropna("cycle", how="all")
    shown = readable(resistance.transpose("mechanism", "cycle"))
    colours = category_colours(resistance["mechanism"].values.tolist())
    acting = np.nanmax(shown.values, axis=1, initial=0.0) > 0
    axes.stackplot(
        resistance["cycle"].values,
        shown.values[acting],
        labels=[str(m).replace("_", " ") for m in resistance["mechanism"].values[acting]],
        colors=[colours[m] for m in resistance["mechanism"].values[acting].tolist()],
        edgecolor="white",
        linewidth=0.4,
    )
    axes.set_xlabel("Cycle")
    axes.set_ylabel(f"Resistance / {shown.unit}")
    axes.set_xlim(float(resistance["cycle"][0]), float(resistance["cycle"][-1]))
    axes.set_ylim(bottom=0)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1], labels[::-1], frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5)
    )  # in the order in which they are stacked
    return finish(axes)
