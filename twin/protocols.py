"""What a cell is put through: PyBaMM experiment strings, checked once, and how often they repeat."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from twin.errors import ProtocolError

ACCEPTED_FORMS = (
    '"Discharge at 1C until 2.6 V", "Charge at 0.1 mA/cm2 for 1 hour", "Charge at 2 mA until 4.2 V", '
    '"Hold at 4.2 V until C/20", "Hold at 3.68 V for 15 minutes", "Discharge at 1 mW for 2 hours", '
    '"Rest for 10 minutes"'
)
CURRENT_DENSITY = re.compile(
    r"(?P<number>[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*(?P<unit>u|m|)A\s*/\s*(?P<area>cm|m)\^?2"
)
AMPERES = {"": 1.0, "m": 1e-3, "u": 1e-6}
SQUARE_METRES = {"cm": 1e-4, "m": 1.0}


@dataclass(frozen=True)
class Protocol:
    """Steps and how often they repeat.

    Parameters
    ----------
    steps : sequence of str, or of tuples of str
        Strings are one cycle; tuples are a block of cycles, one tuple each. PyBaMM's step strings,
        with a current density too: "Charge at 0.1 mA/cm2 for 1 hour".
    cycles : int
        How often the whole is repeated.

    Raises
    ------
    ProtocolError
        A string that PyBaMM cannot parse, no steps, or fewer than one cycle.

    Examples
    --------
    >>> Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=800)
    >>> Protocol([("Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V")] * 5)
    """

    steps: Sequence
    cycles: int = 1
    block: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if isinstance(self.cycles, bool) or not isinstance(self.cycles, int) or self.cycles < 1:
            raise ProtocolError(f"cycles must be a whole number from 1, not {self.cycles!r}")
        if isinstance(self.steps, str):
            raise ProtocolError(f"steps must be a list, not the string {self.steps!r}: put it in [ ]")
        steps = list(self.steps)
        if not steps or any(isinstance(cycle, (list, tuple)) and not cycle for cycle in steps):
            raise ProtocolError("a protocol needs at least one step in each cycle")
        if any(isinstance(entry, (list, tuple)) for entry in steps):
            block = tuple(
                tuple(entry) if isinstance(entry, (list, tuple)) else (entry,) for entry in steps
            )
        else:
            block = (tuple(steps),)
        for text in {text for cycle in block for text in cycle}:
            if not isinstance(text, str):
                raise ProtocolError(f"a step must be a string, not {text!r}; e.g. {ACCEPTED_FORMS}")
            _parse(in_amperes(text, area=1e-4), text)
        object.__setattr__(self, "steps", tuple(steps))
        object.__setattr__(self, "block", block)

    @property
    def number_of_cycles(self) -> int:
        """Cycles in all, over every repetition of the block."""
        return len(self.block) * self.cycles

    def cycle_steps(self, cycle: int) -> tuple[str, ...]:
        """Texts of the steps of a cycle, counted from 0."""
        return self.block[cycle % len(self.block)]

    def parsed(self, area: float) -> dict:
        """PyBaMM step of each distinct text, current densities turned into amperes.

        `area` is the cell's [m2]. Such a step says so in its description.
        """
        texts = dict.fromkeys(text for cycle in self.block for text in cycle)
        return {text: _parse(in_amperes(text, area), text) for text in texts}

    def starts_charged(self, area: float) -> bool:
        """True where the first step that passes current discharges, and where none does."""
        parsed = self.parsed(area)
        for text in (text for cycle in self.block for text in cycle):
            direction = parsed[text].direction
            if direction == "charge":
                return False
            if direction == "discharge":
                return True
        return True

    def cycles_at(self, text: str) -> Iterator[int]:
        """Cycles, counted from 0, one of whose steps runs at `text`, e.g. "0.5C" or "1 mA/cm2"."""
        pattern = re.compile(rf" at {re.escape(text)}(?= |$)")
        for number in range(self.number_of_cycles):
            if any(pattern.search(step) for step in self.cycle_steps(number)):
                yield number


def in_amperes(text: str, area: float) -> str:
    """The step with each current density turned into amperes on `area` [m2]."""

    def amperes(match):
        density = float(match["number"]) * AMPERES[match["unit"]] / SQUARE_METRES[match["area"]]
        return f"{density * area:.12g} A"

    return CURRENT_DENSITY.sub(amperes, text)


def _parse(text: str, original: str):
    import pybamm

    try:
        step = pybamm.step.string(text)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        reason = str(error).split(". For example")[0].split("\n")[0]
        raise ProtocolError(
            f"cannot read the step {original!r} ({reason}); accepted are forms like {ACCEPTED_FORMS}"
        ) from None
    if not step.duration > 0:
        raise ProtocolError(f"cannot read the step {original!r}: it must last longer than nothing")
    if text != original:
        step.description = f"{original} (= {text})"
    return step
