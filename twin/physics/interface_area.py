"""Area that stripping isolates for good: bare lithium withdraws from a share of the interface.

    dq/dt = i_st,      da/dt = f_b a_inf S'(q) i_st,      S(q) = 1/(1 + exp[-(q - q_0)/w])

q is the charge stripped in all, a the isolated share of the area. What lies opposite to it takes no part
in cycling any more: capacity and contact scale with the reached area 1 - a, which carries the whole
current, so that voids, filaments and films feel one that is larger by 1/(1 - a). It comes after some
charge has been stripped, within a few cycles (S rises over a few w around q_0), and leaves the rest as
it was: the bare full cell of Chang2023 fades fast between cycles 5 and 10 and no further (C52). A film
keeps lithium in place, so that only its bare share f_b counts.
Source: Lewis et al. 2021 (area lost at the end of stripping, by tomography; that it adds up to a share
that stays is assumed).
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, cite


class IsolatedArea(InterfaceSubModel):
    """Stripped charge [C.m-2] and isolated share of one interface."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Lewis2021")

    def get_fundamental_variables(self):
        isolated = self.state(names.ISOLATED_AREA)
        return {
            self.key(names.STRIPPED_CHARGE): self.state(names.STRIPPED_CHARGE, scale=1e4),
            self.key(names.ISOLATED_AREA): isolated,
            self.key(names.REACHED_AREA): 1 - isolated,
        }

    def get_coupled_variables(self, variables):
        width = pybamm.Parameter(names.ISOLATION_WIDTH)
        stripped = variables[self.key(names.STRIPPED_CHARGE)]
        risen = 1 / (1 + pybamm.exp((pybamm.Parameter(names.ISOLATION_CHARGE) - stripped) / width))
        rate = (
            variables[self.key(names.BARE_FRACTION)]
            * pybamm.Parameter(names.ISOLATED_SHARE)
            * variables[self.key(names.STRIPPING_CURRENT)]
            * (risen * (1 - risen) / width)
        )
        return {self.key(names.ISOLATION_RATE): rate}

    def set_rhs(self, variables):
        stripping = variables[self.key(names.STRIPPING_CURRENT)]
        self.rhs[variables[self.key(names.STRIPPED_CHARGE)]] = stripping
        self.rhs[variables[self.key(names.ISOLATED_AREA)]] = variables[self.key(names.ISOLATION_RATE)]

    def set_initial_conditions(self, variables):
        for name in (names.STRIPPED_CHARGE, names.ISOLATED_AREA):
            self.initial_conditions[variables[self.key(name)]] = pybamm.Scalar(0)


class KeptArea(InterfaceSubModel):
    """An interface that keeps its area."""

    def get_fundamental_variables(self):
        zero, one = pybamm.Scalar(0), pybamm.Scalar(1)
        return {self.key(names.REACHED_AREA): one, self.key(names.ISOLATION_RATE): zero}
