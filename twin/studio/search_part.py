"""A search over two sliders: the front of two objectives, which can be stopped and goes on."""

import functools
import io
import time
from collections.abc import Callable
from html import escape

import panel as pn
import xarray as xr

import twin
from twin.errors import StudioError, TwinError
from twin.plots.saving import whole_figure
from twin.results.phrases import in_a_sentence
from twin.studies.search import SearchResult, search
from twin.studies.study import Study
from twin.studies.study_file import load_search
from twin.studio import sentences
from twin.studio.front_picture import FrontPicture
from twin.studio.knobs import knobs_of
from twin.studio.map_part import DRAWS, FIRST_DRAWS, PACE
from twin.studio.page_parts import INNER, button, html, in_words, quiet, wrong
from twin.studio.search_goals import CHANCES, first_goals, objectives_of
from twin.studio.span_choice import ROOM, SpanChoice
from twin.studio.stoppable import Stoppable
from twin.studio.take_along_tab import study_downloads
from twin.studio.take_away import as_archive, as_file
from twin.studio.varied import may_vary, search_text
from twin.studio.view import View

NAME = "search"
"""Of the study, its file, and the database of its evaluations."""
EVALUATIONS = 60
"""Evaluations, unless somebody says another number: a front that a person can read, in a minute."""
MOST_EVALUATIONS = 1000
"""Most evaluations from the page: more are for the command, which takes every core."""
INTRODUCTION = (
    "<p>Which values of two sliders are best in two respects: the front has the points that no other "
    "beats in both. Every point is run on the same draws; the other sliders stand where they are.</p>"
)


class SearchPart:
    """One session's search.

    `view` gives what the page shows; `schedule` calls in the session's thread.
    """

    def __init__(self, view: Callable[[], View], schedule: Callable):
        self._view, self._schedule = view, schedule
        self._work = Stoppable()
        self.study: Study | None = None
        self.data: xr.Dataset | None = None
        self._text, self._asked = "", EVALUATIONS
        first = view()
        known = may_vary(first)
        self.choices = (
            SpanChoice("Choose", first, known, known[0]), SpanChoice("and", first, known, known[1])
        )  # fmt: skip
        options = objectives_of(first)
        self.objectives = tuple(
            pn.widgets.Select(
                label=words, options=options, value=own, sizing_mode="stretch_width", stylesheets=[INNER]
            )
            for words, own in zip(("Best in", "and in"), first_goals(first), strict=True)
        )
        self.chance = pn.widgets.Select(
            label="Chance of a short circuit", options=CHANCES, value=1.0, stylesheets=[INNER]
        )
        self.draws = pn.widgets.Select(
            label="Draws of each point", options=list(DRAWS), value=FIRST_DRAWS, stylesheets=[INNER]
        )
        self.evaluations = pn.widgets.IntInput(
            label="evaluations", value=EVALUATIONS, start=1, end=MOST_EVALUATIONS, width=ROOM,
            stylesheets=[INNER],
        )  # fmt: skip
        self.start, self.stop = button("Search", self.begin), button("Stop", self._work.stop)
        self.notice, self.about, self.best, self.lines = html(), html(), html(), html()
        self.picture = FrontPicture()
        self.downloads = study_downloads(
            NAME, csv=self.csv, picture=self.drawn_for_print, text=lambda: self._text,
            archive=("Study and trials (ZIP)", self.archive),
        )  # fmt: skip
        self._allow()

    @property
    def layout(self) -> pn.Column:
        """All of it."""
        wide = {"sizing_mode": "stretch_width"}
        return pn.Column(
            html(INTRODUCTION), *(pn.FlexBox(*own.widgets, **wide) for own in self.choices),
            *self.objectives, pn.FlexBox(self.chance, self.draws, self.evaluations, **wide),
            pn.FlexBox(self.start, self.stop, **wide), self.notice, self.about, self.best,
            pn.pane.Bokeh(self.picture.figure, **wide), pn.FlexBox(*self.downloads, **wide),
            self.lines, **wide,
        )  # fmt: skip

    def close(self) -> None:
        """Nobody looks any more: the search ends after the point that it is at."""
        self._work.close()

    # --- hands --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Search for what is chosen, or go on with it."""
        view = self._view()
        try:
            text = search_text(
                view,
                [choice.span for choice in self.choices],
                objectives=[str(own.value) for own in self.objectives],
                short_at_most=float(self.chance.value),
                draws=int(self.draws.value),
            )
        except TwinError as error:
            self.notice.object = wrong(str(error))
            return
        self._asked = int(self.evaluations.value or 1)
        self.notice.object = quiet("drawing cells …")
        work = functools.partial(self._search, text, self._asked, sentences.of_view(view))
        self._work.begin(work, self._end)
        self._allow()

    # --- work ---------------------------------------------------------------------------------------

    def _search(self, text: str, evaluations: int, about: str) -> None:
        """In the thread of the work."""
        path = self._work.folder / f"{NAME}.toml"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            for own in self._work.folder.glob(f"{NAME}.db*"):  # of another question
                own.unlink()
        path.write_text(text, encoding="utf-8")
        study = load_search(path)
        self._schedule(functools.partial(self._begin_to_show, study, text, about))
        told = time.monotonic()
        latest: xr.Dataset | None = None

        def watch(data: xr.Dataset) -> None:
            nonlocal told, latest
            latest = data
            if time.monotonic() - told > PACE:
                self._schedule(functools.partial(self._show, study, data))
                told = time.monotonic()
            self._work.check()

        storage = f"sqlite:///{self._work.folder / f'{NAME}.db'}"
        try:
            found = search(study, evaluations=evaluations, storage=storage, processes=1, watch=watch)
        finally:
            if latest is not None:
                self._schedule(functools.partial(self._show, study, latest))
        self._schedule(functools.partial(self._show_best, study, found))

    def _end(self, problem: Exception | None) -> None:
        self._schedule(functools.partial(self._show_end, problem))

    # --- answers ------------------------------------------------------------------------------------

    def _begin_to_show(self, study: Study, text: str, about: str) -> None:
        if text != self._text:
            self.data = None
        self.study, self._text = study, text
        self.best.object = ""
        self.about.object = quiet(f"A search for {study.cell.name}: {about}.")
        self.lines.object = (
            f"<p>The same on the command line is twin search {NAME}.toml --at-once 1 --evaluations "
            f"{self._asked} --plot, of this study. Beside its trials, unpacked, it goes on from "
            "here.</p>"
            f"<pre>{escape(text)}</pre>"
        )

    def _show(self, study: Study, data: xr.Dataset) -> None:
        if study is self.study:
            self.data = data
            self.picture.show(study, data)
            self.notice.object = quiet(self._progress())

    def _show_best(self, study: Study, found: SearchResult) -> None:
        if study is not self.study:
            return
        self._show(study, found.evaluations)
        if found.best is None:
            self.best.object = wrong("no point is allowed: ask for less, or widen the ranges")
            return
        values = [
            f"{in_a_sentence(knob.label)} {found.best[knob.name]:.4g} {knob.unit}"
            for knob in knobs_of(study.cell)
            if knob.name in found.best
        ]
        fresh = [f"{label} is {100 * chance:.0f} %" for label, chance in found.fresh.items()]
        unseen = f" On draws that the search has not seen, {' and '.join(fresh)}." if fresh else ""
        doubt = found.evaluations.attrs["doubt"]
        self.best.object = quiet(f"Nearest to the best of both: {', '.join(values)}.{unseen} {doubt}")

    def _show_end(self, problem: Exception | None) -> None:
        self.notice.object = quiet(self._progress()) if problem is None else wrong(in_words(problem))
        self._allow()

    def _progress(self) -> str:
        """How far the search has come, in words."""
        if self.data is None:
            return "" if self._work.is_running else "stopped before its first point"
        there = self.data.sizes["evaluation"]
        allowed, front = (int(self.data[name].sum()) for name in ("feasible", "on_front"))
        said = f"{there} of {self._asked} evaluations, {allowed} allowed, {front} on the front"
        if there >= self._asked:
            return f"{said}: the search is done"
        return f"{said} …" if self._work.is_running else f"{said}: stopped, and goes on where it was"

    def _allow(self) -> None:
        """Buttons do nothing where there is nothing to do."""
        self.start.disabled, self.stop.disabled = self._work.is_running, not self._work.is_running
        begun = self.data is not None and self.data.sizes["evaluation"] < self._asked
        self.start.label = "Go on" if begun else "Search"
        for own in self.downloads:
            own.disabled = self.data is None

    # --- to take along ------------------------------------------------------------------------------

    def _there(self) -> xr.Dataset:
        if self.data is None:
            raise StudioError("no point of the search has come yet: begin it first")
        return self.data

    def csv(self) -> io.StringIO:
        """Every evaluation so far."""
        data = self._there()
        own = [name for name, variable in data.data_vars.items() if variable.dims == ("evaluation",)]
        return io.StringIO(data[own].to_dataframe().to_csv())

    def drawn_for_print(self, ending: str) -> io.BytesIO:
        """The front as the command draws it, "png" or "svg"."""
        return as_file(whole_figure(twin.plots.pareto_front(self._there())), ending)

    def archive(self) -> io.BytesIO:
        """The study and its trials, as the command finds them beside each other."""
        self._there()
        kept = [path for path in self._work.folder.glob(f"{NAME}.db*") if path.suffix != ".lock"]
        return as_archive({f"{NAME}.toml": self._text}, {path.name: path for path in kept})
