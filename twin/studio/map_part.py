"""A map over two sliders: it fills in as its points come, can be stopped, and goes on."""

import contextlib
import functools
import io
import time
from collections.abc import Callable, Mapping
from html import escape

import panel as pn

import twin
from twin import parallel
from twin.errors import StudioError, TwinError
from twin.plots.saving import whole_figure
from twin.studies.arriving import Arrival, arriving
from twin.studies.on_draws import OnDraws, on_draws
from twin.studies.study_file import load_what_if
from twin.studio import map_cells, sentences
from twin.studio.map_picture import MapPicture
from twin.studio.page_parts import INNER, button, html, in_words, quiet, wrong
from twin.studio.span_choice import ROOM, SpanChoice
from twin.studio.stoppable import Stoppable
from twin.studio.take_along_tab import study_downloads
from twin.studio.take_away import as_archive, as_file
from twin.studio.varied import MOST_ALONG, map_text, may_vary
from twin.studio.view import View

NAME = "map"
"""Of the study, its file, and the folder of its points."""
PACE = 0.25
"""Seconds between two pictures of a map that fills in: a page that is drawn anew more often stutters."""
ALONG = 8
"""Values of each slider, unless somebody says another number: a first map in half a minute."""
DRAWS = (10, 25, 50, 100)
"""Draws of each point from which may be chosen."""
FIRST_DRAWS = 25
"""Draws of each point, unless somebody chooses others: a coarse interval, quickly."""
INTRODUCTION = (
    "<p>What two sliders do together: every point is run on the same draws of the cell, while the other "
    "sliders stand where they are. Hatched: what is shown does not come in most draws. Crossed: no "
    "answer, and why.</p>"
)


class MapPart:
    """One session's map. `view` gives what the page shows; `schedule` calls in the session's thread."""

    def __init__(self, view: Callable[[], View], schedule: Callable):
        self._view, self._schedule = view, schedule
        self._work = Stoppable()
        self.asked: OnDraws | None = None
        self.found: dict[int, Arrival] = {}
        self._text = ""
        first = view()
        known = may_vary(first)
        self.across = SpanChoice("Across", first, known, known[0])
        self.up = SpanChoice("Up", first, known, known[1])
        self.numbers = tuple(
            pn.widgets.IntInput(
                label="values", value=ALONG, start=2, end=MOST_ALONG, width=ROOM, stylesheets=[INNER]
            )
            for _ in range(2)
        )
        outcomes = map_cells.outcomes_of(first.loaded)
        shown = "capacity_retention" if first.loaded.has_cathode else "lifetime"
        self.outcome = pn.widgets.Select(
            label="Result", options=outcomes, value=shown, sizing_mode="stretch_width",
            stylesheets=[INNER],
        )  # fmt: skip
        self.outcome.param.watch(lambda event: self._draw(), "value")
        self.draws = pn.widgets.Select(
            label="Draws of each point", options=list(DRAWS), value=FIRST_DRAWS, stylesheets=[INNER]
        )
        self.start = button("Fill the map", self.begin)
        self.stop = button("Stop", self._work.stop)
        self.notice, self.about, self.lines = html(), html(), html()
        self.picture = MapPicture()
        self.downloads = study_downloads(
            NAME, csv=self.csv, picture=self.drawn_for_print, text=lambda: self._text,
            archive=("Study and points (ZIP)", self.archive),
        )  # fmt: skip
        self._allow()

    @property
    def layout(self) -> pn.Column:
        """All of it."""
        wide = {"sizing_mode": "stretch_width"}
        rows = (
            pn.FlexBox(*choice.widgets, number, **wide)
            for choice, number in zip((self.across, self.up), self.numbers, strict=True)
        )
        return pn.Column(
            html(INTRODUCTION), *rows, pn.FlexBox(self.outcome, self.draws, **wide),
            pn.FlexBox(self.start, self.stop, **wide), self.notice, self.about,
            pn.pane.Bokeh(self.picture.figure, **wide), pn.FlexBox(*self.downloads, **wide),
            self.lines, **wide,
        )  # fmt: skip

    def close(self) -> None:
        """Nobody looks any more: points that have not begun never will."""
        self._work.close()

    # --- hands --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Fill the map of what is chosen. Points that are there already are not computed again."""
        view = self._view()
        try:
            pairs = [
                (choice.span, int(number.value or 0))
                for choice, number in zip((self.across, self.up), self.numbers, strict=True)
            ]
            text = map_text(view, *pairs, draws=int(self.draws.value))
        except TwinError as error:
            self.notice.object = wrong(str(error))
            return
        self.notice.object = quiet("drawing cells …")
        self._work.begin(functools.partial(self._fill, text, sentences.of_view(view)), self._end)
        self._allow()

    # --- work ---------------------------------------------------------------------------------------

    def _fill(self, text: str, about: str) -> None:
        """In the thread of the work."""
        path = self._work.folder / f"{NAME}.toml"
        path.write_text(text, encoding="utf-8")
        asked = on_draws(load_what_if(path))
        found: dict[int, Arrival] = {}
        self._schedule(functools.partial(self._begin_to_show, asked, text, about))
        points = arriving(asked, self._work.folder / f"{NAME}_points", threads=parallel.cores())
        told = time.monotonic()
        try:
            with contextlib.closing(points):
                for arrival in points:
                    found[arrival.number] = arrival
                    if time.monotonic() - told > PACE:
                        self._schedule(functools.partial(self._show, asked, dict(found)))
                        told = time.monotonic()
                    self._work.check()
        finally:
            self._schedule(functools.partial(self._show, asked, found))

    def _end(self, problem: Exception | None) -> None:
        self._schedule(functools.partial(self._show_end, problem))

    # --- answers ------------------------------------------------------------------------------------

    def _begin_to_show(self, asked: OnDraws, text: str, about: str) -> None:
        if text != self._text:
            self.found = {}
        self.asked, self._text = asked, text
        self.about.object = quiet(f"A map of {asked.study.cell.name}: {about}. {asked.common.doubt}")
        self.lines.object = (
            f"<p>The same on the command line is twin what-if {NAME}.toml --plot, of this study. Beside "
            f"its points, unpacked, it goes on from here.</p><pre>{escape(text)}</pre>"
        )
        self._draw()

    def _show(self, asked: OnDraws, found: Mapping[int, Arrival]) -> None:
        if asked is self.asked:
            self.found |= found
            self._draw()

    def _show_end(self, problem: Exception | None) -> None:
        self._draw()
        if problem is not None:
            self.notice.object = wrong(in_words(problem))

    def _draw(self) -> None:
        if self.asked is not None:
            self.picture.show(map_cells.cells_of(self.asked, self.found, str(self.outcome.value)))
            self.notice.object = quiet(self._progress())
        self._allow()

    def _progress(self) -> str:
        """How far the map has come, in words."""
        assert self.asked is not None  # or nothing is drawn
        size, there = self.asked.study.grid.size, len(self.found)
        holes = sum(arrival.numbers is None for arrival in self.found.values())
        said = f"{there} of {size} points" + (f", {holes} of them cannot be" if holes else "")
        if there == size:
            return f"{said}: the map is whole"
        return f"{said} …" if self._work.is_running else f"{said}: stopped, and goes on where it was"

    def _allow(self) -> None:
        """Buttons do nothing where there is nothing to do."""
        self.start.disabled, self.stop.disabled = self._work.is_running, not self._work.is_running
        begun = self.asked is not None and len(self.found) < self.asked.study.grid.size
        self.start.label = "Go on" if begun else "Fill the map"
        for own in self.downloads:
            own.disabled = not self.found

    # --- to take along ------------------------------------------------------------------------------

    def _there(self) -> OnDraws:
        if self.asked is None or not self.found:
            raise StudioError("no point of the map has come yet: fill it first")
        return self.asked

    def csv(self) -> io.StringIO:
        """The points that have come."""
        return io.StringIO(map_cells.table_of(self._there(), self.found).to_csv(index=False))

    def drawn_for_print(self, ending: str) -> io.BytesIO:
        """The map as the command draws it, "png" or "svg"."""
        asked = self._there()
        first, second = asked.study.grid.shape
        data = map_cells.dataset_of(asked, self.found)
        drawn = twin.plots.onset_map(data, first, second, variable=str(self.outcome.value))
        figure = whole_figure(drawn)
        if said := map_cells.wanting(asked, self.found):
            figure.supxlabel(said, fontsize="small")
        return as_file(figure, ending)

    def archive(self) -> io.BytesIO:
        """The study and its points, as the command finds them beside each other."""
        self._there()
        kept = (self._work.folder / f"{NAME}_points").glob("*.npz")
        return as_archive(
            {f"{NAME}.toml": self._text}, {f"{NAME}_points/{path.name}": path for path in kept}
        )
