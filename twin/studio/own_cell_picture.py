"""The picture of a cell whose file was dropped."""

from collections.abc import Sequence

import xarray as xr
from bokeh.models import ColumnDataSource

from twin.plots.style import BLUE, ORANGE
from twin.studio.pictures import TEXT, band_of, finish, plot, points_of


class OwnCell:
    """A cell's own cycles over what was expected of its kind, and over what is expected of it now."""

    def __init__(self, is_full: bool):
        label = "Capacity retention / %" if is_full else "Cell overpotential / V"
        self.figure = plot("Cycle", label, "Measured cycles over what is expected")
        self.before, self.now = (
            ColumnDataSource({"x": [], "low": [], "middle": [], "high": []}) for _ in range(2)
        )
        self.measured = ColumnDataSource({"x": [], "y": []})
        for source, colour, words in (
            (self.before, ORANGE, "cells of this kind"),
            (self.now, BLUE, "this cell now"),
        ):
            self.figure.varea(
                "x", "low", "high", source=source, color=colour, alpha=0.3, legend_label=words
            )
            self.figure.line("x", "middle", source=source, color=colour, width=2, legend_label=words)
        self.figure.scatter(
            "x", "y", source=self.measured, size=4, color=TEXT, legend_label="measured"
        )  # fmt: skip
        finish(self.figure)

    def show_measured(self, points: Sequence[tuple[float, float]]) -> None:
        """Cycle and value of a file."""
        self.measured.data = points_of(points)

    def show_before(self, ages: xr.Dataset | None) -> None:
        """What was expected, with 5, 50 and 95 %; None until it is known."""
        self.before.data = band_of(ages)

    def show_now(self, ages: xr.Dataset | None) -> None:
        """What is expected of this very cell; None before an update."""
        self.now.data = band_of(ages)
