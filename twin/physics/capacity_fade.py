"""Calendar loss of the cathode's accessible capacity.

    Q = u Q_0 (1 - x),      dx/dt = k_cal(T) (1 - x)

Q_0 is the capacity of all active material over its whole range of lithium content, u the share of it
that is connected. LGPS full cells fade with the calendar, not with cycles or charge (Chang2023,
0.1C: about 6e-5 per hour). Lost material keeps its state of charge s, and with it lithium:

    dq_lost/dt = (1 - s) (Q_0 u / A) dx/dt
"""

import pybamm

from twin import names
from twin.physics.base import SECONDS_PER_HOUR, arrhenius


class CapacityFade(pybamm.BaseSubModel):
    """Accessible capacity [A.h]."""

    def get_fundamental_variables(self):
        return {
            names.CAPACITY_LOSS: pybamm.Variable(names.CAPACITY_LOSS, scale=1e-2),
            names.LOST_LITHIUM: pybamm.Variable(names.LOST_LITHIUM, scale=1e2),
        }

    def get_coupled_variables(self, variables):
        connected = self.param.cell_capacity * pybamm.Parameter(names.UTILISATION)
        accessible = connected * (1 - variables[names.CAPACITY_LOSS])
        held = (1 - variables[names.SOC]) * accessible * SECONDS_PER_HOUR / pybamm.Parameter(names.AREA)
        return {
            names.ACCESSIBLE_CAPACITY: accessible,
            names.CAPACITY: accessible,
            names.CATHODE_LITHIUM: held,
        }

    def set_rhs(self, variables):
        loss = variables[names.CAPACITY_LOSS]
        # the rate falls with what is left, so that the capacity never becomes negative
        share = pybamm.Parameter(names.CALENDAR_FADE_RATE) * arrhenius(
            names.CALENDAR_FADE_ACTIVATION, variables[names.TEMPERATURE]
        )
        self.rhs[loss] = share * (1 - loss)
        self.rhs[variables[names.LOST_LITHIUM]] = share * variables[names.CATHODE_LITHIUM]

    def set_initial_conditions(self, variables):
        self.initial_conditions[variables[names.CAPACITY_LOSS]] = pybamm.Scalar(0)
        self.initial_conditions[variables[names.LOST_LITHIUM]] = pybamm.Scalar(0)


class NoCapacityFade(pybamm.BaseSubModel):
    """A cell without a cathode: its capacity is the lithium in both electrodes."""

    def get_coupled_variables(self, variables):
        capacity = self.param.cell_capacity
        return {
            names.ACCESSIBLE_CAPACITY: capacity,
            names.CAPACITY: capacity,
            names.CAPACITY_LOSS: pybamm.Scalar(0),
            names.CATHODE_LITHIUM: pybamm.Scalar(0),
            names.LOST_LITHIUM: pybamm.Scalar(0),
        }
