"""The electronic short that filaments open, and the current that it leaks.

    1/R_short = sum over interfaces of [exp(-(L - chi L_d)/lambda) - exp(-L_0/lambda)]/R_s0 + sigma_e/L
    L = L_sep + sum over interfaces of the sacrificial layer that has not converted;  L_0 as assembled
    i_leak = V / R_short,      i_F = i + i_leak

The short shunts the cell: it discharges it at rest, adds to the faradaic current of a discharge and
takes from that of a charge, so that app = faradaic - leak at every instant. Without filaments it is
what the electrolyte conducts, however thin the separator. Under a constant shunt with leak fraction l
the coulombic efficiency is (1 - l)/(1 + l). The exponent stops at zero: once a filament has crossed the
separator its resistance is R_s0. The run ends as a hard short where R_short
falls below 5 % of the cell's own resistance. lambda is the scale of the tail of filament depths: of n
filaments whose depths are normally distributed, the deepest are distributed as exp(-depth/lambda) with
lambda = (chi - 1) L_d/(2 ln n), Gumbel's (Fisher and Tippett 1928). With no separator at all, lithium
on both sides meets through the sacrificial layer between them (Duan2023).
"""

import pybamm

from twin import names
from twin.physics.base import arrhenius

HARD_SHORT_FRACTION = 0.05
"""Share of the cell's own resistance below which the short counts as hard."""


class ShortCircuit(pybamm.BaseSubModel):
    """Short-circuit conductance [S.m-2], leak and faradaic current densities [A.m-2]."""

    def __init__(self, param, sides, options=None):
        super().__init__(param, options=options)
        self.sides = sides

    def get_fundamental_variables(self):
        return {names.LEAKED_CHARGE: pybamm.Variable(names.LEAKED_CHARGE)}

    def get_coupled_variables(self, variables):
        thickness = variables[names.SEPARATOR_THICKNESS]
        assembled = thickness + len(self.sides) * pybamm.Parameter(names.LAYER_DEPTH)
        tail = pybamm.Parameter(names.SHORT_LENGTH)
        for side in self.sides:
            converted = variables[names.at(side, names.CONVERTED_DEPTH)]
            thickness += pybamm.Parameter(names.LAYER_DEPTH) - converted
        conductance = (
            pybamm.Parameter(names.ELECTRONIC_CONDUCTIVITY)
            * arrhenius(names.ELECTRONIC_ACTIVATION, variables[names.TEMPERATURE])
            / thickness
        )
        for side in self.sides:
            deepest = (
                pybamm.Parameter(names.FASTEST_FILAMENT)
                * variables[names.at(side, names.FILAMENT_DEPTH)]
            )
            gap = pybamm.maximum(thickness - deepest, 0)
            reached = pybamm.exp(-gap / tail) - pybamm.exp(-assembled / tail)
            conductance += reached / pybamm.Parameter(names.SHORT_RESISTANCE)
        return {names.SHORT_CONDUCTANCE: conductance}

    def set_rhs(self, variables):
        area = pybamm.Parameter(names.AREA)
        leak = abs(variables[names.LEAK_CURRENT_DENSITY]) * area
        self.rhs[variables[names.LEAKED_CHARGE]] = leak / 3600

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[names.LEAKED_CHARGE]] = pybamm.Scalar(0)

    def add_events_from(self, variables):
        own = variables[names.INTERNAL_RESISTANCE]
        margin = 1 - HARD_SHORT_FRACTION * own * variables[names.SHORT_CONDUCTANCE]
        self.events.append(pybamm.Event(names.HARD_SHORT_EVENT, margin))
