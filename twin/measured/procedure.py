"""What was done to the cells of an experiment: the protocols that its rows name.

``protocols.toml`` holds a table for each::

    ["rate test 0.1, 0.5 C"]
    assumed = "five cycles at each rate"
    blocks = [
        { name = "0.1C", cycles = 5, steps = ["Charge at 0.1C until 4.2 V", "Discharge …"] },
        { name = "0.5C", cycles = 5, steps = ["Charge at 0.5C until 4.2 V", "Discharge …"] },
    ]

or, of equal cycles, ``cycles`` and ``steps`` alone; ``twin.protocols.file`` says what else a block may
hold. ``first`` says what some of the cells went through before: it is part of their first cycle, so that
cycle numbers count cycles.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from twin.errors import ProtocolError
from twin.measured.readings import SAME_TIME
from twin.protocols import Protocol
from twin.protocols.file import read_block
from twin.protocols.protocol import MOST_CYCLES
from twin.table import Table, read_table

PROTOCOLS = "protocols.toml"
"""The file of an experiment that says what was done to its cells."""
HOUR = 3600.0
"""[s]"""


@dataclass(frozen=True)
class Procedure:
    """What was done to cells, under the words that rows use for it.

    Attributes
    ----------
    protocol : Protocol
        What most cells went through.
    of_some : mapping of cell to Protocol
        Of cells that went through something else first.
    """

    protocol: Protocol
    of_some: Mapping[str, Protocol]

    def of(self, cell: str) -> Protocol:
        """The protocol that a cell went through."""
        return self.of_some.get(cell, self.protocol)

    @property
    def last_cycles(self) -> dict[str, int]:
        """Last cycle, counted from 1, of each block that has a name."""
        return {cycle.name: number for number, cycle in enumerate(self.protocol.block, 1) if cycle.name}


def read_procedures(folder: Path) -> Mapping[str, Procedure]:
    """The procedures of an experiment, by the words that its rows use for them.

    Raises ObservationError: file and line of one that cannot be read.
    """
    tables = read_table(folder / PROTOCOLS).tables()
    return MappingProxyType({table.name: _procedure(table) for table in tables})


def cycle_running_at(protocol: Protocol, hours: float) -> int | None:
    """The cycle, counted from 1, that runs at a time, where every step ends by its time alone.

    None where something else may end a step, so that only a run can tell. After the end, one more than
    the protocol has cycles.
    """
    lasting = {step: step.duration for step in protocol.distinct_steps if not step.ends}
    if len(lasting) < len(protocol.distinct_steps) or None in lasting.values():
        return None
    seconds = [sum(lasting[step] or 0.0 for step in cycle.steps) for cycle in protocol.block]
    ends = np.cumsum(np.tile(seconds, protocol.cycles)) / HOUR
    return int(np.searchsorted(ends, hours * (1 - SAME_TIME))) + 1


def _procedure(table: Table) -> Procedure:
    table.only(("cycles", "steps", "blocks", "first", "assumed"))
    if "assumed" in table.content:
        table.text("assumed")
    try:
        usual = _usual(table)
        return Procedure(usual, MappingProxyType(_of_some(table, usual)))
    except ProtocolError as error:
        raise table.error(str(error)) from None


def _usual(table: Table) -> Protocol:
    """What most cells went through."""
    if "blocks" not in table.content:
        return Protocol(table.texts("steps"), cycles=table.whole("cycles", highest=MOST_CYCLES))
    if "cycles" in table.content or "steps" in table.content:
        raise table.error("needs blocks, or cycles and steps, not both")
    blocks = [read_block(block) for block in table.listed("blocks")]
    names = [block.name for block in blocks if block.name]
    for name in names:
        if names.count(name) > 1:
            raise table.error(f"calls two blocks '{name}'; give each its own name")
        if name.lstrip("+-").isdigit():
            raise table.error(
                f"calls a block '{name}', which a row would take for the number of a cycle"
            )
    return Protocol(blocks)


def _of_some(table: Table, usual: Protocol) -> dict[str, Protocol]:
    """The protocols of the cells that went through something else first."""
    if "first" not in table.content:
        return {}
    first = table.table("first")
    first.only(("cells", "steps"))
    before = Protocol(first.texts("steps")).block[0].steps
    cycles = [usual.cycle(number) for number in range(usual.number_of_cycles)]
    cycles[0] = dataclasses.replace(cycles[0], steps=(*before, *cycles[0].steps))
    return dict.fromkeys(first.texts("cells"), Protocol(cycles))
