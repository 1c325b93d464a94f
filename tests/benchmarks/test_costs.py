"""How far work scales, of known costs."""

import pytest
from benchmarks.costs import NETWORK, Costs

SLOW_SCHEDULER = Costs(run=0.01, task=0.002, asked=1e-6, travels=10.0)


def test_as_many_cores_as_are_busy_need_as_long_as_the_scheduler():
    busy = SLOW_SCHEDULER.cores(batch=64)
    assert busy == pytest.approx(320)
    limits = SLOW_SCHEDULER.limits(1e6, cores=320, batch=64)
    assert limits["the cores"] == pytest.approx(limits["the scheduler"])
    assert max(limits.values()) == pytest.approx(1e6 * 0.01 / 320)


def test_the_batch_for_a_number_of_cores_keeps_that_many_busy():
    batch = SLOW_SCHEDULER.batch(1000)
    assert batch == 200
    assert SLOW_SCHEDULER.cores(batch) == pytest.approx(1000)


def test_large_answers_are_limited_by_the_network_whatever_the_batch():
    heavy = Costs(run=0.01, task=0.0, asked=0.0, travels=NETWORK / 5000)
    assert heavy.cores(batch=1) == heavy.cores(batch=1000) == pytest.approx(50)
