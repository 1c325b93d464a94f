"""Loss of contact area by voids under stripping, and its return by plating and creep.

    d(theta)/dt = - [i_st theta - min(i_st, i_c)] / q_v  +  (i_pl/q_h)(1 - theta)  +  (1 - theta)/tau_c
    i_c = [P/(theta P_0)]^p [f_b i_cs,bare + (1 - f_b) i_cs,coated] (1 + a_s xi) a(T)
    tau_c = tau_c0 / [(P/P_0)^p a(T)]
    R_constr = pi a (1 - theta) / (4 theta sigma)

theta in (0, 1] is the fraction of the nominal area in contact. Above the critical stripping current
i_cs voids form faster than lithium creeps back and theta falls. The stack presses ever harder on what
is still in contact (P/theta), so that creep catches up at theta = (i_cs/i_st)^[1/(1+p)]: the
overpotential i R/theta grows as i^(1 + 1/(1+p)), as i^2 for p = 0. Without that feedback the bare full
cell of Chang2023 would not charge at 0.5C (C32), because the voids of a discharge would block the
start of the next charge. p is 1 for diffusional creep and 6.6 for dislocation creep of lithium (Masias
et al. 2019). Creep does not know whether a current flows, so the last term always acts. A coating that
lithium wets raises i_cs; where it is breached the bare value counts. A sacrificial layer that has
converted by xi spreads the current over its volume and raises it by 1 + a_s xi.

Voids may also accumulate: lithium plates at the edges of hollows first and closes over a share s,

    d(theta)/dt = ... + (1 - s)(i_pl/q_h)(1 - theta - v) + (1 - theta)/tau_c
    dv/dt = s (i_pl/q_h)(1 - theta - v) - v/tau_c

so that only creep gives the area back of the voids v that are trapped. Above the critical stripping
current, the area that plating finds shrinks from cycle to cycle, and lithium plates there at a higher
local current (Kasemchainan et al. 2019). Stripping itself ends where it did without trapped voids.
Sources: Kasemchainan et al. 2019, Krauskopf et al. 2019; constriction: Eckhardt et al. 2022.
"""

import math

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, arrhenius, cite
from twin.physics.sacrificial_layer import strengthening

SMALLEST_VOID = 1e-9
"""Keeps the share of voids that are open finite where there are none."""


class Contact(InterfaceSubModel):
    """Contact fraction of one lithium interface and the constriction that its loss causes."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Kasemchainan2019", "Krauskopf2019", "Eckhardt2022")

    def get_fundamental_variables(self):
        return {self.key(names.CONTACT_FRACTION): self.state(names.CONTACT_FRACTION)}

    def get_coupled_variables(self, variables):
        fraction = variables[self.key(names.CONTACT_FRACTION)]
        constriction = (
            pybamm.Parameter(names.SPOT_RADIUS)
            * math.pi
            * (1 - fraction)
            / (4 * fraction * variables[names.SEPARATOR_CONDUCTIVITY])
        )
        return {self.key(names.CONSTRICTION_RESISTANCE): constriction}

    def set_rhs(self, variables):
        fraction = variables[self.key(names.CONTACT_FRACTION)]
        hollowing, refilling, creep = self._rates(variables, 1 - fraction)
        self.rhs[fraction] = -hollowing + refilling + creep * (1 - fraction)

    def _rates(self, variables, open_voids):
        """Loss by stripping, refilling of open voids by plating, and creep's rate [s-1]."""
        fraction = variables[self.key(names.CONTACT_FRACTION)]
        reached = variables[self.key(names.REACHED_AREA)]
        stripping = variables[self.key(names.STRIPPING_CURRENT)] / reached
        plating = variables[self.key(names.PLATING_CURRENT)] / reached
        bare = variables[self.key(names.BARE_FRACTION)]
        mobility = (
            pybamm.Parameter(names.STACK_PRESSURE) / pybamm.Parameter(names.REFERENCE_PRESSURE)
        ) ** pybamm.Parameter(names.PRESSURE_EXPONENT) * arrhenius(
            names.CONTACT_ACTIVATION, variables[names.TEMPERATURE]
        )
        layer = strengthening(variables[self.key(names.CONVERTED_FRACTION)])
        critical = (mobility * layer) * (
            bare * pybamm.Parameter(names.CRITICAL_STRIPPING)
            + (1 - bare) * pybamm.Parameter(names.COATED_CRITICAL_STRIPPING)
        )
        pressed = critical / fraction ** pybamm.Parameter(names.PRESSURE_EXPONENT)
        hollowing = (stripping * fraction - pybamm.minimum(stripping, pressed)) / pybamm.Parameter(
            names.VOID_CHARGE
        )
        refilling = plating / pybamm.Parameter(names.HEALING_CHARGE) * open_voids
        return hollowing, refilling, mobility / pybamm.Parameter(names.CREEP_TIME)

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.CONTACT_FRACTION)]] = pybamm.Scalar(1)


class AccumulatingVoids(Contact):
    """Contact fraction of which plating gives back less and less, and the trapped voids that keep it."""

    def get_fundamental_variables(self):
        trapped = {self.key(names.TRAPPED_VOIDS): self.state(names.TRAPPED_VOIDS)}
        return {**super().get_fundamental_variables(), **trapped}

    def set_rhs(self, variables):
        fraction = variables[self.key(names.CONTACT_FRACTION)]
        trapped = variables[self.key(names.TRAPPED_VOIDS)]
        share = pybamm.Parameter(names.TRAPPED_SHARE)
        open_voids = 1 - fraction - trapped
        hollowing, refilling, creep = self._rates(variables, open_voids)
        # where creep outruns stripping, hollows close at once: only those that are open
        within_reach = open_voids / pybamm.maximum(1 - fraction, SMALLEST_VOID)
        change = pybamm.maximum(hollowing, 0) + pybamm.minimum(hollowing, 0) * within_reach
        self.rhs[fraction] = -change + (1 - share) * refilling + creep * (1 - fraction)
        self.rhs[trapped] = share * refilling - creep * trapped

    def set_initial_conditions(self, variables):
        super().set_initial_conditions(variables)
        self.initial_conditions[variables[self.key(names.TRAPPED_VOIDS)]] = pybamm.Scalar(0)
