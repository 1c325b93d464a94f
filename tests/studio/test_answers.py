"""What is computed of a view."""

import numpy as np
import pytest

import twin
from twin.studio import answers, sentences, tables
from twin.studio.knobs import CYCLES
from twin.studio.view import View


@pytest.fixture(scope="module")
def found():
    return answers.best(View().turn(CYCLES, 30))


def test_the_bare_cell_stands_beside_the_coated_one(found):
    beside = answers.beside(found.view)
    assert beside is not None
    assert beside.attrs["cell"] == "Chang2023_Li_LGPS_LCO"
    assert answers.beside(View("Luo2021_LiIn_LPSCl_NCM622").turn(CYCLES, 10)) is None
    assert found.run.equals(twin.simulate(found.view.cell, found.view.protocol))


def test_voltage_curves_are_those_of_the_time_series(found):
    curves = answers.voltage_curves(found)
    assert list(curves) == [1, 15, 30]
    series = twin.time_series(found.view.cell, found.view.protocol, cycles=[30]).sel(cycle=30)
    inside = series["current"].values > 0
    capacity, voltage = curves[30]
    broken = int(np.flatnonzero(np.isnan(capacity))[0])
    passed = series["capacity"].values[inside] * 1e3 / (found.view.cell.area * 1e4)
    expected = np.interp(capacity[broken + 1 :], passed, series["voltage"].values[inside])
    # the series is linear between the points of its solver
    assert voltage[broken + 1 :] == pytest.approx(expected, abs=3e-3)


def test_a_symmetric_cell_has_no_voltage_curves():
    assert (
        answers.voltage_curves(answers.best(View("Duan2023_Li_LPSCl_symmetric").turn(CYCLES, 10))) == {}
    )


def test_arcs_leave_out_the_diffusion_of_a_cell_that_was_never_charged(found):
    spectra, area = answers.spectra(found), found.view.cell.area
    for cycle in spectra["cycle"].values:
        own = spectra.sel(cycle=cycle)
        real, height = answers.arcs(own, area)
        assert np.hypot(real, height).max() <= 1.5 * float(own["total_resistance"]) * area * 1e4
        assert len(real) > 20


def test_sentences_say_what_the_run_says(found):
    kept = 100 * float(found.run["capacity_retention"][-1])
    assert sentences.of_best(found) == f"{kept:.1f} % of the capacity after 30 cycles: completed"


def test_tables_escape_what_stands_in_them():
    assert "<b>" not in tables.table(("<b>",), [("<b>",)], "<b>")


def test_what_is_extrapolated_is_said():
    from twin.studio.knobs import TEMPERATURE

    forecast = answers.interval(View().turn(CYCLES, 10).turn(TEMPERATURE, 60), draws=4)
    said = tables.conditions(forecast)
    assert "Outside what was fitted: temperature" in said
    assert "35 K above" in said


def test_a_cell_that_fails_in_its_first_cycle_has_its_fresh_spectrum_alone():
    failed = answers.best(View("Luo2021_Li_LPSCl_NCM622").turn(CYCLES, 20))
    assert failed.run["outcome"] == "hard_short"
    assert answers.shown_cycles(failed.run) == []
    assert answers.voltage_curves(failed) == {}
    assert list(answers.spectra(failed)["cycle"].values) == [0]
    assert "No cycle runs: hard short" in sentences.of_best(failed)
