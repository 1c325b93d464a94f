"""What happened in a run, from a made-up record: the worst wins, and each failure has its time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import twin
from twin import names
from twin.parameter_sets import load_cell
from twin.results.outcome import outcome
from twin.results.record import Record

HOUR = 3600.0


@pytest.fixture(scope="module")
def coated():
    """A full cell with a film and a separator of 1000 um; its fastest filament is twice the mean."""
    return load_cell("Chang2023_LiAlO2_LGPS_LCO", fitted=False).replace(
        {"Separator layer 1 thickness [m]": 1e-3, "Fastest filament over mean": 2.0}
    )


def made_up(cell, cycles=5, *, end="completed", leak=None, spent=(), notes=(), **ends_of_cycles):
    """The outcome of a run of cycles of an hour each, whose steps are whole cycles.

    `leak` is the share of each cycle, `spent` are the cycles (from 1) that deliver nothing; the others
    are the values of a variable at each cycle's end, of which all start at zero, but for the capacity
    and the contact (one), the current (5 A/m2) and the lithium (the middle of an alloy's plateau).
    """
    middle = cell.values["Anode host capacity [C.m-2]"] / 2
    start = {"capacity": 1.0, "contact": 1.0, "current": 5.0, "lithium": middle}
    variables = {
        "capacity": names.ACCESSIBLE_CAPACITY,
        "current": names.CURRENT_DENSITY,
        "damage": names.at(names.NEGATIVE, names.COATING_DAMAGE_SUM),
        "filament": names.at(names.NEGATIVE, names.FILAMENT_DEPTH),
        "contact": names.at(names.NEGATIVE, names.CONTACT_FRACTION),
        "lithium": names.at(names.NEGATIVE, names.LITHIUM),
    }
    values = {}
    for name, key in variables.items():
        first = start.get(name, 0.0)
        values[key] = np.array([first, *ends_of_cycles.get(name, [first] * cycles)])
    record = Record(
        cycle=np.arange(-1, cycles),
        time=HOUR * np.arange(cycles + 1),
        values=values,
        computed=np.ones(cycles, dtype=bool),
        end=end,
        notes=notes,
    )
    per_cycle = {
        "time": (("cycle",), record.time[1:] / HOUR),
        "leak_fraction": (("cycle",), np.zeros(cycles) if leak is None else np.array(leak)),
    }
    gone = np.isin(np.arange(1, cycles + (2 if end == "nothing_began" else 1)), spent)
    return outcome(per_cycle, record, cell, gone)


def test_a_run_in_which_nothing_happened_has_no_times(coated):
    found = made_up(coated)
    assert found["outcome"] == "completed"
    for name in ("short_circuit_onset_cycle", "short_circuit_onset_time", "lifetime"):
        assert np.isnan(found[name])
    assert found["failure_progress"] == 0


def test_first_cycle_that_leaks_more_than_a_fortieth_is_a_soft_short(coated):
    found = made_up(coated, leak=[0.0, np.nan, 0.024, 0.026, 0.5])
    assert found["outcome"] == "soft_short"
    assert found["short_circuit_onset_cycle"] == 4
    assert found["short_circuit_onset_time"] == found["lifetime"] == 4.0


def test_a_hard_short_without_a_leak_before_it_is_its_own_onset(coated):
    found = made_up(coated, end="hard_short")
    assert found["outcome"] == "hard_short"
    assert found["short_circuit_onset_cycle"] == 5
    assert found["lifetime"] == 5.0


def test_a_hard_short_after_a_soft_one_began_with_it(coated):
    found = made_up(coated, end="hard_short", leak=[0, 0.1, 0.2, 0.3, 0.4])
    assert found["outcome"] == "hard_short"
    assert found["short_circuit_onset_cycle"] == 2
    assert found["lifetime"] == 2.0


@pytest.mark.parametrize(
    ("leak", "answer"), [([0.0] * 5, "infeasible"), ([0, 0, 0, 0, 0.6], "hard_short")]
)
def test_a_cut_off_that_is_never_reached_is_a_short_where_it_leaks(coated, leak, answer):
    """A protocol that no cell can follow is infeasible, a charge that leaks away is a hard short."""
    assert made_up(coated, end="cut_off_not_reached", leak=leak)["outcome"] == answer


def test_an_overpotential_beyond_the_limit_ends_a_life_without_a_short(coated):
    found = made_up(coated, end="overpotential_limit")
    assert found["outcome"] == "overpotential_limit"
    assert found["lifetime"] == 5.0
    assert np.isnan(found["short_circuit_onset_cycle"])


def test_a_film_fails_where_its_damage_crosses_one_between_two_steps(coated):
    found = made_up(coated, damage=[0.2, 0.4, 0.8, 1.6, 2.0])
    assert found["outcome"] == "end_of_life"
    # from 0.8 at 3 h to 1.6 at 4 h: a quarter of the way
    assert found["lifetime"] == pytest.approx(3.25)
    assert np.isnan(found["short_circuit_onset_cycle"])


def test_damage_of_a_cell_without_a_film_is_no_failure():
    bare = load_cell("Chang2023_Li_LGPS_LCO", fitted=False)
    found = made_up(bare, damage=[0.2, 0.4, 0.8, 1.6, 2.0])
    assert found["outcome"] == "completed"
    assert np.isnan(found["lifetime"])


def test_a_cell_is_spent_below_four_fifths_of_its_accessible_capacity(coated):
    found = made_up(coated, capacity=[0.95, 0.9, 0.85, 0.81, 0.77])
    assert found["outcome"] == "end_of_life"
    # within the last cycle, where an exponential from 0.81 to 0.77 passes 0.8
    assert found["lifetime"] == pytest.approx(4 + np.log(0.81 / 0.8) / np.log(0.81 / 0.77))
    almost = made_up(coated, capacity=[0.95, 0.9, 0.85, 0.82, 0.81])
    assert almost["outcome"] == "completed"


def test_a_run_that_starts_worn_out_fails_at_once(coated):
    """A run that goes on from another's end may begin behind its failure."""
    damage = {"damage": [1.2] * 5}
    found = made_up(coated, **damage)
    assert found["outcome"] == "end_of_life"
    assert found["lifetime"] == pytest.approx(1 / 1.2)  # from zero before the first step


def test_lifetime_is_the_first_failure_and_the_outcome_the_worst(coated):
    found = made_up(
        coated, end="overpotential_limit", leak=[0, 0, 0.1, 0.1, 0.1], damage=[0.5, 1.5, 2, 3, 4]
    )
    assert found["outcome"] == "overpotential_limit"  # worse than a soft short and a failed film
    assert found["lifetime"] == pytest.approx(1.5)  # the film's
    assert found["short_circuit_onset_time"] == 3.0


@given(
    end=st.sampled_from(
        ["completed", "hard_short", "overpotential_limit", "infeasible", "solver_failure"]
    ),
    leaks=st.booleans(),
    fails=st.booleans(),
)
def test_nothing_that_happens_makes_an_outcome_better(coated, end, leaks, fails):
    def severity(**happened):
        return names.OUTCOMES.index(made_up(coated, end=end, **happened)["outcome"])

    happened = {"leak": [0, 0, 0.1, 0.1, 0.1]} if leaks else {}
    happened |= {"damage": [0, 0, 0, 0.9, 1.1]} if fails else {}
    assert severity(**happened) >= max(severity(), names.OUTCOMES.index(end))


def test_failures_come_near_with_the_deepest_filament_and_the_worn_film(coated):
    # the fastest filament is twice the mean, the separator 1000 um thick
    crossed = made_up(coated, filament=[0, 1e-4, 2e-4, 2.5e-4, 3e-4])
    assert crossed["failure_progress"] == pytest.approx(0.6)
    worn = made_up(coated, filament=[0, 1e-4, 2e-4, 2.5e-4, 3e-4], damage=[0, 0.2, 0.4, 0.6, 0.7])
    assert worn["failure_progress"] == pytest.approx(0.7)


def test_layers_of_a_separator_are_crossed_one_after_the_other(coated):
    thick = coated.with_layer_like_first(2)
    found = made_up(thick, filament=[0, 1e-4, 2e-4, 2.5e-4, 3e-4])
    assert found["failure_progress"] == pytest.approx(0.3)


# --- what a run says about itself ------------------------------------------------------------------
def test_notes_of_the_simulator_are_kept(coated):
    assert "Step 'x' was skipped." in made_up(coated, notes=("Step 'x' was skipped.",))["notes"]


@pytest.mark.parametrize(("share", "says"), [(0.5, False), (0.01, True), (0.99, True)])
def test_an_alloy_off_its_plateau_is_said(share, says):
    alloy = load_cell("Luo2021_LiIn_LPSCl_NCM622", fitted=False)
    host = alloy.values["Anode host capacity [C.m-2]"]
    found = made_up(alloy, lithium=[0.4 * host, 0.6 * host, share * host, 0.5 * host, 0.5 * host])
    assert ("leaves its plateau" in found["notes"]) == says


def test_a_current_below_the_threshold_is_said_where_filaments_could_grow(coated):
    thresholds = {
        "Filament growth coefficient [m3.C-1]": 1e-8,
        "Filament initiation current density [A.m-2]": 8.0,
        "Coated filament initiation current density [A.m-2]": 20.0,
    }
    cell = coated.replace(thresholds)
    assert "No filament can grow" in made_up(cell)["notes"]  # at 5 A/m2
    # on half the area in contact, 5 A/m2 are ten
    assert "No filament" not in made_up(cell, contact=[1, 1, 1, 0.5, 0.5])["notes"]
    never = cell.replace({"Filament growth coefficient [m3.C-1]": 0.0})
    assert "No filament" not in made_up(never)["notes"]


def test_a_run_says_when_no_filament_can_grow():
    cell = load_cell("Liu2018_LATP_symmetric", fitted=False)
    run = twin.simulate(cell, twin.Protocol(["Discharge at 0.01 mA/cm2 for 1 hour"]))
    assert "No filament can grow" in run["notes"].item()
    assert "initiation current density is 1 A/m2" in run["notes"].item()
    shorted = twin.simulate(cell, twin.Protocol(["Discharge at 1 mA/cm2 for 1 minute"]))
    assert "No filament can grow" not in shorted["notes"].item()


def test_a_film_that_wears_out_fails_within_the_cycle_that_ends_beyond_it():
    """Of a run of the twin itself."""
    cell = load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    weak = cell.replace({"Coating pinhole damage [m2.C-1]": 1e-2})
    steps = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
    run = twin.simulate(weak, twin.Protocol(steps, cycles=30), jump=False)
    assert run["outcome"].item() == "end_of_life"
    worn = run["coating_damage"].max("interface")
    last = int(worn["cycle"][worn >= 1][0])
    assert last > 1
    assert run["time"].sel(cycle=last - 1) < run["lifetime"] <= run["time"].sel(cycle=last)


def test_a_cell_whose_capacity_is_gone_is_spent_from_that_cycle_on(coated):
    found = made_up(coated, spent=[3, 4, 5])
    assert found["outcome"] == "end_of_life"
    assert found["end_of_life_cycle"] == 3
    assert found["lifetime"] == 3.0


def test_a_cycle_that_was_to_deliver_and_could_not_begin_is_the_end_of_life(coated):
    found = made_up(coated, end="nothing_began", spent=[6])
    assert found["outcome"] == "end_of_life"
    assert found["end_of_life_cycle"] == 6
    assert found["lifetime"] == 5.0
    assert made_up(coated, end="nothing_began")["outcome"] == "infeasible"
