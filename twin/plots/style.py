"""What all pictures share: colours that colour-blind eyes tell apart, text sizes, bare axes."""

import itertools
import math
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW = COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442",
)  # fmt: skip
"""Colours that colour-blind eyes tell apart (Okabe and Ito 2008), in the order in which they serve."""
GREY = "#7F7F7F"
"""Of what is no answer: what breaks a constraint, what luck reaches."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
"""Of lines or papers beside each other, so that they are told apart without colour too."""
SEQUENTIAL = "cividis"
"""Colour map of what has an order; the last tenth of it is too pale for lines on white."""
WIDTH = 5.5
"""[inch] of every picture. On a page of 400 px, where nothing scrolls, its text is 10 px high."""
TEXT_SIZE = 11
"""[points] of the labels of axes; what stands beside them is one or two smaller."""
FILL = 0.22
"""Opacity of a band: two of them, one over the other, can still be told apart."""
LABEL_WIDTH = 30
"""[characters] of the label of a vertical axis."""
LINE_WIDTH = 58
"""[characters] of a line as wide as a picture: a title, the label of a horizontal axis, a legend."""
HANDLE_WIDTH = 7
"""[characters] that the handle of a legend's entry takes, and the gap to the next entry."""
ROW_HEIGHT = 15.5
"""[points] of a row of a legend."""


def new_axes(axes: Axes | None, height: float = 3.9) -> Axes:
    """`axes`, or those of a new figure of some height [inch]."""
    if axes is None:
        _, axes = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return axes


def finish(axes: Axes) -> Axes:
    """Legible text, no frame above and at the right; labels too long for their axis are broken."""
    axes.set_ylabel(textwrap.fill(axes.get_ylabel(), LABEL_WIDTH))
    axes.set_xlabel(textwrap.fill(axes.get_xlabel(), LINE_WIDTH))
    axes.tick_params(labelsize=TEXT_SIZE - 1)
    axes.xaxis.label.set_fontsize(TEXT_SIZE)
    axes.yaxis.label.set_fontsize(TEXT_SIZE)
    for edge in ("top", "right"):
        if edge in axes.spines:
            axes.spines[edge].set_visible(False)
    return axes


def legend_above(axes: Axes, handles=None, labels=None, *, title: str = "", heading: str = "") -> None:
    """A frameless legend above the axes, where it hides no curve and leaves no narrow page.

    It has as many columns as fit; without handles it has none to show. `title` says what its entries
    are, `heading` stands above all.
    """
    if handles is None:
        handles, labels = axes.get_legend_handles_labels()
    elif labels is None:
        labels = [handle.get_label() for handle in handles]
    rows = 0
    if handles:
        columns = max(1, LINE_WIDTH // (max(map(len, labels)) + HANDLE_WIDTH))
        rows = math.ceil(len(handles) / columns) + bool(title)
        axes.legend(
            handles, labels, title=title or None, loc="lower left", bbox_to_anchor=(0, 1),
            ncols=columns, frameon=False, fontsize=TEXT_SIZE - 1, title_fontsize=TEXT_SIZE - 1,
            alignment="left", borderaxespad=0.2, columnspacing=1.2,
        )  # fmt: skip
    if heading:
        axes.set_title(
            textwrap.fill(heading, LINE_WIDTH), fontsize=TEXT_SIZE, loc="left", pad=8 + rows * ROW_HEIGHT
        )


def ordered_colours(count: int) -> list:
    """Colours of `count` lines that have an order, dark to light."""
    if count <= 1:
        return [BLUE]
    return list(plt.get_cmap(SEQUENTIAL)(np.linspace(0.0, 0.88, count)))


def category_colours(names) -> dict[str, str]:
    """A colour for each name, in the order of Okabe and Ito."""
    return dict(zip(names, itertools.cycle(COLOURS), strict=False))


def legend(axes: Axes) -> None:
    """A frameless legend inside the axes, where there is anything to name."""
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        axes.legend(loc="best", fontsize=TEXT_SIZE - 1, frameon=False)
