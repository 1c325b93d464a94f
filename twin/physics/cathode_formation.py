"""Charge that the cathode's electrolyte takes once, when it first meets a high potential.

    dy/dt = k(T) exp[alpha F (E - 4.0 V)/RT] (1 - y),      i_ox = s u Q_0/A dy/dt,      alpha = 1/2
    i_c = i_F + i_ox

y is how far it has gone, s its charge as a share of the connected capacity u Q_0, E the potential of the
particles' surface against lithium, k(T) with the activation energy of the fade. The active material
gives what is charged less what the oxidation takes, i_c, so that the first charge is longer than the
discharge after it by no fault of diffusion (D07: 96 %). At rest it discharges the cathode, as a leak
does, and the lithium ions that it frees come from the electrolyte. It ends with what the particles
touch: sulfides and halides passivate beside an oxide.
Source: Koerver et al. 2017 (first-cycle loss at the cathode of a cell with a sulfide).
"""

import pybamm

from twin import names
from twin.physics.base import SECONDS_PER_HOUR, arrhenius, cite, oxidation_drive

TRANSFER = 0.5
"""Transfer coefficient of the oxidation: that of one electron over a symmetric barrier."""


class CathodeFormation(pybamm.BaseSubModel):
    """Progress of the oxidation, and the current density of the active material [A.m-2]."""

    def __init__(self, param, options=None):
        super().__init__(param, options=options)
        cite("Koerver2017")

    def get_fundamental_variables(self):
        return {names.FORMATION: pybamm.Variable(names.FORMATION)}

    def get_coupled_variables(self, variables):
        capacity = self.param.cell_capacity * pybamm.Parameter(names.UTILISATION) * SECONDS_PER_HOUR
        charge = pybamm.Parameter(names.FORMATION_SHARE) * capacity / pybamm.Parameter(names.AREA)
        left = 1 - variables[names.FORMATION]
        oxidation = charge * self._rate(variables) * left
        return {
            names.CATHODE_CURRENT_DENSITY: variables[names.FARADAIC_CURRENT_DENSITY] + oxidation,
            names.OXIDISABLE_LITHIUM: charge * left,
        }

    def set_rhs(self, variables):
        progress = variables[names.FORMATION]
        self.rhs[progress] = self._rate(variables) * (1 - progress)

    def _rate(self, variables):
        rate = pybamm.Parameter(names.FORMATION_RATE) * arrhenius(
            names.CALENDAR_FADE_ACTIVATION, variables[names.TEMPERATURE]
        )
        return rate * oxidation_drive(self.param, variables, TRANSFER)

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[names.FORMATION]] = pybamm.Scalar(0)


class NoFormation(pybamm.BaseSubModel):
    """A cathode without such a loss, or a cell without a cathode."""

    def get_coupled_variables(self, variables):
        return {
            names.CATHODE_CURRENT_DENSITY: variables[names.FARADAIC_CURRENT_DENSITY],
            names.OXIDISABLE_LITHIUM: pybamm.Scalar(0),
        }
