"""Results in the units that people use, under the names that they read."""

import numpy as np
import pytest
import xarray as xr

from twin.results.readable import heading, never, readable


@pytest.mark.parametrize(
    ("values", "units", "shown", "label"),
    [
        ([1e-7, 2e-7], "m", [100, 200], "Thing / nm"),
        ([1e-7, 2e-5], "m", [0.1, 20], "Thing / µm"),
        ([0.0], "m", [0], "Thing / nm"),
        ([0.01], "Ohm m2", [100], "Thing / Ω cm²"),
        ([298.15], "K", [25], "Thing / °C"),
        ([7200.0], "s", [2], "Thing / h"),
        ([2e6], "Pa", [2], "Thing / MPa"),
        ([0.5], "1", [0.5], "Thing"),
    ],
)
def test_numbers_are_in_the_unit_of_their_size(values, units, shown, label):
    found = readable(xr.DataArray(values, attrs={"units": units, "long_name": "Thing"}))
    assert found.values == pytest.approx(shown)
    assert found.label == label


def test_shares_are_in_percent_under_every_name_made_of_theirs():
    for name in (
        "capacity_retention",
        "capacity_retention_low",
        "difference_capacity_retention",
        "short_circuit",
        "alive",
    ):
        variable = xr.DataArray([0.25], name=name, attrs={"units": "1", "long_name": name})
        assert readable(variable).entry(0) == "25 %"  # fmt: skip
    assert readable(xr.DataArray([0.25], name="contact_fraction", attrs={"units": "1"})).unit == ""


def test_a_key_lends_its_name_and_its_unit():
    variable = xr.DataArray([1e-7], name="Coating thickness [m]")
    assert readable(variable).label == "Coating thickness / nm"


def test_words_stay_words():
    found = readable(xr.DataArray(["bare", "LiAlO2"], name="coating"))
    assert found.is_text
    assert found.entry(1) == "LiAlO2"


def test_a_unit_may_be_that_of_a_larger_companion():
    small, large = (xr.DataArray([v], attrs={"units": "m"}) for v in (5e-9, 5e-6))
    assert readable(small, like=large).unit == "µm"


def test_what_never_comes_is_named_by_the_event():
    study = xr.Dataset(attrs={"cycles": 800})
    assert never(study, "lifetime") == "no failure within 800 cycles"
    assert never(study, "short_circuit_onset_time") == "no short within 800 cycles"


def test_a_study_is_headed_by_its_cell_its_changes_its_cycles_and_its_draws():
    study = xr.Dataset(coords={"draw": np.arange(50)}, attrs={"cell": "Mine2024", "cycles": 800})
    assert heading(study) == "Mine2024, 800 cycles, 50 draws"
    study.attrs["changes"] = '{"Coating thickness [m]": [1e-7, 2e-7]}'
    assert heading(study) == "Mine2024, coating thickness 100 nm, was 200 nm, 800 cycles, 50 draws"
