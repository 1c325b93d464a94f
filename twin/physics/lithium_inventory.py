"""Lithium left at an interface, and its potential on and off the plateau.

    Q_Li = Q_foil + w - n (F/V_m) L - q_SL xi
    U_n = U_0 [1 - S((Q_Li - 0.98 Q_host)/q_d)] + V_d exp[-(Q_Li - 0.02 Q_host)/q_d]

Q_foil is the foil's charge density, w the charge plated since the cell was assembled; the interphase
has consumed n F L/V_m and the sacrificial layer q_SL xi. An alloy holds its plateau U_0 (0.62 V for
Li-In) between 0.02 and 0.98 lithium per host atom, Q_host being the charge of one; beyond, lithium
plates as metal (0 V), and below the potential rises, as it does where lithium metal (Q_host = 0,
U_0 = 0) runs out. The exponential ends a strip through the voltage cut-off instead of a discontinuity;
V_d is 1 V, q_d a small charge density over which the electrode is used up. Off the plateau this is an
extrapolation, and a run says so.
Plentiful in most cells (0.5 mm of lithium hold 103 mAh/cm2), limiting for thin lithium and Li-In. Where
an interphase takes a share beta of all charge passed, a cycle costs n beta (Q_charge + Q_discharge).
Nobody sees it while the foil makes up for it; after that, and from the start in a cell assembled without
lithium (Q_foil = 0), the discharge ends early at a coulombic efficiency of (1 - n beta)/(1 + n beta).
Sources: Santhosha et al. 2019 (the plateau of Li-In); Lee et al. 2020 (an anode without lithium).
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, cite, lithium_per_interphase_volume, smooth_step

DEPLETION_VOLTAGE = 1.0
"""[V] at the poor end of the plateau."""
LARGEST_EXPONENT = 20.0
"""Bounds the potential of an electrode driven far beyond its lithium."""


class LithiumInventory(InterfaceSubModel):
    """Lithium left [C.m-2] and potential [V] of one lithium electrode."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Santhosha2019", "Lee2020")

    def get_coupled_variables(self, variables):
        left = (
            pybamm.Parameter(names.LITHIUM_INVENTORY)
            + variables[self.key(names.PLATED_CHARGE)]
            - lithium_per_interphase_volume() * variables[self.key(names.INTERPHASE_THICKNESS)]
            - pybamm.Parameter(names.CONVERSION_LITHIUM) * variables[self.key(names.CONVERTED_FRACTION)]
        )
        host = pybamm.Parameter(names.HOST_CAPACITY)
        width = pybamm.Parameter(names.DEPLETION_WIDTH)
        poor, rich = (left - share * host for share in names.PLATEAU)
        plateau = pybamm.Parameter(names.ANODE_POTENTIAL) * (1 - smooth_step(rich / width))
        depleted = DEPLETION_VOLTAGE * pybamm.exp(pybamm.minimum(-poor / width, LARGEST_EXPONENT))
        return {
            self.key(names.LITHIUM): left,
            self.key(names.ELECTRODE_POTENTIAL): plateau + depleted,
        }
