"""What a map or a search varies of a view: some of its sliders, each between two ends; as a study.

The study is TOML. The page computes what it reads back from that text, so that the file which is taken
along asks the very same.
"""

import dataclasses
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from twin.cell import Cell
from twin.errors import StudioError
from twin.results.phrases import in_a_sentence, listed
from twin.results.readable import Readable
from twin.studies.question import SHORT
from twin.studies.study_file import SUFFIX
from twin.studio import knobs
from twin.studio.knobs import Knob, knobs_of
from twin.studio.steps import back_and_forth, between_voltages
from twin.studio.take_away import changes_of
from twin.studio.view import View

OF_THE_CYCLE = (
    knobs.RATE, knobs.UPPER, knobs.LOWER, knobs.CURRENT, knobs.CHARGE, knobs.REST
)  # fmt: skip
"""Sliders that say the steps of a cycle, and are fields of them in a study."""
SPELLED = {"°C": "degC", "mA/cm²": "mA/cm2", "mAh/cm²": "mA.h/cm2", "min": "minutes"}
"""Units of the sliders that a study spells in another way."""
MOST_ALONG = 40
"""Values of one slider in a map: more, and a cell of it is no larger than the hand's aim."""


@dataclass(frozen=True)
class Span:
    """How far a slider goes, in the unit that it shows.

    Raises StudioError: ends that are none, or that the slider does not reach.
    """

    knob: Knob
    low: float | None
    high: float | None

    def __post_init__(self):
        knob, low, high = self.knob, self.low, self.high
        allowed = f"{knob.low:g} to {knob.high:g} {knob.unit}"
        if low is None or high is None:
            raise StudioError(f"{knob.label} has an empty end; give two numbers within {allowed}")
        if not knob.low <= low < high <= knob.high:
            raise StudioError(
                f"{knob.label} goes from {low:g} to {high:g} {knob.unit}; give two numbers that rise, "
                f"within {allowed}"
            )

    @property
    def of_study(self) -> dict:
        """What it is in a study: a field of the steps, or a parameter, in a unit."""
        knob = self.knob
        what = {"field": knob.name} if knob in OF_THE_CYCLE else {"parameter": knob.key}
        return what | {"unit": SPELLED.get(knob.unit, knob.unit)}

    def values(self, number: int) -> dict:
        """As an axis of a map, of so many values. Raises StudioError: too few or too many."""
        if not 2 <= number <= MOST_ALONG:
            raise StudioError(f"{self.knob.label} has {number} values; a map takes 2 to {MOST_ALONG}")
        spread = {"from": self.low, "to": self.high, "number": number, "log": self.knob.is_logarithmic}
        return self.of_study | {"values": spread}

    @property
    def range(self) -> dict:
        """As what a search may choose."""
        return self.of_study | {"low": self.low, "high": self.high, "log": self.knob.is_logarithmic}


def may_vary(view: View) -> tuple[Knob, ...]:
    """The sliders that can be varied: not the number of cycles, nor what typed steps say already."""
    said = OF_THE_CYCLE if view.typed.strip() else ()
    return tuple(knob for knob in knobs_of(view.loaded) if knob not in (knobs.CYCLES, *said))


def map_text(view: View, across: tuple[Span, int], up: tuple[Span, int], *, draws: int) -> str:
    """A map over two sliders, with so many values of each, as a what-if study.

    Raises StudioError: the same slider twice, or one that cannot be varied.
    """
    spans = (across[0], up[0])
    content = _asked(view, spans, draws)
    content["baseline"] = {span.knob.name: view.shows(span.knob) for span in spans}
    content["vary"] = {span.knob.name: span.values(number) for span, number in (across, up)}
    return tomli_w.dumps(content)


def search_text(
    view: View,
    spans: Sequence[Span],
    *,
    objectives: Sequence[str],
    short_at_most: float,
    draws: int,
) -> str:
    """A search over two sliders, for objectives such as "maximise capacity_retention".

    `short_at_most` is what the chance of a short circuit may be. Raises StudioError: as
    :func:`map_text`, or the same objective twice.
    """
    content = _asked(view, spans, draws)
    if len(set(objectives)) < len(objectives):
        raise StudioError("both objectives are the same; choose another for one of them")
    content["vary"] = {span.knob.name: span.range for span in spans}
    content["objective"] = [{"quantity": words} for words in objectives]
    if short_at_most < 1:
        content["constraint"] = [{"quantity": SHORT, "probability_at_most": short_at_most}]
    return tomli_w.dumps(content)


def named_as_slider(cell: Cell, values: Readable, name: str) -> Readable:
    """What varies, under the name that its slider has."""
    (knob,) = (own for own in knobs_of(cell) if own.name == name)
    return dataclasses.replace(values, name=knob.label)


def _asked(view: View, spans: Sequence[Span], draws: int) -> dict:
    """What a study of the view begins with."""
    varied = [span.knob for span in spans]
    known = may_vary(view)
    for knob in varied:
        if knob not in known:
            raise StudioError(
                f"{knob.label} cannot be varied while the steps are typed; "
                f"{listed([in_a_sentence(own.label) for own in known])} can, or delete the steps"
            )
    if len(set(varied)) < len(varied):
        raise StudioError(f"{varied[0].label} is chosen twice; choose another for one of them")
    name = view.cell_name
    content: dict = {
        "question": f"What do {listed([in_a_sentence(knob.label) for knob in varied])} do?",
        "cell": str(Path(name).resolve()) if name.endswith(SUFFIX) else name,
        "cycles": view.cycles,
        "draws": draws,
        "seed": 0,
        "protocol": {"steps": list(_steps(view, {knob.name for knob in varied}))},
    }
    keys = {knob.key for knob in varied if knob not in OF_THE_CYCLE}
    changes = {key: value for key, value in changes_of(view).items() if key not in keys}
    return content | ({"set": changes} if changes else {})


def _steps(view: View, varied: Set[str]) -> tuple[str, ...]:
    """The steps of the view, with a field where something varies."""
    if not varied & {knob.name for knob in OF_THE_CYCLE}:
        return view.steps

    def said(knob: Knob) -> str:
        if knob.name in varied:
            return f"{{{knob.name}}}"
        unit = SPELLED.get(knob.unit, knob.unit)
        return f"{view.shows(knob):g}{'' if unit == 'C' else ' '}{unit}"

    rest = said(knobs.REST) if knobs.REST.name in varied or view.shows(knobs.REST) else ""
    if view.loaded.has_cathode:
        return between_voltages(said(knobs.RATE), said(knobs.UPPER), said(knobs.LOWER), rest)
    return back_and_forth(said(knobs.CURRENT), f"until {said(knobs.CHARGE)}", rest)
