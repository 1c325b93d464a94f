"""The widgets that say which slider is varied, between which ends."""

import panel as pn

from twin.studio.knobs import Knob
from twin.studio.page_parts import INNER
from twin.studio.varied import Span
from twin.studio.view import View

AROUND = 0.25
"""A slider is first varied by this share of its length to either side of where it stands."""
TIMES = 4.0
"""A logarithmic slider is first varied by this factor to either side."""
ROOM = 100
"""[px] of a number: three stand side by side on a page of 400 pixels."""


class SpanChoice:
    """Which of the sliders is varied, and its two ends."""

    def __init__(self, words: str, view: View, known: tuple[Knob, ...], first: Knob):
        self._view, self._known = view, {knob.name: knob for knob in known}
        self.knob = pn.widgets.Select(
            label=words, options={_label(knob): knob.name for knob in known}, value=first.name,
            sizing_mode="stretch_width", stylesheets=[INNER],
        )  # fmt: skip
        self.low, self.high = (
            pn.widgets.FloatInput(label=label, width=ROOM, stylesheets=[INNER])
            for label in ("from", "to")
        )
        self.knob.param.watch(lambda event: self._begin(), "value")
        self._begin()

    @property
    def widgets(self) -> tuple:
        """In the order of a hand."""
        return self.knob, self.low, self.high

    @property
    def span(self) -> Span:
        """What is chosen. Raises StudioError: ends that are none."""
        return Span(self._known[str(self.knob.value)], self.low.value, self.high.value)

    def _begin(self) -> None:
        """Ends around where the slider stands."""
        knob = self._known[str(self.knob.value)]
        low, high = ends_of(knob, self._view.shows(knob))
        self.low.value, self.high.value = low, high


def ends_of(knob: Knob, stands: float) -> tuple[float, float]:
    """Between which ends a slider that stands somewhere is first varied, at stops of the slider."""
    if knob.is_logarithmic:
        low, high = stands / TIMES, stands * TIMES
    else:
        around = AROUND * (knob.high - knob.low)
        low, high = stands - around, stands + around
    return _stop(knob, low), _stop(knob, high)


def _stop(knob: Knob, value: float) -> float:
    return min(knob.stops, key=lambda own: abs(own - value))


def _label(knob: Knob) -> str:
    return f"{knob.label} [{knob.unit}]"
