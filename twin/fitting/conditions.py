"""Conditions that a cell works under: currents, temperature, pressure, coating, cycles, time, charge.

They are read off the cell and its protocol before anything runs, in the same way of what was fitted and
of what is forecast, so that one can be held against the other.
"""

import math
from collections import Counter

from twin import names
from twin.cell import Cell
from twin.protocols import Protocol
from twin.protocols.in_cell import in_cell
from twin.protocols.step import OF_CHARGE, OF_CURRENT, Step
from twin.results.validity import pressures_of, temperatures_of

Range = tuple[float, float]
"""Lowest and highest value."""

REACHED = (names.CYCLES, names.RUN_TIME)
"""Conditions that a run passes through from zero, so that the earlier end lies inside the later one."""


def conditions_of(cell: Cell, protocol: Protocol) -> dict[str, Range]:
    """Condition -> its lowest and highest value over a protocol, in the unit of its key.

    Steps at a voltage, a power or a resistance have no current, time or charge that is known beforehand,
    and count as they are told: by their durations. A step that only a voltage ends passes the nominal
    capacity of a full cell; of a symmetric cell nobody knows.
    """
    repeats = Counter(protocol.block)
    found: dict[str, list[float]] = {
        names.WORKING_TEMPERATURE: temperatures_of(cell, protocol),
        names.STACK_PRESSURE: pressures_of(cell, protocol),
    }
    hours = 0.0
    for cycle, often in repeats.items():
        hours += often * protocol.cycles * sum(_seconds(step, cell) for step in cycle.steps) / 3600
        for step in cycle.steps:
            for current in _current_densities(step, cell):
                key = names.DISCHARGE_CURRENT if current > 0 else names.CHARGE_CURRENT
                found.setdefault(key, []).append(abs(current))
        found.setdefault(names.HALF_CYCLE_CHARGE, []).extend(_half_cycles(cycle.steps, cell))
    if cell.has_coating:
        found[names.COATING_THICKNESS] = [cell.values[names.COATING_THICKNESS]]
    found[names.CYCLES] = [float(protocol.number_of_cycles)]
    found[names.RUN_TIME] = [hours]
    return {
        key: (0.0 if key in REACHED else min(own), max(own))
        for key, own in found.items()
        if own and max(own) > 0
    }


def _current_densities(step: Step, cell: Cell) -> list[float]:
    """Current densities [A/m2] that a step is held at; none where a voltage or a power decides."""
    if step.control not in OF_CURRENT:
        return []
    values = (step.value,) if step.profile is None else step.profile.value
    amperes = [in_cell(step.control, value, cell, step.text)[1] for value in values]
    return [current / cell.area for current in amperes if current != 0]


def _charge(step: Step, cell: Cell) -> float:
    """Charge per area [C/m2] that a step is to pass, infinite where nothing known ends it."""
    (current,) = _current_densities(step, cell) if step.profile is None else [0.0]
    asked = [math.inf]
    if step.duration is not None:
        asked.append(abs(current) * step.duration)
    for end in step.ends:
        if end.quantity in OF_CHARGE:
            asked.append(in_cell(end.quantity, end.value, cell, step.text)[1] * 3600 / cell.area)
    if cell.has_cathode:
        asked.append(cell.values[names.NOMINAL_CAPACITY] * 3600 / cell.area)
    return min(asked)


def _is_constant_current(step: Step) -> bool:
    return step.control in OF_CURRENT and step.value != 0 and step.profile is None


def _half_cycles(steps: tuple[Step, ...], cell: Cell) -> list[float]:
    """Charges per area [C/m2] of the half-cycles of a cycle: of steps of one direction in a row."""
    passed: list[float] = []
    direction: str | None = None
    for step in steps:
        if not _is_constant_current(step):
            continue
        if step.direction != direction:
            passed.append(0.0)
            direction = step.direction
        passed[-1] += _charge(step, cell)
    if cell.has_cathode:
        nominal = cell.values[names.NOMINAL_CAPACITY] * 3600 / cell.area
        passed = [min(own, nominal) for own in passed]
    return [own for own in passed if math.isfinite(own) and own > 0]


def _seconds(step: Step, cell: Cell) -> float:
    """How long a step lasts [s], as far as that is known beforehand."""
    told = math.inf if step.duration is None else step.duration
    if _is_constant_current(step):
        (current,) = _current_densities(step, cell)
        told = min(told, _charge(step, cell) / abs(current))
    return told if math.isfinite(told) else 0.0
