"""All that a session shows, as one value; to and from the address, so that a view can be sent."""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from twin.cell import Cell
from twin.errors import StudioError, TwinError, shown, unknown
from twin.parameter_sets import load_cell
from twin.protocols import Protocol
from twin.protocols.standard import CYCLES as STANDARD_CYCLES
from twin.studio import knobs
from twin.studio.knobs import Knob, knobs_of
from twin.studio.served import Served
from twin.studio.steps import back_and_forth, between_voltages

DEFAULT_CELL = "Chang2023_LiAlO2_LGPS_LCO"
"""The cell of the main job."""
LONGEST_STEPS = 4000
"""Characters of steps that are typed: hundreds of them."""
OF_PROTOCOL: Mapping[str, float] = MappingProxyType(
    {
        knobs.RATE.name: 1.0,
        knobs.CURRENT.name: 0.1,
        knobs.CHARGE.name: 0.1,
        knobs.REST.name: 0.0,
        knobs.CYCLES.name: float(STANDARD_CYCLES),
    }
)
"""Where the sliders of the protocol begin: the standard protocol of a forecast."""


@dataclass(frozen=True)
class View:
    """A cell, what was turned in it, and what it goes through.

    Attributes
    ----------
    cell_name : of a shipped cell, or the path of a file
    turned : name of a slider -> what it shows, of those that are not where they began
    typed : steps, one a line, that stand instead of the sliders of the cycle; "" where none are
    """

    cell_name: str = DEFAULT_CELL
    turned: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    typed: str = ""

    def shows(self, knob: Knob) -> float:
        """What a slider shows."""
        return self.turned.get(knob.name, self.begins(knob))

    def begins(self, knob: Knob) -> float:
        """What it shows before anybody turns it."""
        if knob.key:
            return float(f"{knob.of_key(self.loaded.values[knob.key]):.6g}")
        return OF_PROTOCOL[knob.name]

    def turn(self, knob: Knob, value: float) -> "View":
        """The view with a slider at a value."""
        turned = {name: own for name, own in self.turned.items() if name != knob.name}
        if value != self.begins(knob):
            turned[knob.name] = value
        return dataclasses.replace(self, turned=MappingProxyType(turned))

    @functools.cached_property
    def loaded(self) -> Cell:
        """The cell before anything was turned. Raises CellError: there is none."""
        return load_cell(self.cell_name)

    @functools.cached_property
    def cell(self) -> Cell:
        """The cell that is shown. Raises CellError, ParameterError: values that it cannot have."""
        changes = {
            knob.key: knob.to_key(self.turned[knob.name])
            for knob in knobs_of(self.loaded)
            if knob.key and knob.name in self.turned
        }
        return self.loaded.replace(changes)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of one cycle."""
        if self.typed.strip():
            return tuple(line.strip() for line in self.typed.splitlines() if line.strip())
        rest = self.shows(knobs.REST)
        pause = f"{rest:g} minutes" if rest else ""
        if not self.loaded.has_cathode:
            current = self.shows(knobs.CURRENT)
            minutes = 60 * self.shows(knobs.CHARGE) / current
            return back_and_forth(f"{current:g} mA/cm2", f"for {minutes:.6g} minutes", pause)
        rate, upper, lower = (self.shows(own) for own in (knobs.RATE, knobs.UPPER, knobs.LOWER))
        return between_voltages(f"{rate:g}C", f"{upper:g} V", f"{lower:g} V", pause)

    @property
    def cycles(self) -> int:
        """How often they are repeated."""
        return int(self.shows(knobs.CYCLES))

    @functools.cached_property
    def protocol(self) -> Protocol:
        """What the cell goes through. Raises ProtocolError: steps that cannot be read."""
        return Protocol(list(self.steps), cycles=self.cycles)

    def query(self) -> dict[str, str]:
        """The view as the part of an address behind the question mark."""
        found = {"cell": self.cell_name} | {name: f"{own:g}" for name, own in self.turned.items()}
        return found | {"steps": self.typed} if self.typed.strip() else found


SHIPPED = Served(DEFAULT_CELL)
"""What may be shown where no file and no folder was asked for."""


def view_of(query: Mapping[str, str], allowed: Served = SHIPPED) -> View:
    """The view that an address says, of the cells that may be shown: by default those that ship.

    No address opens a file: paths are taken on the command line alone.

    Raises StudioError: a cell that is not shown, an unknown word, a value outside its slider, steps that
    are too long or cannot be read.
    """
    name = query.get("cell", allowed.first)
    if name not in allowed.all:
        raise StudioError(unknown(name, allowed.all, "a cell that is shown here"))
    return with_query(View(name), query)


def with_query(view: View, query: Mapping[str, str]) -> View:
    """A view with what an address says of its sliders and steps. Raises as :func:`view_of`."""
    known = {knob.name: knob for knob in knobs_of(view.loaded)}
    for name, text in query.items():
        if name == "cell":
            continue
        if name == "steps":
            view = with_steps(view, text)
            continue
        if name not in known:
            raise StudioError(unknown(name, known, f"a slider of {view.cell_name}"))
        view = view.turn(known[name], _number(known[name], text))
    checked(view)
    return view


def with_steps(view: View, typed: str) -> View:
    """A view with typed steps. Raises StudioError: too long, or steps that cannot be read."""
    if len(typed) > LONGEST_STEPS:
        raise StudioError(f"{len(typed)} characters of steps; {LONGEST_STEPS} at most")
    return checked(dataclasses.replace(view, typed=typed))


def checked(view: View) -> View:
    """The view, if its cell and its protocol can be. Raises StudioError: they cannot, and why."""
    try:
        _ = view.cell, view.protocol
    except TwinError as error:
        raise StudioError(str(error)) from None
    return view


def _number(knob: Knob, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise StudioError(f"{knob.name} = {shown(text)} is no number") from None
    if not knob.low <= value <= knob.high:
        raise StudioError(
            f"{knob.label} {value:g} {knob.unit} lies outside {knob.low:g} to {knob.high:g} {knob.unit}"
        )
    return value
