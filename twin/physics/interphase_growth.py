"""Growth of the interphase between lithium and solid electrolyte.

    dL/dt = f_b k_r(T) exp(-L/L_p) / (1 + L/L*) + beta (V/F) |i|,      R_int = L / sigma_int(T)

L* -> infinity is linear in time (mixed-conducting interphase, reaction-controlled), small L* is
parabolic (diffusion through the film): Deal and Grove 1965, Eq. 6. The factor exp(-L/L_p) gives the
logarithmic law of a film that passivates; L_p -> infinity switches it off. f_b is the fraction of
the interface that the coating leaves bare, beta the share of the charge passed that turns into
interphase. What had grown before the first cycle (a rest, a formation) is where L begins. Only
k_r/sigma_int is identified by electrical data: sigma_int is fixed, k_r is fitted.

A growth that saturates ends at a thickness L_s over the bare share, whatever the time:

    dL/dt = k_r(T) (f_b - L/L_s) + beta (V/F) |i|

Sources: Wenzel et al. 2016 (Li on Li10GeP2S12), Hartmann et al. 2013 (mixed-conducting interphase).
"""

import pybamm

from twin import names
from twin.physics.base import FARADAY, InterfaceSubModel, arrhenius, cite


class InterphaseGrowth(InterfaceSubModel):
    """Thickness and resistance of the interphase of one lithium interface."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("DealGrove1965", "Wenzel2016", "Hartmann2013")

    def get_fundamental_variables(self):
        thickness = self.state(names.INTERPHASE_THICKNESS, scale=1e-7)
        return {self.key(names.INTERPHASE_THICKNESS): thickness}

    def get_coupled_variables(self, variables):
        thickness = variables[self.key(names.INTERPHASE_THICKNESS)]
        conductivity = pybamm.Parameter(names.INTERPHASE_CONDUCTIVITY) * arrhenius(
            names.INTERPHASE_CONDUCTIVITY_ACTIVATION, variables[names.TEMPERATURE]
        )
        return {self.key(names.INTERPHASE_RESISTANCE): thickness / conductivity}

    def slowed(self, variables):
        """Share of the bare rate that the thickness leaves, on the whole interface."""
        thickness = variables[self.key(names.INTERPHASE_THICKNESS)]
        diffusion_limit = 1 + thickness / pybamm.Parameter(names.DIFFUSION_LIMIT_THICKNESS)
        passivation = pybamm.exp(-thickness / pybamm.Parameter(names.PASSIVATION_THICKNESS))
        return variables[self.key(names.BARE_FRACTION)] * passivation / diffusion_limit

    def set_rhs(self, variables):
        thickness = variables[self.key(names.INTERPHASE_THICKNESS)]
        reaction = pybamm.Parameter(names.GROWTH_RATE) * arrhenius(
            names.GROWTH_ACTIVATION, variables[names.TEMPERATURE]
        )
        volume_per_charge = pybamm.Parameter(names.INTERPHASE_MOLAR_VOLUME) / FARADAY
        charge_passed = (
            variables[self.key(names.PLATING_CURRENT)] + variables[self.key(names.STRIPPING_CURRENT)]
        )
        self.rhs[thickness] = (
            reaction * self.slowed(variables)
            + pybamm.Parameter(names.GROWTH_PER_CHARGE) * volume_per_charge * charge_passed
        )

    def set_initial_conditions(self, variables):
        thickness = variables[self.key(names.INTERPHASE_THICKNESS)]
        self.initial_conditions[thickness] = pybamm.Parameter(names.INITIAL_INTERPHASE)


class SaturatingGrowth(InterphaseGrowth):
    """Growth that ends at a thickness."""

    def slowed(self, variables):
        thickness = variables[self.key(names.INTERPHASE_THICKNESS)]
        reached = thickness / pybamm.Parameter(names.SATURATION_THICKNESS)
        return variables[self.key(names.BARE_FRACTION)] - reached
