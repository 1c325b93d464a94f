"""A jump: known ageing is found again, a miss is measured, and what was missed is made good."""

import numpy as np
import pytest

from twin import names
from twin.parameter_sets import load_cell
from twin.simulators.long_cycling.compiled_circuit import compiled
from twin.simulators.long_cycling.cycle_jump import (
    CORRECTED,
    NODES,
    VOLTAGE_SCALE,
    CycleJump,
    Jump,
    predictions,
)
from twin.simulators.long_cycling.step_plan import CyclePlan, Request, StepEnds

TOLERANCE = 1e-3
FIRST = (10, 11, 12, 13, 14)
STEPS = ("time", "cut_off")
NOTHING = np.empty(0)


class Ageing:
    """A run whose cycles are known: what each adds to every sum, the other states and the voltages."""

    def __init__(self, added, value=lambda n: 0.5, voltage=lambda n: 3.0):
        self.circuit = compiled(load_cell("Chang2023_Li_LGPS_symmetric", fitted=False))
        self.jumps = CycleJump(self.circuit, short_length=1e-6, tolerance=TOLERANCE)
        self.added, self.value, self.voltage = added, value, voltage

    def start_of(self, number):
        """The true states at the start of a cycle: all that the cycles before have added."""
        y = np.full(self.circuit.size, self.value(number - 1), dtype=float)
        y[self.jumps.places.sums] = sum(self.added(n) for n in range(number))
        return y

    def cycle(self, number, start=None, reasons=STEPS, **different):
        """What solving the cycle gives, from wherever it starts."""
        laws = {"added": self.added, "value": self.value, "voltage": self.voltage} | different
        start = self.start_of(number) if start is None else start
        values = np.empty((2, self.circuit.size + 3))
        for place, share in enumerate((0.5, 1.0)):
            states = np.full(self.circuit.size, laws["value"](number), dtype=float)
            states[self.jumps.places.sums] = start[self.jumps.places.sums] + share * laws["added"](
                number
            )
            values[place] = [*states, 1e-4, 3600.0, laws["voltage"](number)]
        return self.jumps.cycle(
            number, Request(NOTHING, start, CyclePlan(())), StepEnds(values, reasons), None
        )

    def predict(self, length):
        (ahead,) = predictions([Jump(self.jumps, length)])
        return ahead

    def solve(self, numbers=FIRST):
        for number in numbers:
            self.jumps.note(self.cycle(number))


def linear(number):
    return 2e-3


def slowing(number):
    """A polynomial in ln(1 + n), as a passivating interphase's growth is."""
    x = np.log1p(number)
    return 1e-2 - 3e-3 * x + 4e-4 * x**2


@pytest.mark.parametrize("law", [linear, slowing])
@pytest.mark.parametrize("length", [1, 50, 400])
def test_known_ageing_is_found_again(law, length):
    run = Ageing(law, value=lambda n: 0.9 - 0.05 * np.log1p(n))
    run.solve()
    ahead = run.predict(length)
    landing = FIRST[-1] + length + 1
    # four digits more than the tolerance of a jump; the nodes are neighbours and far away
    np.testing.assert_allclose(ahead.state, run.start_of(landing), rtol=1e-7)
    measured = run.cycle(landing, ahead.state)
    assert run.jumps.error(ahead, measured) < 1e-3
    corrected, gap = run.jumps.correct(ahead, measured)
    np.testing.assert_allclose(corrected.finish, run.cycle(landing).finish, rtol=1e-7)
    np.testing.assert_array_equal(gap.skipped, np.arange(FIRST[-1] + 1, landing))
    assert gap.nodes == (landing, *FIRST[::-1][: NODES - 1])


def test_jumps_of_many_runs_together_are_each_one_alone():
    """Runs with as many nodes as each other, and one with fewer, over different lengths."""
    runs = [Ageing(linear), Ageing(slowing), Ageing(linear)]
    for run, numbers in zip(runs, (FIRST, FIRST, FIRST[:3]), strict=True):
        run.solve(numbers)
    lengths = (3, 40, 7)
    together = predictions([Jump(run.jumps, length) for run, length in zip(runs, lengths, strict=True)])
    for run, length, ahead in zip(runs, lengths, together, strict=True):
        alone = run.predict(length)
        assert ahead.length == length
        for found, right in zip(ahead[1:], alone[1:], strict=True):
            np.testing.assert_array_equal(found, right)


def test_what_a_prediction_missed_is_made_good():
    """Growth that no polynomial of the solved cycles follows: most of the error is taken back."""

    def accelerating(number):
        return 1e-3 * np.exp(number / 60)

    run = Ageing(accelerating)
    run.solve()
    length = 40
    ahead = run.predict(length)
    landing = FIRST[-1] + length + 1
    corrected, _ = run.jumps.correct(ahead, run.cycle(landing, ahead.state))
    sums, truth = run.jumps.places.sums, run.start_of(landing)
    missed, left = (np.abs(y - truth)[sums].max() for y in (ahead.state, corrected.start))
    assert left < CORRECTED * missed
    # start and ends move together: the change within the cycle is what was measured
    for place, share in enumerate((0.5, 1.0)):
        change = corrected.ends.states[place, sums] - corrected.start[sums]
        np.testing.assert_allclose(change, share * accelerating(landing), rtol=1e-9)


def test_a_correction_leaves_what_was_measured_as_it_is():
    run = Ageing(slowing)
    run.solve()
    ahead = run.predict(20)
    measured = run.cycle(FIRST[-1] + 21, ahead.state, added=lambda n: 1.1 * slowing(n))
    before = measured.start.copy(), measured.ends.values.copy()
    run.jumps.correct(ahead, measured)
    np.testing.assert_array_equal(measured.start, before[0])
    np.testing.assert_array_equal(measured.ends.values, before[1])


def test_a_voltage_that_is_off_by_the_tolerance_is_just_accepted():
    run = Ageing(linear)
    run.solve()
    ahead = run.predict(10)
    for share in (0.5, 1.0, 3.0):
        off = share * TOLERANCE * VOLTAGE_SCALE
        measured = run.cycle(FIRST[-1] + 11, ahead.state, voltage=lambda n, off=off: 3.0 + off)
        assert run.jumps.error(ahead, measured) == pytest.approx(share, rel=1e-6)


def test_the_same_miss_of_ageing_counts_more_the_longer_the_jump():
    errors = []
    for length in (9, 99):
        run = Ageing(linear)
        run.solve()
        ahead = run.predict(length)
        landing = FIRST[-1] + length + 1
        measured = run.cycle(landing, ahead.state, added=lambda n: linear(n) * 1.01)
        # against the same swing, so that only the length tells the two apart
        states = np.maximum(measured.ends.values, 1.0)
        states[:, run.jumps.places.sums] = np.maximum(states[:, run.jumps.places.sums], 5.0)
        measured.ends.values[:] = states
        errors.append(run.jumps.error(ahead, measured))
    assert errors[1] / errors[0] == pytest.approx(10, rel=0.02)


def test_a_cycle_that_ends_otherwise_is_never_predicted():
    run = Ageing(linear)
    run.solve()
    ahead = run.predict(10)
    other = run.cycle(FIRST[-1] + 11, ahead.state, reasons=("cut_off", "cut_off"))
    assert run.jumps.error(ahead, other) == np.inf


def test_numbers_that_are_none_are_never_accepted():
    run = Ageing(linear)
    run.solve()
    ahead = run.predict(10)
    measured = run.cycle(FIRST[-1] + 11, ahead.state, voltage=lambda n: np.nan)
    assert run.jumps.error(ahead, measured) == np.inf


def test_steps_that_end_otherwise_begin_anew():
    run = Ageing(linear)
    run.solve()
    assert run.jumps.nodes == list(FIRST[::-1])
    run.jumps.note(run.cycle(15, reasons=("time", "time")))
    assert run.jumps.nodes == [15]


@pytest.mark.parametrize("reason", ["skipped", "cut_off_not_reached"])
def test_a_cycle_whose_steps_did_not_all_end_is_not_jumped_from(reason):
    run = Ageing(linear)
    assert not run.jumps.ready
    run.jumps.note(run.cycle(10))
    assert run.jumps.ready
    run.jumps.note(run.cycle(11, reasons=("time", reason)))
    assert not run.jumps.ready


def test_a_filament_is_held_to_lengths_of_the_short_not_to_its_own_depth():
    """Near a short, micrometres decide: a deep filament may not miss by a share of its depth."""
    run = Ageing(linear)
    place = run.circuit.places(names.FILAMENT_DEPTH)[0]
    row = run.jumps.places.states.tolist().index(place)
    fine = CycleJump(run.circuit, short_length=1e-9, tolerance=TOLERANCE)
    ratio = run.jumps.largest_swing[row] / fine.largest_swing[row]
    assert ratio == pytest.approx(1000)
    run.solve()
    ahead = run.predict(10)
    measured = run.cycle(FIRST[-1] + 11, ahead.state)
    measured.row[row] += 1e-4
    fine.last = run.jumps.last
    assert fine.error(ahead, measured) > 10 * run.jumps.error(ahead, measured)
