"""Growth of lithium filaments through the separator.

    dL_d/dt = kappa P' i_pl [i_pl / (theta i_ref)]^(m-1) S[(i_pl/theta - i_init)/delta] (1 + L_d/L_c)^p
    i_init = [f_b i_init,bare + (1 - f_b) i_init,coated] (1 + a_s xi) a(T),      P' = (P_press/P_0)^q

L_d is the mean depth; the fastest filament is chi L_d deep and shorts the cell where it has crossed
the separator. Lithium metal cracks the electrolyte above an initiation current, which counts on the
area in contact (i/theta); an alloy that grows by volume expansion has none (i_init = 0). S is a
smooth step of width delta = 0.1 i_init. Growth can accelerate with depth (L_c, p). A converted
sacrificial layer spreads the current and raises the threshold, as it raises the critical stripping
current; so does heat, by which lithium creeps. Pellets pressed harder short earlier: P_press is the
pressing pressure, q about 1 (Doux et al. 2020 saw it for the stack pressure; assumed for pressing).
Sources: Porz et al. 2017, Ning et al. 2023; the threshold's dependence on contact: Kasemchainan et al.
2019.
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, arrhenius, cite, smooth_step
from twin.physics.sacrificial_layer import strengthening

FILAMENT_SCALE = 1e-4
"""[m] in which the solver counts."""
RELATIVE_STEP_WIDTH = 0.1
SMALLEST_CURRENT_RATIO = 1e-9
"""Keeps the power law's slope finite at zero current."""
SMALLEST_STEP_WIDTH = 1e-6
"""[A.m-2], so that a pair without a threshold has a step of finite width."""


class Filament(InterfaceSubModel):
    """Mean filament depth of one lithium interface."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Porz2017", "Ning2023", "Kasemchainan2019", "Doux2020")

    def get_fundamental_variables(self):
        return {self.key(names.FILAMENT_DEPTH): self.state(names.FILAMENT_DEPTH, scale=FILAMENT_SCALE)}

    def set_rhs(self, variables):
        depth = variables[self.key(names.FILAMENT_DEPTH)]
        bare = variables[self.key(names.BARE_FRACTION)]
        plating = variables[self.key(names.PLATING_CURRENT)]
        local = plating / variables[self.key(names.CONTACT_FRACTION)]
        toughening = strengthening(variables[self.key(names.CONVERTED_FRACTION)]) * arrhenius(
            names.CONTACT_ACTIVATION, variables[names.TEMPERATURE]
        )
        initiation = toughening * (
            bare * pybamm.Parameter(names.FILAMENT_INITIATION)
            + (1 - bare) * pybamm.Parameter(names.COATED_FILAMENT_INITIATION)
        )
        pressing = (
            pybamm.Parameter(names.PRESSING_PRESSURE) / pybamm.Parameter(names.REFERENCE_PRESSING)
        ) ** pybamm.Parameter(names.FILAMENT_PRESSURE_EXPONENT)
        width = pybamm.maximum(RELATIVE_STEP_WIDTH * initiation, SMALLEST_STEP_WIDTH)
        acceleration = (
            1 + depth / pybamm.Parameter(names.FILAMENT_ACCELERATION_LENGTH)
        ) ** pybamm.Parameter(names.FILAMENT_ACCELERATION_EXPONENT)
        ratio = pybamm.maximum(
            local / pybamm.Parameter(names.FILAMENT_REFERENCE), SMALLEST_CURRENT_RATIO
        )
        self.rhs[depth] = (
            pybamm.Parameter(names.FILAMENT_COEFFICIENT)
            * pressing
            * plating
            * ratio ** (pybamm.Parameter(names.FILAMENT_EXPONENT) - 1)
            * smooth_step((local - initiation) / width)
            * acceleration
        )

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.FILAMENT_DEPTH)]] = pybamm.Scalar(0)
