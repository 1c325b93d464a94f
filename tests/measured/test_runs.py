"""Rows and the runs that they belong to: which are run together, and where in a run a row is read."""

import dataclasses
import math

import numpy as np
import pytest

import twin
from twin.measured.experiment import read_experiment
from twin.measured.runs import last_cycle_of, predict, predict_survivor, survived
from twin.results.dataset import unlabelled

FULL = "Chang2023_LiAlO2_LGPS_LCO"


@pytest.fixture(scope="module")
def experiment():
    return read_experiment("Chang2023")


@pytest.fixture(scope="module")
def capacity(experiment):
    (row,) = (row for row in experiment.rows if row.id == "C50")
    return row


def test_rows_of_equal_cells_and_protocols_share_a_run(experiment):
    """C50 to C54 and the impedance after 96 cycles: the same cycling, under two names."""
    (run,) = (run for run in experiment.runs if "C50" in {row.id for row in run.rows})
    assert {row.id for row in run.rows} == {"C50", "C51", "C53", "C54", "C60", "C62", "C64"}
    cell = run.cell_as_measured(twin.load_cell(run.cell).replace({"Coating thickness [m]": 1e-7}))
    assert cell.values["Coating thickness [m]"] == 200e-9


def test_row_at_a_time_is_read_in_the_cycle_that_runs_then(capacity):
    """Where cut-offs end the steps, only the run knows which one that is."""
    cell = twin.load_cell(FULL)
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=30)
    run = twin.simulate(cell, protocol)
    fourth = float(run["time"].sel(cycle=4))
    for hours, cycle in ((fourth * 0.999, 4), (fourth, 4), (fourth * 1.001, 5), (1e-3, 1)):
        row = dataclasses.replace(capacity, cycle=None, time=hours)
        expected = float(run["specific_discharge_capacity"].sel(cycle=cycle))
        assert predict(unlabelled(run), row, cell) == pytest.approx(expected, rel=1e-12)
    late = dataclasses.replace(capacity, cycle=None, time=2 * float(run["time"][-1]))
    assert math.isnan(predict(unlabelled(run), late, cell))


def dead_after(capacities, protocol, **results):
    """A run that ended in its last cycle; each cycle took an hour and delivered so many mAh/g."""
    count = len(capacities)
    plain = {"lifetime": math.nan, "failure_progress": 1.0, "outcome": "hard_short"} | results
    return {
        "time": (("cycle",), np.arange(1.0, count + 1)),
        "specific_discharge_capacity": (("cycle",), np.asarray(capacities, dtype=float)),
        **{name: ((), np.asarray(value)) for name, value in plain.items()},
    }


def test_row_that_a_run_did_not_reach_is_read_in_its_last_whole_cycle(capacity):
    """Also where it had failed before: one that just reaches the row is read then, failed as it is."""
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=50)
    run = dead_after([100, 99, 98, 40, 7], protocol, lifetime=3.5)
    assert predict_survivor(run, capacity, None, protocol) == 40
    reached = dataclasses.replace(capacity, cycle=4)
    assert predict_survivor(run, reached, None, protocol) == 40
    assert math.isnan(predict_survivor(dead_after([7], protocol), capacity, None, protocol))


def test_that_cycle_is_one_of_the_rows_own_kind(capacity):
    slow = ("Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V")
    fast = ("Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V")
    protocol = twin.Protocol([slow, fast, slow, fast, slow, fast])
    row = dataclasses.replace(capacity, cycle=6)
    assert predict_survivor(dead_after([100, 60, 90, 7], protocol), row, None, protocol) == 60
    assert math.isnan(predict_survivor(dead_after([100, 7], protocol), row, None, protocol))


def test_cell_lives_the_cycles_of_its_run_or_goes_on_at_its_pace():
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=50)
    assert survived(dead_after([100] * 20, protocol), protocol) == 20
    assert survived(dead_after([100] * 50, protocol, failure_progress=0.25), protocol) == 200
    # one that has failed in its last cycle, and one that runs on with a failed coating
    for progress in (1.0, 1.7):
        assert survived(dead_after([100] * 50, protocol, failure_progress=progress), protocol) == 50


def test_a_run_goes_as_far_as_its_rows_ask(capacity):
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=800)
    assert last_cycle_of(capacity, protocol) == 50
    assert last_cycle_of(dataclasses.replace(capacity, cycle=0), protocol) == 1
    in_hours = dataclasses.replace(capacity, cycle=None, time=3.0)
    assert last_cycle_of(in_hours, protocol) == 800
    lifetime = dataclasses.replace(capacity, observable="lifetime", unit="h")
    assert last_cycle_of(lifetime, protocol) == 800


def test_observable_that_the_cell_does_not_have_names_the_row(experiment):
    (row,) = (row for row in experiment.rows if row.id == "C50")
    symmetric = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    run = unlabelled(twin.simulate(symmetric, twin.Protocol(["Rest for 1 hour"])))
    with pytest.raises(twin.errors.ObservationError, match=r"rows.csv, line \d+: C50: .*has no"):
        predict(run, row, symmetric)
