"""Loss of contact area by voids under stripping, and its return by plating and creep.

    d(theta)/dt = - [i_st theta - min(i_st, i_cs)] / q_v  +  (i_pl/q_h)(1 - theta)  +  (1 - theta)/tau_c
    i_cs = (P/P_0)^p [f_b i_cs,bare + (1 - f_b) i_cs,coated] a(T),   tau_c = tau_c0 / [(P/P_0)^p a(T)]
    R_constr = pi a (1 - theta) / (4 theta sigma)

theta in (0, 1] is the fraction of the nominal area in contact. Above the critical stripping current
i_cs voids form faster than lithium creeps back and theta falls towards i_cs/i_st: the overpotential
i R/theta then grows as i^2. Creep does not know whether a current flows, so the last term always
acts. A coating that lithium wets raises i_cs; where it is breached the bare value counts.
Sources: Kasemchainan et al. 2019, Krauskopf et al. 2019; constriction: Eckhardt et al. 2022.
"""

import math

import pybamm

from twin import names

from .base import InterfaceSubModel, arrhenius, cite


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
        stripping = variables[self.key(names.STRIPPING_CURRENT)]
        plating = variables[self.key(names.PLATING_CURRENT)]
        bare = variables[self.key(names.BARE_FRACTION)]
        mobility = (
            pybamm.Parameter(names.STACK_PRESSURE) / pybamm.Parameter(names.REFERENCE_PRESSURE)
        ) ** pybamm.Parameter(names.PRESSURE_EXPONENT) * arrhenius(
            names.CONTACT_ACTIVATION, variables[names.TEMPERATURE]
        )
        critical = mobility * (
            bare * pybamm.Parameter(names.CRITICAL_STRIPPING)
            + (1 - bare) * pybamm.Parameter(names.COATED_CRITICAL_STRIPPING)
        )
        voids = (stripping * fraction - pybamm.minimum(stripping, critical)) / pybamm.Parameter(
            names.VOID_CHARGE
        )
        healing = plating / pybamm.Parameter(names.HEALING_CHARGE) * (1 - fraction)
        creep = mobility * (1 - fraction) / pybamm.Parameter(names.CREEP_TIME)
        self.rhs[fraction] = -voids + healing + creep

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.CONTACT_FRACTION)]] = pybamm.Scalar(1)
