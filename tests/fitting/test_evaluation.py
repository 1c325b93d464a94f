"""Many points at once: which runs are made for the rows, and that none of it changes an answer."""

import dataclasses

import numpy as np
import pytest

from twin.fitting.likelihood import deviation
from twin.fitting.problem import problem_of
from twin.measured.runs import predict_survivor
from twin.simulators import results_of


@pytest.fixture(scope="module")
def problem():
    return problem_of("Chang2023")


def test_a_run_that_begins_another_is_read_off_it(problem):
    """The three-electrode cell's hundred cycles are the first of the 1500; both rate tests are one."""
    kept = problem.simulations
    assert sorted(place for one in kept for place in one.readers) == list(range(len(problem.runs)))
    shared = [{row.id for place in one.readers for row in problem.runs[place].rows} for one in kept]
    assert {"C01", "C02", "C03", "C10", "C11"} in shared
    assert {"C20", "C21", "C22", "C40", "C41", "C42"} in shared
    assert len(kept) < len(problem.runs)


def test_a_run_ends_where_no_row_asks_for_more(problem):
    cycles = {
        row.id: one.protocol.number_of_cycles
        for one in problem.simulations
        for place in one.readers
        for row in problem.runs[place].rows
    }
    # the 0.5C of C22 ends in cycle 15 of 25; C12 is the second of four currents
    assert (cycles["C20"], cycles["C12"], cycles["C55"], cycles["C04"]) == (15, 10, 800, 1500)


def test_entries_are_those_of_each_run_alone(problem):
    point = problem.start
    (entries,) = problem.entries(point[None], processes=1)
    cells = problem.cells_at(point)
    for run in problem.runs:
        cell = run.cell_as_measured(cells[run.cell])
        (alone,) = results_of([(cell, run.protocol)])
        for row in run.rows:
            if row.observable == "lifetime":
                continue  # goes on at the pace of its run's end
            predicted = predict_survivor(alone, row, cell, run.protocol)
            expected = deviation(row, predicted, problem.spreads[row.observable])
            found = entries[problem.likelihood.names.index(row.id)]
            # jumps fall elsewhere in a longer run; points of percent count a hundredfold
            tolerance = 0.2 if problem.spreads[row.observable].points else 2e-3
            assert found == pytest.approx(expected, abs=tolerance), row.id


def test_one_process_and_two_give_the_same(problem):
    few = dataclasses.replace(problem, runs=problem.runs[7:9])
    points = 0.2 * np.random.default_rng(0).standard_normal((13, len(few.searched)))
    done = []
    one = few.entries(points, processes=1, found=done.append)
    assert len(done) > 1
    assert np.array_equal(np.concatenate(done), one)
    assert np.array_equal(one, few.entries(points, processes=2))
    assert one[4] == pytest.approx(few.entries(points[4:5], processes=1)[0], rel=1e-9)
