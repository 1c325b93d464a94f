"""The picture of a forecast: retention above, survival below."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.figure import Figure

from twin.plots.retention import measured_points, retention_fan, retention_line
from twin.plots.shorts import survival_curve
from twin.plots.style import COLOURS, TEXT_SIZE


def forecast_figure(
    summaries: Mapping[str, xr.Dataset],
    measured: Mapping[str, Sequence[tuple[float, float]]],
    title: str,
) -> Figure:
    """Retention above, with its band for the first cell; cells without a short below; a colour each.

    `summaries` and `measured` are keyed by the label of each cell.
    """
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(8, 7), sharex=True, height_ratios=(3, 1.4), layout="constrained"
    )
    for colour, (label, summary) in zip(COLOURS, summaries.items(), strict=False):
        draw = retention_fan if colour == COLOURS[0] else retention_line
        draw(summary, axes=upper, label=label, colour=colour)
        measured_points(measured.get(label, ()), axes=upper, colour=colour, label=f"{label}, measured")
        survival_curve(summary, axes=lower, label=label, colour=colour)
    upper.set_xlabel("")
    figure.suptitle(title, fontsize=TEXT_SIZE + 1, wrap=True)
    upper.legend(loc="best", fontsize=TEXT_SIZE - 1, frameon=False)
    return figure
