"""Overpotential of a lithium interface: its resistance in parallel with its capacitance.

    R = [g (R_0(T) + R_coat + R_int) + R_SL]/[theta (1 - a)] + R_constr,   C d(eta)/dt = i_F - eta/R(i_F)

Film, interphase and sacrificial layer conduct through the area in contact (theta) of what is not
isolated for good (1 - a: ``interface_area``); constriction is the electrolyte's. R_0 is the pristine
interface (``pristine_resistance``). g carries how a build differs from another of the same pair:
impedances of the measured cells differ by factors of 2 to 4. Under current R is the secant eta/i of a
film whose insulating part conducts better in a high field (see ``coating``); at rest it is the
small-signal resistance. On the time scale of cycling eta = i_F R. Where lithium plates into hollows from
the start, theta counts for stripping alone.
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel


class InterfaceOverpotential(InterfaceSubModel):
    """Overpotential of one lithium interface [V], positive when the cell discharges."""

    def get_fundamental_variables(self):
        overpotential = self.state(names.INTERFACE_OVERPOTENTIAL, scale=0.1)
        return {self.key(names.INTERFACE_OVERPOTENTIAL): overpotential}

    def get_coupled_variables(self, variables):
        factor = pybamm.Parameter(names.INTERFACE_FACTOR)
        coating = factor * variables[self.key(names.COATING_RESISTANCE)]
        under_current = factor * variables[self.key(names.COATING_SECANT_RESISTANCE)]
        interphase = variables[self.key(names.INTERPHASE_SHARE)]
        kinetics = variables[self.key(names.INTERPHASE_SECANT_RESISTANCE)]
        layer = variables[self.key(names.LAYER_SHARE)]
        films = coating + interphase + layer
        fraction = self.conducting_area(variables)
        constriction = variables[self.key(names.CONSTRICTION_RESISTANCE)]
        carrying = self.carrying(variables, fraction)
        return {
            self.key(names.COATING_SHARE): coating,
            self.key(names.INTERFACE_RESISTANCE): films / fraction + constriction,
            self.key(names.INTERFACE_SECANT_RESISTANCE): (under_current + kinetics + layer) / carrying
            + constriction,
            self.key(names.CONTACT_RESISTANCE): films * (1 / fraction - 1) + constriction,
        }

    def carrying(self, variables, fraction):
        """Share of the area that carries the current."""
        return fraction

    def set_rhs(self, variables):
        overpotential = variables[self.key(names.INTERFACE_OVERPOTENTIAL)]
        through_resistance = overpotential / variables[self.key(names.INTERFACE_SECANT_RESISTANCE)]
        self.rhs[overpotential] = (
            variables[names.FARADAIC_CURRENT_DENSITY] - through_resistance
        ) / pybamm.Parameter(names.INTERFACE_CAPACITANCE)

    def set_initial_conditions(self, variables):
        overpotential = variables[self.key(names.INTERFACE_OVERPOTENTIAL)]
        self.initial_conditions[overpotential] = pybamm.Scalar(0)


class PlatingEverywhere(InterfaceOverpotential):
    """Overpotential where hollows do not keep lithium from plating."""

    def carrying(self, variables, fraction):
        plates = variables[self.key(names.PLATING_CURRENT)] > 0
        whole = variables[self.key(names.REACHED_AREA)]
        return fraction + (whole - fraction) * plates
