"""`twin fit`: from rows to files, in words and for machines, and on from where it stood."""

import json

import optuna
import pytest
import xarray as xr
from typer.testing import CliRunner

import twin
from twin.cli import app
from twin.fitting.storages import opened

FAMILY = "Luo2021"
"""The quickest: one run for all its rows."""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A fit that asks for more draws than it may evaluate, as machines see it, and its folder."""
    folder = tmp_path_factory.mktemp("fit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.fitting.sampling.most_evaluations", int)
        done = CliRunner().invoke(app, command(folder, "--json"))
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), folder


def command(folder, *more):
    storage = f"journal:///{folder / 'fits.log'}"
    words = ["--trials", "8", "--draws", "200", "--storage", storage, "--workers", "1"]
    return ["fit", FAMILY, *words, "--out", str(folder), *more]


@pytest.mark.slow
def test_a_fit_tells_machines_what_it_found_and_what_it_is_worth(fitted):
    answer, _ = fitted
    assert answer["trials"] == 8
    assert answer["objective"] == min(answer["starts"].values())
    assert len(answer["starts"]) >= 3
    for name, value in answer["values"].items():
        low, high = answer["intervals"][name]
        assert low < value < high, name
    assert set(answer["informed"]) == set(answer["values"])
    assert [path.rsplit("/", 1)[-1] for path in answer["files"]] == [
        f"{FAMILY}.toml",
        f"{FAMILY}_draws.nc",
    ]


@pytest.mark.slow
def test_a_fit_that_has_not_converged_succeeds_and_says_so_in_its_file(fitted):
    answer, folder = fitted
    assert answer["converged"] is False
    assert answer["doubt"].startswith("The posterior has not converged")
    kept = twin.load(folder / f"{FAMILY}_draws.nc")
    assert kept.attrs["doubt"] == answer["doubt"]
    with xr.open_datatree(folder / f"{FAMILY}_draws.nc") as groups:
        assert set(groups.children) >= {
            "posterior", "sample_stats", "log_likelihood", "posterior_predictive", "prior_predictive",
            "observed_data", "leave_one_out", "prior_distribution", "starts", "forecast_effective",
        }  # fmt: skip
        assert groups["starts"]["objective"].to_series().to_dict() == pytest.approx(answer["starts"])
        # every run of 6 rows is one run of the cell
        assert groups.attrs["runs"] == answer["evaluations"]
        assert groups.attrs["runs_per_second"] * groups.attrs["seconds"] == pytest.approx(
            groups.attrs["runs"]
        )


@pytest.mark.slow
def test_the_same_command_goes_on_and_tells_people(fitted):
    _, folder = fitted
    studies = optuna.get_all_study_summaries(opened(f"journal:///{folder / 'fits.log'}"))
    assert {study.study_name for study in studies} == {FAMILY, f"{FAMILY}: evaluations"}
    refused = CliRunner().invoke(app, command(folder))
    assert refused.exit_code != 0
    assert "--overwrite" in refused.output
    done = CliRunner().invoke(app, command(folder, "--overwrite"))
    assert done.exit_code == 0, done.output
    assert "after 8 trials" in done.output
    assert "descents agree on the optimum" in done.output
    assert "prior 5 to 95 %" in done.output.replace("\n", " ")
