"""The picture of a search: what its evaluations reach, and the front that no other beats."""

import numpy as np
import xarray as xr
from bokeh.models import ColumnDataSource, HoverTool

from twin.plots.pareto import BETTER
from twin.plots.style import BLUE, GREY, VERMILLION
from twin.results.phrases import span
from twin.results.quantities import EDGES
from twin.results.readable import Readable, readable
from twin.studies.study import Study
from twin.studio.map_picture import HEIGHT, told_at
from twin.studio.pictures import finish, plot
from twin.studio.varied import named_as_slider

COLUMNS = ("x", "y", "told_x", "told_y", "first", "second")
"""Of an evaluation: what it reaches in both objectives, in words too, and both values that it chose."""


class FrontPicture:
    """Two objectives against each other."""

    def __init__(self):
        self.figure = drawn = plot("", "", "What a search has reached")
        drawn.height = HEIGHT
        self.missed, self.beaten, self.front = (
            ColumnDataSource({name: [] for name in COLUMNS}) for _ in range(3)
        )
        drawn.scatter(
            "x", "y", source=self.missed, marker="x", size=7, color=GREY, legend_label="not allowed"
        )
        drawn.scatter("x", "y", source=self.beaten, size=7, color=BLUE, alpha=0.6, legend_label="beaten")
        drawn.line("x", "y", source=self.front, color=VERMILLION, width=1, legend_label="front")
        drawn.scatter(
            "x", "y", source=self.front, marker="diamond", size=12, color=VERMILLION,
            legend_label="front",
        )  # fmt: skip
        scatters = [own for own in drawn.renderers if hasattr(own.glyph, "marker")]
        self.hover = HoverTool(tooltips="", attachment="vertical", renderers=scatters)
        drawn.add_tools(self.hover)
        finish(drawn)

    def show(self, study: Study, data: xr.Dataset) -> None:
        """Every evaluation of a search with two objectives."""
        across, up = (label_of(data, own.label) for own in study.objectives)
        self.figure.xaxis[0].axis_label, self.figure.yaxis[0].axis_label = across, up
        names = [one.name for one in study.ranges]
        designs = [named_as_slider(study.cell, readable(data[name]), name) for name in names]
        self.hover.tooltips = told_at(
            (
                (across.partition(" / ")[0], "@told_x"), (up.partition(" / ")[0], "@told_y"),
                (designs[0].name, "@first"), (designs[1].name, "@second"),
            )
        )  # fmt: skip
        front, feasible = (data[name].values.astype(bool) for name in ("on_front", "feasible"))
        for source, own in (
            (self.missed, ~feasible), (self.beaten, feasible & ~front), (self.front, front)
        ):  # fmt: skip
            source.data = _columns(study, data, designs, np.flatnonzero(own))


def label_of(data: xr.Dataset, name: str) -> str:
    """ "Charging time of a cycle / h (less is better)"."""
    return f"{readable(data[name]).label} ({BETTER[data[name].attrs['goal']]})"


def told(data: xr.Dataset, name: str, place: int) -> str:
    """What an evaluation reaches in one objective, with its interval where it has one."""
    value = readable(data[name])
    low, high = (
        readable(data[f"{name}_{edge}"].assign_attrs(data[name].attrs), like=data[name]).values[place]
        for edge in EDGES
    )
    return value.entry(place) if low == high else span((low, value.values[place], high), value.unit)


def _columns(
    study: Study, data: xr.Dataset, designs: list[Readable], places: np.ndarray
) -> dict[str, list]:
    """The evaluations at some places, from left to right; those without an answer are left out."""
    names = [own.label for own in study.objectives]
    x, y = (readable(data[name]).values for name in names)
    known = [int(own) for own in places if np.isfinite(x[own]) and np.isfinite(y[own])]
    known.sort(key=lambda own: x[own])
    return {
        "x": [float(x[own]) for own in known],
        "y": [float(y[own]) for own in known],
        "told_x": [told(data, names[0], own) for own in known],
        "told_y": [told(data, names[1], own) for own in known],
        "first": [designs[0].entry(own) for own in known],
        "second": [designs[1].entry(own) for own in known],
    }
