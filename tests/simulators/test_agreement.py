"""The fast simulator against stock PyBaMM: the same cells, protocols and Datasets."""

import numpy as np
import pytest
from agreement import assert_same, usable

import twin
from twin.measured.experiment import read_experiment
from twin.parameter_sets import load_cell
from twin.protocols.drive_cycle import drive_cycle

CHARGES = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
SHALLOW = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
FULL_PROTOCOLS = {
    "constant current": twin.Protocol(CHARGES, cycles=30),
    "hold and rest": twin.Protocol(
        [CHARGES[0], "Hold at 4.2 V until C/20", "Rest for 1 hour", CHARGES[1]], cycles=12
    ),
    "timed hold": twin.Protocol([CHARGES[0], "Hold at 4.2 V for 15 minutes", CHARGES[1]], cycles=12),
    "jump to a hold": twin.Protocol(
        ["Charge at C/3 until 50 % SoC", "Hold at 4.2 V until C/20", "Discharge at C/3 until 2.6 V"],
        cycles=3,
    ),
    "power": twin.Protocol([CHARGES[0], "Discharge at 1 mW until 2.6 V"], cycles=5),
    "rate blocks": twin.Protocol(
        [
            (f"Charge at {rate} until 4.2 V", f"Discharge at {rate} until 2.6 V")
            for rate in ("0.1C", "0.2C", "1C")
            for _ in range(3)
        ]
    ),
    "starts charged": twin.Protocol(CHARGES[::-1], cycles=3),
}
SYMMETRIC_PROTOCOLS = {
    "shallow": twin.Protocol(SHALLOW, cycles=60),
    "deep": twin.Protocol([step.replace("1 hour", "10 hours") for step in SHALLOW], cycles=15),
    "rest between": twin.Protocol([SHALLOW[0], "Rest for 2 hours", SHALLOW[1]], cycles=15),
}
CASES = [
    (cell, label, protocol)
    for cell in ("Chang2023_LiAlO2_LGPS_LCO", "Chang2023_LiAlO2_LGPS_symmetric")
    for label, protocol in (FULL_PROTOCOLS if cell.endswith("LCO") else SYMMETRIC_PROTOCOLS).items()
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "label", "protocol"), CASES, ids=[f"{c}-{n}" for c, n, _ in CASES])
def test_simulators_agree_on_every_kind_of_step(name, label, protocol):
    cell = usable(name)
    truth = twin.simulate(cell, protocol, simulator="reference")
    assert_same(twin.simulate(cell, protocol, jump=False), truth)
    assert_same(twin.simulate(cell, protocol), truth)


def measured():
    """Every shipped cell with each protocol of its paper; of those with the same cycles the longest."""
    found = {}
    for name in twin.cells():
        for label, procedure in read_experiment(load_cell(name).reference).protocols.items():
            protocol = procedure.of(name)
            key = (name, tuple(dict.fromkeys(protocol.block)))
            known = found.get(key, (None, None, protocol))[2]
            if suits(protocol, name) and protocol.number_of_cycles >= known.number_of_cycles:
                found[key] = name, label, protocol
    return list(found.values())


def suits(protocol, name):
    """Between voltages or at a share of a capacity a symmetric cell cannot be cycled."""
    texts = " ".join(text for cycle in protocol.block for text in cycle.texts)
    only_full = " until " in texts or "C " in texts
    cuts = {"4.2 V": "LCO", "3.68 V": "LiIn", "2.72 V": "Li_LPSCl_NCM622", "4.3 V": "Li_LPSCl_NCM622"}
    fits = all(cell in name for cut, cell in cuts.items() if cut in texts)
    return fits and only_full == load_cell(name).has_cathode


def shortened(protocol):
    """Each kind of cycle of a protocol, a few of them."""
    kinds = list(dict.fromkeys(protocol.block))
    return twin.Protocol(kinds * (SHORT_CYCLES // len(kinds) or 1))


SHORT_CYCLES = 6
WELL_POSED = {("Chang2023_Li_LGPS_LCO", "1C cycling"): 5}
"""Cycles up to which a run does not hang on its rounding: in its sixth cycle this cell no longer
charges, and how little it does then hangs on the last digits of its contact."""
MEASURED = measured()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "label", "protocol"), MEASURED, ids=[f"{name}-{label}" for name, label, _ in MEASURED]
)
def test_simulators_agree_on_the_protocols_of_the_papers(name, label, protocol, full_length):
    """Fitted values as they ship: the two must agree on whatever a fit says."""
    cell = load_cell(name)
    longest = WELL_POSED.get((name, label), protocol.cycles)
    protocol = protocol if full_length else shortened(protocol)
    protocol = protocol.first(min(longest, protocol.number_of_cycles))
    truth = twin.simulate(cell, protocol, simulator="reference")
    assert_same(twin.simulate(cell, protocol), truth)


def test_jumping_agrees_with_every_cycle_over_a_long_life(full):
    full = full.replace({"Filament growth coefficient [m3.C-1]": 0.0})
    protocol = twin.Protocol(CHARGES, cycles=800)
    jumped = twin.simulate(full, protocol)
    assert int(jumped["computed"].sum()) < 100
    assert_same(jumped, twin.simulate(full, protocol, jump=False))


def test_both_end_at_the_same_hard_short(full):
    full = full.replace({"Coated filament initiation current density [A.m-2]": 2.0})
    protocol = twin.Protocol(CHARGES, cycles=200)
    jumped = twin.simulate(full, protocol)
    assert jumped["outcome"].item() == "hard_short"
    assert "never reached its cut-off" in jumped["notes"].item()
    assert 10 < jumped["short_circuit_onset_cycle"].item() < 200
    assert_same(jumped, twin.simulate(full, protocol, simulator="reference"))


def test_jumping_finds_the_cycle_in_which_a_coating_fails():
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    cell = cell.replace(
        {"Coating pinhole damage [m2.C-1]": 2e-4, "Filament growth coefficient [m3.C-1]": 0.0}
    )
    protocol = twin.Protocol(SHALLOW, cycles=1500)
    jumped, exact = twin.simulate(cell, protocol), twin.simulate(cell, protocol, jump=False)
    assert exact["outcome"].item() == "end_of_life"
    assert_same(jumped, exact)


def test_both_find_the_same_short_circuit():
    cell = usable("Chang2023_Li_LGPS_symmetric").replace(
        {
            "Filament growth coefficient [m3.C-1]": 1e-8,
            "Filament initiation current density [A.m-2]": 0.1,
        }
    )
    protocol = twin.Protocol(SHALLOW, cycles=200)
    jumped, truth = (
        twin.simulate(cell, protocol),
        twin.simulate(cell, protocol, simulator="reference"),
    )
    # the short takes the current that would let the filament grow on: it stays soft
    assert truth["outcome"].item() == "soft_short"
    onset = truth["short_circuit_onset_cycle"].item()
    assert 10 < onset < 200
    # beyond it the voltage hangs on the filament's last tenth of a micrometre, exponentially
    sound = slice(None, onset - 1)
    assert_same(jumped.sel(cycle=sound), truth.sel(cycle=sound))


DRIVEN = {
    # unit of the values -> the integral that must come out, and by how much one unit-second counts
    "mA": ("discharge_capacity", 1e-3 / 3600),
    "mW": ("discharge_energy", 1e-3 / 3600),
}


@pytest.mark.parametrize("unit", DRIVEN)
def test_a_drive_cycle_runs_through_the_reference_and_says_so(full, unit):
    time, values = np.array([0.0, 100.0, 250.0, 400.0]), np.array([0.02, 0.08, 0.0, 0.06])
    drive = drive_cycle(time, values, unit, name="hill")
    run = twin.simulate(full, twin.Protocol([drive, "Rest for 10 minutes"]))
    assert run.attrs["simulator"] == "reference"
    assert "the fast one does not know the step 'hill of 400 s'" in run["notes"].item()
    assert run["outcome"].item() == "completed"
    quantity, one = DRIVEN[unit]
    # the tolerance is that of integrals of PyBaMM beside a charge of 1e-4 A.h
    assert run[quantity].item() == pytest.approx(np.trapezoid(values, time) * one, rel=1e-3)
    assert run["time"].item() == pytest.approx(1000 / 3600)


def test_two_long_drive_cycles_that_differ_in_the_middle_are_two(full):
    """numpy prints an array of more than a thousand numbers without its middle."""
    time = np.arange(1200.0)
    slow, fast = (
        drive_cycle(time, np.where(abs(time - 600) < 300, middle, 0.02), "mA", name=name)
        for middle, name in ((0.02, "slow"), (0.05, "fast"))
    )
    run = twin.simulate(full, twin.Protocol([(slow,), (fast,)]))
    first, second = run["discharge_capacity"].values
    assert second / first == pytest.approx((0.02 * 600 + 0.05 * 600) / (0.02 * 1200), rel=5e-3)


def test_runs_side_by_side_take_those_that_fall_back(full):
    drive = drive_cycle([0.0, 100.0, 200.0], [0.02, 0.05, 0.02], "mA")
    protocols = [twin.Protocol([drive]), twin.Protocol(CHARGES, cycles=3)]
    many = twin.simulators.simulate_many([(full, protocol) for protocol in protocols], processes=1)
    for place, protocol in enumerate(protocols):
        one = twin.simulate(full, protocol)
        own = many["discharge_capacity"].isel(run=place).dropna("cycle")
        np.testing.assert_allclose(own, one["discharge_capacity"], rtol=1e-6)
    assert "does not know the step" in many["notes"].values[0]


@pytest.mark.slow
@pytest.mark.parametrize("within", [False, True])
def test_both_go_on_after_a_year_in_store(within):
    """IDA fails on the step after a year unless its time begins anew."""
    cell = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    cycle = ("Charge at C/10 until 3.68 V", "Discharge at C/10 until 2 V")
    year = "Rest for 8760 hours"
    steps = [(cycle[0], year, *cycle)] if within else [cycle, (year,), cycle]
    truth = twin.simulate(cell, twin.Protocol(steps), simulator="reference")
    assert truth["time"][-1].item() > 8760
    assert_same(twin.simulate(cell, twin.Protocol(steps)), truth)
