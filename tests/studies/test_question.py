"""Objectives are quantiles over the draws, constraints are chances; both say what they know."""

import numpy as np
import pytest

from twin.errors import StudyError
from twin.studies.question import read_constraints, read_objectives

RUNS = {
    "outcome": np.array(["completed", "completed", "hard_short", "infeasible"]),
    "capacity_retention": np.array([0.9, 0.8, 0.0, np.nan]),
    "short_circuit": np.array([0.0, 0.0, 1.0, 0.0]),
    "lifetime": np.array([np.nan, 30.0, 10.0, np.nan]),
    "run_time": np.array([50.0, 60.0, 10.0, 0.0]),
    "charge_time": np.array([1.0, 2.0, 3.0, np.nan]),
}


def objective(given, cell, variables=()):
    (only,) = read_objectives(given, cell, variables)
    return only


def constraint(cell, **entry):
    (only,) = read_constraints(entry, cell)
    return only


def test_a_draw_without_an_answer_is_the_worst(full):
    slowest = objective({"quantity": "charge_time", "quantile": 1.0}, full)
    assert slowest.goal == "minimise"
    assert slowest.values(RUNS, {})[0] == np.inf
    assert objective("charge_time", full).values(RUNS, {})[0] == 2.0
    least = objective({"quantity": "capacity_retention", "quantile": 0.0}, full)
    assert least.values(RUNS, {})[0] == -np.inf


def test_a_life_that_outlasts_the_run_counts_as_the_run(full):
    assert objective({"quantity": "lifetime", "quantile": 1.0}, full).values(RUNS, {})[0] == 50.0


def test_a_variable_can_be_an_objective_itself(full):
    largest = objective("maximise current", full, ["current"])
    assert largest.direction == "maximize"
    assert largest.values(RUNS, {"current": 0.3}) == (0.3, 0.3, 0.3)


def test_chances_count_draws_without_an_answer_against(full):
    kept = constraint(full, quantity="capacity_retention", at_least=0.8, probability=0.5)
    assert kept.chance(RUNS) == 0.5
    assert kept.excess(0.5) <= 0
    short = constraint(full, quantity="short_circuit", probability_at_most=0.05)
    assert short.chance(RUNS) == 0.5
    assert short.excess(0.5) == pytest.approx(0.45)
    early = constraint(full, quantity="lifetime", at_least=20, probability=0.9)
    assert early.chance(RUNS) == 0.5  # the first outlasts its run, the second 20 h


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"at_least": 0.95, "probability": 0.5}, 0.8),  # two of four keep 80 %
        ({"at_least": 0.95, "probability": 0.9}, -np.inf),  # one has no answer
        ({"at_least": 0.95, "probability": 0.25}, 0.9),
        ({"at_most": 0.1, "probability": 0.5}, 0.8),
    ],
)
def test_the_bound_that_would_be_met_is_known(entry, expected, full):
    asked = constraint(full, quantity="capacity_retention", **entry)
    assert asked.reached(RUNS) == expected
    closer = constraint(full, quantity="capacity_retention", at_least=0.85, probability=0.5)
    assert closer.shortfall(0.8) == pytest.approx(0.05 / 0.85)


def test_what_misses_a_constraint_is_nearer_the_greater_its_chance_and_then_its_bound(full):
    kept = constraint(full, quantity="capacity_retention", at_least=0.8, probability=0.9)
    assert kept.missed_by(0.9, 0.8) == 0.0
    ways_off = [kept.missed_by(*way) for way in ((0.8, 0.1), (0.5, 0.79), (0.5, 0.7), (0.0, 0.7))]
    assert ways_off == sorted(ways_off)
    assert len({0.0, *ways_off}) == 5


def test_a_bound_may_carry_a_unit(full):
    fast = constraint(full, quantity="charge_time", at_most=90, unit="min", probability=0.5)
    assert fast.at_most == 1.5
    assert fast.label == "P(charge_time <= 1.5) >= 0.5"


@pytest.mark.parametrize(("draws", "hopeless"), [(4, True), (19, True), (20, False), (100, False)])
def test_a_constraint_is_hopeless_when_no_draw_to_come_can_save_it(draws, hopeless, full):
    kept = constraint(full, quantity="capacity_retention", at_least=0.8, probability=0.9)
    assert kept.hopeless(RUNS, draws) is hopeless  # 2 of 20 may fail


@pytest.mark.parametrize(("draws", "hopeless"), [(39, True), (40, False)])
def test_shorts_that_are_too_many_already_stay_too_many(draws, hopeless, full):
    short = constraint(full, quantity="short_circuit", probability_at_most=0.05)
    assert short.hopeless(RUNS, draws) is hopeless  # 2 of 40 may short


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "needs an objective"),
        ("charge_tim", r"did you mean 'charge_time'\?.*known: capacity_retention.*current"),
        ({"quantity": "current"}, "minimise or maximise"),
        ({"quantity": "charge_time", "goal": "best"}, "minimise or maximise"),
        ({"quantity": "charge_time", "quantile": 5}, "between 0 and 1"),
        ({"quantity": "charge_time", "quantil": 0.5}, "did you mean 'quantile'"),
        ({"goal": "maximise"}, "names no quantity"),
        (["lifetime", "charge_time", "charge_time"], "'charge_time' stands twice"),
        (3, "a name or a table"),
        ([3], "a name or a table"),
        ({"quantity": "charge_time", "goal": ["minimise"]}, "minimise or maximise"),
        ("short_circuit_onset_cycle", "is not an objective"),  # the run's end is a time, no cycle
    ],
)
def test_unreadable_objectives(given, message, full):
    with pytest.raises(StudyError, match=message):
        read_objectives(given, full, ["current"])


def test_a_symmetric_cell_has_no_energy_to_maximise(bare):
    with pytest.raises(StudyError, match="is not an objective"):
        read_objectives("energy_delivered", bare, [])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"quantity": "retention", "at_least": 0.8, "probability": 0.9}, "did you mean 'capacity_ret"),
        ({"quantity": "capacity_retention", "probability": 0.9}, "at_least or at_most"),
        ({"quantity": "capacity_retention", "at_least": 0.8}, "needs probability"),
        ({"quantity": "capacity_retention", "at_least": "0.8", "probability": 0.9}, "is a number"),
        ({"quantity": "capacity_retention", "at_least": 0.8, "probability": 90}, "between 0 and 1"),
        ({"quantity": "capacity_retention", "at_least": True, "probability": 0.9}, "is a number"),
        ({"quantity": "capacity_retention", "at_least": np.nan, "probability": 0.9}, "is a number"),
        ({"quantity": "capacity_retention", "at_least": 10**400, "probability": 0.9}, "is a number"),
        ({"quantity": "lifetime", "at_least": 3, "unit": 4, "probability": 0.9}, "unit .* is a text"),
        ({"quantity": "short_circuit", "probability": 0.9}, "probability_at_most alone"),
        ("P(short) <= 0.05", "a constraint is a table"),
    ],
)
def test_unreadable_constraints(entry, message, full):
    with pytest.raises(StudyError, match=message):
        read_constraints([entry], full)
