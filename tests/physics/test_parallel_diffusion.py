"""Particles side by side: one surface, the charge that passes, and one element where all are alike."""

import numpy as np
import pytest

import twin
from twin import names
from twin.parameters import Parameter

CYCLES = twin.Protocol(["Charge at 0.5C until 4.2 V", "Discharge at 0.5C until 2.6 V"], cycles=3)


def lognormal(spread):
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    own = {names.DIFFUSION_SPREAD: Parameter(spread, "test", "cathodes/LCO")}
    return cell.following({"cathode diffusion": "lognormal time constants"}, own)


def two(share, ratio):
    own = {
        names.SLOW_SHARE: Parameter(share, "test", "cathodes/LCO"),
        names.SLOW_RATIO: Parameter(ratio, "test", "cathodes/LCO"),
    }
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    return cell.following({"cathode diffusion": "two time constants"}, own)


@pytest.mark.parametrize("alike", [lognormal(1e-6), two(0.4, 1.0)], ids=["lognormal", "two"])
def test_particles_that_are_alike_are_one_element(alike):
    one = alike.following({"cathode diffusion": "one time constant"})
    given = twin.simulate(alike, CYCLES)["discharge_capacity"].values
    # ten shells against twenty differ by half a percent
    assert given == pytest.approx(twin.simulate(one, CYCLES)["discharge_capacity"].values, rel=0.01)


def test_badly_connected_particles_cost_more_at_a_high_rate():
    def at(cell, rate):
        steps = [f"Charge at {rate} until 4.2 V", f"Discharge at {rate} until 2.6 V"]
        return twin.simulate(cell, twin.Protocol(steps))["discharge_capacity"].values[0]

    wide, narrow = two(0.3, 20.0), two(0.3, 1.0)
    loss_fast = 1 - at(wide, "1C") / at(narrow, "1C")
    loss_slow = 1 - at(wide, "0.05C") / at(narrow, "0.05C")
    assert loss_fast > 3 * loss_slow > 0


def test_the_fast_simulator_and_stock_pybamm_agree():
    cell = lognormal(1.3)
    fast = twin.simulate(cell, CYCLES)["discharge_capacity"].values
    stock = twin.simulate(cell, CYCLES, simulator="reference")["discharge_capacity"].values
    assert fast == pytest.approx(stock, rel=2e-3)
    assert np.all(fast > 0)
