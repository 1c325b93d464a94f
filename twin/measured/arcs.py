"""Impedance of a cell in closed form, from the resistances that a run knows.

    Z(omega) = R_separator + n R_i / (1 + j omega R_i C_i) + R_ct / (1 + j omega R_ct C_ct)

with R_i what lies at one of n alike interfaces (coating, interphase, layer, contact), R_ct the charge
transfer of a cathode, and their double-layer capacitances. A step of current jumps, after a time t, over

    R(t) = R_separator + n R_i (1 - exp(-t / R_i C_i)) + R_ct (1 - exp(-t / R_ct C_ct))

Diffusion is not in it, nor that the two interfaces of an aged symmetric cell differ: it holds above the
diffusion tail, of a fresh symmetric cell to the last digit (:func:`twin.impedance` has all of it).
"""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from twin import names
from twin.cell import Cell

ELSEWHERE = ("separator", "charge_transfer")
"""Mechanisms that are no part of an interface with lithium."""


def impedance(resistances: np.ndarray, cell: Cell, frequency: float) -> complex:
    """Impedance [Ohm] at a frequency [Hz], of resistances (mechanism,) [Ohm.m2]."""
    separator, arcs = _circuit(resistances, cell)
    omega = 2j * math.pi * frequency
    return (separator + sum(r / (1 + omega * time) for r, time in arcs)) / cell.area


def step_resistance(resistances: np.ndarray, cell: Cell, delay: float) -> float:
    """Voltage over current [Ohm] a time [s] after a step, of resistances (mechanism,) [Ohm.m2]."""
    separator, arcs = _circuit(resistances, cell)
    return (separator + sum(r * -math.expm1(-delay / time) for r, time in arcs)) / cell.area


def _circuit(resistances: np.ndarray, cell: Cell) -> tuple[float, list[tuple[float, float]]]:
    """The separator [Ohm.m2], and of each arc its resistance [Ohm.m2] and time constant [s]."""
    known = dict(zip(names.MECHANISMS, resistances.tolist(), strict=True))
    return known["separator"], [own for own in _arcs(known, cell) if own[0] > 0]


def _arcs(known: Mapping[str, float], cell: Cell) -> Iterator[tuple[float, float]]:
    interfaces = sum(value for name, value in known.items() if name not in ELSEWHERE)
    one = interfaces / len(cell.sides)
    yield interfaces, one * cell.values[names.INTERFACE_CAPACITANCE]
    if cell.has_cathode:
        transfer = known["charge_transfer"]
        yield transfer, transfer * cell.values[names.CATHODE_CAPACITANCE]
