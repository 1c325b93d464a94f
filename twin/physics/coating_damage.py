"""Fatigue of the coating by the lithium that is plated and stripped under it.

    dD/dt = (1 - f_b,0) (|i| / Q_D(h)) (|w| / w_ref)^(b-1)
    1/Q_D(h) = a exp(-h/h_p) + c (h/h_c)^n

D counts damage as Miner's sum: the film has failed at D = 1. Over a cycle of areal capacity q this
is the Coffin-Manson law N_f ~ q^-b (Coffin 1954), without counting cycles. Thin films flex and have
pinholes (a, h_p), thick ones store strain energy (c, n): the lifetime peaks in between. The factor
(1 - f_b,0) says that there is nothing to damage where there is no film.
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, cite
from twin.physics.coating import breached_fraction

CHARGE_SMOOTHING = 1e-6
"""Added to (w/w_ref)^2, so that the power law has a finite slope at w = 0."""


class CoatingDamage(InterfaceSubModel):
    """Damage sum of the coating of one lithium interface, dimensionless."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Coffin1954")

    def get_fundamental_variables(self):
        damage = self.state(names.COATING_DAMAGE_SUM, scale=1e-2)
        return {
            self.key(names.COATING_DAMAGE_SUM): damage,
            self.key(names.COATING_DAMAGE): pybamm.minimum(damage, 1),
        }

    def set_rhs(self, variables):
        thickness = pybamm.Parameter(names.COATING_THICKNESS)
        pinholes = pybamm.Parameter(names.PINHOLE_DAMAGE) * pybamm.exp(
            -thickness / pybamm.Parameter(names.PINHOLE_THICKNESS)
        )
        strain = pybamm.Parameter(names.STRAIN_DAMAGE) * (
            thickness / pybamm.Parameter(names.STRAIN_THICKNESS)
        ) ** pybamm.Parameter(names.STRAIN_EXPONENT)
        relative_charge = variables[self.key(names.PLATED_CHARGE)] / pybamm.Parameter(
            names.FATIGUE_CHARGE
        )
        amplitude = (relative_charge**2 + CHARGE_SMOOTHING) ** (
            (pybamm.Parameter(names.FATIGUE_EXPONENT) - 1) / 2
        )
        charge_passed = (
            variables[self.key(names.PLATING_CURRENT)] + variables[self.key(names.STRIPPING_CURRENT)]
        )
        self.rhs[variables[self.key(names.COATING_DAMAGE_SUM)]] = (
            (1 - breached_fraction()) * charge_passed * (pinholes + strain) * amplitude
        )

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.COATING_DAMAGE_SUM)]] = pybamm.Scalar(0)
