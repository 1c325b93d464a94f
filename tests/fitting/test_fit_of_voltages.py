"""Voltages within half-cycles in a fit: a made-up full cell gives back what its capacity leaves open."""

import numpy as np
import pytest
import tomli_w
from following_cell import CELL, error_along
from measured.cycler.written import series_of, written

import twin
from twin.errors import DatasetError
from twin.fitting.descent import descend
from twin.fitting.evaluated import Evaluated
from twin.fitting.problem import problem_of
from twin.measured.half_cycle_voltages import with_voltages
from twin.measured.spread import ASSUMED
from twin.parameter_sets import load_cell
from twin.protocols.half_cycle_voltages import HalfCycleVoltage, stopping_at, voltages_named

CYCLES = 10
PROTOCOL = twin.Protocol(["Charge at 1C until 3.68 V", "Discharge at 1C until 2.1 V"], cycles=CYCLES)
RESISTANCE = "Pristine interface resistance [Ohm.m2]"
FILE = "files/one.bdf.csv"
ASKED = [HalfCycleVoltage("discharge", percent) for percent in (20, 50)] + [
    HalfCycleVoltage("charge", 50)
]
WIDTH = 0.05
"""Step of the slopes, in standard deviations of the priors."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mine") / "full_cell"
    return twin.new_experiment(folder, CELL)


@pytest.fixture(scope="module")
def truth(folder):
    cell = load_cell(folder / "cell.toml")
    return cell.replace({RESISTANCE: 2 * cell.values[RESISTANCE]})


@pytest.fixture(scope="module")
def table(truth):
    return series_of(truth, PROTOCOL)


def test_what_is_read_off_a_series_is_what_the_run_says(truth, table, tmp_path):
    data = twin.read_measurements(written(table, tmp_path / "one.bdf.csv"), cell=truth)
    found = with_voltages(data, [own.name for own in ASKED], truth)
    run = twin.simulate(truth, stopping_at(PROTOCOL, ASKED, truth), jump=False)
    for own in ASKED:
        # between the points of the file the voltage is linear
        np.testing.assert_allclose(found[own.name], run[own.name], atol=3e-3)
    never = HalfCycleVoltage("discharge", 99)
    assert np.isnan(with_voltages(data, [never.name], truth)[never.name]).all()


def test_a_table_of_cycles_has_none(truth):
    data = twin.simulate(truth, PROTOCOL)
    with pytest.raises(DatasetError, match="no series of voltages"):
        with_voltages(data, [ASKED[0].name], truth)


def optimum(folder, enters):
    """The problem, the best fit to the file, and standard deviations that the slopes there tell."""
    entry = {"cell": "cell", "role": "fit", "enters": enters}
    (folder / "measurements.toml").write_text(tomli_w.dumps({FILE: entry}), encoding="utf-8")
    problem = problem_of(folder)
    evaluated = Evaluated(problem, processes=1)
    point, _ = descend(evaluated.residuals, problem.start, problem.bounds)
    moves = WIDTH * np.eye(len(point))
    slopes = evaluated.residuals(point + moves) - evaluated.residuals(point - moves)
    slopes /= 2 * WIDTH
    return problem, point, np.sqrt(np.diag(np.linalg.inv(slopes @ slopes.T)))


def test_a_made_up_cell_gives_back_what_its_capacity_leaves_open(folder, truth, table):
    error = error_along(np.arange(CYCLES), ASSUMED["discharge_voltage"], np.random.default_rng(1))
    factor = np.exp(error[table["Cycle Count / 1"].to_numpy() - 1])
    (folder / "files").mkdir(exist_ok=True)
    written(table.assign(**{"Voltage / V": table["Voltage / V"] * factor}), folder / FILE)
    _, _, by_capacity = optimum(folder, ["discharge_capacity"])
    problem, point, by_voltage = optimum(folder, ["discharge_capacity", "discharge_voltage"])
    voltages = voltages_named([row.observable for row in problem.likelihood.rows])
    assert [own.percent for own in voltages] == [20, 50, 80]
    labels = [searched.name for searched in problem.searched]
    true = problem.coordinates([truth.values[own.split(": ")[1]] for own in labels])
    # 1.645 deviations hold nine of ten; the cell differs from its family by what the spread says, too
    assert (np.abs(point - true) < 2 * by_voltage).all()
    # the capacity does not tell an interface from a charge transfer; the voltage tells how much of both
    place = [
        number for number, own in enumerate(labels) if "exchange current" in own or RESISTANCE in own
    ]
    assert (by_capacity[place] > 0.95).all()
    assert (by_voltage[place] < 0.9).all()


def test_a_followed_cell_is_followed_by_its_voltages(truth, table, tmp_path):
    data = twin.read_measurements(written(table, tmp_path / "one.bdf.csv"), cell=truth)
    asked = ["discharge_capacity", "discharge_voltage_at_50_percent"]
    state = twin.update(load_cell(CELL), data, enters=asked, particles=30, horizon=20)
    assert state.observed.names == tuple(asked)
    again = twin.update(state, data)
    assert again is state
    without = twin.update(load_cell(CELL), data, enters=asked[:1], particles=30, horizon=20)
    own = [name for name in state.parameters if RESISTANCE in name]
    widths = [
        np.ptp(one.history["parameter_value"].isel(update=-1).sel(parameter=own).values)
        for one in (state, without)
    ]
    assert widths[0] < widths[1]
