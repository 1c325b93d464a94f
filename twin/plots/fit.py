"""What the rows have told of a fit's parameters, and which of them they tell together alone."""

import math
import textwrap
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twin.errors import DatasetError
from twin.plots.style import BLUE, GREY, TEXT_SIZE, VERMILLION, WIDTH, finish, legend_above, new_axes
from twin.results.fit_groups import TRADED, coordinates_of, group_of, priors_of, traded, words_of
from twin.results.intervals import HIGH, LOW, MEDIAN, NORMAL_END

FURTHEST = 3.2
"""[standard deviations of a prior] where the intervals of parameters end: a fit looks within three."""
RIGHT_END = 4.4
"""[standard deviations of a prior] where the axis ends: behind the intervals stand numbers."""
NAME_WIDTH = 34
"""[characters] of a parameter's name in a line of its label."""
PAIRS = 4
"""Pairs of parameters that are drawn: the closest."""
PAIR_WIDTH = 27
"""[characters] of a parameter's name in a line of a pair's axis."""
MOST_POINTS = 1500
"""Draws that a panel shows: more would be one stain."""


def prior_posterior(fit: xr.DataTree, *, axes: Axes | None = None) -> Axes:
    """5-95 % of each parameter before and after a fit, in standard deviations of its prior.

    The parameter of which the rows tell most stands above. At the right stands how much they do: by what
    share the posterior is narrower than the prior.

    Parameters
    ----------
    fit : DataTree, as :func:`twin.load_groups` reads it from ``<paper>_draws.nc``

    Raises
    ------
    DatasetError : no fit, or one that does not say its priors.
    """
    above, priors = group_of(fit, "/"), priors_of(fit)
    draws = coordinates_of(fit)
    above = above.isel(parameter=np.argsort(above["informed"].values, kind="stable"))
    names = [str(name) for name in above["parameter"].values]
    edges = draws.sel(parameter=names).quantile([LOW, MEDIAN, HIGH], "draw").values
    place = np.arange(len(names))
    axes = new_axes(axes, 0.33 * len(names) + 1.5)
    before = np.array([
        [priors[name].to_unit_normal(priors[name].from_unit_normal(end)) for name in names]
        for end in (-NORMAL_END, NORMAL_END)
    ])  # fmt: skip
    axes.hlines(place, *before, color=GREY, alpha=0.35, linewidth=11, label="prior, 5-95 %")
    axes.hlines(place, edges[0], edges[2], color=BLUE, linewidth=5, label="posterior, 5-95 %")
    axes.plot(
        edges[1], place, "o", color=BLUE, markerfacecolor="white", markersize=4, label="its median"
    )
    best = [
        priors[name].to_unit_normal(value)
        for name, value in zip(names, above["optimum"].values.tolist(), strict=True)
    ]
    axes.plot(best, place, "D", color=VERMILLION, markersize=4, label="best fit")
    words = words_of(names)
    told = np.maximum(above["informed"].values, 0)
    axes.set_yticks(place, [textwrap.fill(words[name], NAME_WIDTH) for name in names])
    small: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": TEXT_SIZE - 3}
    for height, share in enumerate(told.tolist()):
        axes.text(RIGHT_END, height, f"{100 * share:.0f} %", **small)
    axes.text(RIGHT_END, len(names), "told by\nthe rows", **small)
    axes.set_xticks(range(-3, 4))
    axes.set_xlim(-FURTHEST, RIGHT_END)
    axes.set_ylim(-0.7, len(names) + 0.5)
    axes.set_xlabel("Standard deviations of its prior")
    axes.grid(axis="x", alpha=0.25)
    legend_above(axes)
    finish(axes).tick_params(axis="y", labelsize=TEXT_SIZE - 3)
    return axes


def traded_pairs(fit: xr.DataTree) -> Figure:
    """Draws of the pairs of parameters that trade off most, with their rank correlation.

    The rows tell such a pair together, and hardly one of the two. The title says how many pairs have a
    rank correlation of 0.7 or more, if any; theirs is written in bold.

    Raises DatasetError: no fit, one that does not say its priors, or one of a single parameter.
    """
    draws = coordinates_of(fit)
    pairs = traded(draws, 0.0)
    if not pairs:
        raise DatasetError("a pair needs two parameters; this fit has fewer")
    count = sum(abs(pair[2]) >= TRADED for pair in pairs)
    words = words_of([str(name) for name in draws["parameter"].values])
    shown = pairs[:PAIRS]
    columns = min(2, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(WIDTH, 2.95 * rows + 0.9), layout="constrained", squeeze=False
    )
    thinned = draws.isel(draw=slice(None, None, -(-draws.sizes["draw"] // MOST_POINTS)))
    for axes, (one, two, correlation) in zip(grid.flat, shown, strict=False):
        axes.plot(
            thinned.sel(parameter=one), thinned.sel(parameter=two), "o", color=BLUE, alpha=0.2,
            markersize=3, markeredgewidth=0,
        )  # fmt: skip
        weight = "bold" if abs(correlation) >= TRADED else "normal"
        axes.set_title(f"rank correlation {correlation:+.2f}", fontsize=TEXT_SIZE - 1, fontweight=weight)
        finish(axes).locator_params(nbins=4)
        axes.set_xlabel(textwrap.fill(words[one], PAIR_WIDTH), fontsize=TEXT_SIZE - 2)
        axes.set_ylabel(textwrap.fill(words[two], PAIR_WIDTH), fontsize=TEXT_SIZE - 2)
    for axes in grid.flat[len(shown) :]:
        axes.remove()
    limit = f"a rank correlation of {TRADED:g} or more, either way"
    told = "1 pair trades" if count == 1 else f"{count or 'No'} pairs trade"
    figure.suptitle(
        f"{told} off ({limit}); the closest:\n(each parameter in standard deviations of its prior)",
        fontsize=TEXT_SIZE - 1.5,
    )
    return figure
