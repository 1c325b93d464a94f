"""The conditions that were fitted, and whether a protocol lies inside them."""

import csv
import math

import pytest

import twin
from twin import names
from twin.fitting.conditions import conditions_of
from twin.fitting.fitted_span import beside_fitted, fitted_spans
from twin.measured.experiment import read_experiment
from twin.parameter_sets import shipped
from twin.protocols import Block, Protocol

COATED = "Chang2023_LiAlO2_LGPS_symmetric"
MILLIAMPERE = 10.0
"""One mA/cm2 [A/m2]."""


def fit_rows():
    path = shipped("experiments") / "Chang2023" / "rows.csv"
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row["role"] == "fit"]


def test_span_of_the_coating_of_chang2023_is_what_its_rows_say():
    (part,) = {own.part for own in twin.load_cell(COATED).parameters.values() if "coatings" in own.part}
    span = fitted_spans(twin.load_cell(COATED))[part]
    own = [row for row in fit_rows() if "LiAlO2" in row["cell"] and row["settings"]]
    thickness = [float(row["settings"].partition("=")[2]) for row in own]
    assert span[names.COATING_THICKNESS] == (min(thickness), max(thickness))
    hours = [float(row["value"]) for row in own if row["unit"] == "h"]
    assert span[names.RUN_TIME][1] == pytest.approx(max(hours))
    # that longest row lived through half-cycles of one hour
    assert span[names.CYCLES][1] == max(hours) / 2
    # 1C, of the full cell's rate test, is the highest current unless a rate test in mA/cm2 was fitted
    full = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    rate = full.values[names.NOMINAL_CAPACITY] / full.area
    tested = [float(row["at"].split()[0]) for row in own if row["protocol"].endswith("1.0 mA/cm2")]
    highest = max([rate, *(current * MILLIAMPERE for current in tested)])
    assert span[names.CHARGE_CURRENT][1] == pytest.approx(highest)


def test_rows_that_are_held_out_do_not_widen_the_span():
    bare = twin.load_cell("Chang2023_Li_LGPS_symmetric")
    span = fitted_spans(bare)[bare.parameters[names.GROWTH_RATE].part]
    in_rate_test = [
        float(row["at"].split()[0])
        for row in fit_rows()
        if row["cell"] == bare.name and row["protocol"].startswith("rate test")
    ]
    # the held-out row of the same test was read at a higher current
    assert span[names.CHARGE_CURRENT][1] == pytest.approx(MILLIAMPERE * max(in_rate_test))


def every_fitted_run():
    for name in ("Chang2023", "Duan2023", "Liu2018", "Luo2021"):
        experiment = read_experiment(name)
        fitted = experiment.fitted_cells()
        for run in experiment.runs_of([row for row in experiment.rows if row.role == "fit"]):
            last = max((row.cycle or 1 for row in run.rows), default=1)
            cell = run.cell_as_measured(fitted[run.cell])
            yield cell, run.protocol.first(last)


def test_what_was_fitted_lies_inside():
    for cell, protocol in every_fitted_run():
        outside = [own for own in beside_fitted(cell, protocol) if own.distance != 0]
        assert not outside, (cell.name, outside)


@pytest.mark.parametrize(
    ("steps", "key", "distance"),
    [
        (["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 20 mA/cm2 for 18 s"],
         names.CHARGE_CURRENT, None),
        (["Discharge at 0.1 mA/cm2 for 20 hours", "Charge at 0.1 mA/cm2 for 20 hours"],
         names.HALF_CYCLE_CHARGE, math.log(2)),
        (["Discharge at 0.1 mA/cm2 for 1 hour at 45 oC", "Charge at 0.1 mA/cm2 for 1 hour"],
         names.WORKING_TEMPERATURE, 2 * math.log(2)),
    ],
)  # fmt: skip
def test_distance_is_that_beyond_the_end_of_the_span(steps, key, distance):
    found = {own.key: own.distance for own in beside_fitted(twin.load_cell(COATED), Protocol(steps, 3))}
    assert found[key] > 0
    if distance is not None:
        assert found[key] == pytest.approx(distance)
    assert {own for own, far in found.items() if far > 0} == {key}


def test_conditions_of_a_protocol_are_those_of_its_steps():
    cell = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    slow = ["Charge at C/10 until 4.2 V", "Hold at 4.2 V until C/20", "Discharge at C/10 until 2.6 V"]
    ageing = Block("ageing", ["Charge at 1C until 4.2 V", "Discharge at 2C for 6 minutes"], 5,
                   temperature="45 oC", pressure="5 MPa")  # fmt: skip
    found = conditions_of(cell, Protocol([Block("slow", slow), ageing], cycles=2))
    rate = cell.values[names.NOMINAL_CAPACITY] / cell.area
    assert found[names.CHARGE_CURRENT] == pytest.approx((rate / 10, rate))
    assert found[names.DISCHARGE_CURRENT] == pytest.approx((rate / 10, 2 * rate))
    assert found[names.WORKING_TEMPERATURE] == pytest.approx((298.15, 318.15))
    assert found[names.STACK_PRESSURE] == (5e6, cell.values[names.STACK_PRESSURE])
    assert found[names.CYCLES] == (0, 12)
    assert found[names.RUN_TIME][1] == pytest.approx(2 * (20 + 5 * 1.1))
    assert found[names.HALF_CYCLE_CHARGE] == pytest.approx((0.2 * rate * 3600, rate * 3600))


def test_a_cell_that_no_fit_has_seen_has_no_span():
    cell = twin.load_cell(COATED)
    unfitted = read_experiment("Chang2023").cells[COATED]
    assert fitted_spans(cell)
    assert beside_fitted(unfitted, Protocol(["Rest for 1 hour"])) == ()
