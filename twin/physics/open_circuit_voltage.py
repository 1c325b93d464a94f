"""Equilibrium potential of the positive electrode and the state of charge.

    d(SoC)/dt = -I_F / (3600 Q)

SoC = x_0 - x counts the lithium taken out of the cathode, over its whole range: it stays well inside
(0, 1) for every cut-off that a cell is cycled between, also when the capacity fades, and leaves it by a
few thousandths in storage, where a leak brings the voltage down to nothing. LCO is PyBaMM's
`Ai2020` (482 points, 3.41 to 4.39 V), NCM622 the positive electrode of PyBaMM's `MSMR_Example`; both
with a steep tail down to the lower cut-off below their first point.
"""

import functools
import math

import numpy as np
import pybamm

from twin import names
from twin.physics.base import bounds_while_driven

TAIL_VOLTAGE = 1.6
"""[V] of the tail at full lithiation, so deep that it ends below any cut-off."""
TAIL_WIDTH = 1.5e-3
"""SoC over which the tail decays: it takes 26 mV from LCO's first measured point, 2 from the second."""
DECAYS = (3e-3, 1e-2, 3e-2, 1e-1)
"""SoC over which the fitted exponentials decay, which follow the steep beginning of the tables."""
STEP_WIDTH = 0.03
"""SoC over which a fitted step rises; the tables have no finer feature."""
STEP_DISTANCE = STEP_WIDTH
"""SoC between fitted steps: side by side they follow any smooth curve."""


class OpenCircuitVoltage(pybamm.equivalent_circuit_elements.OCVElement):
    """State of charge and open-circuit voltage, driven by the faradaic current."""

    def set_rhs(self, variables):
        current = variables[names.CATHODE_CURRENT_DENSITY] * pybamm.Parameter(names.AREA)
        capacity = variables[names.ACCESSIBLE_CAPACITY]
        self.rhs = {variables[names.SOC]: -current / capacity / 3600}

    def add_events_from(self, variables):
        super().add_events_from(variables)
        self.events = bounds_while_driven(self.events, variables)


def lithium_cobalt_oxide(soc):
    """Potential of LiCoO2 against lithium [V] at a state of charge (symbol or array).

    Source: Ai et al. 2020, through PyBaMM; its capacity over the whole range is 273.85 mAh/g.
    """
    return _smooth("LCO", soc)


def nickel_cobalt_manganese_oxide(soc):
    """Potential of LiNi0.6Co0.2Mn0.2O2 against lithium [V] at a state of charge (symbol or array).

    The multi-species, multi-reaction isotherm x(U) of PyBaMM's `MSMR_Example`, inverted: a relative
    lithium content, of which the whole range counts as 203 mAh/g.
    """
    return _smooth("NCM622", soc)


def no_cathode(soc):
    """Zero: two lithium electrodes [V]."""
    return pybamm.Scalar(0) * soc


OPEN_CIRCUIT_VOLTAGES = {
    "LCO": lithium_cobalt_oxide,
    "NCM622": nickel_cobalt_manganese_oxide,
    "none": no_cathode,
}
"""What a cathode file may name as its open-circuit voltage."""


def _cobalt_table():
    """State of charge and potential [V] of LiCoO2, (point,) each."""
    potential = pybamm.ParameterValues("Ai2020")["Positive electrode OCP [V]"]
    interpolant = potential(pybamm.Scalar(0.5))
    content, measured = np.ravel(interpolant.x[0]), np.ravel(interpolant.y)
    fully_lithiated = 1.005  # a little beyond the last measured point, 0.9989
    return fully_lithiated - content, measured


def _nickel_table():
    """State of charge and potential [V] of NCM622, (point,) each."""
    values = pybamm.ParameterValues("MSMR_Example")
    site = "Positive electrode host site {} ({})"
    potential = np.linspace(3.5, 4.75, 500)
    per_volt = pybamm.constants.F.value / (pybamm.constants.R.value * 298.15)
    content = np.zeros_like(potential)
    for number in range(4):
        share = values[site.format("occupancy fraction", number)]
        standard = values[site.format("standard potential", number) + " [V]"]
        ideality = values[site.format("ideality factor", number)]
        content += share / (1 + np.exp(per_volt * (potential - standard) / ideality))
    return 1 - content, potential


TABLES = {"LCO": (_cobalt_table, 0.62), "NCM622": (_nickel_table, 1.0)}
"""Table of each material, and the state of charge up to which steps describe it."""


def _smooth(material, soc):
    """Sum of elementary functions: the same smooth expression for every solver."""
    weights = _weights(material)
    terms = _basis(soc, TABLES[material][1], pybamm.exp)
    tail = -TAIL_VOLTAGE * pybamm.exp(-soc / TAIL_WIDTH)
    return sum((w * term for w, term in zip(weights, terms, strict=True)), tail)


@functools.cache
def _weights(material):
    """Weights of the basis, by linear least squares to the table when a process first asks."""
    table, highest = TABLES[material]
    soc, potential = table()
    basis = _basis(soc, highest, np.exp)
    terms = np.stack([np.broadcast_to(term, soc.shape) for term in basis])
    weights, *_ = np.linalg.lstsq(terms.T, potential, rcond=1e-10)
    return tuple(float(weight) for weight in weights)


def _basis(soc, highest, exp):
    """Constant, slope, decays at full lithiation and steps tanh(x) over the measured range."""
    yield 1.0
    yield soc
    for width in DECAYS:
        yield exp(-soc / width)
    rising = exp(2 * soc / STEP_WIDTH)  # one for all steps: tanh was two thirds of a cycle's cost
    for centre in np.arange(0.02, highest, STEP_DISTANCE):
        yield 1 - 2 / (1 + rising * math.exp(-2 * centre / STEP_WIDTH))
