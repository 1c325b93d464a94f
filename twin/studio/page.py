"""One session: widgets, what they show, and who computes it. A session shares nothing with another."""

import functools
import time
from collections.abc import Callable, Sequence
from html import escape

import panel as pn

from twin.errors import TwinError
from twin.measured.beside import measured_beside
from twin.studio import answers, own_data, sentences, tables
from twin.studio.answers import Best, Interval
from twin.studio.data_tab import DataTab
from twin.studio.knobs import Knob, knobs_of
from twin.studio.latest import Latest
from twin.studio.map_tab import MapTab
from twin.studio.own_data import OwnData
from twin.studio.page_parts import INNER, button, html, in_words, quiet, wrong
from twin.studio.pictures import Curves, Resistance, Retention, Survival
from twin.studio.stack import drawing
from twin.studio.take_along_tab import TakeAlongTab, lines_of
from twin.studio.trust_tab import TrustTab, about
from twin.studio.view import View, with_steps

REST = 0.3
"""Seconds for which a hand must rest before intervals are computed."""


class Page:
    """The widgets of one session, which may choose among `cells`.

    `schedule` runs a callable in the session's own thread.
    """

    def __init__(
        self,
        view: View,
        schedule: Callable,
        *,
        cells: Sequence[str],
        address: Callable[[View], None],
        notice: str = "",
    ):
        self.view, self._schedule, self._address = view, schedule, address
        self.best: Best | None = None
        self.interval: Interval | None = None
        self.pinned: Best | None = None
        self.answered = 0
        """Best estimates that were shown, which the page says too: so a wait can be measured on it."""
        self._quick, self._slow = Latest(), Latest()
        self.error = html(wrong(notice))
        self.headline, self.wait, self.kept = html(), html(), html()
        full = view.loaded.has_cathode
        self.retention, self.survival, self.resistance = Retention(full), Survival(), Resistance()
        self.voltages = Curves("Capacity / mAh cm⁻²", "Voltage / V", "Voltage curves", 3)
        self.nyquist = Curves("Re Z / Ω cm²", "−Im Z / Ω cm²", "Nyquist curves", 4, match_aspect=True)
        self.stack, self.parameters = html(), html()
        self.trust = TrustTab(view.loaded, schedule)
        self.data = DataTab(lambda: self.view, schedule, go_through=self._go_through)
        self.map = MapTab(lambda: self.view, schedule)
        self.take_along = TakeAlongTab(lambda: self.view, self._known_best, self._known_interval)
        self.sliders = {knob.name: self._slider(knob) for knob in knobs_of(view.loaded)}
        self.typed = pn.widgets.TextAreaInput(
            label="Or type the steps of a cycle, one a line", value=view.typed, rows=4,
            placeholder="\n".join(view.steps), sizing_mode="stretch_width", stylesheets=[INNER],
        )  # fmt: skip
        self.use = button("Use these steps", self._use_steps)
        self.pin = button("Pin this answer", self._pin)
        self.choice = self._choice(cells)
        self._ask(view)

    # --- what is on the page ------------------------------------------------------------------------

    @property
    def controls(self) -> pn.Column:
        """Everything that a hand may be on."""
        return pn.Column(
            *self.sliders.values(), self.typed, pn.Row(self.use, self.pin), sizing_mode="stretch_width"
        )

    @property
    def status(self) -> pn.Column:
        """What is wrong, what the answer is, and what is waited for."""
        return pn.Column(self.error, self.headline, self.wait, self.kept, sizing_mode="stretch_width")

    @property
    def answer(self) -> pn.Tabs:
        """The tabs."""
        wide = {"sizing_mode": "stretch_width"}
        shown: list = [self.survival, self.resistance, self.nyquist]
        if self.view.loaded.has_cathode:
            shown.insert(2, self.voltages)
        curves = pn.Column(
            *(pn.pane.Bokeh(own.figure, **wide) for own in shown),
            css_classes=["side-by-side"], stylesheets=[INNER], **wide,
        )  # fmt: skip
        return pn.Tabs(
            ("What if", pn.Column(pn.pane.Bokeh(self.retention.figure, **wide), curves, **wide)),
            ("Cell", pn.Column(self.stack, self.parameters, **wide)),
            ("Trust", self.trust.layout),
            ("Data", self.data.layout),
            ("Map and search", self.map.layout),
            ("Take along", self.take_along.layout),
            sizing_mode="stretch_width", stylesheets=[INNER],
        )  # fmt: skip

    def close(self) -> None:
        """Nobody looks any more."""
        for own in (self._quick, self._slow, self.trust, self.data, self.map):
            own.close()

    # --- hands --------------------------------------------------------------------------------------

    def _slider(self, knob: Knob):
        begins = self.view.shows(knob)
        stops = sorted({*knob.stops, begins})
        label = f"{knob.label} [{knob.unit}]" if knob.unit else knob.label
        made = pn.widgets.DiscreteSlider(
            label=label, options=stops, value=begins,
            sizing_mode="stretch_width", stylesheets=[INNER], formatter="%.4g",
        )  # fmt: skip
        made.param.watch(lambda event: self._turn(knob, event.new), "value")
        return made

    def _choice(self, cells: Sequence[str]) -> pn.widgets.Select:
        made = pn.widgets.Select(
            label="Cell",
            options=list(cells),
            value=self.view.cell_name,
            stylesheets=[INNER],
            sizing_mode="stretch_width",
        )
        made.param.watch(lambda event: self._address(View(event.new)), "value")
        return made

    def _turn(self, knob: Knob, value: float) -> None:
        self._try(self.view.turn(knob, value))

    def _use_steps(self) -> None:
        try:
            self._try(with_steps(self.view, self.typed.value_input or self.typed.value or ""))
        except TwinError as error:
            self._say(str(error))

    def _pin(self) -> None:
        """Keep the answer on the screen beside those that come, or let it go."""
        self.pinned = self.best if self.pinned is None else None
        self.retention.pin(self.pinned is not None)
        if self.pinned is None:
            self.pin.label, self.kept.object = "Pin this answer", ""
        else:
            words = f"Pinned: {sentences.of_view(self.pinned.view)}: {sentences.of_best(self.pinned)}"
            self.pin.label, self.kept.object = "Let the pinned answer go", quiet(words)

    def _go_through(self, own: OwnData) -> None:
        """Show the cell under the protocol of its file. Raises StudioError: the page cannot."""
        view = own_data.under_its_protocol(own, self.view)
        self.typed.value = view.typed
        self._address(view)
        self._show(view)

    def _try(self, view: View) -> None:
        try:
            _ = view.cell, view.protocol
        except TwinError as error:
            self._say(str(error))
            return
        self._address(view)
        self._show(view)

    # --- answers ------------------------------------------------------------------------------------

    def _show(self, view: View) -> None:
        """Show another view: what was wrong before is forgotten."""
        self._say("")
        self._ask(view)

    def _ask(self, view: View) -> None:
        """Ask for the answers to a view; what was asked before and has not begun is dropped."""
        self.view = view
        self.wait.object = quiet("computing …")
        self._quick.ask(functools.partial(self._find_best, view))
        self._slow.ask(functools.partial(self._find_rest, view))

    def _find_best(self, view: View) -> None:
        try:
            found = answers.best(view)
        except Exception as error:  # whatever a run raises: it is said, and the last answer stays
            self._schedule(functools.partial(self._say, in_words(error)))
            return
        self._schedule(functools.partial(self._show_best, found))

    def _find_rest(self, view: View) -> None:
        """What takes longer, once the hand rests: curves, spectra, intervals, trust."""
        time.sleep(REST)
        finders = (self._find_interval, self._find_words, self._find_beside, self._find_curves)
        for find in finders:
            if view is not self.view:
                return
            try:
                find(view)
            except Exception as error:
                self._schedule(functools.partial(self._say, in_words(error)))

    def _find_words(self, view: View) -> None:
        measured = measured_beside(view.cell, view.protocol)
        points = measured.points if measured.is_own else ()
        told = (lines_of(view), drawing(view.cell), tables.parameters(view.cell), points)
        self._schedule(functools.partial(self._show_words, view, *told))

    def _find_beside(self, view: View) -> None:
        run = answers.beside(view)
        if run is not None:
            self._schedule(functools.partial(self._show_beside, view, run))

    def _find_curves(self, view: View) -> None:
        best = answers.best(view)
        curves, spectra = answers.voltage_curves(best), answers.spectra(best)
        self._schedule(functools.partial(self._show_curves, view, curves, spectra))

    def _find_interval(self, view: View) -> None:
        found = answers.interval(view)
        self._schedule(functools.partial(self._show_interval, found))
        self._schedule(functools.partial(self._show_trust, view, about(found)))

    def _show_best(self, found: Best) -> None:
        self.best = found
        self.retention.show_best(found.run)
        self.resistance.show(found.run)
        self.answered += 1
        said = escape(sentences.of_best(found))
        self.headline.object = f'<p class="headline" data-answer="{self.answered}">{said}</p>'
        if self.interval is None or self.interval.view is not found.view:
            took = f"best estimate in {1e3 * found.seconds:.0f} ms; the interval follows"
            self.wait.object = quiet(took)
            self.retention.forget()
            self.survival.show(None)

    def _show_words(self, view: View, lines: str, stack: str, parameters: str, points: Sequence) -> None:
        if view is self.view:
            self.take_along.show(lines)
            self.stack.object, self.parameters.object = stack, parameters
            self.retention.show_measured(points)

    def _show_beside(self, view: View, run) -> None:
        if view is self.view:
            self.retention.show_beside(run, str(run.attrs["cell"]))

    def _show_interval(self, found: Interval) -> None:
        if found.view is not self.view:
            return
        self.interval = found
        self.retention.show_interval(found.summary)
        self.survival.show(found.summary)
        self.wait.object = quiet(sentences.of_interval(found))

    def _show_curves(self, view: View, curves: dict, spectra) -> None:
        if view is not self.view:
            return
        self.voltages.show({f"cycle {cycle}": own for cycle, own in curves.items()})
        self.nyquist.show(
            {
                "fresh" if int(cycle) == 0 else f"cycle {int(cycle)}": answers.arcs(
                    spectra.sel(cycle=cycle), view.cell.area
                )
                for cycle in spectra["cycle"].values
            }
        )

    def _show_trust(self, view: View, text: str) -> None:
        if view is self.view:
            self.trust.show(text)

    def _say(self, error: str) -> None:
        """A word on what cannot be; the last answer stays."""
        self.error.object = wrong(error)
        if error and (self.interval is None or self.interval.view is not self.view):
            self.wait.object = ""  # nothing comes any more

    # --- to take along ------------------------------------------------------------------------------

    def _known_best(self) -> Best:
        known = self.best
        return known if known is not None and known.view == self.view else answers.best(self.view)

    def _known_interval(self) -> Interval:
        known = self.interval
        return known if known is not None and known.view == self.view else answers.interval(self.view)
