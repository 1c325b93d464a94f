"""The cell's own resistance, and the power that turns into heat.

    R_own = R_b + R_ct + sum(R_k),      P = i_F^2 R_b + V i_leak + sum(eta_k^2/R_k) + P_ct

R_own is that of small signals: what a short circuit is measured against. No term of P is ever negative.
"""

import pybamm

from twin import names


class Dissipation(pybamm.BaseSubModel):
    """Internal resistance [Ohm.m2] and dissipated power [W]."""

    def __init__(self, param, sides, options=None):
        super().__init__(param, options=options)
        self.sides = sides

    def get_coupled_variables(self, variables):
        separator = variables[names.SEPARATOR_RESISTANCE]
        own_resistance = separator + variables[names.CHARGE_TRANSFER_RESISTANCE]
        dissipation = (
            variables[names.FARADAIC_CURRENT_DENSITY] ** 2 * separator
            + variables[names.VOLTAGE] * variables[names.LEAK_CURRENT_DENSITY]
            + variables[names.CHARGE_TRANSFER_DISSIPATION]
        )
        for side in self.sides:
            own_resistance += variables[names.at(side, names.INTERFACE_RESISTANCE)]
            drop = variables[names.at(side, names.INTERFACE_OVERPOTENTIAL)]
            dissipation += drop**2 / variables[names.at(side, names.INTERFACE_SECANT_RESISTANCE)]
        power = dissipation * pybamm.Parameter(names.AREA)
        return {
            names.INTERNAL_RESISTANCE: own_resistance,
            names.DISSIPATION: power,
            # what PyBaMM's thermal submodel sums up
            "Element-0 irreversible heat generation [W]": power,
        }
