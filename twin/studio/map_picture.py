"""The picture of a map: a heat map whose cells come one by one."""

from collections.abc import Sequence
from html import escape

from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, LinearColorMapper, Range1d
from bokeh.models.annotations import ColorBar
from bokeh.palettes import Cividis256

from twin.results.readable import Readable
from twin.studio.map_cells import MapCells, columns
from twin.studio.pictures import TEXT, plot

HEIGHT = 420
"""[px] of the map with its colours below it."""
MOST_TICKS = 6
"""Values told along an axis: as many as a page of 400 pixels has room for."""
TOLD_WIDTH = 200
"""[px] of what a hand is told: a page of 400 pixels has room for it beside the hand."""
GIVEN_WAY = 0.02
"""Share of a cell that is left free around it, so that cells of one colour are still told apart."""


class MapPicture:
    """A map. What has not come yet is as empty as the page behind it."""

    def __init__(self):
        drawn = plot("", "", "A map over two sliders", x_range=Range1d(0, 1), y_range=Range1d(0, 1))
        drawn.height = HEIGHT
        drawn.grid.visible = False
        self.figure = drawn
        self.known, self.never, self.holes = (ColumnDataSource(columns()) for _ in range(3))
        self.colours = LinearColorMapper(palette=Cividis256, low=0, high=1)
        size = {"width": 1 - GIVEN_WAY, "height": 1 - GIVEN_WAY, "line_color": None}
        colour = {"field": "value", "transform": self.colours}
        hatched = {"fill_color": None, "hatch_color": TEXT, "hatch_alpha": 0.6, "hatch_scale": 9.0}
        drawn.rect("x", "y", source=self.known, fill_color=colour, **size)
        drawn.rect("x", "y", source=self.never, hatch_pattern="/", **hatched, **size)
        drawn.rect("x", "y", source=self.holes, hatch_pattern="x", **hatched, **size)
        self.hover = HoverTool(tooltips="", attachment="vertical")
        drawn.add_tools(self.hover)
        self.bar = ColorBar(
            color_mapper=self.colours, orientation="horizontal", height=12, title="", padding=2,
            title_text_color=TEXT, title_text_font_style="normal", title_text_font_size="13px",
            major_label_text_color=TEXT, major_label_text_font_size="12px", background_fill_color=None,
        )  # fmt: skip
        drawn.add_layout(self.bar, "below")

    def show(self, cells: MapCells) -> None:
        """The cells that have come."""
        drawn = self.figure
        self._along(drawn.xaxis[0], drawn.x_range, cells.across)
        self._along(drawn.yaxis[0], drawn.y_range, cells.up)
        said = (
            (cells.across.name, "@across"), (cells.up.name, "@up"),
            (cells.label.partition(" / ")[0], "@told"), ("Outside what was fitted", "@outside"),
        )  # fmt: skip
        self.hover.tooltips = told_at(said)
        values = cells.known["value"]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        self.colours.update(low=low, high=high if high > low else low + 1)
        self.bar.title, self.bar.visible = f"{cells.label}, median", bool(values)
        for source, own in (
            (self.known, cells.known), (self.never, cells.never), (self.holes, cells.holes)
        ):  # fmt: skip
            source.data = own

    @staticmethod
    def _along(axis, over: Range1d, values: Readable) -> None:
        """Cells lie at whole numbers; an axis tells a few of their values."""
        count = len(values.values)
        every = -(-count // MOST_TICKS)
        places = list(range(0, count, every))
        axis.axis_label = values.label
        axis.ticker = FixedTicker(ticks=places)
        axis.major_label_overrides = {place: f"{values.values[place]:.3g}" for place in places}
        over.update(start=-0.5, end=count - 0.5)


def told_at(said: Sequence[tuple[str, str]]) -> str:
    """What a hand that rests on a point is told, as HTML as narrow as the narrowest page.

    Words and columns ("@told"), of which Bokeh escapes what stands in the columns.
    """
    lines = "".join(f"<div><b>{escape(words)}</b>: {column}</div>" for words, column in said)
    return f'<div style="max-width: {TOLD_WIDTH}px; white-space: normal">{lines}</div>'
