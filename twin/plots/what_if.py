"""One result of a study along one of its dimensions."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.errors import DatasetError
from twin.plots.scale import is_logarithmic, places, plain_decades, scale_x
from twin.plots.style import (
    COLOURS,
    FILL,
    MARKERS,
    TEXT_SIZE,
    finish,
    legend_above,
    new_axes,
    ordered_colours,
)
from twin.results.intervals import interval
from twin.results.quantities import is_event
from twin.results.readable import Readable, heading, never, readable, sorted_along

APART = 0.12
"""Between the points of two lines at the same word."""
ROOM = 1.15
"""How far above the largest value stands what never comes."""
HEADROOM = 0.13
"""Share of the height above that line, for its name."""


def what_if_lines(
    study: xr.Dataset,
    x: str,
    *,
    variable: str = "capacity_retention",
    by: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Median and 5-95 % band of a result against one variable, a line for each value of a second.

    Where the first is words, points with bars stand in the place of lines and bands. An event that
    does not come within the run stands on the dashed line above.

    Raises DatasetError: no such variable, or a further dimension that was not chosen from.
    """
    study = sorted_along(study, x)
    edges = interval(study, variable)
    expected = [x] if by is None else [x, by]
    over = [str(name) for name in edges.dims if name != "quantile"]
    if set(over) != set(expected):
        raise DatasetError(
            f"'{variable}' varies over {', '.join(over)}, but lines were asked over "
            f"{' and '.join(expected)}: name its dimensions, choose the others with study.sel(...)"
        )
    if by is None:
        edges = edges.expand_dims("line")
    shown = readable(edges.transpose(by or "line", "quantile", x))
    across = readable(study[x])
    second = readable(study[by]) if by is not None else None
    finite = shown.values[np.isfinite(shown.values)]
    top = ROOM * finite.max(initial=0.0) or 1.0
    axes = new_axes(axes)
    for number, (colour, line) in enumerate(zip(_colours(second), shown.values, strict=False)):
        low, middle, high = np.where(np.isposinf(line), top, line)
        look: dict[str, Any] = {
            "marker": MARKERS[number % len(MARKERS)],
            "color": colour,
            "label": second.entry(number) if second is not None else "median, 5-95 %",
        }
        if across.is_text:  # nothing lies between two words: no line either
            beside = places(across) + APART * (number - (len(shown.values) - 1) / 2)
            arms = [np.maximum(middle - low, 0), np.maximum(high - middle, 0)]
            axes.errorbar(beside, middle, yerr=arms, linestyle="none", capsize=3, **look)
        else:
            axes.fill_between(places(across), low, high, color=colour, alpha=FILL, linewidth=0)
            axes.plot(places(across), middle, linewidth=2, **look)
    if is_event(variable) and is_logarithmic(finite):
        axes.set_yscale("log")
        plain_decades(axes.yaxis, finite.min(), top)
    if np.isposinf(shown.values).any():
        _mark_never(axes, top, never(study, variable))
    scale_x(axes, across)
    axes.set_ylabel(shown.label)
    legend_above(axes, title=second.name if second is not None else "", heading=heading(study))
    return finish(axes)


def _mark_never(axes: Axes, height: float, words: str) -> None:
    """The line on which stands what does not come within the run, with its name above it."""
    axes.axhline(height, color="black", linewidth=0.9, linestyle="--", zorder=1)
    axes.annotate(
        words, (1.0, height), xycoords=("axes fraction", "data"), xytext=(0, 6),
        textcoords="offset points", ha="right", fontsize=TEXT_SIZE - 2, annotation_clip=False,
    )  # fmt: skip
    transform = axes.yaxis.get_transform()
    low, line = transform.transform([axes.get_ylim()[0], height])
    axes.set_ylim(top=float(transform.inverted().transform(low + (line - low) / (1 - HEADROOM))))


def _colours(second: Readable | None) -> list:
    """Colours with an order for numbers, without one for words."""
    if second is None or second.is_text:
        count = 1 if second is None else len(second.values)
        return [COLOURS[number % len(COLOURS)] for number in range(count)]
    return ordered_colours(len(second.values))
