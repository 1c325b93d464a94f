"""Which parameters drive a result."""

import textwrap

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from twin.errors import DatasetError, unknown
from twin.parameters import part_and_key
from twin.plots.style import BLUE, GREEN, GREY, ORANGE, finish, legend_above, new_axes
from twin.results.form import SENSITIVITIES

SHOWN = 12
"""Parameters that are drawn: the strongest."""
LABEL_WIDTH = 28
"""[characters] of a parameter's name beside its bar."""
COLOUR_OF_BASIS = {
    "measured rows": (BLUE, "", "known from measured rows"),
    "prior": (ORANGE, "///", "leans on its prior"),
    "cell to cell": (GREEN, "...", "spread from cell to cell"),
}


def sensitivity_bars(
    sensitivity: xr.Dataset, *, quantity: str | None = None, axes: Axes | None = None
) -> Axes:
    """Rank correlation of the strongest parameters with one result, with 5-95 % bars.

    What the strongest parameter could reach by luck is shaded.

    Parameters
    ----------
    sensitivity : Dataset over (quantity, parameter), as :func:`twin.sensitivity` gives it
    quantity : which result; the first by default

    Raises
    ------
    DatasetError : no sensitivities, or none of that quantity.
    """
    SENSITIVITIES.check(sensitivity)
    known = [str(name) for name in sensitivity["quantity"].values]
    quantity = known[0] if quantity is None else quantity
    if quantity not in known:
        raise DatasetError(unknown(quantity, known, "a quantity of these sensitivities"))
    own = sensitivity.sel(quantity=quantity)
    strength = np.abs(own["rank_correlation"].fillna(0).values)
    own = own.isel(parameter=np.argsort(-strength, kind="stable")[:SHOWN][::-1])
    axes = new_axes(axes, 0.48 * own.sizes["parameter"] + 1.7)
    place = np.arange(own.sizes["parameter"])
    middle, low, high = (
        own[name].values
        for name in ("rank_correlation", "rank_correlation_low", "rank_correlation_high")
    )
    bases = own["basis"].values.tolist()
    for position, basis in enumerate(bases):
        colour, hatch, _ = COLOUR_OF_BASIS[basis]
        axes.barh(position, middle[position], color=colour, hatch=hatch, edgecolor="white", height=0.72)
    axes.errorbar(
        middle, place, xerr=[np.maximum(middle - low, 0), np.maximum(high - middle, 0)], fmt="none",
        ecolor="black", elinewidth=1.1, capsize=2.5,
    )  # fmt: skip
    names = [textwrap.fill(part_and_key(str(name))[1], LABEL_WIDTH) for name in own["parameter"].values]
    axes.set_yticks(place, names)
    axes.axvline(0, color="black", linewidth=0.8)
    noise = float(own["noise_level"])
    axes.axvspan(-noise, noise, color=GREY, alpha=0.18, linewidth=0, zorder=0)
    axes.set_xlim(-1, 1)
    axes.set_xlabel(f"Rank correlation with {quantity.replace('_', ' ')}")
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
        for basis, (colour, hatch, label) in COLOUR_OF_BASIS.items()
        if basis in bases
    ]
    handles.append(Patch(facecolor=GREY, alpha=0.18, label="within reach of luck"))
    legend_above(axes, handles)
    return finish(axes)
