"""Area that stripping isolates: how much, after how much charge, and what it takes along."""

import pytest

import twin
from twin import names

CYCLES = twin.Protocol(["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"], cycles=30)


@pytest.fixture(scope="module")
def bare():
    return twin.load_cell("Chang2023_Li_LGPS_LCO").replace({
        names.CALENDAR_FADE_RATE: 0.0,
        names.GROWTH_RATE: 0.0,
        names.ISOLATED_SHARE: 0.25,
        names.ISOLATION_CHARGE: 75600.0,
    })  # fmt: skip


def test_capacity_falls_by_the_isolated_share_and_no_further(bare):
    capacity = twin.simulate(bare, CYCLES)["discharge_capacity"].values
    assert capacity[-1] / capacity[0] == pytest.approx(0.75, abs=0.02)
    assert capacity[-1] == pytest.approx(capacity[-5], rel=0.005)


def test_half_of_it_is_gone_once_the_isolation_charge_has_been_stripped(bare):
    run = twin.simulate(bare, CYCLES)
    capacity = run["discharge_capacity"].values
    stripped = capacity.cumsum() * 3600 / bare.area  # C/m2
    half = (capacity < 0.875 * capacity[0]).argmax()
    assert stripped[half - 1] < 1.15 * 75600.0
    assert stripped[half] > 0.85 * 75600.0


def test_a_film_keeps_the_area_under_it():
    coated = twin.load_cell("Chang2023_LiAlO2_LGPS_LCO")
    kept = coated.following({"interface area": "kept"})
    given, whole = (
        twin.simulate(cell, CYCLES)["discharge_capacity"].values[-1] for cell in (coated, kept)
    )
    assert 0.95 < given / whole <= 1.0
