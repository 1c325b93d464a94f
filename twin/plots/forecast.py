"""The picture of a forecast: how the cells that live age, and below it how many do."""

import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.figure import Figure

from twin.plots.retention import fan, line, measured_points
from twin.plots.shorts import alive_curve
from twin.plots.style import COLOURS, LINE_WIDTH, TEXT_SIZE, WIDTH
from twin.results.form import SUMMARY
from twin.results.quantities import ageing

Points = Mapping[str, Sequence[tuple[float, float]]]
"""By the label of a cell: (cycle, value in the unit of the axis)."""


def forecast_figure(
    summaries: Mapping[str, xr.Dataset],
    measured: Points,
    title: str,
    *,
    before_changes: Points = MappingProxyType({}),
) -> Figure:
    """Above, how the cells that run without a short age; below, how many of all do.

    Ageing is told by the retention [%] or, without a cathode, by the overpotential [V]: its median, and
    of the first cell its 5-95 % band.

    Parameters
    ----------
    summaries : label of a cell -> what :func:`twin.summarise` gave; a colour each
    measured : label of a cell -> points that were measured on it
    before_changes : label of the points -> points of the first cell before it was changed; drawn hollow

    Raises
    ------
    DatasetError : not the summary of a forecast.
    """
    for summary in summaries.values():
        SUMMARY.check(summary)
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(WIDTH, 5.6), sharex=True, height_ratios=(3, 1.4), layout="constrained"
    )
    quantity = ageing(next(iter(summaries.values())))
    for colour, (label, summary) in zip(COLOURS, summaries.items(), strict=False):
        draw = fan if colour == COLOURS[0] else line
        draw(summary, quantity, axes=upper, label=label, colour=colour)
        measured_points(measured.get(label, ()), axes=upper, colour=colour, label=f"{label}, measured")
        alive_curve(summary, axes=lower, colour=colour)
    for label, points in before_changes.items():
        measured_points(points, axes=upper, colour=COLOURS[0], label=label, is_own=False)
    upper.set_xlabel("")
    figure.suptitle(textwrap.fill(title, LINE_WIDTH), fontsize=TEXT_SIZE)
    upper.legend(loc="best", fontsize=TEXT_SIZE - 1, frameon=False)
    return figure
