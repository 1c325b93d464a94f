"""Cycles of one kind, which may be compared: retention, and when a capacity is gone."""

from collections.abc import Mapping

import numpy as np

from twin.cell import Cell
from twin.errors import ProtocolError
from twin.protocols import Protocol
from twin.protocols.in_cell import asked_charge

END_OF_LIFE = 0.1
"""Share of the charge that a cycle is to deliver below which the cell counts as spent: a tenth of its
nominal capacity where it is discharged to a voltage. Cells that are tired, not gone, deliver more."""


def kinds(protocol: Protocol, count: int) -> list[str]:
    """Kind of each of the first `count` cycles: the name of their block, or their steps."""
    own = [cycle.kind for cycle in protocol.block]
    return [own[number % len(own)] for number in range(count)]


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
    return discharge < share * nominal


def retention(
    discharge: np.ndarray,
    spent: np.ndarray,
    protocol: Protocol,
    *,
    reference_cycle: int | None = None,
    earlier: Mapping[str, float] | None = None,
) -> np.ndarray:
    """Discharge capacity over that of the first cycle of the same kind, (cycle,).

    Parameters
    ----------
    discharge : (cycle,) [A.h]
    spent : (cycle,) bool, from :func:`gone`: such a cycle is no reference, and what refers to it is NaN
    reference_cycle : int, optional
        Counted from 1: the cycle that all are compared with, instead.
    earlier : kind -> capacity [A.h] of its first cycle, where this run goes on from another

    Raises ProtocolError: a reference cycle that the run does not have.
    """
    count = len(discharge)
    if reference_cycle is not None:
        if not 1 <= reference_cycle <= protocol.number_of_cycles:
            raise ProtocolError(
                f"reference_cycle must be one of the {protocol.number_of_cycles} cycles of the "
                f"protocol, counted from 1, not {reference_cycle!r}"
            )
        known = reference_cycle <= count and not spent[reference_cycle - 1]
        reference = np.full(count, discharge[reference_cycle - 1] if known else np.nan)
    else:
        firsts = dict(earlier or {})
        own = kinds(protocol, count)
        for number, kind in enumerate(own):
            firsts.setdefault(kind, np.nan if spent[number] else discharge[number])
        reference = np.array([firsts[kind] for kind in own], dtype=float)
    passed = np.abs(reference) > SMALLEST_CHARGE
    return np.divide(discharge, reference, out=np.full(count, np.nan), where=passed)


SMALLEST_CHARGE = 1e-15
"""[A.h] below which no charge has passed."""
