"""Points of a study beside what was fitted: said in words, and no other than a forecast says."""

import numpy as np
import pytest

import twin
from twin.studies.beyond import beyond, in_words

THICKNESS = "Coating thickness [m]"
STEPS = ["Discharge at {current} for 1 hour", "Charge at {current} for 1 hour"]


@pytest.fixture(scope="module")
def study():
    """0.1 mA/cm2 was fitted to 3000 h of the cell with 200 nm; 2 mA/cm2 was not, nor a film of 1 um."""
    return twin.Study(
        twin.load_cell("Chang2023_LiAlO2_LGPS_symmetric"),
        vary={"current": ["0.1 mA/cm2", "2 mA/cm2"], THICKNESS: ["200 nm", "1000 nm"]},
        protocol=STEPS,
        cycles=50,
    )


def test_points_inside_have_no_words_and_no_wider_draws(study):
    near = beyond(study).isel({"current": 0, THICKNESS: 0})
    assert near["outside"].item() == ""
    assert near["model_error"].item() == 0


def test_what_lies_outside_is_named_with_its_distance(study):
    data = beyond(study)
    far, thick = data.isel({"current": 1, THICKNESS: 1}), data.isel({"current": 0, THICKNESS: 1})
    assert "current" in far["outside"].item()
    assert "coating thickness" in far["outside"].item()
    assert "times above" in far["outside"].item()
    assert far["model_error"].item() > thick["model_error"].item() > 0
    assert in_words(data).startswith("3 of 4 points lie outside what was fitted")
    assert in_words(data).endswith(f"the farthest: {far['outside'].item()}.")


def test_each_point_says_what_its_forecast_says(study):
    data = twin.what_if(study, draws=2)
    for point in study.grid.points():
        cell, protocol = point.cell_and_protocol(study.cell)
        asked = twin.forecast(cell, protocol, draws=1)
        told = data["model_error"].sel({axis.name: point.values[axis] for axis in study.grid.axes})
        assert told.item() == pytest.approx(asked["model_error"].item())
        assert np.isnan(told).sum() == 0


def test_a_temperature_that_the_laws_were_not_made_for_is_said_once():
    study = twin.Study(
        twin.load_cell("Chang2023_LiAlO2_LGPS_symmetric"),
        vary={"Ambient temperature [K]": [298.15, 400.0, 420.0]},
        protocol=["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"],
        cycles=2,
    )
    notes = beyond(study).attrs["notes"]
    assert notes.count("400 K is an extrapolation") == 1
    assert "298" not in notes


def test_a_cell_that_nobody_fitted_has_nothing_to_lie_outside_of(study):
    unfitted = twin.load_cell("Chang2023_LiAlO2_LGPS_symmetric", fitted=False)
    data = beyond(
        twin.Study(unfitted, vary={"current": ["0.1 mA/cm2", "9 mA/cm2"]}, protocol=STEPS, cycles=2)
    )
    assert (data["outside"] == "").all()
    assert in_words(data) == ""
