"""Impedance in closed form against the linearised circuit, and the laws of a step of current."""

import numpy as np
import pytest

import twin
from twin import names
from twin.measured.arcs import impedance, step_resistance
from twin.parameter_sets import load_cell
from twin.protocols.standard import standard_protocol

SYMMETRIC = ("Chang2023_Li_LGPS_symmetric", "Chang2023_LiAlO2_LGPS_symmetric")
FREQUENCIES = np.geomspace(1e6, 1e-2, 25)


def both(name, cycle, frequencies):
    """Closed form and linearised circuit [Ohm], and the whole resistance [Ohm]."""
    cell = load_cell(name)
    run = twin.simulate(cell, standard_protocol(cell, max(cycle, 1)))
    spectrum = twin.impedance(cell, run, cycles=[cycle], frequencies=frequencies).isel(cycle=0)
    known = run["fresh_resistance"] if cycle == 0 else run["resistance"].sel(cycle=cycle)
    own = np.array([impedance(known.values, cell, f) for f in frequencies])
    exact = (spectrum["impedance_real"] + 1j * spectrum["impedance_imag"]).values / cell.area
    return own, exact, float(known.sum()) / cell.area


@pytest.mark.parametrize("name", SYMMETRIC)
def test_a_fresh_symmetric_cell_has_the_spectrum_of_its_circuit(name):
    own, exact, _ = both(name, 0, FREQUENCIES)
    assert own == pytest.approx(exact, rel=1e-6)  # of the impedance solver


def test_an_aged_full_cell_has_it_above_its_diffusion():
    own, exact, total = both("Chang2023_LiAlO2_LGPS_LCO", 20, np.geomspace(1e6, 100, 13))
    # diffusion begins to show at the lowest of these frequencies
    assert np.abs(own - exact).max() < 0.005 * total


def test_a_step_jumps_over_the_separator_and_comes_to_rest_over_everything():
    cell = load_cell(SYMMETRIC[0])
    sizes = {"separator": 1e-3, "coating": 2e-3, "interphase": 3e-3, "contact": 4e-3}
    known = np.array([sizes.get(name, 0.0) for name in names.MECHANISMS])
    steps = [step_resistance(known, cell, delay) for delay in (1e-12, 1e-6, 1e-3, 1.0, 1e6)]
    at_once, at_rest = impedance(known, cell, 1e12).real, impedance(known, cell, 1e-9).real
    assert steps[0] == pytest.approx(at_once, rel=1e-6)
    assert steps[-1] == pytest.approx(at_rest, rel=1e-9)
    assert (np.diff(steps) >= 0).all()
    assert at_rest == pytest.approx(known.sum() / cell.area, rel=1e-9)
