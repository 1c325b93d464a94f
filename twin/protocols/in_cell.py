"""Amounts of a step on a cell: C is its nominal capacity; areas and masses are the cell's own."""

from twin import names
from twin.cell import Cell
from twin.errors import ProtocolError
from twin.protocols.step import OF_CHARGE, OF_CURRENT, Step

PER_AREA = ("current density", "power density", "areal charge")
PER_MASS = ("specific current", "specific power", "specific charge")


def in_cell(quantity: str, value: float, cell: Cell, text: str) -> tuple[str, float]:
    """The quantity of the whole cell, and its value: "current density" becomes "current" [A].

    `text` is the step's, for the error. Raises ProtocolError: a mass in a cell without active material.
    """
    plain = quantity.removeprefix("specific ").removeprefix("areal ").removesuffix(" density")
    if quantity == "C-rate":
        return "current", value * cell.values[names.NOMINAL_CAPACITY]
    if quantity in PER_AREA:
        return plain, value * cell.area
    if quantity in PER_MASS:
        if not cell.has_cathode:
            raise ProtocolError(
                f"the step '{text}' counts by mass of active material, and {cell.name} has no cathode; "
                "give mA/cm2 and mAh/cm2"
            )
        return plain, value * cell.values[names.ACTIVE_MASS]
    return plain, value


def asked_charge(step: Step, cell: Cell) -> float:
    """Charge [A.h] that a step is to pass: its current for its time, or until its end by charge.

    A step that only a voltage ends is to pass the nominal capacity, and none is to pass more than that;
    one of a drive cycle, of a power and of a resistance asks for nothing that is known beforehand. What
    a broken step passes is asked for by its last part.
    """
    nominal = cell.values[names.NOMINAL_CAPACITY]
    if step.control not in OF_CURRENT or step.profile is not None or step.reads:
        return 0.0
    _, current = in_cell(step.control, step.value, cell, step.text)
    asked = [nominal]
    if step.duration is not None:
        asked.append(abs(current) * step.duration / 3600)
    for end in step.ends:
        if end.quantity in OF_CHARGE:
            asked.append(in_cell(end.quantity, end.value, cell, step.text)[1])
        elif end.quantity == "state of charge":
            return 0.0  # depends on where it begins
    return min(asked)
