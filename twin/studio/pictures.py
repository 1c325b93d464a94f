"""The pictures of the page: Bokeh figures whose points are exchanged while a hand is on a slider.

Text and lines are of one grey that is legible on white and on black; colours are those of `twin.plots`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.models.annotations import Legend, LegendItem
from bokeh.plotting import figure

from twin import names
from twin.plots.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from twin.results.quantities import ageing
from twin.results.readable import readable

TEXT = "#767676"
"""Grey with a contrast of 4.5 on white, and of more on the page's black."""
GRID = "#8888882e"
BESIDE = VERMILLION
PINNED = PURPLE
CYCLE_COLOURS = (BLUE, GREEN, ORANGE, VERMILLION)
MECHANISM_COLOURS = (SKY, PURPLE, ORANGE, VERMILLION, GREEN, BLUE)
HEIGHT = 300


def plot(x_label: str, y_label: str, label: str, **options):
    """A bare figure with room for one picture; `label` says to screen readers what it shows."""
    made = figure(
        height=HEIGHT, sizing_mode="stretch_width", toolbar_location=None, background_fill_color=None,
        border_fill_color=None, outline_line_color=None, x_axis_label=x_label, y_axis_label=y_label,
        tools="", name=label, min_border_right=12, **options,
    )  # fmt: skip
    made.grid.grid_line_color = GRID
    for axis in made.axis:
        axis.axis_label_text_color = axis.major_label_text_color = TEXT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size, axis.major_label_text_font_size = "13px", "12px"
        axis.axis_line_color = axis.major_tick_line_color = GRID
        axis.minor_tick_line_color = None
    return made


def finish(made) -> list[LegendItem]:
    """A quiet legend below the figure, in columns that a narrow page has room for; its entries."""
    items: list[LegendItem] = []
    for own in list(made.legend):
        items += own.items
        made.center.remove(own)
    made.add_layout(legend_of(items), "below")
    return items


def legend_of(items: list[LegendItem]) -> Legend:
    """A legend without a frame, in two columns: three are wider than a page of 400 pixels."""
    made = Legend(
        items=items, ncols=2, label_text_color=TEXT, label_text_font_size="12px", location="left"
    )
    made.background_fill_color = made.border_line_color = None
    made.update(padding=0, margin=4, spacing=10, click_policy="hide")
    return made


class Retention:
    """How the cell ages: its best estimate, the interval, the cell beside it, and a pinned answer."""

    def __init__(self, is_full: bool):
        label = "Capacity retention / %" if is_full else "Cell overpotential / V"
        self.figure = plot("Cycle", label, "How the cell ages")
        self.band = ColumnDataSource(band_of(None))
        self.best, self.beside, self.pinned, self.measured = (
            ColumnDataSource({"x": [], "y": []}) for _ in range(4)
        )
        drawn = self.figure
        drawn.varea(
            "x", "low", "high", source=self.band, color=BLUE, alpha=0.3, legend_label="5 to 95 %"
        )
        drawn.line(
            "x", "y", source=self.beside, color=BESIDE, width=2, dash="dashed", legend_label="beside"
        )
        drawn.line(
            "x", "y", source=self.pinned, color=PINNED, width=2, dash="dotted", legend_label="pinned"
        )
        drawn.line(
            "x", "middle", source=self.band, color=BLUE, width=1, dash="dashed", legend_label="median"
        )
        line = drawn.line("x", "y", source=self.best, color=BLUE, width=3, legend_label="best estimate")
        drawn.scatter(
            "x",
            "y",
            source=self.measured,
            size=9,
            color="#000000",
            line_color="#ffffff",
            legend_label="measured",
        )
        drawn.add_tools(
            HoverTool(renderers=[line], tooltips=[("cycle", "@x"), (label, "@y{0.[00]}")], mode="vline")
        )
        if is_full:
            drawn.y_range.start, drawn.y_range.end = 0, 105
        items = finish(drawn)
        self.beside_item, self.pinned_item = items[1:3]  # as they were drawn: after the band
        self.pinned_item.visible = False

    def show_best(self, run: xr.Dataset) -> None:
        """The best estimate of the cell."""
        self.best.data = line_of(run)

    def show_beside(self, run: xr.Dataset, label: str) -> None:
        """That of the cell beside it, by its label."""
        self.beside.data = line_of(run)
        self.beside_item.label = {"value": label}

    def pin(self, is_pinned: bool) -> None:
        """Keep the best estimate that is shown beside those that come, or let it go."""
        self.pinned.data = dict(self.best.data) if is_pinned else points_of(())
        self.pinned_item.visible = is_pinned

    def forget(self) -> None:
        """What is not of the view that is shown now: the interval, and the cell beside."""
        self.show_interval(None)
        self.beside.data = {"x": [], "y": []}

    def show_interval(self, summary: xr.Dataset | None) -> None:
        """The interval, or none while it is not of what is shown."""
        self.band.data = band_of(summary)

    def show_measured(self, points: Sequence[tuple[float, float]]) -> None:
        """Measured points of this protocol."""
        self.measured.data = points_of(points)


def band_of(summary: xr.Dataset | None) -> dict[str, np.ndarray | list]:
    """How cells age over cycles: 5, 50 and 95 %; empty of nothing."""
    if summary is None:
        return {"x": [], "low": [], "middle": [], "high": []}
    edges = readable(summary[ageing(summary).name].transpose("quantile", "cycle")).values
    return {"x": summary["cycle"].values, "low": edges[0], "middle": edges[1], "high": edges[2]}


def points_of(points: Sequence[tuple[float, float]]) -> dict[str, list[float]]:
    """Points as columns."""
    x, y = zip(*points, strict=True) if points else ((), ())
    return {"x": list(x), "y": list(y)}


def line_of(run: xr.Dataset) -> dict[str, np.ndarray]:
    """How a run ages, over its cycles, as long as the cell lives: it delivers, without a short."""
    values = readable(run[ageing(run).name]).values
    onset = float(run["short_circuit_onset_cycle"])
    dead = run["cycle"].values >= onset
    if "spent" in run:
        dead |= run["spent"].values > 0
    lives = ~np.maximum.accumulate(dead)
    return {"x": run["cycle"].values[lives], "y": values[lives]}


class Survival:
    """The share of the draws that live, and the chance of a short."""

    def __init__(self):
        self.figure = plot("Cycle", "Cells / %", "How many cells live, and how many have shorted")
        self.source = ColumnDataSource({"x": [], "alive": [], "shorted": []})
        self.figure.line("x", "alive", source=self.source, color=GREEN, width=2, legend_label="alive")
        self.figure.line(
            "x", "shorted", source=self.source, color=VERMILLION, width=2, legend_label="shorted"
        )
        self.figure.y_range.start, self.figure.y_range.end = -2, 102
        finish(self.figure)

    def show(self, summary: xr.Dataset | None) -> None:
        """Those of a summary; nothing while there is none."""
        if summary is None:
            self.source.data = {"x": [], "alive": [], "shorted": []}
            return
        self.source.data = {
            "x": summary["cycle"].values,
            "alive": 100 * summary["alive"].values,
            "shorted": 100 * summary["short_circuit_probability"].values,
        }


class Resistance:
    """Resistance by mechanism, one on the other."""

    def __init__(self):
        self.figure = plot("Cycle", "Resistance / Ω cm²", "Resistance by mechanism")
        labels = [name.replace("_", " ") for name in names.MECHANISMS]
        self.source = ColumnDataSource({"x": [], **{name: [] for name in names.MECHANISMS}})
        self.figure.varea_stack(
            list(names.MECHANISMS), x="x", source=self.source, color=list(MECHANISM_COLOURS), alpha=0.75,
            legend_label=labels,
        )  # fmt: skip
        finish(self.figure)

    def show(self, run: xr.Dataset) -> None:
        """Those of a run."""
        values = run["resistance"].transpose("mechanism", "cycle").values * 1e4
        known = np.isfinite(values).all(axis=0)
        columns = {name: own[known] for name, own in zip(names.MECHANISMS, values, strict=True)}
        self.source.data = {"x": run["cycle"].values[known], **columns}


class Curves:
    """Lines over chosen cycles: voltage over charge, or Nyquist's of the impedance."""

    def __init__(self, x_label: str, y_label: str, label: str, count: int, **options):
        self.figure = plot(x_label, y_label, label, **options)
        self.sources = [ColumnDataSource({"x": [], "y": []}) for _ in range(count)]
        lines = [
            self.figure.line("x", "y", source=source, color=colour, width=2)
            for source, colour in zip(self.sources, CYCLE_COLOURS, strict=False)
        ]
        self.items = [LegendItem(label="", renderers=[line]) for line in lines]
        self.figure.add_layout(legend_of(self.items), "below")

    def show(self, curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
        """Label -> x and y; NaN breaks a line."""
        shown = list(curves.items())
        for place, (source, item) in enumerate(zip(self.sources, self.items, strict=True)):
            label, (x, y) = shown[place] if place < len(shown) else ("", (np.array([]), np.array([])))
            source.data = {"x": x, "y": y}
            item.label = {"value": label}
            item.visible = bool(label)
