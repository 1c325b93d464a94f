"""Each kind of study gets the pictures that answer it."""

import made_up
import numpy as np
import pytest

from twin import plots
from twin.results.intervals import interval


def test_two_long_dimensions_are_maps():
    figures = plots.study_figures(made_up.study())
    assert list(figures) == ["short_circuit_onset_cycle", "capacity_retention"]
    for figure in figures.values():
        assert figure.axes[0].get_xlabel() == "Coating thickness / nm"
        assert figure.axes[1].get_label() == "<colorbar>"


def test_a_short_dimension_becomes_lines():
    study = made_up.study().isel(thickness=[0, 3])
    figure = plots.study_figures(study)["capacity_retention"]
    assert figure.axes[0].get_xlabel() == "Current density / mA/cm²"
    assert len(figure.axes[0].lines) == 2


def test_further_dimensions_stand_at_a_value_that_the_title_says():
    study = made_up.study().expand_dims(temperature=[333.15])
    study["temperature"].attrs = {"units": "K", "long_name": "Temperature"}
    figure = plots.study_figures(study)["capacity_retention"]
    assert figure.get_suptitle() == "Temperature 60 °C"


def test_no_picture_of_shorts_where_none_comes():
    study = made_up.study().isel(thickness=[5, 6], current=[0])
    assert list(plots.study_figures(study)) == ["capacity_retention"]


def test_a_prescribed_retention_gives_way_to_the_lifetime():
    study = made_up.study()
    study["capacity_retention"][:] = 1.0
    study["lifetime"] = 2 * study["short_circuit_onset_cycle"]
    study["lifetime"].attrs = {"units": "h", "long_name": "Time of the first failure of any kind"}
    figures = plots.study_figures(study)
    assert list(figures) == ["short_circuit_onset_cycle", "lifetime"]
    study["lifetime"][:], study["short_circuit_onset_cycle"][:] = np.nan, np.nan
    assert plots.study_figures(study) == {}


def test_a_symmetric_cell_is_told_by_its_overpotential_too():
    study = made_up.study()
    study["lifetime"] = 2 * study["short_circuit_onset_cycle"]
    study["cell_overpotential"] = 2 * study["capacity_retention"]
    shown = ["short_circuit_onset_cycle", "lifetime", "cell_overpotential"]
    assert list(plots.study_figures(study)) == shown
    study["lifetime"][:], study["short_circuit_onset_cycle"][:] = np.nan, np.nan
    assert plots.answers_of(study) == ["cell_overpotential"]


def test_where_few_draws_short_their_chance_is_shown():
    study = made_up.study().isel(thickness=[4, 5, 6], current=[2, 3, 4])
    onset = study["short_circuit_onset_cycle"]
    onset[:] = np.nan
    onset[1, 1, :3] = 700.0
    study["short_circuit"] = onset.notnull().astype(float)
    figure = plots.study_figures(study)["short_circuit"]
    assert "Chance of a short circuit" in figure.axes[1].get_ylabel()
    low, share, high = interval(study, "short_circuit").isel(thickness=1, current=1).values
    assert share == 3 / 20
    belief = np.arange(
        0.00005, 1, 0.0001
    )  # Jeffreys: the chance p weighs p^3 (1 - p)^17 / sqrt(p (1 - p))
    weight = belief**2.5 * (1 - belief) ** 16.5
    assert weight[belief < low].sum() / weight.sum() == pytest.approx(0.05, abs=2e-3)
    assert weight[belief > high].sum() / weight.sum() == pytest.approx(0.05, abs=2e-3)
    none = interval(study, "short_circuit").isel(thickness=0, current=0).values
    assert none[0] == none[1] == 0 < none[2] < 0.15


def test_where_steps_differ_the_energy_tells_more_than_the_retention():
    study = made_up.study()
    study["energy_delivered"] = study["capacity_retention"] * study["current"]
    assert plots.answers_of(study)[-1] == "capacity_retention"
    study["current"].attrs["field"] = "current"
    assert plots.answers_of(study)[-1] == "energy_delivered"


def test_points_of_a_list_are_named_by_their_values():
    study = made_up.study().isel(current=slice(0, 3), thickness=0, drop=True)
    study = study.swap_dims(current="point")
    figure = plots.study_figures(study)["capacity_retention"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "0.05 mA/cm²", "0.1 mA/cm²", "0.2 mA/cm²",
    ]  # fmt: skip


def test_one_point_shows_its_draws():
    figure = plots.study_figures(made_up.study().isel(thickness=1, current=2))["capacity_retention"]
    assert figure.axes[0].get_ylabel() == "Draws"


def test_a_search_shows_its_front_or_its_one_objective():
    result = made_up.search()
    figure = plots.study_figures(result)["search"]
    assert figure.axes[0].get_ylabel() == "Capacity retention / %"
    one = result.drop_vars(["charge_time_low", "charge_time_high"])
    figure = plots.study_figures(one)["search"]
    assert figure.axes[0].get_xlabel() == "Charge current / mA/cm²"
