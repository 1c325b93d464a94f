"""Tests that laboratories run, as ready protocols.

>>> twin.simulate(cell, twin.protocols.critical_current_density(step="0.1 mA/cm2", time="1 hour"))
>>> twin.forecast(cell, twin.protocols.check_ups(cell, every=50, repeats=10))

Each gives a :class:`Protocol`, whose blocks have names, so that results tell them apart by `kind`.
On the command line: ``twin run CELL --protocol "critical_current_density step=0.2 mA/cm2"``.
"""

import math
from collections.abc import Sequence

from twin import names
from twin.arguments import checked_count, checked_number
from twin.cell import Cell
from twin.errors import ProtocolError
from twin.protocols.amounts import read_amount
from twin.protocols.protocol import MOST_CYCLES, Block, Protocol

FORMATION = "formation"
"""Name of the block of the first, slow cycles of a new cell."""
AGEING = "ageing"
"""Name of a block of cycles that wear a cell."""
CHECK_UP = "check-up"
"""Name of the slow cycles between, which tell how much capacity is left."""
STORAGE = "storage"
"""Name of the block in which a cell rests at a state of charge."""
BACK_AT = "back at "
"""What stands before the rate in the name of the last block of a rate test."""
SLOWEST = 1e-4
"""[C] of a rate: a charge of more than a year is no cycle."""
FASTEST = 1e3
"""[C] of a rate: a charge of less than four seconds is a pulse."""


def critical_current_density(
    step: str = "0.1 mA/cm2",
    *,
    first: str | None = None,
    last: str = "10 mA/cm2",
    charge: str | None = None,
    time: str | None = None,
    rest: str | None = None,
) -> Protocol:
    """A ramp of the current density of a symmetric cell, one cycle each, until it shorts.

    The run ends by itself at a hard short; :func:`twin.critical_current` reads the result. At an equal
    time the charge of a half-cycle grows with the current; at an equal charge its time falls. The two
    give different critical current densities.

    Parameters
    ----------
    step : str
        By which the current density rises from cycle to cycle.
    first, last : str
        Current densities; the first is one step unless it is said.
    charge : str, optional
        Of each half-cycle, e.g. "0.5 mAh/cm2".
    time : str, optional
        Of each half-cycle; 1 hour where no charge is said.
    rest : str, optional
        After each half-cycle, e.g. "10 minutes".

    Raises
    ------
    ProtocolError : no current density, a charge and a time, a last one below the first.

    References
    ----------
    Sharafi, Meyer, Nanda, Wolfenstine and Sakamoto 2016, J. Power Sources 302, 135 (the ramp);
    Duan et al. 2023 and Chang et al. 2023 step by 0.1 mA/cm2.
    """
    if charge is not None and time is not None:
        raise ProtocolError(
            f"a half-cycle ends after a charge ('{charge}') or a time ('{time}'); give one of them"
        )
    rise, highest = _current_density("step", step), _current_density("last", last)
    lowest = rise if first is None else _current_density("first", first)
    if highest < lowest:
        raise ProtocolError(f"the last current density, '{last}', lies below the first")
    count = math.floor((highest - lowest) / rise * (1 + 1e-9)) + 1
    if count > MOST_CYCLES:
        raise ProtocolError(
            f"a ramp of {count:,} steps is longer than {MOST_CYCLES:,}; take higher steps"
        )
    length = f"until {charge}" if charge is not None else f"for {time or '1 hour'}"
    blocks = []
    for number in range(count):
        current = f"{(lowest + number * rise) / 10:.6g} mA/cm2"
        half_cycles = [f"Charge at {current} {length}", f"Discharge at {current} {length}"]
        blocks.append(Block(current, _with_rests(half_cycles, rest)))
    return Protocol(blocks)


def one_way_plating(
    current: str = "0.5 mA/cm2", *, piece: str = "0.05 mAh/cm2", most: str = "20 mAh/cm2"
) -> Protocol:
    """Lithium plated in one direction in a symmetric cell, until it shorts.

    Parameters
    ----------
    current : str
        Current density.
    piece : str
        Charge of each cycle: results have a value a cycle, so that it resolves the charge at the short.
    most : str
        Charge after which the test is given up.

    Raises
    ------
    ProtocolError : no current density, no areal charge.

    References
    ----------
    Kasemchainan et al. 2019, Nature Materials 18, 1105 (plating apart from stripping); Lewis et al. 2021
    (charge to the short against current density).
    """
    _current_density("current", current)
    whole, part = _areal_charge("most", most), _areal_charge("piece", piece)
    cycles = max(1, math.ceil(whole / part * (1 - 1e-9)))
    return Protocol([Block("plating", [f"Charge at {current} until {piece}"])], cycles=cycles)


def rate_test(
    cell: Cell,
    *,
    rates: Sequence[float] = (0.1, 0.2, 0.5, 1.0),
    cycles_each: int = 5,
    back_to: float | None = 0.1,
) -> Protocol:
    """Cycles between a full cell's cut-offs at one rate after the other.

    Parameters
    ----------
    cell : Cell
    rates : sequence of float
        In C, which is the nominal capacity in one hour.
    cycles_each : int
    back_to : float, optional
        The rate of the last cycles, which tell what the fast ones have cost; None leaves them out.

    Raises
    ------
    ProtocolError : a cell without a cathode, no rates.

    References
    ----------
    Chang et al. 2023 (0.1, 0.2, 0.5, 1 and back at 0.1C).
    """
    if not len(rates):
        raise ProtocolError("a rate test needs at least one rate, e.g. rates=(0.1, 0.5, 1)")
    cycles = [(rate, between_cut_offs(cell, rate)) for rate in rates]
    blocks = [Block(f"{rate:g}C", steps, cycles_each) for rate, steps in cycles]
    if back_to is not None:
        steps = between_cut_offs(cell, back_to)
        blocks.append(Block(f"{BACK_AT}{back_to:g}C", steps, cycles_each))
    return Protocol(blocks)


def check_ups(
    cell: Cell,
    *,
    ageing: Sequence[str] | None = None,
    every: int = 50,
    repeats: int = 10,
    formation: int = 3,
    rate: float = 0.1,
) -> Protocol:
    """Formation, and then ageing with a slow check-up before it and after every so many cycles.

    Parameters
    ----------
    cell : Cell
        With a cathode.
    ageing : sequence of steps, optional
        1C between the cut-offs where nothing is said.
    every : int
        Cycles of ageing from check-up to check-up.
    repeats : int
        How often ageing and a check-up follow each other.
    formation : int
        Cycles of it, 0 for none.
    rate : float
        Of formation and check-ups, in C.

    Raises
    ------
    ProtocolError : a cell without a cathode, a step that cannot be read.

    References
    ----------
    Dubarry and Baure 2020, Electronics 9, 152 (reference performance tests between blocks of ageing).
    """
    slow = between_cut_offs(cell, rate)
    fast = between_cut_offs(cell, 1.0) if ageing is None else tuple(ageing)
    first = [Block(FORMATION, slow, formation)] if checked_count("formation", formation, least=0) else []
    rounds = Block("", [Block(AGEING, fast, every), Block(CHECK_UP, slow)], repeats)
    return Protocol([*first, Block(CHECK_UP, slow), rounds])


def calendar_ageing(
    cell: Cell,
    *,
    temperature: str = "45 oC",
    state_of_charge: float = 1.0,
    interval: str = "30 days",
    repeats: int = 12,
    rate: float = 0.1,
) -> Protocol:
    """Storage at a temperature and a state of charge, with a check-up before it and after each interval.

    Check-ups run at the cell's own temperature.

    Parameters
    ----------
    cell : Cell
        With a cathode.
    temperature : str
        Of the storage.
    state_of_charge : float
        Of the storage: 0 at the lower cut-off, 1 at the upper one.
    interval : str
        From check-up to check-up.
    repeats : int
        How many intervals.
    rate : float
        Of the check-ups and of the charge before a storage, in C.

    Raises
    ------
    ProtocolError : a cell without a cathode, a temperature or a time that cannot be read.

    References
    ----------
    Keil et al. 2016, J. Electrochem. Soc. 163, A1872 (storage at states of charge, check-ups).
    """
    checked_number("state_of_charge", state_of_charge, least=0.0, most=1.0)
    check_up = between_cut_offs(cell, rate)
    charge = f"Charge at {rate:g}C until {100 * state_of_charge:g} % SoC"
    storage = [charge, f"Rest for {interval}"] if state_of_charge else [f"Rest for {interval}"]
    stored = Block(STORAGE, storage, temperature=temperature)
    return Protocol([Block(CHECK_UP, check_up), Block("", [stored, Block(CHECK_UP, check_up)], repeats)])


def between_cut_offs(cell: Cell, rate: float) -> tuple[str, str]:
    """Charge and discharge at a rate [C] between the cut-offs of a full cell.

    Raises ProtocolError: a cell without a cathode. ArgumentError: a rate outside its range.
    """
    lower, upper = cut_offs(cell)
    rate = checked_number("a rate in C", rate, least=SLOWEST, most=FASTEST)
    return f"Charge at {rate:g}C until {upper:g} V", f"Discharge at {rate:g}C until {lower:g} V"


def cut_offs(cell: Cell) -> tuple[float, float]:
    """Lower and upper cut-off [V] of a full cell. Raises ProtocolError: a cell without a cathode."""
    if not cell.has_cathode:
        raise ProtocolError(
            f"{cell.name} is symmetric, and this test runs between the cut-offs of a full cell; "
            "symmetric cells take critical_current_density and one_way_plating"
        )
    return cell.values[names.LOWER_CUT_OFF], cell.values[names.UPPER_CUT_OFF]


def _with_rests(steps: Sequence[str], rest: str | None) -> list[str]:
    return list(steps) if rest is None else [s for step in steps for s in (step, f"Rest for {rest}")]


def _current_density(what: str, text: str) -> float:
    """A current density [A/m2] that is given in words."""
    return _positive(what, text, "current density", "0.1 mA/cm2")


def _areal_charge(what: str, text: str) -> float:
    """An areal charge [A.h/m2] that is given in words."""
    return _positive(what, text, "areal charge", "0.5 mAh/cm2")


def _positive(what: str, text: str, quantity: str, example: str) -> float:
    amount = read_amount(text) if isinstance(text, str) else None
    if amount is None or amount.quantity != quantity or not amount.value > 0:
        raise ProtocolError(
            f"{what} must be an amount of {quantity} above 0, e.g. '{example}', not {text!r}"
        )
    return amount.value
