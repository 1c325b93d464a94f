"""What all pictures share: colours that colour-blind eyes tell apart, text sizes, bare axes."""

import itertools
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW = COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442",
)  # fmt: skip
"""Okabe and Ito."""
GREY = "#7F7F7F"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
SEQUENTIAL = "cividis"
"""Colour map of what has an order; the last tenth of it is too pale for lines on white."""
TEXT_SIZE = 11
FILL = 0.22
LABEL_WIDTH = 40
"""[characters] of a vertical axis."""


def new_axes(axes: Axes | None, size: tuple[float, float] = (7.0, 4.5)) -> Axes:
    """`axes`, or those of a new figure of `size` [inch]."""
    if axes is None:
        _, axes = plt.subplots(figsize=size, layout="constrained")
    return axes


def finish(axes: Axes) -> Axes:
    """Legible text, no frame above and at the right; labels too long for their axis are broken."""
    axes.set_ylabel(textwrap.fill(axes.get_ylabel(), LABEL_WIDTH))
    axes.set_xlabel(textwrap.fill(axes.get_xlabel(), 2 * LABEL_WIDTH))
    axes.tick_params(labelsize=TEXT_SIZE - 1)
    axes.xaxis.label.set_fontsize(TEXT_SIZE)
    axes.yaxis.label.set_fontsize(TEXT_SIZE)
    for edge in ("top", "right"):
        if edge in axes.spines:
            axes.spines[edge].set_visible(False)
    return axes


def ordered_colours(count: int) -> list:
    """Colours of `count` lines that have an order, dark to light."""
    if count <= 1:
        return [BLUE]
    return list(plt.get_cmap(SEQUENTIAL)(np.linspace(0.0, 0.88, count)))


def category_colours(names) -> dict[str, str]:
    """A colour for each name, in the order of Okabe and Ito."""
    return dict(zip(names, itertools.cycle(COLOURS), strict=False))


def legend(axes: Axes, **where) -> None:
    """A frameless legend, where there is anything to name."""
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        axes.legend(**({"loc": "best", "fontsize": TEXT_SIZE - 1, "frameon": False} | where))
