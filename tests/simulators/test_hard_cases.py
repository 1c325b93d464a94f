"""What strains a solver: the right answer, or an outcome that says where it was lost; never a hang."""

import numpy as np
import pytest
from agreement import assert_same, usable

import twin
from twin.parameter_sets import load_cell
from twin.simulators import reference
from twin.simulators.long_cycling import compiled_circuit, exact_cycle

SHALLOW = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
CHARGES = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]
FULL, SYMMETRIC = "Chang2023_LiAlO2_LGPS_LCO", "Chang2023_Li_LGPS_symmetric"
GROWTH = "Interphase growth rate [m.s-1]"
CAPACITANCE = "Interface capacitance [F.m-2]"
LINEAR = {
    "Interphase passivation thickness [m]": 1.0,
    "Interphase diffusion-limited thickness [m]": 1.0,
    "Overpotential limit [V]": 100.0,
}
CASES = {
    # name: cell, changes, steps, cycles, outcome
    "short in the first cycles": (
        SYMMETRIC,
        {
            "Filament growth coefficient [m3.C-1]": 1e-6,
            "Filament initiation current density [A.m-2]": 0.1,
        },
        SHALLOW,
        10,
        "hard_short",
    ),
    "never short": (
        SYMMETRIC,
        {"Filament growth coefficient [m3.C-1]": 0.0},
        SHALLOW,
        10,
        "completed",
    ),
    "cut-off never reached": (SYMMETRIC, {}, ["Charge at 0.01 mA/cm2 until 9 V"], 3, "infeasible"),
    "cut-off beyond the cell": (FULL, {}, ["Charge at 1C until 5.1 V", CHARGES[1]], 3, "infeasible"),
    "step of a millisecond": (
        SYMMETRIC,
        {},
        [SHALLOW[0], "Rest for 0.001 seconds", SHALLOW[1]],
        5,
        "completed",
    ),
    "step of no length": (
        FULL,
        {},
        [CHARGES[0], "Hold at 4.2 V until 10C", CHARGES[1]],
        5,
        "completed",
    ),
    "first step already at its end": (FULL, {}, [CHARGES[1], *CHARGES], 4, "completed"),
    "slow capacitance": (FULL, {CAPACITANCE: 1e4}, CHARGES, 5, "completed"),
    "stiff capacitance": (FULL, {CAPACITANCE: 1e-4}, CHARGES, 5, "completed"),
    "rest only": (SYMMETRIC, {}, ["Rest for 1 hour"], 30, "completed"),
    "power beyond the cell": (
        FULL,
        {},
        [CHARGES[0], "Discharge at 10 W until 2.6 V"],
        3,
        "solver_failure",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_hard_case_ends_as_in_the_reference(case):
    name, changes, steps, cycles, outcome = CASES[case]
    cell, protocol = usable(name).replace(changes), twin.Protocol(steps, cycles=cycles)
    run = twin.simulate(cell, protocol)
    assert run["outcome"].item() == outcome
    truth = twin.simulate(cell, protocol, simulator="reference")
    if outcome == "solver_failure":
        assert truth["outcome"].item() == outcome
        assert "Discharge at 10 W until 2.6 V" in run["notes"].item()
        assert "of cycle 1" in run["notes"].item()
    else:
        assert_same(run, truth)


def test_resistance_may_rise_a_hundred_thousand_fold_within_a_few_cycles():
    cell = usable(SYMMETRIC).replace({**LINEAR, GROWTH: 3e-9})
    protocol = twin.Protocol([step.replace("0.1 mA", "0.001 mA") for step in SHALLOW], cycles=5)
    run = twin.simulate(cell, protocol)
    interphase = run["resistance"].sel(mechanism="interphase")
    fresh = run["fresh_resistance"].sel(mechanism="interphase")
    assert float(interphase[-1] / fresh) > 1e5
    assert_same(run, twin.simulate(cell, protocol, simulator="reference"))


@pytest.mark.parametrize("stiff", [1e-12, 1e-9])
def test_capacitances_beyond_the_reference_still_have_their_limit(stiff):
    """Where PyBaMM's solver gives up, a capacitance that hardly holds charge is one that holds none."""
    keys = (CAPACITANCE, "Cathode double-layer capacitance [F.m-2]")
    protocol = twin.Protocol(CHARGES, cycles=5)
    run = twin.simulate(usable(FULL).replace(dict.fromkeys(keys, stiff)), protocol)
    soft = twin.simulate(usable(FULL).replace(dict.fromkeys(keys, 1e-4)), protocol)
    assert run["outcome"].item() == "completed"
    np.testing.assert_allclose(run["discharge_capacity"], soft["discharge_capacity"], rtol=1e-5)


def test_reference_that_cannot_start_is_an_outcome(monkeypatch):
    keys = (CAPACITANCE, "Cathode double-layer capacitance [F.m-2]")
    cell = usable(FULL).replace(dict.fromkeys(keys, 1e-12))
    with reference.Quiet():
        run = twin.simulate(cell, twin.Protocol(CHARGES), simulator="reference")
    assert run["outcome"].item() == "solver_failure"
    assert run.sizes["cycle"] == 0


@pytest.mark.parametrize("name", twin.cells())
@pytest.mark.parametrize("edge", ["lower", "upper"])
def test_parameters_at_the_edge_of_their_priors_have_an_outcome(name, edge):
    cell = load_cell(name, fitted=False)
    place = {"lower": 0, "upper": 1}[edge]
    edges = {
        key: entry.prior.search_range[place]
        for key, entry in cell.parameters.items()
        if entry.prior is not None
    }
    upper = cell.values["Upper voltage cut-off [V]"]
    lower = cell.values["Lower voltage cut-off [V]"]
    full = [f"Charge at 1C until {upper:g} V", f"Discharge at 1C until {lower:g} V"]
    protocol = twin.Protocol(full if cell.has_cathode else SHALLOW, cycles=60)
    run = twin.simulate(cell.replace(edges), protocol)
    every = twin.simulate(cell.replace(edges), protocol, jump=False)
    assert run["outcome"].item() == every["outcome"].item() != "solver_failure"
    if run["outcome"].item() == "completed":
        for result in ("discharge_capacity", "time", "contact_fraction", "filament_depth", "resistance"):
            assert np.isfinite(run[result]).all(), result


def test_work_is_bounded_and_a_lost_step_names_itself(monkeypatch):
    monkeypatch.setenv("TWIN_COMPILER", "")
    monkeypatch.setattr(compiled_circuit, "_CIRCUITS", {})
    monkeypatch.setattr(exact_cycle, "MOST_STEPS", 5)
    run = twin.simulate(usable(FULL), twin.Protocol(CHARGES, cycles=10))
    assert run["outcome"].item() == "solver_failure"
    assert "step 'Charge at 1C until 4.2 V' of cycle 1" in run["notes"].item()


@pytest.mark.parametrize("tolerance", [0.0, -1e-3, 0.5, float("nan")])
def test_tolerance_outside_its_range_is_refused(tolerance):
    with pytest.raises(twin.errors.ArgumentError, match="tolerance must lie between"):
        twin.simulate(usable(SYMMETRIC), twin.Protocol(SHALLOW), tolerance=tolerance)


def test_finer_tolerance_comes_closer_to_every_cycle():
    cell, protocol = usable(FULL), twin.Protocol(CHARGES, cycles=200)
    truth = twin.simulate(cell, protocol, jump=False, tolerance=1e-6)["discharge_capacity"]
    misses = [
        float(np.abs(twin.simulate(cell, protocol, tolerance=t)["discharge_capacity"] / truth - 1).max())
        for t in (1e-2, 1e-3, 1e-5)
    ]
    assert misses[0] > misses[1] > misses[2]
    assert misses[1] < 1e-3
