"""What a study asks: one object, said by a TOML file or by a call, and checked once.

>>> study = twin.Study(
...     twin.load_cell("Chang2023_LiAlO2_LGPS_LCO"),
...     vary={"Coating thickness [m]": ["100 nm", "200 nm"], "current": ["0.1 mA/cm2", "0.3 mA/cm2"]},
...     protocol=["Charge at {current} until 4.2 V", "Discharge at {current} until 2.6 V"],
... )
>>> answer = twin.what_if(study, draws=10)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any

from twin.arguments import checked_count, checked_draws, checked_seed
from twin.cell import Cell
from twin.errors import StudyError, shown, unknown
from twin.protocols.standard import CYCLES
from twin.studies.common_draws import checked_source
from twin.studies.factors import Factor, Range, check_varied_once, read_axis, read_range
from twin.studies.grid import PROTOCOL, Grid
from twin.studies.point import Point
from twin.studies.question import Constraint, Objective, read_constraints, read_objectives
from twin.studies.templates import Protocols, Template, read_templates

MOST_EVALUATIONS = 1_000_000
"""Most evaluations of a search: Optuna's samplers look through all that went before at each new one."""


def _checked_evaluations(number: int) -> int:
    return checked_count("evaluations", number, most=MOST_EVALUATIONS)


SETTINGS: dict[str, Callable[[Any], Any]] = {
    "draws": checked_draws,
    "seed": checked_seed,
    "draw_from": checked_source,
    "evaluations": _checked_evaluations,
}
"""How a study is run, which does not change what it asks: each with the check of its value."""


@dataclass(frozen=True, repr=False)
class Study:
    """What a study asks of a cell: what if, or with an objective a search for the best point.

    ``dataclasses.replace(study, cell=other)`` asks the same of another cell.

    Parameters
    ----------
    cell : Cell
    vary : mapping
        Dimension -> what varies along it. For a what-if values of a parameter of the cell or of a field
        of the steps, ``{"Coating thickness [m]": [1e-7, 2e-7], "current": ["0.1 mA/cm2"]}``, or under a
        name of your own ``{"thickness": {"parameter": "Coating thickness [m]", "values": [100, 200],
        "unit": "nm"}}``. For a search bounds in place of values: ``{"current": {"field": "current",
        "low": 0.1, "high": 2, "unit": "mA/cm2", "log": True}}``. "temperature" [K] and "areal_capacity"
        [mA.h/cm2] set all that belongs to them.
    protocol : Protocol, list of steps with fields, Template, or several of them
        ``["Charge at {current} until 4.2 V", "Discharge at 1C until 2.6 V"]``. Several (a list or a
        mapping by name) make a dimension `protocol`. By default that of :func:`twin.forecast`.
    cycles : int
        Of steps given as a list; a Protocol and a Template bring their own.
    baseline : mapping
        The point that differences are taken against: a value for any of the dimensions. The others are
        the cell as it is, the first value of a field, the first protocol.
    mode : "grid" (every value with every other) or "list" (the values of all dimensions, side by side)
    objective : str, mapping, or several
        "charge_time", "maximise current" (what varies itself), or with the quantile over the draws that
        counts, ``{"quantity": "capacity_retention", "goal": "maximise", "quantile": 0.05}``; the median
        by default. Several make a Pareto front. With none the study asks what if.
    constraint : mapping, or several
        ``{"quantity": "capacity_retention", "at_least": 0.8, "probability": 0.9}``,
        ``{"quantity": "short_circuit", "probability_at_most": 0.05}``.
    question : str
        In the words of who asks.
    name : str
        For the files that are written, and the Optuna study of a search.
    text : str
        The file that says all this, for provenance.
    settings : mapping
        How its file wants it to be run: `draws`, `seed`, `draw_from`, `evaluations`. What
        :func:`twin.what_if` and :func:`twin.search` are given comes before them.

    Raises
    ------
    StudyError, ParameterError, ProtocolError : what cannot be asked, and what could be.
    ArgumentError : cycles or settings that are no such numbers.
    """

    cell: Cell
    vary: Mapping = field(default_factory=dict)
    protocol: Protocols | None = None
    cycles: int = CYCLES
    _: KW_ONLY
    baseline: Mapping[str, float | str] = field(default_factory=dict)
    mode: str = "grid"
    objective: str | Mapping | Sequence = ()
    constraint: Mapping | Sequence[Mapping] = ()
    question: str = ""
    name: str = "study"
    text: str = ""
    settings: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self):
        if not isinstance(self.cell, Cell):
            raise StudyError(f"a study is of a Cell, not {shown(self.cell)}; take twin.load_cell(...)")
        for name in ("vary", "baseline", "settings"):
            if not isinstance(getattr(self, name), Mapping):
                raise StudyError(f"{name} is a mapping, not {shown(getattr(self, name))}")
        checked_count("cycles", self.cycles)
        for name, value in self.settings.items():
            if name not in SETTINGS:
                raise StudyError(unknown(name, SETTINGS, "a setting of a study"))
            SETTINGS[name](value)
        if self.is_search:
            self._check_search()
        elif self.constraint:
            raise StudyError("constraints need an objective: what should be best where they are met?")
        else:
            self.baseline_point.cell_and_protocol(self.cell)

    def __repr__(self) -> str:
        kind = "search" if self.is_search else "what if"
        return (
            f"Study({self.name!r}, {kind}, {self.cell.name}, vary: {', '.join(self.vary) or 'nothing'})"
        )

    @property
    def attributes(self) -> dict[str, str]:
        """What the Dataset of an answer says of the question, as far as there are words."""
        words = {"question": self.question, "study": self.text}
        return {name: text for name, text in words.items() if text}

    @property
    def is_search(self) -> bool:
        """True where it asks for the best, not what if."""
        return bool(self.objective)

    @cached_property
    def templates(self) -> Mapping[str, Template]:
        """Label -> steps."""
        return read_templates(self.protocol, self.cell, self.cycles)

    @property
    def _fields(self) -> tuple[str, ...]:
        """Fields of all steps, in the order in which they first stand."""
        every = (name for template in self.templates.values() for name in template.fields)
        return tuple(dict.fromkeys(every))

    # --- what if -----------------------------------------------------------------------------------

    @cached_property
    def grid(self) -> Grid:
        """The points of a what-if study."""
        axes = (read_axis(name, entry, self.cell, self._fields) for name, entry in self.vary.items())
        return Grid(tuple(axes), self.templates, self.mode)

    @cached_property
    def baseline_point(self) -> Point:
        """The point that the others are compared with."""
        template = self.grid.template(self.baseline_protocol)
        own: dict[Factor, float] = {}
        for axis in self.grid.axes:
            if axis.name in self.baseline:
                kind = "field" if axis.is_field else "parameter"
                entry = {kind: axis.target, "values": [self.baseline[axis.name]], "unit": axis.unit}
                own[axis] = read_axis(axis.name, entry, self.cell, template.fields).values[0]
            elif axis.is_field:
                own[axis] = axis.values[0]
        varied = {axis.name for axis in self.grid.axes}
        for name, value in self.baseline.items():
            if name != PROTOCOL and name not in varied:
                axis = read_axis(name, {"parameter": name, "values": [value]}, self.cell, ())
                own[axis] = axis.values[0]
        return Point(template, own)

    @property
    def baseline_protocol(self) -> str:
        """The label of the steps that the others are compared with."""
        return str(self.baseline.get(PROTOCOL, next(iter(self.templates))))

    # --- search ------------------------------------------------------------------------------------

    @property
    def template(self) -> Template:
        """The steps, where there is one protocol. Raises StudyError: there are several."""
        if len(self.templates) > 1:
            raise StudyError("a search has one protocol; vary its fields")
        return next(iter(self.templates.values()))

    @cached_property
    def ranges(self) -> tuple[Range, ...]:
        """What a search may choose."""
        fields = self.template.fields
        return tuple(read_range(name, entry, self.cell, fields) for name, entry in self.vary.items())

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """What a search makes best."""
        return read_objectives(self.objective, self.cell, [one.name for one in self.ranges])

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """What the best point must keep to."""
        return read_constraints(self.constraint, self.cell)

    def chosen(self, values: Mapping[str, float]) -> Point:
        """The point of a search where what varies has these values, by name and in its unit."""
        return Point(self.template, {one: values[one.name] for one in self.ranges})

    def _check_search(self) -> None:
        if self.baseline or self.mode != "grid":
            raise StudyError("a search has no baseline and no mode; it compares points by its objective")
        if not self.ranges:
            raise StudyError("a search needs something to choose: [vary.<name>] with low and high")
        check_varied_once(self.ranges)
        for end in ("low", "high"):
            at_end = self.chosen({one.name: getattr(one, end) for one in self.ranges})
            at_end.cell_and_protocol(self.cell)
        _ = self.objectives, self.constraints

    # --- how it is run -------------------------------------------------------------------------------

    def setting(self, name: str, given, otherwise):
        """How it is run: as the call says, or else as its file does, or else as usual.

        Raises ArgumentError or StudyError: no such value.
        """
        return SETTINGS[name](self.settings.get(name, otherwise) if given is None else given)
