"""A thin film on the lithium: its resistance, its lithiation and what it protects.

    dl/dt = a(T) max(min(h, l_inf) - l, 0) / tau_a         lithiated depth
    R_coat = [rho_L l + rho_i (h - l)] / a(T)              small signals: lithiated part, insulating rest
    eta_i = E_0 (h - l) asinh(i rho_i / (a E_0)),   E_0 = 2RT/(F s)        the rest under current
    f_b,0 = b ln[1 + exp((1 - h/l_inf)/b)]^m               fraction left bare, b = 0.02

An insulating film (Al2O3) starts at l = 0 and must lithiate before it conducts; a lithium-conducting
one (LiAlO2, Li3PO4) starts at l = h. Ions hop through an insulator over a distance s; half a nanometre
makes E_0 about 1e8 V/m, and an ALD film under current sees several times that: its resistance falls
with the field (Verwey 1935; Cabrera and Mott 1949, Eq. 12), which is why a fresh film reads far more
in an impedance spectrum than its voltage under current says (Liu2018). The current is that through the
area in contact. A film thinner than the lithiation depth is breached: it leaves a bare fraction that
falls to zero, smoothly, where h reaches l_inf. Beyond it, what lithium does not reach insulates for
good, and each further nanometre costs the same voltage; no film of Al2O3 beyond 20 nm was measured, and
one that lets electrons through would lithiate deeper. h = 0 is the bare interface. A failed film (see
``coating_damage``) bares the rest: f_b = f_b,0 + (1 - f_b,0) H(D).
Source: Liu et al. 2018 (films on LATP); Chang2023 for LiAlO2.
"""

import pybamm

from twin import names
from twin.physics.base import FARADAY, GAS_CONSTANT, InterfaceSubModel, arrhenius, cite, smooth_step
from twin.physics.coating_failure import FAILURE_WIDTH

BREACH_SMOOTHING = 0.02
"""Width b of the smooth max(0, 1 - h/l_inf)."""
SMALL_FIELD = 1e-6
"""Field over E_0 below which asinh(x)/x counts as 1: no division by zero at rest."""


class Coating(InterfaceSubModel):
    """Resistance and protection of the coating of one lithium interface."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Liu2018", "Verwey1935", "CabreraMott1949")

    def get_fundamental_variables(self):
        return {self.key(names.LITHIATED_DEPTH): self.state(names.LITHIATED_DEPTH, scale=1e-8)}

    def get_coupled_variables(self, variables):
        thickness = pybamm.Parameter(names.COATING_THICKNESS)
        depth = variables[self.key(names.LITHIATED_DEPTH)]
        temperature = variables[names.TEMPERATURE]
        mobility = arrhenius(names.COATING_ACTIVATION, temperature)
        insulating_resistivity = pybamm.Parameter(names.COATING_INSULATING_RESISTIVITY) / mobility
        lithiated = pybamm.Parameter(names.COATING_RESISTIVITY) * depth / mobility
        insulating = insulating_resistivity * (thickness - depth)

        hopping_field = (
            2 * GAS_CONSTANT * temperature / FARADAY / pybamm.Parameter(names.HOPPING_DISTANCE)
        )
        local_current = variables[names.FARADAIC_CURRENT_DENSITY] / self.conducting_area(variables)
        relative_field = local_current * insulating_resistivity / hopping_field
        size = pybamm.sqrt(relative_field**2 + SMALL_FIELD**2)
        breached = breached_fraction()
        failed = smooth_step((variables[self.key(names.COATING_DAMAGE_SUM)] - 1) / FAILURE_WIDTH)
        return {
            self.key(names.COATING_RESISTANCE): lithiated + insulating,
            self.key(names.COATING_SECANT_RESISTANCE): (
                lithiated + insulating * pybamm.arcsinh(size) / size
            ),
            self.key(names.BARE_FRACTION): breached + (1 - breached) * failed,
        }

    def set_rhs(self, variables):
        depth = variables[self.key(names.LITHIATED_DEPTH)]
        reachable = pybamm.minimum(
            pybamm.Parameter(names.COATING_THICKNESS), pybamm.Parameter(names.LITHIATION_DEPTH)
        )
        rate = arrhenius(names.COATING_ACTIVATION, variables[names.TEMPERATURE]) / pybamm.Parameter(
            names.LITHIATION_TIME
        )
        # a film that conducts from the start (l > l_inf) stays lithiated
        self.rhs[depth] = rate * pybamm.maximum(reachable - depth, 0)

    def set_initial_conditions(self, variables):
        initial = pybamm.Parameter(names.INITIAL_LITHIATION) * pybamm.Parameter(names.COATING_THICKNESS)
        self.initial_conditions[variables[self.key(names.LITHIATED_DEPTH)]] = initial


def breached_fraction():
    """Fraction of the interface that an undamaged film leaves bare: 1 without a film."""
    relative = pybamm.Parameter(names.COATING_THICKNESS) / pybamm.Parameter(names.LITHIATION_DEPTH)
    opening = BREACH_SMOOTHING * pybamm.log(1 + pybamm.exp((1 - relative) / BREACH_SMOOTHING))
    return opening ** pybamm.Parameter(names.BREACH_EXPONENT)
