"""Kirchhoff's laws of the cell.

    V = [U_p + eta_D - U_n - sum(eta_k) - eta_ct - i R_b] / (1 + R_b/R_short),     i_F = i + V/R_short

from V = E - i_F R_b with the leak V/R_short: the terminal voltage is explicit in the states and the
applied current. Each electrode's overpotential, as a reference electrode in the middle of the
separator sees it, takes half of the separator's drop.
"""

import pybamm

from twin import names
from twin.physics.base import bounds_while_driven

TINY_CURRENT = 1e-30
"""[A], so that the load resistance is finite at rest."""


class TerminalVoltage(pybamm.equivalent_circuit_elements.VoltageModel):
    """Terminal voltage [V] and current densities [A.m-2] of the whole circuit."""

    def __init__(self, param, sides, options=None):
        super().__init__(param, options)
        self.sides = sides

    def get_coupled_variables(self, variables):
        area = pybamm.Parameter(names.AREA)
        separator = variables[names.SEPARATOR_RESISTANCE]
        shunt = variables[names.SHORT_CONDUCTANCE]
        applied = variables[names.CURRENT] / area
        drops = {side: variables[names.at(side, names.INTERFACE_OVERPOTENTIAL)] for side in self.sides}
        potentials = {side: variables[names.at(side, names.ELECTRODE_POTENTIAL)] for side in self.sides}
        charge_transfer = variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]

        equilibrium = self.param.ocv(variables[names.SURFACE_SOC])
        for side, potential in potentials.items():
            equilibrium += potential if side == names.POSITIVE else -potential
        source = equilibrium - charge_transfer - sum(drops.values(), pybamm.Scalar(0))
        voltage = (source - applied * separator) / (1 + separator * shunt)
        leak = voltage * shunt
        faradaic = applied + leak

        variables = {
            names.VOLTAGE: voltage,
            "Battery voltage [V]": voltage,
            "Power [W]": voltage * variables[names.CURRENT],
            "Resistance [Ohm]": voltage / (variables[names.CURRENT] + TINY_CURRENT),
            "Overpotential [V]": voltage - equilibrium,
            names.CURRENT_DENSITY: applied,
            names.LEAK_CURRENT_DENSITY: leak,
            names.FARADAIC_CURRENT_DENSITY: faradaic,
        }
        for side, drop in drops.items():
            variables[names.at(side, names.ELECTRODE_OVERPOTENTIAL)] = drop + faradaic * separator / 2
        return variables

    def add_events_from(self, variables):
        super().add_events_from(variables)
        self.events = bounds_while_driven(self.events, variables)
        limit = pybamm.Parameter(names.OVERPOTENTIAL_LIMIT)
        self.events.append(
            pybamm.Event(names.OVERPOTENTIAL_EVENT, limit - abs(variables["Overpotential [V]"]))
        )
