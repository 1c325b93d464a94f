"""Ohmic resistance of the separator's solid-electrolyte layers.

    R_b(T) = sum over layers of  L / sigma(T),    sigma(T) = sigma_0 exp[-E/R (1/T - 1/T_0)]

Each layer conducts with its own activation energy; layers are in series.
"""

import pybamm

from twin import names
from twin.physics.base import arrhenius


class SeparatorResistance(pybamm.BaseSubModel):
    """Series resistance of one or more solid-electrolyte layers."""

    def get_coupled_variables(self, variables):
        temperature = variables[names.TEMPERATURE]
        thickness = pybamm.Scalar(0)
        resistance = pybamm.Scalar(0)
        for number in range(1, self.options["number of separator layers"] + 1):
            layer_thickness = pybamm.Parameter(names.layer(number, names.LAYER_THICKNESS))
            conductivity = pybamm.Parameter(names.layer(number, names.LAYER_CONDUCTIVITY)) * arrhenius(
                names.layer(number, names.LAYER_ACTIVATION), temperature
            )
            thickness += layer_thickness
            resistance += layer_thickness / conductivity
        return {
            names.SEPARATOR_THICKNESS: thickness,
            names.SEPARATOR_RESISTANCE: resistance,
            names.SEPARATOR_CONDUCTIVITY: thickness / resistance,
        }
