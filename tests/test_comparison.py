"""A choice by evidence: what does nothing loses to what is simpler, what the rows need wins."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from benchmarks.made_up_family import GROWTH, UTILISATION, simulate
from dask_workers import local
from measured.folders import copy_of
from typer.testing import CliRunner

import twin
from twin import comparison, parallel
from twin.cli import app
from twin.comparison import compare
from twin.errors import ArgumentError, FittedSetError
from twin.fitting.problem import problem_of
from twin.measured.experiment import read_experiment

UNUSED = """
[two]
description = "the two parameters that the made-up runs know"
[two.parts."cathodes/NCM622"]
{cathode}
[two.parts."pairs/LiIn_LPSCl"]
{pair}

[stuck]
description = "filaments that grow too fast, whatever the rows say"
based_on = "two"
[stuck.parts."pairs/LiIn_LPSCl"]
"{growth}" = {{ value = 5e-12, source = "made up" }}
"""
"""Variants of the made-up family: "shipped" moves all parameters, most of which do nothing."""


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A folder of Luo2021 with the rows that the made-up runs have, and with three variants."""
    folder = copy_of("Luo2021", tmp_path_factory.mktemp("family"))
    rows = folder / "rows.csv"
    lines = rows.read_text(encoding="utf-8").splitlines(keepends=True)
    unknown = ("U03", "U04", "U06", "U08")
    kept = [line for line in lines if not line.startswith(unknown)]
    rows.write_text("".join(kept), encoding="utf-8")
    fixed = {"cathodes/NCM622": [], "pairs/LiIn_LPSCl": []}
    for searched in problem_of(folder).searched:
        if searched.key not in (UTILISATION, GROWTH):
            entry = f'"{searched.key}" = {{ value = {searched.prior.centre}, source = "fixed" }}'
            fixed[searched.part].append(entry)
    text = UNUSED.format(
        cathode="\n".join(fixed["cathodes/NCM622"]),
        pair="\n".join(fixed["pairs/LiIn_LPSCl"]),
        growth=GROWTH,
    )
    (folder / "variants.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made_up():
    """Runs are a line of numpy, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "cores", lambda: 1)
        patch.setattr(
            comparison,
            "problem_of",
            lambda experiment: dataclasses.replace(problem_of(experiment), simulate=simulate),
        )
        yield


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def compared(family, made_up, kept):
    return compare(family, draws=60, trials=16, kept=kept)


def test_parameters_that_do_nothing_lose_and_what_the_rows_need_wins(compared):
    assert compared.attrs["chosen"] == "two"
    parameters = compared["parameters"].to_series()
    assert parameters["stuck"] < parameters["two"] == 2 < parameters["shipped"]
    behind = compared["difference"] / compared["standard_error"]
    # as good, because the rest of its parameters does nothing: what is left is the draws' own error
    assert -3 < behind.sel(variant="shipped") < 0
    assert compared["standard_error"].sel(variant="shipped") < 0.3
    assert behind.sel(variant="stuck") < -1
    assert compared["chosen"].to_series().to_dict() == {"shipped": 0, "two": 1, "stuck": 0}


def test_every_variant_is_told_on_the_same_rows_and_agrees_on_its_optimum(compared):
    assert compared["row"].values.tolist() == ["U02", "U05", "U07"]
    assert np.isfinite(compared["row_elpd"]).all()
    assert compared["row_elpd"].sum("row").values == pytest.approx(compared["elpd"].values)
    assert (compared["starts"] >= 3).all()
    assert (compared["starts_agree"] >= 3).all()
    assert (compared["unreliable"] == 0).all()  # what was unreliable was refitted
    assert (compared["effective_parameters"] > 0).all()


def test_held_out_rows_are_told_of_every_variant(compared):
    """U09 is of a cell that this fit does not inform, and lives far longer in the made-up runs."""
    lifetime = compared.sel(held_out_row="U09")
    assert np.isfinite(lifetime[["low", "high"]].to_dataarray()).all()
    assert lifetime["inside"].values.tolist() == [0, 0, 0]
    assert np.isnan(compared["inside"].sel(held_out_row="U01")).all()  # in words
    assert compared["held_out_compared"].values.tolist() == [1, 1, 1]
    assert compared["held_out_inside"].values.tolist() == [0, 0, 0]


def test_what_is_kept_is_not_made_again(compared, family, made_up, kept, monkeypatch):
    def no_more(*arguments, **options):
        raise AssertionError("made again")

    monkeypatch.setattr("twin.fitting.candidate.fitted", no_more)
    monkeypatch.setattr("twin.fitting.candidate.refitted", no_more)
    again = compare(family, draws=60, trials=16, kept=kept)
    assert again.identical(compared)


def test_one_variant_may_be_asked_for_alone(compared, family, made_up, kept):
    found = compare(family, variants=["two"], draws=60, trials=16, kept=kept)
    assert found["variant"].values.tolist() == ["shipped", "two"]


def test_rows_that_differ_are_not_compared(family, made_up, monkeypatch):
    def fewer(experiment):
        return problem_of(experiment, leave_out=["U07"] if experiment.changes else [])

    monkeypatch.setattr(comparison, "problem_of", fewer)
    with pytest.raises(FittedSetError, match="different rows"):
        compare(family, variants=["two"])


def test_draws_that_are_no_number_are_refused(family):
    with pytest.raises(ArgumentError, match="draws"):
        compare(family, draws=0)


def test_command_prints_every_variant_and_keeps_its_word(compared, family, made_up, kept, tmp_path):
    (tmp_path / f"{family.name}_variants").symlink_to(kept)
    words = ["compare", str(family), "--draws", "60", "--trials", "16", "--out", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    for name in ("two *", "shipped", "stuck", "Chosen: two"):
        assert name in done.output
    assert (tmp_path / f"{family.name}_variants.nc").is_file()
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1
    assert "--overwrite" in refused.output
    told = CliRunner().invoke(app, [*words, "--overwrite", "--json"])
    assert '"chosen": "two"' in told.output


def test_command_without_variants_ends_in_words(tmp_path):
    folder = copy_of("Duan2023", tmp_path)
    (folder / "variants.toml").unlink(missing_ok=True)
    done = CliRunner().invoke(app, ["compare", str(folder), "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "no variants to compare" in done.output
    assert read_experiment(folder).name in done.output


@pytest.mark.slow
def test_a_comparison_on_a_cluster_is_that_of_one_machine_to_the_bit(family, made_up):
    asked = {"variants": ["two"], "draws": 60, "trials": 16}
    here = compare(family, **asked)
    with local(2) as workers, twin.cluster(workers.scheduler_address):
        there = compare(family, **asked)
    xr.testing.assert_identical(there, here)
