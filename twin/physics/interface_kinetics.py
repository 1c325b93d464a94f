"""How the current crosses a lithium interface and its interphase: as through a resistor, or activated.

    eta_k = (RT/(alpha F)) asinh(alpha F R i/RT),      R = g (R_0 + R_int)

Butler-Volmer kinetics of equal transfer coefficients alpha. At rest they have the resistance R, so that
the exchange current density i_0 = RT/(2 alpha F R) falls as the interphase grows; far above it each
decade of current costs the same voltage (Tafel). i is that through the area in contact. The resistor is
the limit alpha -> 0. Source: Krauskopf et al. 2019 (charge transfer beside what loses contact).
"""

import pybamm

from twin import names
from twin.physics.base import FARADAY, GAS_CONSTANT, InterfaceSubModel, cite

SMALL_OVERPOTENTIAL = 1e-6
"""Overpotential over RT/(alpha F) below which asinh(x)/x counts as 1: no division by zero at rest."""


class OhmicInterface(InterfaceSubModel):
    """Resistance of one interface with its interphase [Ohm.m2], the same under any current."""

    def get_coupled_variables(self, variables):
        pristine = variables[self.key(names.PRISTINE)]
        interphase = variables[self.key(names.INTERPHASE_RESISTANCE)]
        resistance = pybamm.Parameter(names.INTERFACE_FACTOR) * (pristine + interphase)
        return {
            self.key(names.INTERPHASE_SHARE): resistance,
            self.key(names.INTERPHASE_SECANT_RESISTANCE): resistance * self.left(resistance, variables),
        }

    def left(self, resistance, variables):
        """Share of the resistance at rest that is left under current."""
        return 1


class ActivatedInterface(OhmicInterface):
    """Resistance of one interface with its interphase [Ohm.m2], less under current: Butler-Volmer."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Krauskopf2019")

    def left(self, resistance, variables):
        thermal = GAS_CONSTANT * variables[names.TEMPERATURE] / FARADAY
        local_current = variables[names.FARADAIC_CURRENT_DENSITY] / self.conducting_area(variables)
        relative = pybamm.Parameter(names.TRANSFER_COEFFICIENT) * local_current * resistance / thermal
        size = pybamm.sqrt(relative**2 + SMALL_OVERPOTENTIAL**2)
        return pybamm.arcsinh(size) / size
