"""The fast simulator against stock PyBaMM: the same cells, protocols and Datasets."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import twin
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
PER_CYCLE = {
    # relative, absolute: what the project promises its users
    "discharge_capacity": (1e-3, 1e-10),
    "charge_capacity": (1e-3, 1e-10),
    "capacity_retention": (0.0, 1e-3),
    "cell_overpotential": (0.0, 1e-3),
    "plating_overpotential": (0.0, 1e-3),
    "stripping_overpotential": (0.0, 1e-3),
    "energy_efficiency": (0.0, 1e-3),
    "time": (1e-3, 1e-6),
    "interphase_thickness": (5e-3, 1e-13),
    "contact_fraction": (5e-3, 0.0),
    "coating_damage": (5e-3, 1e-7),
    "filament_depth": (5e-3, 1e-12),
}


def assert_same(fast: xr.Dataset, truth: xr.Dataset):
    assert fast["outcome"].item() == truth["outcome"].item(), (
        fast["notes"].item(),
        truth["notes"].item(),
    )
    assert fast.sizes == truth.sizes
    for name, (relative, absolute) in PER_CYCLE.items():
        if name in truth:
            np.testing.assert_allclose(
                fast[name], truth[name], rtol=relative, atol=absolute, err_msg=name
            )
    for name in ("short_circuit_onset_cycle", "lifetime"):
        if np.isfinite(truth[name]):
            assert abs(fast[name] - truth[name]) <= max(1.0, 3e-3 * float(truth[name])), name


def usable(name):
    """Unfitted values, so that a new fit does not move the tests; low resistance, so that 1C works."""
    cell = load_cell(name, fitted=False)
    return cell.replace({"Interface resistance factor": 0.1}) if cell.has_cathode else cell


CASES = [
    (cell, label, protocol)
    for cell in twin.cells()
    for label, protocol in (FULL_PROTOCOLS if cell.endswith("LCO") else SYMMETRIC_PROTOCOLS).items()
]


@pytest.mark.slow
@pytest.mark.parametrize("jump", [False, True], ids=["every cycle", "jumping"])
@pytest.mark.parametrize(("name", "label", "protocol"), CASES, ids=[f"{c}-{n}" for c, n, _ in CASES])
def test_simulators_agree(name, label, protocol, jump):
    cell = usable(name)
    assert_same(
        twin.simulate(cell, protocol, jump=jump), twin.simulate(cell, protocol, simulator="reference")
    )


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


# --- drawn cells and protocols --------------------------------------------------------------------
FACTORS = {
    "Interphase growth rate [m.s-1]": (0.01, 30),
    "Interphase passivation thickness [m]": (0.1, 30),
    "Critical stripping current density [A.m-2]": (0.1, 30),
    "Void formation charge [C.m-2]": (0.2, 30),
    "Contact healing charge [C.m-2]": (0.1, 30),
    "Filament growth coefficient [m3.C-1]": (0.001, 10),
    "Filament initiation current density [A.m-2]": (0.3, 30),
    "Interface capacitance [F.m-2]": (0.01, 10),
    "Coating thickness [m]": (0.0, 2),
}


@st.composite
def drawn_case(draw):
    name = draw(st.sampled_from(twin.cells()))
    cell = usable(name)
    logs = {
        key: draw(st.floats(np.log(low), np.log(high))) if low else np.log(draw(st.floats(0.01, high)))
        for key, (low, high) in FACTORS.items()
    }
    cell = cell.replace({key: cell.values[key] * float(np.exp(log)) for key, log in logs.items()})
    cycles = draw(st.integers(1, 8))
    if cell.has_cathode:
        rate = draw(st.sampled_from(["0.1C", "0.3C", "1C", "0.2 mA/cm2"]))
        steps = [f"Charge at {rate} until 4.2 V", f"Discharge at {rate} until 2.6 V"]
        if draw(st.booleans()):
            steps.insert(1, draw(st.sampled_from(["Hold at 4.2 V until C/10", "Rest for 30 minutes"])))
    else:
        current = draw(st.sampled_from([0.05, 0.1, 0.25, 0.5]))
        minutes = draw(st.integers(5, 300))
        steps = [f"{way} at {current} mA/cm2 for {minutes} minutes" for way in ("Charge", "Discharge")]
    return cell, twin.Protocol(steps, cycles=cycles)


@pytest.mark.slow
@settings(max_examples=60)
@given(drawn_case())
def test_simulators_agree_on_drawn_cells_and_protocols(case):
    cell, protocol = case
    truth = twin.simulate(cell, protocol, simulator="reference")
    assert_same(twin.simulate(cell, protocol), truth)


@settings(max_examples=40)
@given(drawn_case())
def test_laws_hold_for_drawn_cells_and_protocols(case):
    cell, protocol = case
    run = twin.simulate(cell, protocol)
    assert ((run["contact_fraction"] > 0) & (run["contact_fraction"] <= 1 + 1e-9)).all()
    assert ((run["coating_damage"] >= 0) & (run["coating_damage"] <= 1)).all()
    assert (run["interphase_thickness"].diff("cycle") >= -1e-18).all()
    assert (run["filament_depth"].diff("cycle") >= -1e-15).all()
    assert (run["resistance"] >= -1e-12).all()
    assert (run["leak_fraction"].fillna(0) >= 0).all()
    if run["outcome"].item() == "completed":
        assert np.isfinite(run["discharge_capacity"]).all()
        assert run.sizes["cycle"] == protocol.number_of_cycles
