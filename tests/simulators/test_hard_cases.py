"""What strains a solver: the right answer, or an outcome that says where it was lost; never a hang."""

import numpy as np
import pytest
from agreement import assert_same, usable
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import twin
from twin.errors import ParameterError
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
}


@pytest.mark.parametrize("case", CASES)
def test_hard_case_ends_as_in_the_reference(case):
    name, changes, steps, cycles, outcome = CASES[case]
    cell, protocol = usable(name).replace(changes), twin.Protocol(steps, cycles=cycles)
    run = twin.simulate(cell, protocol)
    assert run["outcome"].item() == outcome
    assert_same(run, twin.simulate(cell, protocol, simulator="reference"))


CHARGE, DISCHARGE = "Charge at 0.1 mA/cm2 for 1 hour", "Discharge at 0.1 mA/cm2 for 1 hour"
TAKES_POWER, GIVES_POWER = "Charge at 0.01 mW for 10 minutes", "Discharge at 0.01 mW for 10 minutes"
POWER_STEPS = {
    "at rest": [TAKES_POWER],
    "twice": [TAKES_POWER, TAKES_POWER],
    "after a charge": [CHARGE, TAKES_POWER],
    "after a discharge": [DISCHARGE, TAKES_POWER],
    "after a hold": ["Hold at 0.1 V for 10 minutes", TAKES_POWER],
    "while the capacitances still give it": [CHARGE, "Discharge at 0.001 mW for 0.00002 seconds"],
    "and a current": [TAKES_POWER, CHARGE],
}


@pytest.mark.parametrize("case", POWER_STEPS)
@pytest.mark.parametrize("name", [SYMMETRIC, "Liu2018_LATP_symmetric"])
def test_power_near_zero_voltage_is_that_of_the_reference(name, case):
    cell, protocol = usable(name), twin.Protocol(POWER_STEPS[case])
    run = twin.simulate(cell, protocol)
    assert run["outcome"].item() == "completed"
    assert_same(run, twin.simulate(cell, protocol, simulator="reference"))


def test_power_after_a_rest_is_that_at_the_start():
    """PyBaMM has no answer where it begins without a current."""
    cell = usable(SYMMETRIC).replace({GROWTH: 0.0})
    at_once = twin.simulate(cell, twin.Protocol([TAKES_POWER]))
    rested = twin.simulate(cell, twin.Protocol(["Rest for 1 hour", TAKES_POWER]))
    assert at_once["discharge_capacity"].item() > 0
    np.testing.assert_allclose(rested["discharge_capacity"], at_once["discharge_capacity"], 1e-3)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        (SYMMETRIC, [GIVES_POWER]),
        (SYMMETRIC, [CHARGE, GIVES_POWER]),
        ("Duan2023_sacrificial_layer_symmetric", [CHARGE, GIVES_POWER]),
        (FULL, [CHARGES[0], "Discharge at 10 W until 2.6 V"]),
    ],
)
def test_power_that_no_current_gives_is_infeasible(name, steps):
    """Where PyBaMM's solver gives up."""
    run = twin.simulate(usable(name), twin.Protocol(steps, cycles=3))
    assert run["outcome"].item() == "infeasible"
    note = f"The run ended in step '{steps[-1]}' of cycle 1: the cell cannot give the power"
    assert note in run["notes"].item()


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


REPORTED = {
    # name: cell, changes, steps, cycles
    "a step that begins at its cut-off": (
        "Luo2021_Li_LPSCl_NCM622",
        {},
        ["Discharge at 0.309C until 2.72 V"],
        800,
    ),
    "a step skipped in each of many cycles": (
        "Luo2021_Li_LPSCl_NCM622",
        {},
        [
            "Discharge at C/29 until 2.72 V",
            "Charge at C/32 until 3.25 V",
            "Discharge at 0.207C until 3.33 V",
        ],
        800,
    ),
    "a contact that is whole again after it lost a fifth": (
        "Duan2023_sacrificial_layer_symmetric",
        {
            "Short-circuit resistance at contact [Ohm.m2]": 0.00022782115766161978,
            "Fastest filament over mean": 0.01375375573533621,
            "Interphase growth rate [m.s-1]": 8.321877408973732e-15,
        },
        ["Discharge at 2.54 mA/cm2 for 58.7 minutes", "Discharge at 0.0207 mA/cm2 for 0.513 minutes"],
        800,
    ),
    "a jump to a contact that is whole": (
        "Duan2023_Li_LPSCl_symmetric",
        {"Contact pressure exponent": 5.3232267384600025},
        [
            "Discharge at C/31 for 8.05 minutes",
            "Discharge at 1.61C for 0.323 minutes",
            "Discharge at C/25 for 0.109 minutes",
        ],
        800,
    ),
    "a filament that crosses at once": (
        "Duan2023_3DLi_LPSCl_symmetric",
        {
            "Filament current exponent": 60.97817637130274,
            "Stack pressure [Pa]": 894216416.7867414,
            "Ambient temperature [K]": 250.50460028031947,
        },
        ["Discharge at 6.27C for 28.6 minutes"],
        800,
    ),
    "power after a rest and a charge": (
        "Chang2023_LiAlO2_LGPS_symmetric",
        {"Coating pinhole thickness [m]": 4.893669136464842e-09},
        [
            "Rest for 12.3 minutes",
            "Charge at C/24 for 22.1 minutes",
            "Discharge at 0.00641 mW for 1.46 minutes",
            "Charge at C/8 for 1.97 minutes",
        ],
        1,
    ),
    "power after a hold below zero": (
        SYMMETRIC,
        {},
        [
            "Hold at -0.301 V for 9.33 minutes",
            "Discharge at 0.00508 mW for 99.6 minutes",
            "Rest for 1.66 minutes",
        ],
        800,
    ),
    "power into a cell at rest, cycle by cycle": (
        "Duan2023_Li_LPSCl_symmetric",
        {"Jig thermal mass [J/K]": 8.870986564991613, "Ambient temperature [K]": 238.8101633414191},
        ["Charge at 0.0109 mW for 39.6 minutes"],
        2,
    ),
}
"""Random runs that once had no answer, a contact fraction above 1, or a time that did not rise."""


@pytest.mark.parametrize("case", REPORTED)
def test_a_run_that_once_failed_ends_in_sane_numbers(case):
    name, changes, steps, cycles = REPORTED[case]
    run = twin.simulate(load_cell(name).replace(changes), twin.Protocol(steps, cycles=cycles))
    assert_sane(run)


def assert_sane(run):
    for name in (
        "discharge_capacity",
        "charge_capacity",
        "time",
        "filament_depth",
        "interphase_thickness",
    ):
        assert np.isfinite(run[name]).all(), name
    assert (run["discharge_capacity"] >= -1e-9).all()
    assert (run["charge_capacity"] >= -1e-9).all()
    assert (run["time"].diff("cycle") > 0).all()
    assert ((run["contact_fraction"] > 0) & (run["contact_fraction"] <= 1)).all()


UNTOUCHED = ("oltage", "emperature", "activation energy", "ALD cycles")
"""Not multiplied: with a hundredfold activation energy a rate is beyond double precision."""


@st.composite
def random_run(draw):
    """A shipped cell with some parameters multiplied by up to a hundred, and steps of every kind."""
    cell = load_cell(draw(st.sampled_from(twin.cells())))
    keys = [key for key, value in cell.values.items() if value and not any(w in key for w in UNTOUCHED)]
    factors = draw(st.dictionaries(st.sampled_from(sorted(keys)), decades(-2, 2), max_size=6))
    changes = {key: cell.values[key] * factor for key, factor in factors.items()}
    if draw(st.booleans()):
        changes["Ambient temperature [K]"] = draw(st.floats(253, 353))
    steps = draw(st.lists(random_step(cell), min_size=1, max_size=5))
    try:
        return cell.replace(changes), twin.Protocol(steps, cycles=draw(st.sampled_from([1, 2, 10, 100])))
    except twin.errors.TwinError:
        reject()


def decades(low, high):
    return st.floats(low, high).map(lambda power: float(f"{10**power:.3g}"))


@st.composite
def random_step(draw, cell):
    low, high = cell.values["Lower voltage cut-off [V]"], cell.values["Upper voltage cut-off [V]"]
    way, volts = draw(st.sampled_from(["Charge", "Discharge"])), draw(st.floats(low, high))
    current = f"{draw(decades(-2, 1))} {draw(st.sampled_from(['C', 'mA/cm2']))}".replace(" C", "C")
    minutes = f"for {draw(decades(-1, 2.5))} minutes"
    kinds = [
        f"{way} at {current} {minutes}",
        f"Rest {minutes}",
        f"Hold at {volts:.3g} V {minutes}",
        f"{way} at {draw(decades(-3, 1))} mW {minutes}",
    ]
    if cell.has_cathode:
        end = volts if draw(st.booleans()) else high if way == "Charge" else low
        kinds.append(f"{way} at {current} until {end:.3g} V")
    return draw(st.sampled_from(kinds))


@pytest.mark.filterwarnings("ignore::twin.errors.ExtrapolationWarning")
@settings(max_examples=300)
@given(random_run())
def test_a_random_run_has_an_outcome_and_sane_numbers(task):
    try:
        run = twin.simulate(*task)
    except ParameterError:  # a drawn anode may move the cut-offs off the cathode's potentials
        return
    assert_sane(run)


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
