"""How a cell dies of a filament: growth by plated charge, a soft short, a charge that never ends."""

import math

import numpy as np
import pytest
from circuit import INTEGRATED, ROUNDING, Circuit, arrhenius, negative, positive, solved, unlike_energies

import twin
from twin import names
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
    # a leak of 2.5 % is e^3.7 times smaller than one that takes all: so many decay lengths of the short
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    front = dying["filament_depth"].sel(interface="negative") * cell.values["Fastest filament over mean"]
    a_cycle = (front.sel(cycle=onset) - front.sel(cycle=onset - 20)).item() / 20
    dies_within = math.log(40) * cell.values["Short-circuit decay length [m]"] / a_cycle
    assert 1 <= dying.sizes["cycle"] - onset <= dies_within + 2  # ends of cycles, rounded
    before, after = dying.sel(cycle=onset - 20), dying.sel(cycle=onset)
    assert after["charge_capacity"] > before["charge_capacity"]
    assert after["discharge_capacity"] < before["discharge_capacity"]
    healthy = dying["coulombic_efficiency"].sel(cycle=slice(2, onset - 20))
    assert healthy.min().item() > 0.995
    # the leak of a cycle and its coulombic efficiency say the same: CE = (1 - l)/(1 + l), within what a
    # leak that grows from the charge to the discharge makes of it
    leak = after["leak_fraction"].item()
    assert after["coulombic_efficiency"].item() == pytest.approx((1 - leak) / (1 + leak), abs=0.05)


def test_filament_that_kills_the_cell_has_accelerated(dying):
    depth = dying["filament_depth"].sel(interface="negative")
    early, late = depth.sel(cycle=100).item(), depth.sel(cycle=800).item()
    assert late / early > 800 / 100 * 1.5


def test_leak_fraction_sets_the_coulombic_efficiency(full):
    cell = full.replace({"Separator electronic conductivity [S.m-1]": 2e-5})
    protocol = twin.Protocol(["Charge at 0.5C until 4.2 V", "Discharge at 0.5C until 2.6 V"], cycles=4)
    run = twin.simulate(cell, protocol, jump=False).isel(cycle=-1)
    leak = run["leak_fraction"].item()
    assert leak > 0.02
    # charge and discharge see the shunt at voltages a few per cent apart
    assert run["coulombic_efficiency"].item() == pytest.approx((1 - leak) / (1 + leak), abs=0.05 * leak)


def test_short_opens_exponentially_as_the_fastest_filament_comes_near(full):
    """One decay length closer conducts e times as much, up to the resistance at contact."""
    cell = full.replace({"Separator electronic conductivity [S.m-1]": 0.0})
    circuit = Circuit(cell)
    decay, fastest = (
        cell.values[key] for key in ("Short-circuit decay length [m]", "Fastest filament over mean")
    )
    thickness = cell.values["Separator layer 1 thickness [m]"]

    def conductance(gap):
        depth = {negative(names.FILAMENT_DEPTH): (thickness - gap) / fastest}
        return circuit.at(states=depth).value(names.SHORT_CONDUCTANCE)

    contact = 1 / cell.values["Short-circuit resistance at contact [Ohm.m2]"]
    assert conductance(0.0) == conductance(-1e-4) == pytest.approx(contact, rel=ROUNDING)
    for lengths in (1, 5, 20):
        expected = contact * math.exp(-lengths)
        # a difference of depths a thousand times the decay length
        assert conductance(lengths * decay) == pytest.approx(expected, rel=1e-8)


def test_filaments_of_both_electrodes_short_side_by_side(frozen):
    circuit = Circuit(frozen)
    through = frozen.values["Separator layer 1 thickness [m]"]
    states = {side(names.FILAMENT_DEPTH): through for side in (negative, positive)}
    one = circuit.at(states={negative(names.FILAMENT_DEPTH): through}).value(names.SHORT_CONDUCTANCE)
    both = circuit.at(states=states).value(names.SHORT_CONDUCTANCE)
    assert both == pytest.approx(2 * one, rel=ROUNDING)


def test_a_sound_separator_leaks_as_a_poor_conductor(frozen):
    """sigma_e over its thickness, with an activation energy of its own."""
    cell = frozen.replace({"Separator electronic conductivity [S.m-1]": 1e-6})
    circuit = Circuit(unlike_energies(cell))
    cool, warm = (circuit.at(celsius=celsius).value(names.SHORT_CONDUCTANCE) for celsius in (25, 60))
    assert cool == pytest.approx(1e-6 / cell.values["Separator layer 1 thickness [m]"], rel=ROUNDING)
    energy = circuit.cell.values["Separator electronic activation energy [J.mol-1]"]
    assert warm / cool == pytest.approx(arrhenius(energy, 60), rel=ROUNDING)


def test_a_short_is_hard_below_a_twentieth_of_the_cells_own_resistance(frozen):
    circuit = Circuit(frozen, free=(names.ELECTRONIC_CONDUCTIVITY,))
    own = circuit.at().value(names.INTERNAL_RESISTANCE)
    thickness = frozen.values["Separator layer 1 thickness [m]"]
    for share, hard in ((0.051, False), (0.049, True)):
        # the conductivity that makes a short of that share
        shunt = {names.ELECTRONIC_CONDUCTIVITY: thickness / (share * own)}
        assert (circuit.at(parameters=shunt).margin(names.HARD_SHORT_EVENT) < 0) == hard


def test_what_leaked_is_counted_and_discharges_the_cell(full):
    """A charged full cell at rest loses to its shunt what the state of charge loses."""
    cell = full.replace(
        {"Separator electronic conductivity [S.m-1]": 1e-6, "Calendar fade rate [s-1]": 0.0}
    )
    rested = solved(cell, ["Rest for 10 hours"])
    soc = rested[names.SOC].entries
    leaked = rested[names.LEAKED_CHARGE].entries[-1]
    assert leaked > 0.01 * cell.values["Nominal cell capacity [A.h]"]
    lost = (soc[0] - soc[-1]) * rested[names.ACCESSIBLE_CAPACITY].entries[-1]
    assert leaked == pytest.approx(lost, rel=INTEGRATED)


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


def test_a_cell_that_only_rests_keeps_its_charge_but_for_the_leak():
    cell = load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False)
    run = twin.simulate(cell, twin.Protocol(["Rest for 10 hours"], cycles=5))
    assert run["outcome"].item() == "completed"
    assert np.all(run["discharge_capacity"].values == 0)
    assert np.isnan(run["coulombic_efficiency"]).all()
    assert run["time"].values == pytest.approx([10, 20, 30, 40, 50])


def test_a_thin_separator_without_filaments_is_no_short(full):
    """Ten micrometres are three decay lengths; what leaks is what the electrolyte conducts."""
    cell = full.replace({"Separator layer 1 thickness [m]": 1e-5})
    conducted = cell.values["Separator electronic conductivity [S.m-1]"] / 1e-5
    assert Circuit(cell).at().value(names.SHORT_CONDUCTANCE) == pytest.approx(conducted, rel=1e-6)
