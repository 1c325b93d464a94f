"""Resistance of a lithium interface before anything has grown on it.

    1/R_0 = f_b/R_0,bare + (1 - f_b)/R_0,coated,      each over exp[-E/R (1/T - 1/T0)] of the interphase

Lithium on a coating is another contact than lithium on the electrolyte. A film that lithium wets closes
the gaps that a bare, lithiophobic electrolyte leaves: 1710 Ohm cm2 of a bare garnet fell to 1 Ohm cm2
under a few nanometres of Al2O3 (Han et al. 2017). Where a coating does not say its own, it is the
pair's; bare and coated shares f_b and 1 - f_b of the interface conduct side by side.
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, arrhenius, cite


class PristineOfPair(InterfaceSubModel):
    """Pristine resistance [Ohm.m2] of one interface, with or without a coating that of the pair."""

    def get_coupled_variables(self, variables):
        mobility = arrhenius(names.INTERPHASE_CONDUCTIVITY_ACTIVATION, variables[names.TEMPERATURE])
        return {self.key(names.PRISTINE): self.at_reference(variables) / mobility}

    def at_reference(self, variables):
        """[Ohm.m2] at the reference temperature."""
        return pybamm.Parameter(names.PRISTINE_RESISTANCE)


class PristineOfCoating(PristineOfPair):
    """Pristine resistance [Ohm.m2] of one interface, under the coating the coating's own."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Han2017")

    def at_reference(self, variables):
        bare = variables[self.key(names.BARE_FRACTION)]
        conductance = bare / pybamm.Parameter(names.PRISTINE_RESISTANCE)
        conductance += (1 - bare) / pybamm.Parameter(names.COATED_PRISTINE_RESISTANCE)
        return 1 / conductance
