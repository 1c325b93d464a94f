"""Tests by pulses, which tell the resistance of a full cell against its state of charge.

>>> series = twin.time_series(cell, twin.protocols.gitt(cell))
>>> twin.pulse_resistance(series)
"""

from twin.arguments import checked_count
from twin.cell import Cell
from twin.protocols.lab_tests import cut_offs
from twin.protocols.protocol import Block, Protocol

MOST_PULSES = 1000
"""Pulses of a test: a tenth of a per cent of the charge each, finer than any test is."""


def gitt(
    cell: Cell,
    *,
    current: str = "C/10",
    time: str = "30 minutes",
    rest: str = "2 hours",
    pulses: int = 20,
) -> Protocol:
    """Galvanostatic intermittent titration: a full cell is discharged in pulses, each after a rest.

    All of it is one cycle; ``twin.pulse_resistance(twin.time_series(cell, protocol))`` gives the
    resistance against the state of charge.

    Parameters
    ----------
    cell : Cell
        With a cathode; it is charged first.
    current, time : str
        Of each pulse.
    rest : str
        Before each pulse.
    pulses : int
        How many; those that the lower cut-off leaves no room for are skipped.

    Raises
    ------
    ProtocolError : a cell without a cathode, an amount or a time that cannot be read.

    References
    ----------
    Weppner and Huggins 1977, J. Electrochem. Soc. 124, 1569.
    """
    lower, upper = cut_offs(cell)
    pulse = (f"Rest for {rest}", f"Discharge at {current} for {time} or until {lower:g} V")
    return _pulses("GITT", (f"Charge at {current} until {upper:g} V",), pulse, pulses)


def hppc(
    cell: Cell,
    *,
    discharge: str = "1C",
    charge: str = "0.75C",
    time: str = "10 seconds",
    rest: str = "1 hour",
    levels: int = 10,
) -> Protocol:
    """Hybrid pulse power characterisation: a pulse each way at equally spaced states of charge.

    All of it is one cycle; :func:`twin.pulse_resistance` reads it as for :func:`gitt`.

    Parameters
    ----------
    cell : Cell
        With a cathode; it is charged first.
    discharge, charge : str
        Currents of the two pulses, 40 s apart.
    time : str
        Of each pulse.
    rest : str
        Before the pulses of each level.
    levels : int
        States of charge; from one to the next the cell is discharged at C/3.

    Raises
    ------
    ProtocolError : a cell without a cathode, an amount or a time that cannot be read.

    References
    ----------
    Christophersen 2015, Battery Test Manual for Electric Vehicles, INL/EXT-15-34184, section 3.4.
    """
    lower, upper = cut_offs(cell)
    levels = checked_count("levels", levels, most=MOST_PULSES)
    to_next = f"Discharge at C/3 for {3 * 3600 / levels:.6g} seconds or until {lower:g} V"
    level = (
        f"Rest for {rest}",
        f"Discharge at {discharge} for {time} or until {lower:g} V",
        "Rest for 40 seconds",
        f"Charge at {charge} for {time} or until {upper:g} V",
        to_next,
    )
    return _pulses("HPPC", (f"Charge at C/3 until {upper:g} V",), level, levels)


def _pulses(name: str, first: tuple[str, ...], pulse: tuple[str, ...], count: int) -> Protocol:
    return Protocol([Block(name, first + pulse * checked_count("pulses", count, most=MOST_PULSES))])
