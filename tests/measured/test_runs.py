"""Rows and the runs that they belong to: which are run together, and where in a run a row is read."""

import dataclasses
import math

import pytest

import twin
from twin.measured.experiment import read_experiment
from twin.measured.runs import predict, shortfall

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
        assert predict(run, row, cell) == pytest.approx(expected, rel=1e-12)
    late = dataclasses.replace(capacity, cycle=None, time=2 * float(run["time"][-1]))
    assert math.isnan(predict(run, late, cell))
    assert shortfall(run, late, protocol) == pytest.approx(2)


def test_shortfall_of_a_row_in_a_cycle_counts_cycles(capacity):
    cell = twin.load_cell(FULL)
    protocol = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=25)
    run = twin.simulate(cell, protocol)
    assert shortfall(run, capacity, protocol) == 2
    assert shortfall(run.isel(cycle=slice(0, 0)), capacity, protocol) == 50
    assert (
        shortfall(run.isel(cycle=slice(0, 5)), dataclasses.replace(capacity, cycle=None), protocol) == 5
    )


def test_observable_that_the_cell_does_not_have_names_the_row(experiment):
    (row,) = (row for row in experiment.rows if row.id == "C50")
    symmetric = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    run = twin.simulate(symmetric, twin.Protocol(["Rest for 1 hour"]))
    with pytest.raises(twin.errors.ObservationError, match=r"rows.csv, line \d+: C50: .*has no"):
        predict(run, row, symmetric)
