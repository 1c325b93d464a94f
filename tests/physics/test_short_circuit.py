"""How a cell dies of a filament: growth by plated charge, a soft short, a charge that never ends."""

import numpy as np
import pytest

import twin
from twin.errors import ParameterError
from twin.parameter_sets import load_cell

CHARGE_HOLD_DISCHARGE = (
    "Charge at 1C until 3.68 V",
    "Hold at 3.68 V for 15 minutes",
    "Discharge at 1C until 2.1 V",
)


@pytest.fixture(scope="module")
def dying():
    """Luo2021's cell, with the values of its parts' files, to its end."""
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    return twin.simulate(cell, twin.Protocol(CHARGE_HOLD_DISCHARGE, cycles=1500))


def test_last_charge_never_reaches_its_cut_off(dying):
    assert dying["outcome"].item() == "hard_short"
    assert "Charge at 1C until 3.68 V" in dying["notes"].item()
    assert "never reached its cut-off" in dying["notes"].item()
    last = dying.isel(cycle=-1)
    assert last["discharge_capacity"].item() == pytest.approx(0.0, abs=1e-9)
    assert last["charge_capacity"].item() > 1.5 * dying["charge_capacity"].sel(cycle=500).item()


def test_soft_short_makes_charges_longer_and_discharges_shorter(dying):
    onset = int(dying["short_circuit_onset_cycle"].item())
    assert dying.sizes["cycle"] - 7 <= onset < dying.sizes["cycle"]
    before, after = dying.sel(cycle=onset - 20), dying.sel(cycle=onset)
    assert after["charge_capacity"] > before["charge_capacity"]
    assert after["discharge_capacity"] < before["discharge_capacity"]
    healthy = dying["coulombic_efficiency"].sel(cycle=slice(2, onset - 20))
    assert healthy.min().item() > 0.995
    # the leak of a cycle and its coulombic efficiency say the same: CE = (1 - l)/(1 + l), within what a
    # leak that grows from the charge to the discharge makes of it
    leak = after["leak_fraction"].item()
    assert after["coulombic_efficiency"].item() == pytest.approx((1 - leak) / (1 + leak), abs=0.05)


def test_filament_of_an_alloy_grows_by_plated_charge_and_accelerates(dying):
    depth = dying["filament_depth"].sel(interface="negative")
    early, late = depth.sel(cycle=100).item(), depth.sel(cycle=800).item()
    assert late / early > 800 / 100 * 1.5
    # at a tenth of the current the same charge plates as much: no threshold, no Sand exponent
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    fast, slow = (
        twin.simulate(cell, twin.Protocol([f"Charge at {rate}C for {hours} hours"]))
        for rate, hours in ((1, 0.5), (0.1, 5))
    )
    # the front's own acceleration within half a charge: 1 % of a depth far below its length
    assert slow["filament_depth"].item() == pytest.approx(fast["filament_depth"].item(), rel=1e-3)


def test_harder_pressed_pellets_short_earlier():
    cell = load_cell("Duan2023_Li_LPSCl_symmetric", fitted=False)
    steps = ["Discharge at 0.5 mA/cm2 for 1 hour", "Charge at 0.5 mA/cm2 for 1 hour"]
    protocol = twin.Protocol(steps, cycles=100)
    soft = twin.simulate(cell.replace({"Pressing pressure [Pa]": 1e8}), protocol)
    hard = twin.simulate(cell, protocol)
    ratio = soft["short_circuit_onset_time"] / hard["short_circuit_onset_time"]
    assert ratio.item() == pytest.approx(4.99, rel=0.1)  # to the power 1, within a half-cycle of 10


def test_heat_raises_the_current_that_starts_a_filament():
    cell = load_cell("Chang2023_Li_LGPS_symmetric", fitted=False)
    warm = cell.replace({"Ambient temperature [K]": 333.15, "Initial temperature [K]": 333.15})
    protocol = twin.Protocol(["Discharge at 0.05 mA/cm2 for 1 hour"])
    cold, hot = (twin.simulate(c, protocol)["filament_depth"].max().item() for c in (cell, warm))
    assert cold > 0
    assert hot < 1e-3 * cold


@pytest.mark.parametrize("simulator", ["long_cycling", "reference"])
def test_a_charge_that_leaks_as_fast_as_it_charges_is_bounded_and_says_so(simulator):
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False).replace(
        {"Separator electronic conductivity [S.m-1]": 2e-4}
    )  # 1 A/m2 at 3 V, against the 0.4 A/m2 of the charge
    protocol = twin.Protocol(["Charge at 0.01C until 3.68 V"], cycles=3)
    run = twin.simulate(cell, protocol, simulator=simulator)
    assert run["outcome"].item() == "hard_short"
    assert run.sizes["cycle"] == 1
    assert "of cycle 1: the step never reached its cut-off" in run["notes"].item()
    assert run["time"].values[-1] < 1000


def test_a_run_says_when_no_filament_can_grow():
    cell = load_cell("Liu2018_LATP_symmetric", fitted=False)
    run = twin.simulate(cell, twin.Protocol(["Discharge at 0.01 mA/cm2 for 1 hour"]))
    assert "No filament can grow" in run["notes"].item()
    assert "initiation current density is 1 A/m2" in run["notes"].item()
    shorted = twin.simulate(cell, twin.Protocol(["Discharge at 1 mA/cm2 for 1 minute"]))
    assert "No filament can grow" not in shorted["notes"].item()


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("Chang2023_Li_LGPS_LCO", {"Coating thickness [m]": 1e-7}, "has no coating: name one"),
        (
            "Chang2023_Li_LGPS_LCO",
            {"Filament initiation current density [A.m-2]": 1e5},
            "above any current that a solid electrolyte carries",
        ),
        ("Chang2023_Li_LGPS_LCO", {"Lower voltage cut-off [V]": 4.5}, "must lie below"),
    ],
)
def test_values_that_contradict_the_stack_are_refused(name, changes, message):
    with pytest.raises(ParameterError, match=message):
        load_cell(name, fitted=False).replace(changes)


def test_a_cell_that_only_rests_keeps_its_charge_but_for_the_leak():
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    run = twin.simulate(cell, twin.Protocol(["Rest for 10 hours"], cycles=5))
    assert run["outcome"].item() == "completed"
    assert np.all(run["discharge_capacity"].values == 0)
    assert np.isnan(run["coulombic_efficiency"]).all()
    assert run["time"].values == pytest.approx([10, 20, 30, 40, 50])
