"""From solved cycles to every cycle: sums add up, what was skipped lies on the polynomials between."""

import numpy as np
import pytest

from twin import names
from twin.results.record import INTEGRALS
from twin.simulators.long_cycling.cycle_jump import Cycle, Gap
from twin.simulators.long_cycling.cycle_table import CycleTable, cycle_table
from twin.simulators.long_cycling.step_plan import CyclePlan, StepEnds

NAMES = (names.VOLTAGE, *INTEGRALS)
START = 3.3
COUNT = 30


def voltage(n, step):
    return 3.0 + step - 0.01 * np.log1p(n)


def added(n, step):
    """What a step adds to each integral: a polynomial in ln(1 + n), so that gaps can be exact."""
    return (1 + step) * (2e-3 - 1e-4 * np.log1p(n))


def duration(n, step):
    return 1000.0 * (1 + step) - 50 * np.log1p(n)


def table(solved, landings=(), shift=0.0):
    """The table of a run of two steps a cycle; a landing cycle begins wherever the jump put it."""
    rows = [(-1, False, 0.0, [START] + [0.0] * len(INTEGRALS))]
    total = 0.0
    for n in solved:
        if n in landings:
            total += shift
            rows.append((n, False, 0.0, [voltage(n - 1, 1)] + [total] * len(INTEGRALS)))
        for step in (0, 1):
            total += added(n, step)
            rows.append((n, True, duration(n, step), [voltage(n, step)] + [total] * len(INTEGRALS)))
    cycle, is_end, seconds, values = zip(*rows, strict=True)
    return CycleTable(np.array(cycle), np.array(is_end), np.array(seconds), np.array(values), NAMES)


def truth(count):
    """(value of an integral, time, voltage) at the end of every step, from the start of the run on."""
    steps = [(n, step) for n in range(count) for step in (0, 1)]
    integral = np.cumsum([0.0, *(added(*one) for one in steps)])
    time = np.cumsum([0.0, *(duration(*one) for one in steps)])
    return integral, time, np.array([START, *(voltage(*one) for one in steps)])


def assert_is_the_truth(record, count):
    integral, time, volts = truth(count)
    np.testing.assert_array_equal(record.cycle, [-1, *np.repeat(np.arange(count), 2)])
    for name in INTEGRALS:
        np.testing.assert_allclose(record.values[name], integral, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(record.time, time, rtol=1e-9)
    np.testing.assert_allclose(record.values[names.VOLTAGE], volts, rtol=1e-9)


def test_a_run_without_gaps_is_what_was_solved():
    record = table(range(COUNT)).filled([], COUNT, "completed", ("a note",))
    assert_is_the_truth(record, COUNT)
    assert record.computed.all()
    assert (record.end, record.notes) == ("completed", ("a note",))


# what the solver had added up on landing is a prediction, and is not what the record shows
@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_gaps_are_filled_and_integrals_run_on_through_them(shift):
    skipped = [np.arange(5, 12), np.arange(15, 28)]
    solved = [n for n in range(COUNT) if not any(n in own for own in skipped)]
    gaps = [Gap(skipped[0], (12, 4, 3, 2, 1)), Gap(skipped[1], (28, 14, 13, 12, 4))]
    record = table(solved, landings=(12, 28), shift=shift).filled(gaps, COUNT, "completed", ())
    assert_is_the_truth(record, COUNT)
    np.testing.assert_array_equal(np.flatnonzero(~record.computed), np.concatenate(skipped))


def test_a_run_that_ends_in_a_step_has_no_row_for_what_never_began():
    whole = table(range(4))
    short = CycleTable(
        whole.cycle[:-1], whole.is_end[:-1], whole.duration[:-1], whole.values[:-1], NAMES
    )
    record = short.filled([], 4, "hard_short", ())
    np.testing.assert_array_equal(record.cycle, [-1, 0, 0, 1, 1, 2, 2, 3])
    assert record.end == "hard_short"


NOTHING_SET = np.zeros(1)


class Solver:
    """Records the state and the parameter, so that rows can be told apart."""

    def recorded(self, parameters, x):
        return np.column_stack([x[:, 0], np.full(len(x), parameters[0])])


def solved_cycle(number, start, reasons, parameters=NOTHING_SET):
    values = np.array([[10.0 * number + step, 0.0, 60.0, 3.0] for step in range(len(reasons))])
    begun = np.array([start])
    ends = StepEnds(values, reasons)
    return Cycle(number, CyclePlan(()), parameters, begun, ends, None, np.empty(0))


def test_a_table_has_the_start_of_the_run_of_each_landing_and_every_step_that_ran():
    cycles = [
        solved_cycle(0, 0.5, ("time", "cut_off")),
        solved_cycle(1, 1.0, ("skipped", "cut_off")),
        solved_cycle(7, 65.0, ("time", "cut_off")),
    ]
    found = cycle_table(Solver(), ("state", "parameter"), NOTHING_SET, np.array([0.5]), cycles)
    np.testing.assert_array_equal(found.cycle, [-1, 0, 0, 1, 7, 7, 7])
    np.testing.assert_array_equal(found.is_end, [False, True, True, True, False, True, True])
    np.testing.assert_array_equal(found.values[:, 0], [0.5, 0, 1, 11, 65, 70, 71])
    np.testing.assert_array_equal(found.duration, [0, 60, 60, 60, 0, 60, 60])


def test_every_step_is_recorded_with_the_parameters_that_it_ran_with():
    warm = np.array([[1.0], [2.0]])
    cycles = [
        solved_cycle(0, 0.5, ("time", "cut_off"), warm),
        solved_cycle(1, 1.0, ("time", "cut_off")),
        solved_cycle(2, 11.0, ("skipped", "cut_off"), warm),
    ]
    found = cycle_table(Solver(), ("state", "parameter"), NOTHING_SET, np.array([0.5]), cycles)
    np.testing.assert_array_equal(found.values[:, 1], [0, 1, 2, 0, 0, 2])
    np.testing.assert_array_equal(found.values[:, 0], [0.5, 0, 1, 10, 11, 21])
