"""Equilibrium potential of the positive electrode and the state of charge.

    d(SoC)/dt = -I_F / (3600 Q)

SoC = x_0 - x counts the lithium taken out of the cathode, over its whole range: it stays well inside
(0, 1) for every cut-off that a cell is cycled between, also when the capacity fades. LCO is PyBaMM's
`Ai2020` (482 points, 3.41 to 4.39 V), with a steep tail down to the lower cut-off below it.
"""

import functools
import math

import numpy as np
import pybamm

from twin import names

FULLY_LITHIATED = 1.005
"""x_0: lithium content of LCO at SoC = 0, a little beyond the last measured point (0.9989)."""
TAIL_VOLTAGE, TAIL_WIDTH = 1.6, 1.5e-3
"""Depth [V] and width (in SoC) of the tail; 26 mV at the first measured point, 2 mV at the second."""
DECAYS = (3e-3, 1e-2, 3e-2, 1e-1)
STEP_CENTRES = np.arange(0.02, 0.62, 0.03)
STEP_WIDTH = 0.03


class OpenCircuitVoltage(pybamm.equivalent_circuit_elements.OCVElement):
    """State of charge and open-circuit voltage, driven by the faradaic current."""

    def set_rhs(self, variables):
        current = variables[names.FARADAIC_CURRENT_DENSITY] * pybamm.Parameter(names.AREA)
        capacity = variables[names.ACCESSIBLE_CAPACITY]
        self.rhs = {variables[names.SOC]: -current / capacity / 3600}


def lithium_cobalt_oxide(soc):
    """Potential of LiCoO2 against lithium [V] at a state of charge (symbol or array).

    A smooth sum of elementary functions fitted by linear least squares to PyBaMM's `Ai2020`
    table each time the process first asks for it: smooth derivatives, and the same expression for
    every solver. Source: Ai et al. 2020, through PyBaMM.
    """
    weights = _lithium_cobalt_oxide_weights()
    terms = _basis(soc, pybamm.exp)
    tail = -TAIL_VOLTAGE * pybamm.exp(-soc / TAIL_WIDTH)
    return sum((w * term for w, term in zip(weights, terms, strict=True)), tail)


def no_cathode(soc):
    """Zero: two lithium electrodes [V]."""
    return pybamm.Scalar(0) * soc


OPEN_CIRCUIT_VOLTAGES = {"LCO": lithium_cobalt_oxide, "none": no_cathode}
"""What a cathode file may name as its open-circuit voltage."""


@functools.cache
def _lithium_cobalt_oxide_weights():
    potential = pybamm.ParameterValues("Ai2020")["Positive electrode OCP [V]"]
    content, measured = (np.ravel(axis) for axis in _table(potential))
    soc = FULLY_LITHIATED - content
    terms = np.stack([np.broadcast_to(term, soc.shape) for term in _basis(soc, np.exp)])
    weights, *_ = np.linalg.lstsq(terms.T, measured, rcond=1e-10)
    return tuple(float(weight) for weight in weights)


def _table(potential):
    interpolant = potential(pybamm.Scalar(0.5))
    return interpolant.x[0], interpolant.y


def _basis(soc, exp):
    """Constant, slope, decays at full lithiation and steps tanh(x) over the measured range."""
    yield 1.0
    yield soc
    for width in DECAYS:
        yield exp(-soc / width)
    rising = exp(2 * soc / STEP_WIDTH)  # shared by all steps: a third of a cell's cost is its tanh
    for centre in STEP_CENTRES:
        yield 1 - 2 / (1 + rising * math.exp(-2 * centre / STEP_WIDTH))
