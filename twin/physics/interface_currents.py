"""Split of the faradaic current into plating and stripping, and the lithium that it moves.

    i_pl = max(-s i_F, 0),   i_st = max(s i_F, 0),   dw/dt = i_pl - i_st,   w(0) = s_0 u Q_0 / A

s = +1 at the negative interface (discharging strips it), -1 at the positive one of a symmetric
cell. w is the net plated charge density since the cell was assembled, with its cathode full of
lithium: a run that starts at a state of charge s_0 has what the cathode has given on its anode already.
"""

import pybamm

from twin import names
from twin.physics.base import SECONDS_PER_HOUR, InterfaceSubModel


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
        given = pybamm.Scalar(0)
        if self.options["interfaces"] == "negative":
            capacity = self.param.cell_capacity * pybamm.Parameter(names.UTILISATION)
            given = self.param.initial_soc * capacity * SECONDS_PER_HOUR / pybamm.Parameter(names.AREA)
        self.initial_conditions[variables[self.key(names.PLATED_CHARGE)]] = given
