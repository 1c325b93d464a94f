"""What the first charge loses to the cathode's electrolyte, once."""

import pytest

import twin
from twin import names

CYCLES = twin.Protocol(["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"], cycles=3)


@pytest.fixture(scope="module")
def forming():
    return twin.load_cell("Duan2023_3DLi_LPSCl_LCO").replace({
        names.CALENDAR_FADE_RATE: 0.0,
        names.FORMATION_SHARE: 0.03,
    })  # fmt: skip


def lost(cell, protocol=CYCLES):
    run = twin.simulate(cell, protocol)
    return (run["charge_capacity"] - run["discharge_capacity"]).values


def test_the_first_charge_is_longer_by_the_share_of_the_capacity_and_the_next_are_not(forming):
    plain = forming.following({"cathode formation": "none"})
    extra = lost(forming) - lost(plain)
    capacity = forming.values[names.CELL_CAPACITY] * forming.values[names.UTILISATION]
    assert extra[0] == pytest.approx(0.03 * capacity, rel=0.1)
    assert abs(extra[2]) < 0.03 * extra[0]


def test_a_cell_that_rests_discharged_loses_nothing(forming):
    cycle = ["Charge at 0.1C until 4.2 V", "Discharge at 0.1C until 2.6 V"]
    rested = twin.Protocol(["Rest for 1000 hours", *cycle])
    plain = forming.following({"cathode formation": "none"})
    extra = lost(forming, rested) - lost(plain, rested)
    fresh = lost(forming) - lost(plain)
    assert extra[0] == pytest.approx(fresh[0], rel=0.03)
