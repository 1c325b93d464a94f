"""A series becomes steps, the same ones in however many pieces it comes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.measured.cycler.points import Points
from twin.measured.cycler.remarks import Remarks
from twin.measured.cycler.steps import CONTROLS, Steps, joined, steps_of


def points(time, current, voltage, *, cycle=None, step=None) -> Points:
    time, current, voltage = (np.array(values, float) for values in (time, current, voltage))
    count = len(time)
    return Points(
        time,
        current,
        voltage,
        np.full(count, np.nan) if cycle is None else np.array(cycle, float),
        np.zeros(count, int) if step is None else np.array(step, int),
    )


def steps(whole: Points, size: int | None = None, remarks: Remarks | None = None) -> Steps:
    size = size or len(whole)
    pieces = [whole[place : place + size] for place in range(0, len(whole), size)]
    return joined([own for _, own in steps_of(pieces, remarks or Remarks())])


def controls(found: Steps) -> list[str]:
    return [CONTROLS[control] for control in found.control]


def test_charge_is_the_integral_of_the_current():
    found = steps(points([0, 1800, 3600, 3601, 7201], [-1, -1, -1, 2, 2], [3, 3.5, 4, 3.9, 3]))
    assert found.direction.tolist() == [-1, 1]
    np.testing.assert_allclose(found.charge, [1.0, 2 * 3601 / 3600])  # from the last point before on
    np.testing.assert_allclose(found.end_voltage, [4, 3])


def test_what_lies_between_two_steps_belongs_to_the_second():
    found = steps(points([0, 100, 160, 260], [-1, -1, 0, 0], [3, 3.5, 3.4, 3.3]))
    np.testing.assert_allclose(found.duration, [100, 160])
    np.testing.assert_allclose(found.charge, [100 / 3600, 0])


def constant_current_then_voltage(count=50):
    rising = points(np.arange(count) * 60, np.full(count, -1.0), np.linspace(3, 4.2, count))
    time = rising.time[-1] + 60 * np.arange(1, count)
    held = points(time, -np.exp(-np.arange(1, count) / 15), np.full(count - 1, 4.2))
    return rising.followed_by(held)


def test_a_step_that_first_holds_current_then_voltage_is_two():
    found = steps(constant_current_then_voltage())
    assert controls(found) == ["CC", "CV"]
    assert found.end_voltage[1] == 4.2
    assert found.end_current[1] == pytest.approx(-np.exp(-49 / 15))
    assert np.isnan(found.resistance[1])  # no current jumps where one control follows the other


def test_a_hold_of_its_own_number_is_one_step_from_its_first_point():
    whole = constant_current_then_voltage()
    numbered = points(whole.time, whole.current, whole.voltage, step=[1] * 50 + [2] * 49)
    found = steps(numbered)
    assert controls(found) == ["CC", "CV"]
    assert found.first.tolist() == [0, 50]


def test_noise_of_the_current_is_no_held_voltage():
    noise = 0.05 * np.random.default_rng(0).normal(size=200)
    found = steps(points(np.arange(200) * 60, 1 + noise, np.linspace(4, 3, 200)))
    assert controls(found) == ["CC"]


def test_current_that_jumps_to_another_level_is_a_new_step():
    current = [-1.0] * 5 + [-0.5] * 5
    found = steps(points(np.arange(10) * 60, current, np.linspace(3, 4, 10)))
    np.testing.assert_allclose(found.current, [-1, -0.5])


def test_resistance_is_the_jump_of_voltage_over_that_of_current():
    found = steps(points([0, 60, 61, 120], [0, 0, -0.5, -0.5], [3.0, 3.0, 3.1, 3.2]))
    assert found.resistance[1] == pytest.approx(0.2)
    assert found.delay[1] == 1.0


def test_resistance_is_read_where_the_current_has_come():
    """Cyclers record a first point of a step before its current flows."""
    whole = points([0, 60, 60, 60.1, 120], [0, 0, 0, 2, 2], [3, 3, 3, 2.8, 2.5], step=[1, 1, 2, 2, 2])
    found = steps(whole)
    assert found.direction.tolist() == [0, 1]
    assert found.resistance[1] == pytest.approx(0.1)


def test_a_pause_passes_no_charge_and_is_said():
    remarks = Remarks()
    found = steps(points([0, 60, 90000, 90060], [1, 1, -1, -1], [4, 3.9, 3.9, 4]), remarks=remarks)
    np.testing.assert_allclose(found.charge, [60 / 3600, 60 / 3600])
    assert "Pauses before a step" in remarks.sentences[0]


def test_a_long_rest_that_was_added_up_in_parts_is_one(monkeypatch):
    monkeypatch.setattr("twin.measured.cycler.steps.MOST_CARRIED", 10)
    whole = points(np.arange(100), [0.0] * 90 + [1.0] * 10, np.linspace(4, 3, 100))
    found = steps(whole, size=7)
    assert found.duration[0] == pytest.approx(89)
    assert found.direction[0] == 0
    assert found.charge.sum() == pytest.approx(10 / 3600)


CURRENTS = st.lists(
    st.tuples(st.sampled_from([-1.0, -0.5, 0.0, 1.0]), st.integers(1, 9)), min_size=1, max_size=8
)


@given(CURRENTS, st.integers(1, 20), st.booleans())
def test_pieces_make_no_difference(levels, size, numbered):
    current = np.concatenate([np.full(count, level) for level, count in levels])
    count = len(current)
    number = None
    if numbered:  # two levels a step
        number = np.repeat(1 + np.arange(len(levels)) // 2, [own for _, own in levels])
    time = np.cumsum(1 + np.arange(count) % 3)
    # the first point carries the largest current: what comes later is judged by what came before
    current[0] = 1.0
    whole = points(time, current, 3.5 - 0.1 * current + 0.001 * time, step=number)
    one, many = steps(whole), steps(whole, size)
    for name, values in vars(one).items():
        np.testing.assert_allclose(getattr(many, name), values, err_msg=name, atol=1e-12)


@given(CURRENTS)
def test_every_second_and_every_charge_is_counted_once(levels):
    current = np.concatenate([np.full(count, level) for level, count in levels])
    time = 10.0 * np.arange(len(current))
    found = steps(points(time, current, 3.5 - 0.1 * current))
    assert found.duration.sum() == pytest.approx(time[-1])
    passed = np.abs(current[1:]).sum() * 10 / 3600  # each interval has the current of its end
    smallest = 10 * 0.5 * len(levels) / 3600  # a lone point without current is taken to what follows
    assert abs(found.charge.sum() - passed) <= 2 * smallest
