"""A halide layer that lithium turns into a mixed conductor: a three-dimensional anode that grows itself.

    dx/dt = k_r(T) / (1 + x/L*) * (h - x)/(h - x + w),     xi = x/h,      w = 0.01 h
    R_SL = h (1 - xi) / sigma_mix(T)

x is the depth that the front has reached in a layer of thickness h; it moves while the cell rests as
well as while it cycles, linearly in time while x << L* and as its root beyond (Deal and Grove 1965).
The last factor ends the conversion within a hundredth of the layer. What has converted conducts
electrons and no longer resists; it takes lithium from the foil in proportion to xi, raises the current
that the interface can strip and plate by 1 + a xi, and where two fronts meet with nothing between them
the cell is short (see ``short_circuit``). h = 0 is no layer.
Source: Duan et al. 2023 (LiAlCl4 in Li6PS5Cl).
"""

import pybamm

from twin import names
from twin.physics.base import InterfaceSubModel, arrhenius, cite

ENDING = 0.01
"""Share of the layer within which the conversion ends."""
NO_LAYER = 1e-12
"""[m] added to a thickness in a denominator, so that a cell without a layer has no division by zero."""


class SacrificialLayer(InterfaceSubModel):
    """Converted depth [m] and fraction, and resistance [Ohm.m2], of the layer of one interface."""

    def __init__(self, param, side, options=None):
        super().__init__(param, side, options)
        cite("Duan2023", "DealGrove1965")

    def get_fundamental_variables(self):
        return {self.key(names.CONVERTED_DEPTH): self.state(names.CONVERTED_DEPTH, scale=1e-5)}

    def get_coupled_variables(self, variables):
        thickness = pybamm.Parameter(names.LAYER_DEPTH)
        converted = variables[self.key(names.CONVERTED_DEPTH)]
        conductivity = pybamm.Parameter(names.LAYER_MIXED_CONDUCTIVITY) * arrhenius(
            names.LAYER_MIXED_ACTIVATION, variables[names.TEMPERATURE]
        )
        return {
            self.key(names.CONVERTED_FRACTION): converted / (thickness + NO_LAYER),
            self.key(names.LAYER_SHARE): pybamm.maximum(thickness - converted, 0) / conductivity,
        }

    def set_rhs(self, variables):
        thickness = pybamm.Parameter(names.LAYER_DEPTH)
        converted = variables[self.key(names.CONVERTED_DEPTH)]
        left = pybamm.maximum(thickness - converted, 0)
        rate = pybamm.Parameter(names.CONVERSION_RATE) * arrhenius(
            names.CONVERSION_ACTIVATION, variables[names.TEMPERATURE]
        )
        diffusion_limit = 1 + converted / pybamm.Parameter(names.CONVERSION_LIMIT)
        self.rhs[converted] = rate / diffusion_limit * left / (left + ENDING * thickness + NO_LAYER)

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[self.key(names.CONVERTED_DEPTH)]] = pybamm.Scalar(0)


def strengthening(converted_fraction):
    """Factor by which the converted layer raises critical currents, 1 without a layer."""
    return 1 + pybamm.Parameter(names.LAYER_STRENGTHENING) * converted_fraction
