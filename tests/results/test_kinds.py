"""Cycles of one kind are compared with each other, and a capacity that is gone is said."""

import numpy as np
import pytest

import twin
from twin import names
from twin.errors import ArgumentError, ProtocolError
from twin.protocols import Block
from twin.results.kinds import gone, kinds, references, retention

SLOW = ["Charge at C/10 until 4.2 V", "Discharge at C/10 until 2.6 V"]
FAST = ["Charge at 1C until 4.2 V", "Discharge at 1C until 2.6 V"]


def test_each_kind_refers_to_its_own_first_cycle():
    check_up, ageing = Block("check-up", SLOW), Block("ageing", FAST, cycles=2)
    protocol = twin.Protocol([check_up, ageing], cycles=2)
    discharge = np.array([2.0, 1.0, 0.9, 1.8, 0.8, 0.7])
    assert kinds(protocol, 4) == ["check-up", "ageing", "ageing", "check-up"]
    kept = retention(discharge, np.zeros(6, bool), protocol)
    assert kept == pytest.approx([1, 1, 0.9, 0.9, 0.8, 0.7])
    other = retention(discharge, np.zeros(6, bool), protocol, reference_cycle=2)
    assert other == pytest.approx(discharge)


def test_what_came_before_lends_its_first_cycles():
    protocol = twin.Protocol([Block("check-up", FAST), Block("ageing", FAST)])
    firsts = references(np.array([0.9, 0.8]), np.zeros(2, bool), protocol, {"ageing": 1.0})
    assert firsts == {"ageing": 1.0, "check-up": 0.9}


def test_a_spent_cycle_is_no_reference():
    protocol = twin.Protocol(FAST, cycles=2)
    assert np.isnan(retention(np.array([1e-6, 1e-6]), np.ones(2, bool), protocol)).all()


def test_a_tenth_of_what_was_asked_is_gone(full):
    nominal = full.values[names.NOMINAL_CAPACITY]
    to_a_voltage = twin.Protocol(FAST, cycles=2)
    assert gone(np.array([0.2, 0.05]) * nominal, to_a_voltage, full, 0.1).tolist() == [False, True]
    # a pulse asks for little, and a rest for nothing
    pulse = twin.Protocol(["Discharge at 1C for 36 seconds or until 2.6 V"], cycles=2)
    assert gone(np.array([0.01, 0.0005]) * nominal, pulse, full, 0.1).tolist() == [False, True]
    rest = twin.Protocol(["Rest for 1 hour"])
    assert gone(np.zeros(1), rest, full, 0.1).tolist() == [False]


def test_a_run_beyond_any_rate_is_spent_and_retains_nothing(full):
    protocol = twin.Protocol(["Charge at 50C until 4.2 V", "Discharge at 50C until 2.6 V"])
    run = twin.simulate(full, protocol)
    assert run["outcome"].item() == "end_of_life"
    assert run["end_of_life_cycle"].item() == 1
    assert np.isnan(run["capacity_retention"].item())
    assert twin.simulate(full, protocol, end_of_life=0.0)["outcome"].item() == "completed"


@pytest.mark.parametrize("simulator", ["long_cycling", "reference"])
def test_a_step_that_has_nothing_to_do_is_a_note_and_no_failure(full, simulator):
    steps = ["Charge at C/50 until 4.2 V", "Hold at 4.2 V until C/5", "Discharge at 0.5C until 2.6 V"]
    run = twin.simulate(full, twin.Protocol(steps, cycles=3), simulator=simulator)
    assert run["outcome"].item() == "completed"
    assert run["notes"].item().count("is skipped where its end is already reached") == 1


def test_bad_requests_are_refused(full):
    with pytest.raises(ProtocolError, match="one of the 2 cycles"):
        twin.simulate(full, twin.Protocol(FAST, cycles=2), reference_cycle=3)
    with pytest.raises(ArgumentError, match=r"end_of_life must lie between 0 and 0\.999, not 80"):
        twin.simulate(full, twin.Protocol(FAST), end_of_life=80)
    with pytest.raises(ArgumentError, match="leave out jump and tolerance"):
        twin.simulate(full, twin.Protocol(FAST), simulator="reference", jump=False)
