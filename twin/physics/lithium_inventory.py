"""Lithium left at an interface, and the rise of its potential when it runs out.

    Q_Li = Q_foil + w - n (F/V_m) L,      U_n = U_0 + V_d exp(-Q_Li/q_d)

Q_foil is the foil's charge density, w the net plated charge, n F L/V_m what the interphase has
consumed. The exponential ends a strip through the voltage cut-off instead of a discontinuity; V_d is
1 V, q_d a small charge density over which the foil is used up. Plentiful in most cells (0.5 mm of
lithium hold 103 mAh/cm2), limiting for thin lithium.
"""

import pybamm

from twin import names

from .base import FARADAY, InterfaceSubModel

DEPLETION_VOLTAGE = 1.0
"""[V] at Q_Li = 0."""
LARGEST_EXPONENT = 20.0
"""Bounds the potential of an electrode driven far beyond its lithium."""


class LithiumInventory(InterfaceSubModel):
    """Lithium left [C.m-2] and potential [V] of one lithium electrode."""

    def get_coupled_variables(self, variables):
        per_volume = (
            pybamm.Parameter(names.INTERPHASE_LITHIUM)
            * FARADAY
            / pybamm.Parameter(names.INTERPHASE_MOLAR_VOLUME)
        )
        left = (
            pybamm.Parameter(names.LITHIUM_INVENTORY)
            + variables[self.key(names.PLATED_CHARGE)]
            - per_volume * variables[self.key(names.INTERPHASE_THICKNESS)]
        )
        exponent = pybamm.minimum(-left / pybamm.Parameter(names.DEPLETION_WIDTH), LARGEST_EXPONENT)
        potential = pybamm.Parameter(names.ANODE_POTENTIAL) + DEPLETION_VOLTAGE * pybamm.exp(exponent)
        return {self.key(names.LITHIUM): left, self.key(names.ELECTRODE_POTENTIAL): potential}
