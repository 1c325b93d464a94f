"""Calendar loss of the cathode's accessible capacity.

    Q = u Q_0 (1 - x),      dx/dt = k_cal(T) (1 - x)

Q_0 is the capacity of all active material over its whole range of lithium content, u the share of it
that is connected. LGPS full cells fade with the calendar, not with cycles or charge (Chang2023,
0.1C: about 6e-5 per hour). Lost material keeps its state of charge s, and with it lithium:

    dq_lost/dt = (1 - s) (Q_0 u / A) dx/dt

By potential, the rate is k_cal exp[alpha F (E - 4.0 V)/RT] with the potential E of the particles'
surface against lithium: a sulfide is oxidised at a cathode the faster, the higher it stands, and a cell
that rests discharged hardly loses any. What lies opposite to an isolated part of the anode
(``interface_area``) is out of reach as well.
"""

import pybamm

from twin import names
from twin.physics.base import SECONDS_PER_HOUR, arrhenius, oxidation_drive


class CapacityFade(pybamm.BaseSubModel):
    """Accessible capacity [A.h]."""

    def __init__(self, param, sides, options=None):
        super().__init__(param, options=options)
        self.sides = sides

    def get_fundamental_variables(self):
        return {
            names.CAPACITY_LOSS: pybamm.Variable(names.CAPACITY_LOSS, scale=1e-2),
            names.LOST_LITHIUM: pybamm.Variable(names.LOST_LITHIUM, scale=1e2),
        }

    def get_coupled_variables(self, variables):
        connected = self.param.cell_capacity * pybamm.Parameter(names.UTILISATION)
        accessible = connected * (1 - variables[names.CAPACITY_LOSS])
        for side in self.sides:
            accessible *= variables[names.at(side, names.REACHED_AREA)]
        held = (1 - variables[names.SOC]) * accessible * SECONDS_PER_HOUR / pybamm.Parameter(names.AREA)
        return {
            names.ACCESSIBLE_CAPACITY: accessible,
            names.CAPACITY: accessible,
            names.CATHODE_LITHIUM: held,
        }

    def set_rhs(self, variables):
        loss = variables[names.CAPACITY_LOSS]
        # the rate falls with what is left, so that the capacity never becomes negative
        share = self.rate(variables)
        self.rhs[loss] = share * (1 - loss)
        for side in self.sides:
            reached = variables[names.at(side, names.REACHED_AREA)]
            share += variables[names.at(side, names.ISOLATION_RATE)] / reached
        self.rhs[variables[names.LOST_LITHIUM]] = share * variables[names.CATHODE_LITHIUM]

    def rate(self, variables):
        """Share of what is left that is lost each second [s-1]."""
        return pybamm.Parameter(names.CALENDAR_FADE_RATE) * arrhenius(
            names.CALENDAR_FADE_ACTIVATION, variables[names.TEMPERATURE]
        )

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[names.CAPACITY_LOSS]] = pybamm.Scalar(0)
        self.initial_conditions[variables[names.LOST_LITHIUM]] = pybamm.Scalar(0)


class FadeByPotential(CapacityFade):
    """Accessible capacity [A.h] of a cathode that loses the more, the higher its potential."""

    def rate(self, variables):
        transfer = pybamm.Parameter(names.FADE_TRANSFER)
        return super().rate(variables) * oxidation_drive(self.param, variables, transfer)


class NoCapacityFade(pybamm.BaseSubModel):
    """A cell without a cathode: its capacity is the lithium in both electrodes."""

    def __init__(self, param, sides, options=None):
        super().__init__(param, options=options)

    def get_coupled_variables(self, variables):
        capacity = self.param.cell_capacity
        return {
            names.ACCESSIBLE_CAPACITY: capacity,
            names.CAPACITY: capacity,
            names.CAPACITY_LOSS: pybamm.Scalar(0),
            names.CATHODE_LITHIUM: pybamm.Scalar(0),
            names.LOST_LITHIUM: pybamm.Scalar(0),
        }
