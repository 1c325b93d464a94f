"""Overpotential of a lithium interface: its resistance in parallel with its capacitance.

    R = g (R_0 + R_coat + R_int)/theta + R_constr,      C d(eta)/dt = i_F - eta/R

Film and interphase conduct through the area in contact (theta); constriction is the electrolyte's.
R_0 is the pristine interface. g carries how a build differs from another of the same pair: impedances
of the measured cells differ by factors of 2 to 4. On the time scale of cycling eta = i_F R.
"""

import pybamm

from twin import names

from .base import InterfaceSubModel


class InterfaceOverpotential(InterfaceSubModel):
    """Overpotential of one lithium interface [V], positive when the cell discharges."""

    def get_fundamental_variables(self):
        overpotential = self.state(names.INTERFACE_OVERPOTENTIAL, scale=0.1)
        return {self.key(names.INTERFACE_OVERPOTENTIAL): overpotential}

    def get_coupled_variables(self, variables):
        factor = pybamm.Parameter(names.INTERFACE_FACTOR)
        coating = factor * variables[self.key(names.COATING_RESISTANCE)]
        interphase = factor * (
            pybamm.Parameter(names.PRISTINE_RESISTANCE)
            + variables[self.key(names.INTERPHASE_RESISTANCE)]
        )
        films = coating + interphase
        fraction = variables[self.key(names.CONTACT_FRACTION)]
        constriction = variables[self.key(names.CONSTRICTION_RESISTANCE)]
        return {
            self.key(names.COATING_SHARE): coating,
            self.key(names.INTERPHASE_SHARE): interphase,
            self.key(names.INTERFACE_RESISTANCE): films / fraction + constriction,
            self.key(names.CONTACT_RESISTANCE): films * (1 / fraction - 1) + constriction,
        }

    def set_rhs(self, variables):
        overpotential = variables[self.key(names.INTERFACE_OVERPOTENTIAL)]
        through_resistance = overpotential / variables[self.key(names.INTERFACE_RESISTANCE)]
        self.rhs[overpotential] = (
            variables[names.FARADAIC_CURRENT_DENSITY] - through_resistance
        ) / pybamm.Parameter(names.INTERFACE_CAPACITANCE)

    def set_initial_conditions(self, variables):
        overpotential = variables[self.key(names.INTERFACE_OVERPOTENTIAL)]
        self.initial_conditions[overpotential] = pybamm.Scalar(0)
