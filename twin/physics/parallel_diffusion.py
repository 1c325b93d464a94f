"""Diffusion in a cathode whose particles are not equally quick, side by side at one surface potential.

    tau_k(T) dz_k/dt = d2z_k/dx2,      dz_k/dx = 2 N (z_s - z_k,N) at the surface
    e dz_s/dt = -I_F/(3600 Q) - (1 - e) sum_k (w_k/tau_k) dz_k/dx,      eta = U(z_s) - U(SoC)

Particles of one material that share a potential share what stands at their surface, z_s: a thin common
skin, e = 0.2 % of the capacity, that hands on to the outermost of the N shells of each what passes. It
relaxes within a second, as a double layer does, so that no algebraic equation is left.
Of a lognormal distribution of time constants, with the deviation s of its logarithm, three nodes of
Gauss and Hermite stand for all: tau exp(-sqrt(3) s), tau, tau exp(sqrt(3) s) with weights 1/6, 2/3, 1/6.
Two populations are a well and a badly connected share. A composite of 70 % active material without
carbon holds particles that touch electrolyte and electrons on few sides: Bielefeld et al. 2019.
Source of the element: :footcite:t:`Fan2022`.
"""

import math

import pybamm

from twin import names
from twin.physics.base import arrhenius, bounds_while_driven, cite

SHELLS = 10
"""Volumes of each element: with twenty, a capacity at 1C differs by 0.3 %."""
SKIN = 0.002
"""Share of the capacity that the common surface holds."""


class ParallelDiffusion(pybamm.BaseSubModel):
    """Distributed state of charge of several kinds of particles at one surface."""

    def __init__(self, param, options=None):
        super().__init__(param, options=options)
        pybamm.citations.register("Fan2022")
        cite("Bielefeld2019")

    def shares(self):
        """Name, share of the capacity and time constant over the reference one, of each kind."""
        raise NotImplementedError

    def get_fundamental_variables(self):
        states = {name: pybamm.Variable(name, domain="ECMD particle") for name, _, _ in self.shares()}
        x = pybamm.SpatialVariable("x ECMD", domain=["ECMD particle"], coord_sys="Cartesian")
        return {**states, names.SURFACE_SOC: pybamm.Variable(names.SURFACE_SOC), "x ECMD": x}

    def get_coupled_variables(self, variables):
        surface, mean = variables[names.SURFACE_SOC], variables[names.SOC]
        return {names.DIFFUSION_OVERPOTENTIAL: self.param.ocv(surface) - self.param.ocv(mean)}

    def set_rhs(self, variables):
        surface, x = variables[names.SURFACE_SOC], variables["x ECMD"]
        reference = pybamm.Parameter(names.DIFFUSION_TIME) / arrhenius(
            names.DIFFUSION_ACTIVATION, variables[names.TEMPERATURE]
        )
        current = variables[names.CATHODE_CURRENT_DENSITY] * pybamm.Parameter(names.AREA)
        flow = -current / (variables[names.ACCESSIBLE_CAPACITY] * 3600)
        for name, share, ratio in self.shares():
            z, time_constant = variables[name], ratio * reference
            outermost = SHELLS * pybamm.Integral(z * (x > 1 - 1 / SHELLS), x)
            slope = 2 * SHELLS * (surface - outermost)
            self.rhs[z] = pybamm.div(pybamm.grad(z)) / time_constant
            self.boundary_conditions[z] = {
                "left": (pybamm.Scalar(0), "Neumann"),
                "right": (slope, "Neumann"),
            }
            flow -= (1 - SKIN) * share * slope / time_constant
        self.rhs[surface] = flow / SKIN

    def set_initial_conditions(self, variables):
        for name in (names.SURFACE_SOC, *(name for name, _, _ in self.shares())):
            self.initial_conditions[variables[name]] = self.param.initial_soc

    def add_events_from(self, variables):
        surface = variables[names.SURFACE_SOC]
        self.events = bounds_while_driven(
            [
                pybamm.Event("Minimum surface SoC", surface),
                pybamm.Event("Maximum surface SoC", 1 - surface),
            ],
            variables,
        )


class LognormalDiffusion(ParallelDiffusion):
    """Time constants with a lognormal distribution."""

    def shares(self):
        far = math.sqrt(3) * pybamm.Parameter(names.DIFFUSION_SPREAD)
        return (
            ("Fast distributed SoC", 1 / 6, pybamm.exp(-far)),
            ("Distributed SoC", 2 / 3, pybamm.Scalar(1)),
            ("Slow distributed SoC", 1 / 6, pybamm.exp(far)),
        )


class TwoPopulations(ParallelDiffusion):
    """A badly connected share of the particles, slower by a ratio."""

    def shares(self):
        slow = pybamm.Parameter(names.SLOW_SHARE)
        return (
            ("Distributed SoC", 1 - slow, pybamm.Scalar(1)),
            ("Slow distributed SoC", slow, pybamm.Parameter(names.SLOW_RATIO)),
        )
