"""An axis over one dimension of a study: where its values stand, and on which scale."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext, LogLocator, NullFormatter, NullLocator

from twin.results.readable import Readable

LOG_ABOVE = 10.0
"""Largest over smallest value from which an axis is logarithmic."""


def places(axis: Readable) -> np.ndarray:
    """Where the values stand: at their number, or one after the other where they are text."""
    return np.arange(len(axis.values), dtype=float) if axis.is_text else axis.values


def is_logarithmic(values: np.ndarray, above: float = LOG_ABOVE) -> bool:
    """True for positive values that span more than a factor of `above`."""
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() / values.min() >= above)


def steps_multiply(values: np.ndarray) -> bool:
    """True for positive values that grow by factors rather than by steps: 1, 2, 5, 10."""
    if not is_logarithmic(values):
        return False
    uneven_steps, uneven_factors = (
        np.std(steps) / abs(np.mean(steps))
        for steps in (np.diff(np.sort(values)), np.diff(np.log(np.sort(values))))
    )
    return bool(uneven_factors < uneven_steps)


def scale_x(axes: Axes, axis: Readable) -> None:
    """Label and scale of the horizontal axis; long words are turned so that they do not overlap."""
    axes.set_xlabel(axis.label)
    if axis.is_text:
        turned = sum(map(len, axis.values)) > 60
        look: dict[str, Any] = (
            {"rotation": 20, "ha": "right", "rotation_mode": "anchor"} if turned else {}
        )
        axes.set_xticks(places(axis), axis.values, **look)
        axes.set_xlim(-0.5, len(axis.values) - 0.5)
    elif steps_multiply(axis.values):
        axes.set_xscale("log")
        plain_decades(axes.xaxis, axis.values.min(), axis.values.max())


def scale_y(axes: Axes, axis: Readable) -> None:
    """Label and scale of the vertical axis."""
    axes.set_ylabel(axis.label)
    if axis.is_text:
        axes.set_yticks(places(axis), axis.values)
    elif steps_multiply(axis.values):
        axes.set_yscale("log")
        plain_decades(axes.yaxis, axis.values.min(), axis.values.max())


LONG_NUMBERS = 3e3
"""Span of an axis beyond which plain numbers would run into each other."""


def plain_decades(axis, low: float, high: float) -> None:
    """Ticks of a logarithmic axis as plain numbers, as many as have room; else as powers."""
    span = high / low
    if span > LONG_NUMBERS:
        axis.set_major_locator(LogLocator(subs=(1.0,), numticks=5))
        axis.set_major_formatter(LogFormatterMathtext())
        axis.set_minor_formatter(NullFormatter())
        return
    if span > 60:
        axis.set_major_locator(LogLocator(subs=(1.0,), numticks=7))
    else:
        steps = (1.0, 2.0, 5.0) if span > 5 else (1.0, 2.0, 3.0, 4.0, 6.0)
        axis.set_major_locator(LogLocator(subs=steps, numticks=7))
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
