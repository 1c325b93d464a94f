"""Equilibrium potential of the positive electrode and the state of charge.

    d(SoC)/dt = -I_F / (3600 Q)

SoC = x_0 - x counts the lithium taken out of the cathode, over its whole range: it stays well inside
(0, 1) for every cut-off that a cell is cycled between, also when the capacity fades, and leaves it by a
few thousandths in storage, where a leak brings the voltage down to nothing. LCO is PyBaMM's
`Ai2020` (482 points, 3.41 to 4.39 V), NCM622 the positive electrode of PyBaMM's `MSMR_Example`; both
as a sum of elementary functions (``cathode_potential``), the same smooth expression for every solver.
"""

import functools

import numpy as np
import pybamm

from twin import names
from twin.physics.base import bounds_while_driven
from twin.physics.cathode_potential import basis, potential


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
    return potential("LCO", soc, weights("LCO"), pybamm.exp)


def nickel_cobalt_manganese_oxide(soc):
    """Potential of LiNi0.6Co0.2Mn0.2O2 against lithium [V] at a state of charge (symbol or array).

    The multi-species, multi-reaction isotherm x(U) of PyBaMM's `MSMR_Example`, inverted: a relative
    lithium content, of which the whole range counts as 203 mAh/g.
    """
    return potential("NCM622", soc, weights("NCM622"), pybamm.exp)


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
    of_content = pybamm.ParameterValues("Ai2020")["Positive electrode OCP [V]"]
    interpolant = of_content(pybamm.Scalar(0.5))
    content, measured = np.ravel(interpolant.x[0]), np.ravel(interpolant.y)
    fully_lithiated = 1.005  # a little beyond the last measured point, 0.9989
    return fully_lithiated - content, measured


def _nickel_table():
    """State of charge and potential [V] of NCM622, (point,) each."""
    values = pybamm.ParameterValues("MSMR_Example")
    site = "Positive electrode host site {} ({})"
    volts = np.linspace(3.5, 4.75, 500)
    per_volt = pybamm.constants.F.value / (pybamm.constants.R.value * 298.15)
    content = np.zeros_like(volts)
    for number in range(4):
        share = values[site.format("occupancy fraction", number)]
        standard = values[site.format("standard potential", number) + " [V]"]
        ideality = values[site.format("ideality factor", number)]
        content += share / (1 + np.exp(per_volt * (volts - standard) / ideality))
    return 1 - content, volts


TABLES = {"LCO": _cobalt_table, "NCM622": _nickel_table}
"""Table of each material."""


@functools.cache
def weights(material):
    """Weights of a material's sum of functions: linear least squares to its table, once a process."""
    soc, measured = TABLES[material]()
    terms = [np.broadcast_to(term, soc.shape) for term in basis(material, soc, np.exp)]
    found, *_ = np.linalg.lstsq(np.stack(terms).T, measured, rcond=1e-10)
    return tuple(float(weight) for weight in found)
