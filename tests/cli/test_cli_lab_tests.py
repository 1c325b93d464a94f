"""What the commands say of a test of a laboratory."""

import json

import made_up
import numpy as np
import pytest
from typer.testing import CliRunner

import twin
from twin.cli import app, lab_tests
from twin.protocols.named import LAB_TESTS

RAMP = "critical_current_density"


def test_every_test_that_is_told_or_drawn_is_one():
    assert {*lab_tests.TO_THE_SHORT, *lab_tests.PICTURES} <= set(LAB_TESTS)
    assert lab_tests.test_of(f"{RAMP} last=1 mA/cm2") == RAMP
    assert lab_tests.test_of("own.toml") == lab_tests.test_of(None) == ""


def test_a_run_says_where_it_shorts_or_that_it_does_not():
    run = made_up.ramp()
    assert lab_tests.values(RAMP, run) == {
        "critical_current_density_mA_per_cm2": pytest.approx(3),
        "cumulative_charge_mAh_per_cm2": pytest.approx(12),
    }
    assert lab_tests.rows(RAMP, run) == [
        ("current density at which the short appears / mA/cm²", "3"),
        ("charge passed up to the short, both ways / mAh/cm²", "12"),
    ]
    without = run.assign(critical_current_density=np.nan, cumulative_charge=np.nan)
    assert [said for _, said in lab_tests.rows(RAMP, without)] == ["no short", "no short"]


def test_plating_says_its_charge_alone_and_other_tests_nothing():
    assert list(lab_tests.values("one_way_plating", made_up.ramp())) == ["cumulative_charge_mAh_per_cm2"]
    assert lab_tests.values("rate_test", made_up.run_of_kinds()) == {}
    assert lab_tests.rows("", made_up.ramp()) == []


def test_a_forecast_of_a_ramp_tells_quantiles_and_draws_the_chance(tmp_path):
    cell = "Duan2023_Li_LPSCl_symmetric"
    words = ["--protocol", f"{RAMP} first=0.6 mA/cm2 last=1.2 mA/cm2", "--draws", "8", "--json"]
    done = CliRunner().invoke(app, ["forecast", cell, *words, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    low, median, high = answer["critical_current_density_mA_per_cm2"]
    ends = [np.inf if end is None else end for end in (low, median, high)]  # null: never, in the ramp
    assert ends == sorted(ends)
    assert 0.6 <= median <= 1.2
    data = twin.load(tmp_path / f"{cell}_forecast.nc")
    told = 10 * np.array(ends)
    assert twin.critical_current(data)["critical_current_density_interval"].values == pytest.approx(told)
    assert (tmp_path / f"{cell}_forecast_{RAMP}.png").is_file()
