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

Filaments may also retract. Of their growth g, a share s is fresh (F) and the rest stays,

    dL_d/dt = g - w,    dF/dt = s g - w,    w = F [i_st/q_r + a(T)/tau],    g as above, with
    i_ref a(T) in place of i_ref,    f i_pl/theta in place of i_pl/theta (not in place of i_pl alone),
    f = [1 + (P/P_c)^n] / [1 + (P_0/P_c)^n]

Stripping empties what has just grown (lithium in filaments cycles: Kazyak et al. 2020) and creep closes
it, at rest and always. A cell that is cycled below the charge that shorts it one way therefore lives
longer than its plated charge tells (Lewis et al. 2022), and rests help. Heat raises every current that
counts, not the threshold alone, so that the critical current of a ramp rises with temperature (Sharafi
et al. 2016). A stack that presses harder than P_c squeezes lithium into the cracks, with the exponent
of its creep (Masias et al. 2019), and shorts a cell that lives on under less (Doux et al. 2020).
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
CREEP_EXPONENT = 6.6
"""Power of the stress in the dislocation creep of lithium (Masias et al. 2019)."""
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
        self.rhs[variables[self.key(names.FILAMENT_DEPTH)]] = self._growth(variables, 1, 1)

    def _growth(self, variables, squeeze, creep):
        """Rate at which plating deepens filaments [m.s-1].

        `squeeze` multiplies the local current that counts, `creep` the one that it is measured by.
        """
        depth = variables[self.key(names.FILAMENT_DEPTH)]
        bare = variables[self.key(names.BARE_FRACTION)]
        plating = variables[self.key(names.PLATING_CURRENT)]
        local = squeeze * plating / self.conducting_area(variables)
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
            local / (creep * pybamm.Parameter(names.FILAMENT_REFERENCE)), SMALLEST_CURRENT_RATIO
        )
        return (
            pybamm.Parameter(names.FILAMENT_COEFFICIENT)
            * pressing
            * plating
            * ratio ** (pybamm.Parameter(names.FILAMENT_EXPONENT) - 1)
            * smooth_step((local - initiation) / width)
            * acceleration
        )

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.FILAMENT_DEPTH)]] = pybamm.Scalar(0)


class RetractingFilament(Filament):
    """Mean filament depth, and the fresh part of it that stripping and rest take back."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Kazyak2020", "Lewis2022", "Sharafi2016", "Masias2019")

    def get_fundamental_variables(self):
        fresh = {self.key(names.FRESH_FILAMENT): self.state(names.FRESH_FILAMENT, scale=FILAMENT_SCALE)}
        return {**super().get_fundamental_variables(), **fresh}

    def set_rhs(self, variables):
        creep = arrhenius(names.CONTACT_ACTIVATION, variables[names.TEMPERATURE])
        scale = pybamm.Parameter(names.FILAMENT_CREEP_PRESSURE)
        pressed, reference = (
            1 + (pybamm.Parameter(pressure) / scale) ** CREEP_EXPONENT
            for pressure in (names.STACK_PRESSURE, names.REFERENCE_PRESSURE)
        )
        growth = self._growth(variables, pressed / reference, creep)
        fresh = variables[self.key(names.FRESH_FILAMENT)]
        stripping = variables[self.key(names.STRIPPING_CURRENT)]
        withdrawal = fresh * (
            stripping / pybamm.Parameter(names.FILAMENT_RETRACTION_CHARGE)
            + creep / pybamm.Parameter(names.FILAMENT_CLOSING_TIME)
        )
        self.rhs[variables[self.key(names.FILAMENT_DEPTH)]] = growth - withdrawal
        self.rhs[fresh] = pybamm.Parameter(names.FILAMENT_RETRACTING_SHARE) * growth - withdrawal

    def set_initial_conditions(self, variables):
        super().set_initial_conditions(variables)
        self.initial_conditions[variables[self.key(names.FRESH_FILAMENT)]] = pybamm.Scalar(0)
