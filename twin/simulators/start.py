"""Where a run starts: its tolerance, and the state of charge as the model counts it."""

import functools

import numpy as np
from scipy.optimize import brentq

from twin import names
from twin.arguments import checked_number
from twin.cell import Cell
from twin.errors import ParameterError
from twin.physics.cathode_potential import potential
from twin.protocols import Protocol
from twin.simulators.kept import kept

TOLERANCE = 1e-3
"""Relative tolerance of a run, unless another is asked for: capacities are an order better."""
TOLERANCES = (1e-7, 1e-2)
"""Those that may be asked for: below, steps round off; above, cut-offs are missed."""
SYMMETRIC_SOC = 0.5
"""Both foils of a symmetric cell hold the same lithium."""


def initial_soc(cell: Cell, protocol: Protocol, requested: float | None = None) -> float:
    """The model's SoC at the start of a run, dimensionless.

    `requested` counts from 0 (open-circuit voltage at the lower cut-off) to 1 (at the upper one).
    Without it a run starts charged when its first step discharges, and discharged when it charges.
    A symmetric cell starts with its lithium shared equally.

    Raises ArgumentError: a requested value outside [0, 1].
    """
    if requested is not None:
        requested = checked_number("initial_soc", requested, least=0, most=1)
    if not cell.has_cathode:
        return SYMMETRIC_SOC if requested is None else requested
    share = requested
    if share is None:
        share = 1.0 if protocol.starts_charged else 0.0
    low, high = soc_window(cell)
    return low + share * (high - low)


def soc_window(cell: Cell) -> tuple[float, float]:
    """The model's SoC at which a full cell's open-circuit voltage is its lower and its upper cut-off."""
    anode = cell.values[names.ANODE_POTENTIAL]
    lowest, highest = cell.values[names.LOWER_CUT_OFF], cell.values[names.UPPER_CUT_OFF]
    return (
        soc_at(cell.open_circuit_voltage, lowest + anode),
        soc_at(cell.open_circuit_voltage, highest + anode),
    )


@functools.cache
def soc_at(open_circuit_voltage: str, voltage: float) -> float:
    """SoC at which the cathode's potential against lithium is `voltage` [V].

    Raises ParameterError: the cathode never has that potential.
    """
    weights = _weights(open_circuit_voltage)

    def excess(soc):
        return float(potential(open_circuit_voltage, soc, weights, np.exp)) - voltage

    lowest, highest = excess(0.0), excess(1.0)
    if lowest > 0 or highest < 0:
        raise ParameterError(
            f"cut-off {voltage:g} V lies outside the range of {open_circuit_voltage}, "
            f"{lowest + voltage:.3g} to {highest + voltage:.3g} V"
        )
    return brentq(excess, 0.0, 1.0, xtol=1e-12)


@functools.cache
def _weights(open_circuit_voltage: str) -> tuple[float, ...]:
    """Weights of a cathode's potential."""

    def made():
        from twin.physics.open_circuit_voltage import weights

        return weights(open_circuit_voltage)

    return tuple(
        kept("potential", open_circuit_voltage, made, made_by="twin.physics.open_circuit_voltage")
    )
