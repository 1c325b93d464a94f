"""Diffusion in the cathode: no charge is lost in it, a slab's steady profile, its slowest relaxation."""

import numpy as np
import pytest
from circuit import INTEGRATED, ROUNDING, Circuit, arrhenius, solved, unlike_energies

from twin import names
from twin.parameter_sets import load_cell

DISTRIBUTED, SURFACE = "Distributed SoC", "Surface SoC"
FINITE_VOLUMES = 20**-2
"""Relative error of PyBaMM's 20 volumes, which is of second order in their width."""


@pytest.fixture(scope="module")
def cell():
    """A full cell that leaks and fades nothing."""
    given = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    return given.following({"cathode diffusion": "one time constant"}).replace(
        {
            "Separator electronic conductivity [S.m-1]": 0.0,
            "Calendar fade rate [s-1]": 0.0,
            "Interface resistance factor": 0.1,
        }
    )


@pytest.fixture(scope="module")
def current(cell):
    """[A] A fifth of the nominal capacity in an hour."""
    return 0.2 * cell.values["Nominal cell capacity [A.h]"]


@pytest.fixture(scope="module")
def discharged_and_rested(cell, current):
    """An hour at C/5 is many diffusion times; then an hour of rest."""
    return solved(cell, [f"Discharge at {current:.12g} A for 1 hour", "Rest for 1 hour"])


@pytest.fixture(scope="module")
def time_constant(cell):
    """[s]"""
    return cell.values["Diffusion time constant [s]"]


@pytest.fixture(scope="module")
def capacity(cell):
    """[A.h] of all connected material"""
    return cell.values["Cell capacity [A.h]"] * cell.values["Cathode utilisation"]


def test_what_diffuses_is_the_charge_that_was_passed(discharged_and_rested, current, capacity):
    mean = discharged_and_rested[DISTRIBUTED].entries.mean(axis=0)
    assert mean == pytest.approx(discharged_and_rested[names.SOC].entries, rel=ROUNDING)
    assert mean[0] - mean[-1] == pytest.approx(current * 1.0 / capacity, rel=INTEGRATED)


def test_steady_current_holds_the_surface_a_third_of_the_flux_ahead(
    discharged_and_rested, current, time_constant, capacity
):
    """The profile of a slab fed at one face is a parabola: its end lies g/3 from its mean."""
    discharge = discharged_and_rested.cycles[0].steps[0]
    ahead = discharge[SURFACE].entries[-1] - discharge[names.SOC].entries[-1]
    slope = time_constant * current / (3600 * capacity)
    assert ahead == pytest.approx(-slope / 3, rel=2 * FINITE_VOLUMES)


def test_rest_relaxes_with_the_slowest_mode_of_a_slab(discharged_and_rested, time_constant):
    """cos(pi x) decays at pi^2/tau; the second mode, four times as fast, is soon gone."""
    rest = discharged_and_rested.cycles[0].steps[1]
    seconds = rest.t - rest.t[0]
    behind = rest[names.SOC].entries - rest[SURFACE].entries
    late = (seconds > 0.3 * time_constant) & (seconds < 0.8 * time_constant)
    slope, _ = np.polyfit(seconds[late], np.log(behind[late]), 1)
    # the volumes' own modes are slower by pi^2/12 of 1/20^2
    assert slope == pytest.approx(-(np.pi**2) / time_constant, rel=FINITE_VOLUMES)


def test_overpotential_is_the_potential_of_the_surface_against_that_of_the_mean(cell):
    circuit = Circuit(cell)
    uneven = circuit.at(0.0, {names.SOC: 0.3, DISTRIBUTED: np.full(20, 0.2)})
    surface, mean = (circuit.at(0.0, {names.SOC: soc}) for soc in (0.2, 0.3))
    expected = surface.value(names.OPEN_CIRCUIT_VOLTAGE) - mean.value(names.OPEN_CIRCUIT_VOLTAGE)
    assert uneven.value(names.DIFFUSION_OVERPOTENTIAL) == pytest.approx(expected, rel=ROUNDING)
    assert expected < 0  # a surface with more lithium than the mean lowers the voltage


def test_heat_quickens_diffusion(cell):
    circuit = Circuit(unlike_energies(cell))
    uneven = {DISTRIBUTED: np.linspace(0.2, 0.4, 20) ** 2}
    cool, warm = (circuit.at(0.0, uneven, celsius=celsius).rate(DISTRIBUTED) for celsius in (25, 60))
    expected = arrhenius(circuit.cell.values["Diffusion activation energy [J.mol-1]"], 60)
    assert warm / cool == pytest.approx(np.full(20, expected), rel=1e-6)  # of second differences
