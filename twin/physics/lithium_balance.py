"""All lithium of the cell, wherever it is: nothing that the circuit does changes it.

    q = sum_k [Q_Li,k + n (F/V_m) L_k + q_SL xi_k] + (1 - s) Q/A + q_lost + q_ox

At each interface k the metal or alloy, what the interphase and the sacrificial layer have taken; in the
cathode what its accessible material holds at the state of charge s, what went with the material that was
lost, and what of the electrolyte's own an oxidation has not freed yet. A leak moves lithium from one
electrode to the other, as the current does.
"""

import pybamm

from twin import names
from twin.physics.base import lithium_per_interphase_volume


class LithiumBalance(pybamm.BaseSubModel):
    """Total lithium [C.m-2], a constant."""

    def __init__(self, param, sides, options=None):
        super().__init__(param, options=options)
        self.sides = sides

    def get_coupled_variables(self, variables):
        total = variables[names.CATHODE_LITHIUM] + variables[names.LOST_LITHIUM]
        total += variables[names.OXIDISABLE_LITHIUM]
        taken_by_layer = pybamm.Parameter(names.CONVERSION_LITHIUM)
        for side in self.sides:
            total += variables[names.at(side, names.LITHIUM)]
            total += (
                lithium_per_interphase_volume() * variables[names.at(side, names.INTERPHASE_THICKNESS)]
            )
            total += taken_by_layer * variables[names.at(side, names.CONVERTED_FRACTION)]
        return {names.TOTAL_LITHIUM: total}
