"""What a cell is put through: steps, cycles, blocks of cycles, and how often they repeat."""

import dataclasses
import functools
import numbers
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from twin.errors import ProtocolError, shown
from twin.protocols.amounts import (
    checked_pressure,
    checked_temperature,
    read_pressure,
    read_temperature,
)
from twin.protocols.step import ACCEPTED_FORMS, Step, read_step

MOST_CYCLES = 100_000
"""Cycles of a protocol: ten times what any cell has lived, and what memory holds."""
DEEPEST_BLOCKS = 20
"""Blocks within blocks."""


@dataclass(frozen=True)
class Cycle:
    """The steps of one cycle, and what is kept while they run.

    Attributes
    ----------
    steps : tuple of Step
    name : str
        Of the block that it belongs to; "" without one.
    temperature, pressure : float or None
        Of the surroundings [K] and on the stack [Pa]; None leaves them as the cell has them.
    """

    steps: tuple[Step, ...]
    name: str = ""
    temperature: float | None = None
    pressure: float | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The steps as they were given."""
        return tuple(step.text for step in self.steps)

    @property
    def kind(self) -> str:
        """What cycles that may be compared have in common: their block's name, or their steps."""
        return self.name or "; ".join(self.texts)


@dataclass(frozen=True)
class Block:
    """Cycles that belong together, under a name.

    Parameters
    ----------
    name : str
        E.g. "formation", "ageing", "check-up".
    steps : sequence
        As in :class:`Protocol`; blocks may stand within blocks.
    cycles : int
        How often they are repeated.
    temperature : float [K] or str ("45 oC"), optional
        Of the surroundings while the block runs.
    pressure : float [Pa] or str ("5 MPa"), optional
        On the stack while the block runs.
    """

    name: str
    steps: Sequence
    cycles: int = 1
    temperature: float | str | None = None
    pressure: float | str | None = None

    def __post_init__(self):
        if not isinstance(self.name, str):
            raise ProtocolError(f"the name of a block must be words, not {shown(self.name)}")
        object.__setattr__(self, "cycles", _whole(self.cycles))
        _temperature(self.temperature)
        _pressure(self.pressure)
        object.__setattr__(self, "steps", _listed(self.steps))


@dataclass(frozen=True)
class Protocol:
    """Steps and how often they repeat.

    Parameters
    ----------
    steps : sequence
        Steps are one cycle; tuples of steps are a block of cycles, one tuple each (or a :class:`Cycle`
        of another protocol); a :class:`Block` is one with a name. A step is one of PyBaMM's step
        strings, a current density too ("Charge at 0.1 mA/cm2 for 1 hour"; ``twin.protocols.step`` lists
        what else), or a ``pybamm.step`` object.
    cycles : int
        How often the whole is repeated.

    Attributes
    ----------
    block : tuple of Cycle
        The cycles that are repeated.

    Raises
    ------
    ProtocolError
        A step that cannot be read, no steps, fewer than one cycle or more than :data:`MOST_CYCLES`, two
        different blocks of one name.

    Examples
    --------
    >>> Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=800)
    >>> Protocol([("Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V")] * 5)
    >>> ageing = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
    >>> check_up = ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"]
    >>> Protocol([Block("check-up", check_up), Block("ageing", ageing, cycles=50)], cycles=10)
    """

    steps: Sequence
    cycles: int = 1
    block: tuple[Cycle, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "cycles", _whole(self.cycles))
        object.__setattr__(self, "steps", _listed(self.steps))
        count = _count(self.steps) * self.cycles
        if count > MOST_CYCLES:
            raise ProtocolError(
                f"{count:,} cycles are more than {MOST_CYCLES:,}: no cell lives so long, and no memory "
                "holds them; take fewer"
            )
        object.__setattr__(self, "block", tuple(_cycles(self.steps, Cycle(()), {})))

    @property
    def number_of_cycles(self) -> int:
        """Cycles in all, over every repetition of the block."""
        return len(self.block) * self.cycles

    def cycle(self, number: int) -> Cycle:
        """A cycle, counted from 0."""
        return self.block[number % len(self.block)]

    def first(self, cycles: int) -> "Protocol":
        """Its first `cycles` cycles, or all where it has fewer."""
        cycles = min(cycles, self.number_of_cycles)
        if len(set(self.block)) == 1:
            return Protocol(self.block[:1], cycles)
        return Protocol([self.cycle(number) for number in range(cycles)])

    @functools.cached_property
    def distinct_steps(self) -> tuple[Step, ...]:
        """Every step once, in the order in which they first stand."""
        return tuple(dict.fromkeys(step for cycle in dict.fromkeys(self.block) for step in cycle.steps))

    @functools.cached_property
    def temperatures(self) -> tuple[float | None, ...]:
        """Temperatures [K] that its cycles and steps keep; None: some leave it to the cell."""
        kept = (
            cycle.temperature if step.temperature is None else step.temperature
            for cycle in dict.fromkeys(self.block)
            for step in cycle.steps
        )
        return tuple(dict.fromkeys(kept))

    @functools.cached_property
    def pressures(self) -> tuple[float | None, ...]:
        """Pressures [Pa] that its cycles keep; None among them: some leave it to the cell."""
        return tuple(dict.fromkeys(cycle.pressure for cycle in self.block))

    @property
    def starts_charged(self) -> bool:
        """True where the first step that passes current discharges, and where none does."""
        for step in (step for cycle in self.block for step in cycle.steps):
            if step.direction in ("charge", "discharge"):
                return step.direction == "discharge"
        return True


def _listed(steps) -> tuple:
    if isinstance(steps, str | Step | Block | Mapping) or not hasattr(steps, "__iter__"):
        raise ProtocolError(f"steps must be a list, not {shown(steps)}: put it in [ ]")
    listed = tuple(steps)
    if not listed or any(isinstance(entry, list | tuple) and not entry for entry in listed):
        raise ProtocolError("a protocol needs at least one step in each cycle")
    return listed


def _count(steps: Sequence, depth: int = 0) -> int:
    """Cycles that steps make, before any is made."""
    if depth > DEEPEST_BLOCKS:
        raise ProtocolError(f"blocks stand more than {DEEPEST_BLOCKS} deep within each other")
    if not any(isinstance(entry, list | tuple | Block | Cycle) for entry in steps):
        return 1
    return sum(
        _count(entry.steps, depth + 1) * entry.cycles if isinstance(entry, Block) else 1
        for entry in steps
    )


def _cycles(steps: Sequence, within: Cycle, seen: dict[str, tuple[Cycle, ...]]) -> Iterator[Cycle]:
    """The cycles that steps make within a block, whose name, temperature and pressure `within` has.

    What a block keeps holds for all in it that say nothing else. `seen` remembers each named block.
    """
    if not any(isinstance(entry, list | tuple | Block | Cycle) for entry in steps):
        steps = (steps,)
    for entry in steps:
        if isinstance(entry, Cycle):
            yield entry
            continue
        if not isinstance(entry, Block):
            texts = entry if isinstance(entry, list | tuple) else (entry,)
            yield dataclasses.replace(within, steps=tuple(_step(one) for one in texts))
            continue
        inner = Cycle(
            (),
            entry.name or within.name,
            within.temperature if entry.temperature is None else _temperature(entry.temperature),
            within.pressure if entry.pressure is None else _pressure(entry.pressure),
        )
        own = tuple(_cycles(entry.steps, inner, seen))
        if entry.name and seen.setdefault(entry.name, own) != own:
            raise ProtocolError(
                f"two different blocks are called '{entry.name}'; cycles of one name are compared with "
                "each other: give each its own name"
            )
        yield from own * entry.cycles


def _step(entry) -> Step:
    if isinstance(entry, Step):
        return entry
    if isinstance(entry, str):
        return read_step(entry)
    if type(entry).__module__.startswith("pybamm."):
        from twin.protocols.from_pybamm import step_of

        return step_of(entry)
    raise ProtocolError(
        f"a step must be a string or a pybamm.step object, not {shown(entry)}; e.g. {ACCEPTED_FORMS}"
    )


def _whole(cycles) -> int:
    try:
        number = operator.index(cycles)  # numpy's integers too
    except TypeError:
        number = 0
    if isinstance(cycles, bool) or number < 1:
        raise ProtocolError(f"cycles must be a whole number from 1, not {shown(cycles)}")
    return number


def _temperature(given: float | str | None) -> float | None:
    if given is None:
        return None
    if isinstance(given, str):
        return read_temperature(given)
    return checked_temperature(_number(given), str(given))


def _pressure(given: float | str | None) -> float | None:
    if given is None:
        return None
    if isinstance(given, str):
        return read_pressure(given)
    return checked_pressure(_number(given), str(given))


def _number(given) -> float:
    if isinstance(given, bool) or not isinstance(given, numbers.Real):
        raise ProtocolError(f"a temperature or pressure must be a number or words, not {shown(given)}")
    return float(given)
