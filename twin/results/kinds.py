"""Cycles of one kind, which may be compared: retention, and when a capacity is gone."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from twin.cell import Cell
from twin.errors import ProtocolError
from twin.protocols import Protocol
from twin.protocols.in_cell import asked_charge
from twin.results.earlier import Earlier

END_OF_LIFE = 0.1
"""Share of the charge that a cycle is to deliver below which the cell counts as spent: a tenth of its
nominal capacity where it is discharged to a voltage. Cells that are tired, not gone, deliver more."""


def kinds(protocol: Protocol, count: int) -> list[str]:
    """Kind of each of the first `count` cycles: the name of their block, or their steps."""
    own = [cycle.kind for cycle in protocol.block]
    return (own * (count // len(own) + 1))[:count]


def gone(discharge: np.ndarray, protocol: Protocol, cell: Cell, share: float) -> np.ndarray:
    """True where a cycle delivers less than `share` of what it is to deliver, (cycle,).

    Parameters
    ----------
    discharge : (cycle,) [A.h] delivered
    share : dimensionless, see :data:`END_OF_LIFE`

    A symmetric cell has no capacity to lose; a cycle that asks for no discharge says nothing.
    """
    if not cell.has_cathode:
        return np.zeros(len(discharge), dtype=bool)
    asked = [
        sum(asked_charge(step, cell) for step in cycle.steps if step.direction == "discharge")
        for cycle in protocol.block
    ]
    nominal = np.array(asked)[np.arange(len(discharge)) % len(asked)]
    return (nominal > 0) & (discharge < share * nominal)


def references(
    discharge: np.ndarray,
    spent: np.ndarray,
    protocol: Protocol,
    earlier: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, float]:
    """Kind -> discharge capacity [A.h] of its first cycle.

    Parameters
    ----------
    discharge : (cycle,) [A.h]
    spent : (cycle,) bool, from :func:`gone`: such a cycle is no reference, and what refers to it is NaN
    earlier : kind -> capacity [A.h] of its first cycle, where this run goes on from another
    """
    firsts = dict(earlier)
    # every kind stands in the first repetition of the block
    for number, kind in enumerate(kinds(protocol, min(len(discharge), len(protocol.block)))):
        firsts.setdefault(kind, np.nan if spent[number] else float(discharge[number]))
    return firsts


def retention(
    discharge: np.ndarray,
    spent: np.ndarray,
    protocol: Protocol,
    *,
    reference_cycle: int | None = None,
    earlier: Earlier | None = None,
) -> np.ndarray:
    """Discharge capacity over that of the first cycle of the same kind, (cycle,).

    Parameters
    ----------
    discharge, spent : as in :func:`references`
    reference_cycle : int, optional
        Counted from 1, from the very start: the cycle that all are compared with, instead.
    earlier : Earlier, optional
        What this run goes on from.

    Raises ProtocolError: a reference cycle that neither this run nor the one before it has.
    """
    count = len(discharge)
    if reference_cycle is not None:
        reference = np.full(count, _capacity_of(reference_cycle, discharge, spent, protocol, earlier))
    else:
        firsts = references(discharge, spent, protocol, earlier.references if earlier else {})
        block = kinds(protocol, min(count, len(protocol.block)))
        reference = np.resize(np.array([firsts[kind] for kind in block], dtype=float), count)
    passed = np.abs(reference) > SMALLEST_CHARGE
    return np.divide(discharge, reference, out=np.full(count, np.nan), where=passed)


def _capacity_of(number, discharge, spent, protocol: Protocol, earlier: Earlier | None) -> float:
    """Capacity [A.h] of the cycle `number`, NaN where the run ends before it or the cell is spent."""
    before = earlier.cycles if earlier else 0
    known = earlier.discharge if earlier else {}
    last = before + protocol.number_of_cycles
    if number in known:
        return known[number]
    if not before < number <= last:
        first = min(known, default=1)
        raise ProtocolError(
            f"reference_cycle must be one of the {last - first + 1} cycles from {first} to {last}, "
            f"counted from 1, not {number!r}"
        )
    place = number - before - 1
    return discharge[place] if place < len(discharge) and not spent[place] else np.nan


SMALLEST_CHARGE = 1e-15
"""[A.h] below which no charge has passed."""
