"""Split of the faradaic current into plating and stripping, and the lithium that it moves.

    i_pl = max(-s i_F, 0),   i_st = max(s i_F, 0),   dw/dt = i_pl - i_st

s = +1 at the negative interface (discharging strips it), -1 at the positive one of a symmetric
cell. w is the net plated charge density since the start of the run.
"""

import pybamm

from twin import names

from .base import InterfaceSubModel


class InterfaceCurrents(InterfaceSubModel):
    """Plating and stripping current densities and the net plated charge of one interface."""

    def get_fundamental_variables(self):
        return {self.key(names.PLATED_CHARGE): self.state(names.PLATED_CHARGE, scale=1e3)}

    def get_coupled_variables(self, variables):
        current = variables[names.FARADAIC_CURRENT_DENSITY]
        stripping = current if self.side == names.NEGATIVE else -current
        return {
            self.key(names.STRIPPING_CURRENT): pybamm.maximum(stripping, 0),
            self.key(names.PLATING_CURRENT): pybamm.maximum(-stripping, 0),
        }

    def set_rhs(self, variables):
        plated = variables[self.key(names.PLATED_CHARGE)]
        self.rhs[plated] = (
            variables[self.key(names.PLATING_CURRENT)] - variables[self.key(names.STRIPPING_CURRENT)]
        )

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.PLATED_CHARGE)]] = pybamm.Scalar(0)
