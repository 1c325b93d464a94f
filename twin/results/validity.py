"""What the laws of the model were made for: temperatures and pressures beyond which they extrapolate."""

from twin import names
from twin.cell import Cell
from twin.protocols import Protocol

PRESSURES = (1e6, 25e6)
"""Stack pressures [Pa] that the law of contact is made for. From 25 MPa on lithium creeps into cracks of
the separator and shorts the cell (Doux et al. 2020, 10.1002/aenm.201903253); below 1 MPa, assumed, the
law has nothing to lean on."""

TEMPERATURES = (250.0, 350.0)
"""Temperatures [K] that the Arrhenius laws hold for, assumed: cells were measured near 298 K, most
activation energies are assumed, and no law knows that electrolytes freeze or decompose."""


def temperatures_of(cell: Cell, protocol: Protocol) -> list[float]:
    """Temperatures of the surroundings [K] that a cell works at in a protocol."""
    own = cell.values[names.AMBIENT_TEMPERATURE]
    return [own if kept is None else kept for kept in protocol.temperatures]


def pressures_of(cell: Cell, protocol: Protocol) -> list[float]:
    """Pressures on the stack [Pa] that a cell works at in a protocol."""
    own = cell.values[names.STACK_PRESSURE]
    return [own if kept is None else kept for kept in protocol.pressures]


def beyond_laws(cell: Cell, protocol: Protocol) -> tuple[str, ...]:
    """Sentences on the temperatures and pressures of a run that the laws were not made for."""
    notes = []
    low, high = PRESSURES
    pressures = pressures_of(cell, protocol)
    beyond = [own for own in pressures if not low <= own <= high]
    if beyond:
        notes.append(
            f"A stack pressure of {beyond[0] / 1e6:g} MPa is an extrapolation: the law of contact was "
            f"made for {low / 1e6:g} to {high / 1e6:g} MPa, and lithium under more creeps into cracks."
        )
    low, high = TEMPERATURES
    beyond = [own for own in temperatures_of(cell, protocol) if not low <= own <= high]
    if beyond:
        notes.append(
            f"A temperature of {beyond[0]:g} K is an extrapolation: the activation energies stand for "
            f"{low:g} to {high:g} K."
        )
    return tuple(notes)
