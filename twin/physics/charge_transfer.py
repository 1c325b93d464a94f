"""Charge transfer at the composite cathode, in parallel with its double layer.

    R_ct C d(eta)/dt = (2RT/F) asinh[i_F / 2 i_0(T)] - eta,      R_ct = RT / (F i_0)

The steady state is that of Butler and Volmer with equal transfer coefficients; for small signals the
element is R_ct in parallel with C. For large ones it relaxes at the small-signal rate, within
milliseconds, where i_F = 2 i_0 sinh(F eta/2RT) + C d(eta)/dt would relax faster still: the difference
does not reach a charge or an energy of cycling, and the equation stays linear in eta.
"""

import pybamm

from twin import names
from twin.physics.base import FARADAY, GAS_CONSTANT, arrhenius


class ChargeTransfer(pybamm.BaseSubModel):
    """Overpotential of the cathode's charge transfer [V], positive when the cell discharges."""

    def get_fundamental_variables(self):
        overpotential = pybamm.Variable(names.CHARGE_TRANSFER_OVERPOTENTIAL, scale=0.1)
        return {names.CHARGE_TRANSFER_OVERPOTENTIAL: overpotential}

    def get_coupled_variables(self, variables):
        overpotential = variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]
        exchange, thermal_voltage = self._kinetics(variables)
        current = 2 * exchange * pybamm.sinh(overpotential / (2 * thermal_voltage))
        return {
            names.CHARGE_TRANSFER_RESISTANCE: thermal_voltage / exchange,
            names.CHARGE_TRANSFER_DISSIPATION: overpotential * current,
        }

    def set_rhs(self, variables):
        overpotential = variables[names.CHARGE_TRANSFER_OVERPOTENTIAL]
        exchange, thermal_voltage = self._kinetics(variables)
        half_current = variables[names.FARADAIC_CURRENT_DENSITY] / (2 * exchange)
        steady_state = 2 * thermal_voltage * pybamm.arcsinh(half_current)
        time_constant = variables[names.CHARGE_TRANSFER_RESISTANCE] * pybamm.Parameter(
            names.CATHODE_CAPACITANCE
        )
        self.rhs[overpotential] = (steady_state - overpotential) / time_constant

    def _kinetics(self, variables):
        """Exchange current density [A.m-2] and RT/F [V]."""
        temperature = variables[names.TEMPERATURE]
        exchange = pybamm.Parameter(names.EXCHANGE_CURRENT) * arrhenius(
            names.EXCHANGE_CURRENT_ACTIVATION, temperature
        )
        return exchange, GAS_CONSTANT * temperature / FARADAY

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
            names.CHARGE_TRANSFER_DISSIPATION: zero,
        }
