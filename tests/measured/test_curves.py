"""Curves over cycles, measured and run: which values count, and how far one is from the other."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import DatasetError
from twin.measured.curves import curves_of, predicted, whole_cycles
from twin.measured.readings import of_curve
from twin.measured.spread import ASSUMED
from twin.parameter_sets import load_cell
from twin.protocols.half_cycle_voltages import spelled_out
from twin.protocols.standard import standard_protocol
from twin.results.dataset import unlabelled
from twin.results.quantities import curve_quantity


def measured(**curves):
    count = len(next(iter(curves.values())))
    return xr.Dataset(
        {name: ("cycle", np.array(values, dtype=float)) for name, values in curves.items()},
        coords={"cycle": np.arange(1, count + 1)},
    )


def test_a_cycle_without_a_value_is_left_out_and_keeps_its_number():
    (curve,) = curves_of(measured(discharge_capacity=[3e-3, np.nan, 2.9e-3, 0.0, np.inf]), ASSUMED)
    assert curve.cycles.tolist() == [1, 3]
    assert curve.values.tolist() == [3e-3, 2.9e-3]


def test_errors_are_ln_ratios_of_capacities_and_points_of_efficiencies():
    data = measured(discharge_capacity=[2.0, 2.0], coulombic_efficiency=[0.99, 0.98])
    capacity, efficiency = curves_of(data, ASSUMED)
    assert capacity.errors(np.array([2.0, 2.2])) == pytest.approx([0.0, np.log(1.1)])
    assert efficiency.errors(np.array([0.995, 0.98])) == pytest.approx([0.5, 0.0])


def test_what_enters_is_what_was_asked_for():
    data = measured(discharge_capacity=[2.0], energy_efficiency=[0.9])
    assert [own.name for own in curves_of(data, ASSUMED)] == ["discharge_capacity"]
    (own,) = curves_of(data, ASSUMED, enters=["energy_efficiency"])
    assert own.name == "energy_efficiency"
    with pytest.raises(DatasetError, match="did you mean 'energy_efficiency'"):
        curves_of(data, ASSUMED, enters=["energy_eficiency"])
    with pytest.raises(DatasetError, match="no value of mean_charge_voltage in any cycle"):
        curves_of(data, ASSUMED, enters=["mean_charge_voltage"])
    with pytest.raises(DatasetError, match="no cycles"):
        curves_of(data.drop_vars("cycle"), ASSUMED)


def test_a_symmetric_cell_counts_by_its_overpotential():
    """The charge that it passes is the one that it is told to pass."""
    data = measured(discharge_capacity=[2.0], coulombic_efficiency=[1.0], cell_overpotential=[0.1])
    assert [own.name for own in curves_of(data, ASSUMED)] == ["cell_overpotential"]


def test_every_curve_is_a_result_of_a_run_and_a_row_may_be_about_it():
    for name in spelled_out(tuple(ASSUMED)):
        assert curve_quantity(name) is not None
        assert of_curve(name).in_a_cycle


@pytest.mark.parametrize("name", ["Chang2023_LiAlO2_LGPS_LCO", "Chang2023_Li_LGPS_symmetric"])
def test_a_run_says_what_its_dataset_holds(name):
    cell = load_cell(name)
    run = twin.simulate(cell, standard_protocol(cell, 4))
    names = ["discharge_capacity", "coulombic_efficiency"]
    found = predicted(unlabelled(run), names, 4)
    assert found == pytest.approx(np.array([run[name].values for name in names]))
    with pytest.raises(DatasetError, match="leave it out of 'enters'"):
        predicted(unlabelled(run), ["no_such_curve"], 4)


def test_after_its_end_a_run_says_what_its_last_whole_cycle_said():
    run = {"discharge_capacity": (("cycle",), np.array([3.0, 2.0, np.nan, 1.0, 0.1]))}
    whole = predicted(run, ["discharge_capacity"], 7)
    assert whole.tolist() == [[3.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0]]
    assert predicted(run, ["discharge_capacity"], 5).tolist() == [[3.0, 2.0, 2.0, 1.0, 0.1]]
    died = {"discharge_capacity": (("cycle",), np.array([0.1]))}
    assert predicted(died, ["discharge_capacity"], 2).tolist() == [[0.0, 0.0]]


def test_a_last_cycle_that_is_broken_off_does_not_count():
    data = measured(discharge_capacity=[3.0, 3.0, 1.0], capacity_retention=[1.0, 1.0, np.nan])
    assert whole_cycles(data)["cycle"].values.tolist() == [1, 2]
    finished = measured(discharge_capacity=[3.0, 3.0, 3.0], capacity_retention=[1.0, 1.0, 1.0])
    assert whole_cycles(finished).sizes["cycle"] == 3
    without = measured(cell_overpotential=[0.1, 0.2], capacity_retention=[np.nan, np.nan])
    assert whole_cycles(without).sizes["cycle"] == 2
