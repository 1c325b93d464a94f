"""What a cell went through, told by what was recorded."""

import itertools

import numpy as np
import pytest

import twin
from twin.measured.cycler.reading import protocol_of
from twin.measured.cycler.recovered_protocol import current_in_words, time_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3600.0, "1 hour"), (3599.2, "1 hour"), (7201.5, "2 hours"), (1799.0, "30 minutes"),
        (30.0, "30 seconds"), (31.2, "31 seconds"), (0.3, "1 second"), (5400.0, "90 minutes"),
        (4567.0, "4567 seconds"), (90.0, "90 seconds"),
    ],
)  # fmt: skip
def test_durations_are_those_that_people_set(seconds, words):
    assert time_in_words(seconds) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [(1.0, "1C"), (0.1003, "C/10"), (0.3333, "C/3"), (0.5, "0.5C"), (0.0499, "C/20"), (2.01, "2C"),
     (0.314159, "0.314C")],
)  # fmt: skip
def test_currents_of_a_known_cell_are_rates(rate, words, full):
    nominal = full.values["Nominal cell capacity [A.h]"]
    assert current_in_words(rate * nominal, full) == words


def test_currents_of_a_symmetric_cell_are_by_area(bare):
    assert current_in_words(1.0 * bare.area, bare) == "0.1 mA/cm2"


@pytest.mark.parametrize(("amperes", "words"), [(2.5, "2.5 A"), (3.14e-4, "0.314 mA")])
def test_currents_of_no_known_cell_are_plain(amperes, words):
    assert current_in_words(amperes, None) == words


def cycles_of(steps, cycles, path, *, interval=10.0, noise=0.0, stop=None):
    """A file of steps (current [A], seconds, first and last voltage), each linear in its voltage."""
    random = np.random.default_rng(0)
    rows, time = ["Test Time / s,Voltage / V,Current / A"], 0.0
    for _ in range(cycles):
        for current, seconds, first, last in steps:
            count = max(2, round(seconds / interval))
            for place in range(count):
                share = place / (count - 1)
                volts = first + share * (last - first) + noise * random.normal()
                rows.append(f"{time + share * seconds:.3f},{volts:.6f},{current}")
            time += seconds
    path.write_text("\n".join(rows[:stop]) + "\n")
    return path


CHARGE, DISCHARGE, PAUSE = (0.01, 3512, 3.1, 4.1998), (-0.01, 3377, 4.1, 2.5993), (0.0, 600, 3.2, 3.3)


def test_ends_are_what_was_set_not_what_was_recorded(tmp_path):
    path = cycles_of([CHARGE, PAUSE, DISCHARGE], 3, tmp_path / "own.csv", noise=2e-4)
    protocol = protocol_of(twin.read_measurements(path))
    assert protocol.cycles == 3
    assert protocol.block[0].texts == (
        "Charge at 10 mA until 4.2 V", "Rest for 10 minutes", "Discharge at 10 mA until 2.6 V",
    )  # fmt: skip


def test_a_last_cycle_that_breaks_off_is_one_like_that_before(tmp_path):
    path = cycles_of([CHARGE, PAUSE, DISCHARGE], 4, tmp_path / "own.csv", stop=-200)
    data = twin.read_measurements(path)
    assert "The last cycle is not finished." in data["notes"].item()
    protocol = protocol_of(data)
    assert (len(protocol.block), protocol.cycles) == (1, 4)
    assert np.isnan(data["capacity_retention"].values[-1])


def test_a_last_cycle_without_its_second_half_is_not_finished_whatever_its_rate(tmp_path):
    path = cycles_of([CHARGE, DISCHARGE, (0.005, 3011, 3.1, 3.637)], 1, tmp_path / "own.csv")
    data = twin.read_measurements(path)
    assert "The last cycle is not finished." in data["notes"].item()
    assert [cycle.texts[0] for cycle in protocol_of(data).block] == [
        "Charge at 10 mA until 4.2 V", "Charge at 5 mA until 3.637 V",
    ]  # fmt: skip


def test_cycles_at_another_rate_are_a_block_of_their_own(tmp_path):
    slow = [CHARGE, DISCHARGE]
    fast = [(0.02, 1756, 3.1, 4.2), (-0.02, 1688, 4.1, 2.6)]
    path = cycles_of(slow * 3 + fast * 2, 1, tmp_path / "own.csv")
    data = twin.read_measurements(path)
    protocol = protocol_of(data)
    texts = [cycle.texts[0] for cycle in protocol.block]
    assert texts == ["Charge at 10 mA until 4.2 V"] * 3 + ["Charge at 20 mA until 4.2 V"] * 2
    assert len(set(data["kind"].values.tolist())) == 2


def test_pulses_end_by_their_time_wherever_their_voltage_is(tmp_path):
    volts = np.linspace(4.1, 3.3, 5)
    steps = [
        step
        for high, low in itertools.pairwise(volts)
        for step in ((-0.01, 600, high, low), (0.0, 3600, low + 0.01, low + 0.05))
    ]
    path = cycles_of(steps, 1, tmp_path / "own.csv")
    protocol = protocol_of(twin.read_measurements(path))
    assert protocol.block[0].texts == ("Discharge at 10 mA for 10 minutes", "Rest for 1 hour") * 4


def test_a_step_of_neither_constant_current_nor_voltage_is_said(tmp_path):
    """At constant power the current grows as the voltage falls."""
    volts = np.linspace(4.2, 2.6, 100)
    rows = [f"{60 * place},{volt:.4f},{-0.04 / volt:.6f}" for place, volt in enumerate(volts)]
    path = tmp_path / "power.csv"
    path.write_text("\n".join(["Test Time / s,Voltage / V,Current / A", *rows]) + "\n")
    data = twin.read_measurements(path)
    assert (
        "hold neither current nor voltage; the protocol has their mean current: 1."
        in data["notes"].item()
    )
    assert data.attrs["protocol"] == '[["Discharge at 12 mA until 2.6 V"]]'
