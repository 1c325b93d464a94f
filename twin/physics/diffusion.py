"""Diffusion in the cathode: PyBaMM's element, driven by the faradaic current.

    tau_D(T) dz/dt = d2z/dx2,    dz/dx = -tau_D I_F/(3600 Q) at the surface,   eta = U(z_s) - U(SoC)

as in :footcite:t:`Fan2022`; the capacity is the accessible one, and the time constant follows
Arrhenius' law.
"""

import pybamm

from twin import names
from twin.physics.base import arrhenius, bounds_while_driven


class Diffusion(pybamm.equivalent_circuit_elements.DiffusionElement):
    """Distributed state of charge of the cathode."""

    def set_rhs(self, variables):
        z = variables["Distributed SoC"]
        time_constant = pybamm.Parameter(names.DIFFUSION_TIME) / arrhenius(
            names.DIFFUSION_ACTIVATION, variables[names.TEMPERATURE]
        )
        current = variables[names.CATHODE_CURRENT_DENSITY] * pybamm.Parameter(names.AREA)
        capacity = variables[names.ACCESSIBLE_CAPACITY]
        self.rhs = {z: pybamm.div(pybamm.grad(z)) / time_constant}
        surface_slope = -time_constant * current / (capacity * 3600)
        self.boundary_conditions = {
            z: {"left": (pybamm.Scalar(0), "Neumann"), "right": (surface_slope, "Neumann")}
        }

    def add_events_from(self, variables):
        super().add_events_from(variables)
        self.events = bounds_while_driven(self.events, variables)
