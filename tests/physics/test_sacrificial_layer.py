"""A layer that turns itself into an anode: its front, its balance, what it gives and when it shorts."""

import numpy as np
import pytest

import twin
from twin.parameter_sets import load_cell

REST = twin.Protocol(["Rest for 1 hour"], cycles=72)


@pytest.fixture
def layered():
    return load_cell("Duan2023_3DLi_LPSCl_symmetric", fitted=False)


def test_front_moves_linearly_while_the_cell_rests(layered):
    run = twin.simulate(layered, REST)
    rate = layered.values["Sacrificial layer conversion rate [m.s-1]"]
    thickness = layered.values["Sacrificial layer thickness [m]"]
    hours = np.arange(1, 8)
    share = run["layer_conversion"].sel(cycle=hours, interface="negative").values
    # the end of the layer slows the front by w/(h - x), at most 2 % over its first half
    assert share == pytest.approx(rate * hours * 3600 / thickness, rel=0.02)
    assert run["layer_conversion"].isel(cycle=-1).values == pytest.approx(1.0, abs=1e-3)


def test_front_moves_as_the_root_of_time_where_diffusion_limits_it(layered):
    limit, rate = 1e-9, 1e-7
    cell = layered.replace(
        {
            "Sacrificial layer diffusion-limited thickness [m]": limit,
            "Sacrificial layer conversion rate [m.s-1]": rate,
            "Interphase growth rate [m.s-1]": 0.0,
        }
    )
    run = twin.simulate(cell, REST)
    converted = run["layer_conversion"].sel(cycle=4, interface="negative").item() * 6.3e-5
    assert converted == pytest.approx(np.sqrt(2 * rate * limit * 4 * 3600), rel=0.01)


def test_conversion_takes_lithium_in_proportion(layered):
    cell = layered.replace({"Interphase growth rate [m.s-1]": 0.0})
    run = twin.simulate(cell, REST)
    taken = cell.values["Lithium inventory [C.m-2]"] - run["lithium_left"]
    expected = cell.values["Sacrificial layer lithium uptake [C.m-2]"] * run["layer_conversion"]
    assert taken.values == pytest.approx(expected.values, rel=1e-6)


def test_resistance_of_the_layer_falls_to_nothing(layered):
    run = twin.simulate(layered, REST)
    layer = run["resistance"].sel(mechanism="sacrificial_layer")
    assert run["fresh_resistance"].sel(mechanism="sacrificial_layer").item() == pytest.approx(
        2 * 6.3e-5 / 0.017
    )
    assert (np.diff(layer.values) <= 1e-9 * layer.values[0]).all()  # interpolated between solved cycles
    assert layer.isel(cycle=-1).item() < 1e-3 * layer.isel(cycle=0).item()


def test_converted_layer_carries_a_current_that_shorts_bare_lithium(layered):
    steps = ["Discharge at 0.5 mA/cm2 for 1 hour", "Charge at 0.5 mA/cm2 for 1 hour"]
    bare = load_cell("Duan2023_Li_LPSCl_symmetric", fitted=False)
    first = ("Rest for 48 hours", *steps)
    assert twin.simulate(bare, twin.Protocol(steps, cycles=50))["short_circuit_onset_cycle"] < 50
    rested = twin.simulate(layered, twin.Protocol([first] + [tuple(steps)] * 49))
    assert rested["outcome"].item() == "completed"
    assert np.isnan(rested["short_circuit_onset_cycle"])


def test_two_fronts_with_nothing_between_them_short_when_they_meet():
    cell = load_cell("Duan2023_sacrificial_layer_symmetric", fitted=False)
    run = twin.simulate(cell, twin.Protocol(["Rest for 1 hour"], cycles=100))
    alone = 2.52e-4 / cell.values["Sacrificial layer conversion rate [m.s-1]"] / 3600
    assert run["outcome"].item() == "hard_short"
    # the end of the layer takes its last hundredth at a falling pace: a twentieth of the time
    assert run["lifetime"].item() == pytest.approx(alone, rel=0.06)
    never = cell.replace({"Sacrificial layer conversion rate [m.s-1]": 0.0})
    rested = twin.simulate(never, twin.Protocol(["Rest for 1 hour"], cycles=100))
    assert rested["outcome"].item() == "completed"
