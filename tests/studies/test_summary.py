"""The summary of a study tells medians, intervals and chances of the draws that have an answer."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin import names


def test_summary_leaves_out_what_gave_no_answer_and_never_averages_infinity():
    outcomes = ["completed", "hard_short", "completed", "infeasible"]
    data = xr.Dataset(
        {
            "capacity_retention": (("x", "draw"), [[0.9, 0.0, 0.8, np.nan]]),
            "short_circuit": (("x", "draw"), [[0.0, 1.0, 0.0, 0.0]]),
            "short_circuit_onset_cycle": (("x", "draw"), [[np.nan, 7.0, np.nan, np.nan]]),
            "outcome": (("x", "draw"), [outcomes]),
        }
    )
    summary = twin.summarise_study(data).isel(x=0)
    assert summary["capacity_retention"].sel(quantile=0.5) == 0.8
    assert summary["short_circuit_onset_cycle"].values.tolist() == [7.0, np.inf, np.inf]
    assert summary["short_circuit_probability"] == pytest.approx(1 / 3)
    assert summary["usable_draws"] == 3
    assert summary["outcomes"].sum() == len(outcomes)
    assert summary["outcomes"].sel(outcome="infeasible") == 1
    assert set(summary["outcome"].values) == set(names.OUTCOMES)


def test_summary_of_a_point_without_any_answer_is_not_a_number():
    values = (("x", "draw"), [[np.nan, np.nan], [0.9, 0.7]])
    data = xr.Dataset(
        {
            "capacity_retention": values,
            "short_circuit": (("x", "draw"), np.zeros((2, 2))),
            "short_circuit_onset_cycle": (("x", "draw"), np.full((2, 2), np.nan)),
            "outcome": (("x", "draw"), [["infeasible"] * 2, ["completed"] * 2]),
        }
    )
    median = twin.summarise_study(data)["capacity_retention"].sel(quantile=0.5)
    assert np.isnan(median[0])
    assert median[1] == pytest.approx(0.8)
