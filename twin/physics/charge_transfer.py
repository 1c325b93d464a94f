"""Charge transfer at the composite cathode, in parallel with its double layer.

    i_ct = 2 i_0(T) sinh(F eta / 2RT),      C d(eta)/dt = i_F - i_ct

The steady state is eta = (2RT/F) asinh(i_F / 2 i_0): Butler-Volmer with equal transfer coefficients.
"""

import pybamm

from twin import names

from .base import FARADAY, GAS_CONSTANT, arrhenius


class ChargeTransfer(pybamm.BaseSubModel):
    """Overpotential of the cathode's charge transfer [V], positive when the cell discharges."""

    def get_fundamental_variables(self):
        overpotential = pybamm.Variable(names.CHARGE_TRANSFER_OVERPOTENTIAL, scale=0.1)
        return {names.CHARGE_TRANSFER_OVERPOTENTIAL: overpotential}

    def get_coupled_variables(self, variables):
        temperature = variables[names.TEMPERATURE]
        overpotential = variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]
        exchange = pybamm.Parameter(names.EXCHANGE_CURRENT) * arrhenius(
            names.EXCHANGE_CURRENT_ACTIVATION, temperature
        )
        thermal_voltage = GAS_CONSTANT * temperature / FARADAY
        return {
            names.CHARGE_TRANSFER_RESISTANCE: thermal_voltage / exchange,
            names.CHARGE_TRANSFER_CURRENT: 2
            * exchange
            * pybamm.sinh(overpotential / (2 * thermal_voltage)),
        }

    def set_rhs(self, variables):
        self.rhs[variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]] = (
            variables[names.FARADAIC_CURRENT_DENSITY] - variables[names.CHARGE_TRANSFER_CURRENT]
        ) / pybamm.Parameter(names.CATHODE_CAPACITANCE)

    def set_initial_conditions(self, variables):
        overpotential = variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]
        self.initial_conditions[overpotential] = pybamm.Scalar(0)


class NoChargeTransfer(pybamm.BaseSubModel):
    """A cell without a cathode."""

    def get_coupled_variables(self, variables):
        zero = pybamm.Scalar(0)
        return {
            names.CHARGE_TRANSFER_OVERPOTENTIAL: zero,
            names.CHARGE_TRANSFER_RESISTANCE: zero,
            names.CHARGE_TRANSFER_CURRENT: zero,
        }
