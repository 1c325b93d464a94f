"""Voltages within a half-cycle: "discharge_voltage_at_50_percent", and the protocol that stops there.

Half of the nominal capacity passed since the half-cycle began, whatever the cell still delivers: so the
place is one and the same in every cycle, and for the cell and its twin. A run knows its cell where steps
end. A step of constant current that is broken at that charge goes on as it was, and leaves a record.
"""

import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from twin import names
from twin.cell import Cell
from twin.errors import ProtocolError
from twin.protocols.in_cell import in_cell
from twin.protocols.protocol import Cycle, Protocol
from twin.protocols.step import OF_CHARGE, OF_CURRENT, End, Step

NAME = re.compile(r"(?P<half>charge|discharge)_voltage_at_(?P<percent>[1-9][0-9]?)_percent")
"""What such a voltage is called: in a Dataset, and under `enters` of a file."""
WORDS = re.compile(r"(?P<half>charge|discharge) voltage at (?P<percent>[1-9][0-9]?) %")
"""What such a voltage is called in a row."""
USUAL = (20, 50, 80)
"""Percent of the nominal capacity at which a "discharge_voltage" is read where nobody says: the ends of
a curve are those of its capacity."""


@dataclass(frozen=True)
class HalfCycleVoltage:
    """A voltage at a share of the nominal capacity since a half-cycle began, "charge" or "discharge"."""

    half: str
    percent: int

    @property
    def name(self) -> str:
        """In a Dataset."""
        return f"{self.half}_voltage_at_{self.percent}_percent"

    @property
    def words(self) -> str:
        """In a row."""
        return f"{self.half} voltage at {self.percent} %"

    @property
    def curve(self) -> str:
        """Under which ``spread.toml`` says how it errs, whatever the percentage."""
        return f"{self.half}_voltage"

    @property
    def sign(self) -> float:
        """Of the current."""
        return 1.0 if self.half == "discharge" else -1.0

    def charge(self, cell: Cell) -> float:
        """Charge [A.h] since the half-cycle began."""
        return self.percent / 100 * cell.values[names.NOMINAL_CAPACITY]


USUAL_OF = {
    f"{half}_voltage": tuple(HalfCycleVoltage(half, percent).name for percent in USUAL)
    for half in ("charge", "discharge")
}
"""What a "discharge_voltage" without a percentage stands for."""


def voltage_named(name: str) -> HalfCycleVoltage | None:
    """The voltage of that name, or in those words; None where it is the name of anything else."""
    found = NAME.fullmatch(name) or WORDS.fullmatch(name)
    return HalfCycleVoltage(found["half"], int(found["percent"])) if found else None


def voltages_named(found: Collection[str]) -> tuple[HalfCycleVoltage, ...]:
    """Those among some names, by half and rising."""
    own = {voltage for name in found if (voltage := voltage_named(name)) is not None}
    return tuple(sorted(own, key=lambda voltage: (voltage.half, voltage.percent)))


def voltages_read(protocol: Protocol) -> tuple[HalfCycleVoltage, ...]:
    """Those that a protocol stops at."""
    return voltages_named([step.reads for step in protocol.distinct_steps if step.reads])


def spelled_out(asked: Sequence[str]) -> tuple[str, ...]:
    """Names in which "discharge_voltage" stands for that at each of the usual percentages."""
    return tuple(own for name in asked for own in USUAL_OF.get(name, (name,)))


def stopping_at(protocol: Protocol, voltages: Sequence[HalfCycleVoltage], cell: Cell) -> Protocol:
    """The same protocol with steps that also end where the voltages are read, and go on.

    In each cycle the first step of that half is broken; what stands beyond its own end stays out.

    Raises ProtocolError: a cell without a cathode, a half that does not begin with a constant current.
    """
    if not voltages:
        return protocol
    if not cell.has_cathode:
        raise ProtocolError(
            f"{cell.name} has no cathode, hence no nominal capacity at a share of which a voltage could "
            "be read; its 'cell_overpotential' tells of its half-cycles"
        )
    broken = {cycle: _broken(cycle, voltages, cell) for cycle in dict.fromkeys(protocol.block)}
    return Protocol([broken[cycle] for cycle in protocol.block], protocol.cycles)


def _broken(cycle: Cycle, voltages: Sequence[HalfCycleVoltage], cell: Cell) -> Cycle:
    steps: list[Step] = []
    begun: set[str] = set()
    for step in cycle.steps:
        half = step.direction
        own = [voltage for voltage in voltages if voltage.half == half]
        if half in begun or not own:
            steps.append(step)
            continue
        begun.add(str(half))
        if step.control not in OF_CURRENT or step.profile is not None:
            raise ProtocolError(
                f"the step '{step.text}' holds no constant current, so that no voltage can be read at a "
                "share of its charge; leave it out of 'enters'"
            )
        steps += _parts(step, own, cell)
    name = cycle.kind  # the cycles are still of the kind that they were
    return dataclasses.replace(cycle, steps=tuple(steps), name=name)


def _parts(step: Step, voltages: Sequence[HalfCycleVoltage], cell: Cell) -> Iterator[Step]:
    """A step of constant current that also ends where voltages are read, of rising charge."""
    current = abs(in_cell(step.control, step.value, cell, step.text)[1])
    passed, left = 0.0, step
    for voltage in voltages:
        charge = voltage.charge(cell)
        if charge >= _longest(step, current, cell):
            break
        stop = End("charge", charge - passed)
        others = tuple(end for end in left.ends if end.quantity not in OF_CHARGE)
        yield dataclasses.replace(left, duration=None, ends=(stop, *others), reads=voltage.name)
        passed, left = charge, _after(step, charge, current, cell)
    yield left


def _longest(step: Step, current: float, cell: Cell) -> float:
    """The charge [A.h] at which the step ends by its time or its charge, infinite without either."""
    ends = [in_cell(end.quantity, end.value, cell, step.text)[1] for end in _charges(step)]
    if step.duration is not None:
        ends.append(current * step.duration / 3600)
    return min(ends, default=float("inf"))


def _after(step: Step, charge: float, current: float, cell: Cell) -> Step:
    """What is left of a step after a charge [A.h] of it."""
    duration = None if step.duration is None else step.duration - charge * 3600 / current
    ends = tuple(
        End("charge", in_cell(end.quantity, end.value, cell, step.text)[1] - charge)
        if end.quantity in OF_CHARGE
        else end
        for end in step.ends
    )
    return dataclasses.replace(step, duration=duration, ends=ends)


def _charges(step: Step) -> list[End]:
    return [end for end in step.ends if end.quantity in OF_CHARGE]
