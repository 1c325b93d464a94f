"""Lithium is conserved from the first second, wherever a run starts and whatever it does."""

import numpy as np
import pybamm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twin
from twin import names
from twin.model import build, parameter_values
from twin.parameter_sets import cells, load_cell

CONSERVED = 1e-8
"""Of all lithium: each place is integrated on its own, and a Runge-Kutta step keeps linear sums."""
JUMPED = 3e-3
"""Of the charge passed in a cycle: a jump adds to each state what is right to the tolerance, 1e-3."""
FULL = [name for name in cells() if load_cell(name).has_cathode]


def random_steps(draw, cell):
    """A few steps that this cell can be asked for."""
    low, high = cell.values[names.LOWER_CUT_OFF], cell.values[names.UPPER_CUT_OFF]
    rate = draw(st.sampled_from(["C/20", "C/5", "0.5C", "1C"]))
    if cell.has_cathode:
        choices = [
            f"Charge at {rate} until {high} V",
            f"Discharge at {rate} until {low} V",
            f"Hold at {high} V for 1 hour",
            f"Discharge at {rate} for 10 minutes or until {low} V",
        ]
    else:
        choices = [f"{way} at {rate} for 30 minutes" for way in ("Charge", "Discharge")]
    choices.append("Rest for 100 hours")
    return draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4))


def imbalance(total) -> float:
    total = np.asarray(total)
    return float(np.ptp(total) / total[0]) if total.size else 0.0


@settings(max_examples=30)
@given(data=st.data())
def test_no_protocol_makes_or_destroys_lithium(data):
    cell = load_cell(data.draw(st.sampled_from(cells())))
    steps = random_steps(data.draw, cell)
    soc = data.draw(st.floats(0, 1)) if cell.has_cathode else None
    protocol = twin.Protocol(steps, cycles=10)
    run = twin.simulate(cell, protocol, initial_soc=soc, jump=False)
    assert imbalance(run["total_lithium"]) < CONSERVED
    jumped = twin.simulate(cell, protocol, initial_soc=soc)
    passed = float((run["charge_capacity"] + run["discharge_capacity"]).sum()) * 3600 / cell.area / 10
    drift = imbalance(jumped["total_lithium"]) * float(jumped["total_lithium"][:1].sum())
    assert drift <= JUMPED * passed + CONSERVED * float(jumped["total_lithium"][:1].sum())


@pytest.mark.slow
@settings(max_examples=6)
@given(data=st.data())
def test_nor_does_stock_pybamm(data):
    cell = load_cell(data.draw(st.sampled_from(cells())))
    steps = random_steps(data.draw, cell)
    run = twin.simulate(cell, twin.Protocol(steps, cycles=2), simulator="reference")
    assert imbalance(run["total_lithium"]) < CONSERVED


def test_a_plain_simulation_conserves_it_between_the_points_too():
    values = parameter_values(cell := load_cell("Luo2021_LiIn_LPSCl_NCM622"))
    experiment = pybamm.Experiment(["Discharge at 0.5C until 2.1 V", "Charge at 0.5C until 3.68 V"])
    simulation = pybamm.Simulation(
        build(cell), parameter_values=values, experiment=experiment, cache_esoh=False
    )
    solution = simulation.solve(initial_soc=0.8)
    # between the points that it stops at, IDAKLU is as exact as its tolerance, 1e-6, and mostly better
    assert imbalance(solution[names.TOTAL_LITHIUM].entries) < 10 * CONSERVED


@pytest.mark.parametrize("name", FULL)
def test_the_order_of_the_steps_changes_no_capacity_beyond_the_fade(name):
    cell = load_cell(name)
    low, high = cell.values[names.LOWER_CUT_OFF], cell.values[names.UPPER_CUT_OFF]
    steps = [f"Charge at 0.1C until {high} V", f"Discharge at 0.1C until {low} V"]
    charging_first = twin.simulate(cell, twin.Protocol(steps, cycles=3))["discharge_capacity"].values
    discharging_first = twin.simulate(cell, twin.Protocol(steps[::-1], cycles=3))[
        "discharge_capacity"
    ].values
    fade = 1 - charging_first[2] / charging_first[1]
    # the first discharge of the second run begins at equilibrium, not behind a charge
    assert discharging_first[1:] == pytest.approx(charging_first[:2], rel=max(2 * fade, 1e-3))


@pytest.mark.parametrize("name", FULL)
def test_a_charged_anode_holds_its_foil_and_what_the_cathode_gave(name):
    cell = load_cell(name)
    run = {
        soc: twin.simulate(cell, twin.Protocol(["Rest for 1 second"]), initial_soc=soc)
        for soc in (0.0, 1.0)
    }
    moved = (run[1.0]["lithium_left"] - run[0.0]["lithium_left"]).item()
    given_up = run[1.0].attrs["initial_soc"] - run[0.0].attrs["initial_soc"]
    capacity = cell.values[names.CELL_CAPACITY] * cell.values[names.UTILISATION]
    assert moved == pytest.approx(given_up * capacity * 3600 / cell.area, rel=1e-4)
    assert run[0.0]["total_lithium"].item() == pytest.approx(run[1.0]["total_lithium"].item())


def test_the_potential_of_an_alloy_follows_its_true_content():
    """Luo2021's Li-In goes from 0.34 to 0.89 lithium per indium: charged it holds the latter."""
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622")
    run = twin.simulate(cell, twin.Protocol(["Rest for 1 second"]), initial_soc=1.0)
    per_indium = run["lithium_left"].item() / cell.values[names.HOST_CAPACITY]
    fresh = cell.values[names.LITHIUM_INVENTORY] / cell.values[names.HOST_CAPACITY]
    assert per_indium > fresh + 0.3
    assert per_indium < names.PLATEAU[1]
