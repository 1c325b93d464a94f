"""Voltages within half-cycles of a run: those of the time series, in both simulators."""

import numpy as np
import pytest

import twin
from twin import names
from twin.parameter_sets import load_cell
from twin.protocols.half_cycle_voltages import HalfCycleVoltage, stopping_at
from twin.simulators.start import TOLERANCE

PROTOCOL = twin.Protocol(["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"], cycles=40)
ASKED = [
    HalfCycleVoltage("discharge", 20),
    HalfCycleVoltage("discharge", 50),
    HalfCycleVoltage("charge", 50),
]
NEVER = HalfCycleVoltage("discharge", 90)
"""The fitted cell delivers less at 1C."""


@pytest.fixture(scope="module")
def cell():
    return load_cell("Chang2023_LiAlO2_LGPS_LCO")


@pytest.fixture(scope="module")
def run(cell):
    return twin.simulate(cell, stopping_at(PROTOCOL, ASKED, cell))


def test_they_are_those_of_the_time_series(cell, run):
    series = twin.time_series(cell, PROTOCOL, cycles=[1, 40])
    for number in (1, 40):
        own = series.sel(cycle=number)
        for voltage in ASKED:
            inside = voltage.sign * own["current"].values > 0
            found = np.interp(
                voltage.charge(cell), own["capacity"].values[inside], own["voltage"].values[inside]
            )
            # the series is linear between the points of its solver: a millivolt
            assert run[voltage.name].sel(cycle=number).item() == pytest.approx(found, abs=1e-3)


def test_a_stop_changes_nothing_else(cell, run):
    whole = twin.simulate(cell, PROTOCOL)
    for name in ("discharge_capacity", "discharge_energy", "time", "capacity_retention"):
        np.testing.assert_allclose(run[name], whole[name], rtol=TOLERANCE / 10)
    assert run["kind"].values.tolist() == whole["kind"].values.tolist()
    # and cycles are jumped over as ever
    assert run["computed"].sum() < 40


def test_both_simulators_say_the_same(cell):
    protocol = stopping_at(PROTOCOL.first(3), [*ASKED, NEVER], cell)
    fast, stock = (twin.simulate(cell, protocol, simulator=own) for own in ("long_cycling", "reference"))
    for voltage in (*ASKED, NEVER):
        np.testing.assert_allclose(fast[voltage.name], stock[voltage.name], atol=2e-4)


def test_a_half_cycle_that_ends_before_says_its_cut_off(cell):
    run = twin.simulate(cell, stopping_at(PROTOCOL.first(2), [NEVER], cell))
    np.testing.assert_allclose(run[NEVER.name], cell.values[names.LOWER_CUT_OFF], atol=1e-4)


def test_they_have_unit_and_name(run):
    assert run[ASKED[1].name].attrs == {
        "units": "V",
        "long_name": "Discharge voltage at 50 % of the nominal capacity",
    }
