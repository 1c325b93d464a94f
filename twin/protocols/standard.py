"""The protocol that a forecast runs where nobody says another one."""

from twin.cell import Cell
from twin.protocols.lab_tests import between_cut_offs
from twin.protocols.protocol import Protocol

CYCLES = 800
"""Of the standard protocol: what a coating should live through."""


def standard_protocol(cell: Cell, cycles: int = CYCLES) -> Protocol:
    """1C between the cut-offs, discharge second; a symmetric cell passes 0.1 mAh/cm2 at 0.1 mA/cm2."""
    if not cell.has_cathode:
        steps = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
        return Protocol(steps, cycles=cycles)
    return Protocol(between_cut_offs(cell, 1.0), cycles=cycles)
