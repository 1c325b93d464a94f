"""Each result is described once, and what is described is what runs hold."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import ObservationError
from twin.results import quantities
from twin.results.quantities import is_event, quantity_behind, variable_of


@pytest.mark.parametrize("name", ["full", "bare"])
def test_a_run_holds_what_the_table_says_of_its_cell(name, request, shallow):
    cell = request.getfixturevalue(name)
    run = twin.simulate(cell, shallow)
    said = {**quantities.RESULTS, **quantities.HANDED_ON}
    described = {key for key, quantity in said.items() if quantity.is_of(cell)}
    assert described == {*run.data_vars, "cycle"}
    for key in described:
        assert run[key].attrs == said[key].attributes


def test_what_has_no_value_where_nothing_failed_is_an_event(full):
    run = twin.simulate(full, twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]))
    numbers = run.drop_vars(["outcome", "notes"])
    missing = {str(key) for key in numbers.data_vars if numbers[key].isnull().all()}
    assert run["outcome"].item() == "completed"
    described = {key for key, quantity in quantities.RESULTS.items() if quantity.is_of(full)}
    assert {key for key in described if is_event(key)} == {key for key in missing if not run[key].dims}


def test_names_made_of_a_quantity_are_read_as_it():
    retention = quantities.RESULTS["capacity_retention"]
    for name in (
        "capacity_retention",
        "capacity_retention_low",
        "difference_capacity_retention",
        "baseline_capacity_retention",
        "capacity_retention_q5",
        "capacity_retention_q2.5_high",
    ):
        assert quantity_behind(name) is retention  # fmt: skip
    assert quantity_behind("lifetime_low") is quantities.RESULTS["lifetime"]
    for name in ("thickness", "low", "difference_", "capacity_retention_of_mine"):
        assert quantity_behind(name) is None


def test_every_quantity_stands_under_its_own_name():
    for section in (
        quantities.RESULTS, quantities.STUDIES, quantities.FORECASTS, quantities.SPECTRA,
        quantities.TIME_SERIES, quantities.DRAWN_PARAMETERS, quantities.LAB_TESTS,
    ):  # fmt: skip
        assert all(name == quantity.name for name, quantity in section.items())
        assert all(quantity.units and quantity.long_name for quantity in section.values())
    assert not set(quantities.RESULTS) & set(quantities.STUDIES)


def test_a_variable_that_is_not_there_is_answered_with_the_nearest():
    data = xr.Dataset({"capacity_retention": ("cycle", np.ones(2))})
    with pytest.raises(ObservationError, match=r"did you mean 'capacity_retention'\?"):
        variable_of(data, "capacity_retetion")
