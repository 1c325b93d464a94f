"""The cell's resistance over its life, broken down by mechanism."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.errors import DatasetError
from twin.plots.living import where_enough_run
from twin.plots.style import category_colours, finish, legend_above, new_axes
from twin.results.form import RESISTANCES
from twin.results.readable import readable


def resistance_breakdown(run: xr.Dataset, *, axes: Axes | None = None) -> Axes:
    """Area-specific resistance [Ohm cm2] at the end of each cycle, stacked by mechanism.

    `run` holds `resistance` over (cycle, mechanism); of a forecast, the mean of the draws that still
    run is shown, as long as one in ten does. Mechanisms that never resist are left out.

    Raises DatasetError: no resistances by mechanism in the Dataset.
    """
    RESISTANCES.check(run)
    axes = new_axes(axes)
    resistance = run["resistance"]
    if "draw" in resistance.dims:
        resistance = where_enough_run(resistance).mean("draw", skipna=True, keep_attrs=True)
    resistance = resistance.dropna("cycle", how="all")
    shown = readable(resistance.transpose("mechanism", "cycle"))
    colours = category_colours(resistance["mechanism"].values.tolist())
    acting = np.nanmax(shown.values, axis=1, initial=0.0) > 0
    if not acting.any():
        raise DatasetError("no mechanism of this run ever resists: there is nothing to draw")
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
    legend_above(axes, handles[::-1], labels[::-1])  # from the top of the stack to its bottom
    return finish(axes)
