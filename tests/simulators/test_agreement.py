"""The fast simulator against stock PyBaMM: the same cells, protocols and Datasets."""

import pytest
from agreement import assert_same, usable

import twin
from twin.measured.experiment import read_experiment
from twin.parameter_sets import load_cell

CHARGES = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
SHALLOW = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
FULL_PROTOCOLS = {
    "constant current": twin.Protocol(CHARGES, cycles=30),
    "hold and rest": twin.Protocol(
        [CHARGES[0], "Hold at 4.2 V until C/20", "Rest for 1 hour", CHARGES[1]], cycles=12
    ),
    "timed hold": twin.Protocol([CHARGES[0], "Hold at 4.2 V for 15 minutes", CHARGES[1]], cycles=12),
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
WELL_POSED = {("Chang2023_Li_LGPS_LCO", "1C cycling"): 200}
"""Cycles up to which a run does not hang on its rounding: this cell charges in every hundredth cycle,
and a tolerance of 1e-5 and one of 1e-6 disagree on which."""
MEASURED = measured()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "label", "protocol"), MEASURED, ids=[f"{name}-{label}" for name, label, _ in MEASURED]
)
def test_simulators_agree_on_the_protocols_of_the_papers(name, label, protocol, full_length):
    """Fitted values as they ship: the two must agree on whatever a fit says."""
    cell = load_cell(name)
    longest = WELL_POSED.get((name, label), protocol.cycles)
    protocol = twin.Protocol(protocol.steps, longest) if full_length else shortened(protocol)
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
