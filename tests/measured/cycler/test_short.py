"""A short in a file is found by the twin's own definition of a soft short."""

import numpy as np
import pytest

from twin.measured.cycler.short import leak_by_charge, leak_by_voltage
from twin.results.outcome import SOFT_SHORT_LEAK

KIND = "1C"


def full_cell(leak, scatter=0.0, seed=0):
    """Charge and discharge of cycles of which a share leaks, half of it each way."""
    random = np.random.default_rng(seed)
    throughput = 2.0 * np.exp(-1e-4 * np.arange(len(leak)))
    lost = leak + 1e-3 + scatter * random.normal(size=len(leak))
    return throughput * (1 + lost) / 2, throughput * (1 - lost) / 2


@pytest.mark.parametrize(("share", "found"), [(0.9, None), (1.1, 60)])
def test_onset_is_where_more_than_a_soft_short_leaks(share, found):
    leak = np.where(np.arange(100) >= 60, share * SOFT_SHORT_LEAK, 0.0)
    charge, discharge = full_cell(leak)
    leaks, onset = leak_by_charge(charge, discharge, [KIND] * 100, finished=True)
    assert onset == found
    np.testing.assert_allclose(leaks[60:], leak[60:], atol=1e-4)  # as the lost millionths add up


def test_a_leak_that_grows_slowly_is_found_as_one_that_jumps():
    leak = np.maximum(0.0, 1.1e-3 * (np.arange(100) - 30))
    charge, discharge = full_cell(leak)
    onset = leak_by_charge(charge, discharge, [KIND] * 100, finished=True)[1]
    assert onset == 30 + int(np.ceil(SOFT_SHORT_LEAK / 1.1e-3))


@pytest.mark.parametrize("seed", range(20))
def test_scatter_is_no_short(seed):
    charge, discharge = full_cell(np.zeros(800), scatter=0.01, seed=seed)
    assert leak_by_charge(charge, discharge, [KIND] * 800, finished=True)[1] is None


def test_formation_is_no_short():
    lost = np.array([0.3, 0.1, 0.05, 0.03, 0.02] + [0.01] * 20)
    charge, discharge = full_cell(lost)
    assert leak_by_charge(charge, discharge, [KIND] * 25, finished=True)[1] is None


def test_a_cycle_is_compared_with_its_kind_alone():
    kinds = [KIND] * 10 + ["check-up"] + [KIND] * 10
    lost = np.where([kind == "check-up" for kind in kinds], 0.1, 0.0)
    lost[11] = 0.08  # after a slow discharge more goes in than comes out
    charge, discharge = full_cell(lost)
    leaks, onset = leak_by_charge(charge, discharge, kinds, finished=True)
    assert onset is None
    assert np.isnan(leaks[10:12]).all()


def test_a_last_cycle_that_has_just_begun_is_no_short_and_one_that_never_ends_is():
    charge, discharge = full_cell(np.zeros(20))
    charge[-1], discharge[-1] = 0.4, 0.0
    assert leak_by_charge(charge, discharge, [KIND] * 20, finished=False)[1] is None
    charge[-1] = 3.0
    assert leak_by_charge(charge, discharge, [KIND] * 20, finished=False)[1] == 19


@pytest.mark.parametrize(("share", "found"), [(0.9, None), (1.5, 40)])
def test_voltage_of_a_symmetric_cell_falls_by_the_share_that_leaks(share, found):
    growing = 0.1 * (1 + 0.002 * np.arange(60))
    leak = np.where(np.arange(60) >= 40, share * SOFT_SHORT_LEAK, 0.0)
    leaks, onset = leak_by_voltage(growing * (1 - leak), [KIND] * 60, finished=True)
    assert onset == found
    assert leaks[40] == pytest.approx(leak[40], abs=0.003)  # of one cycle's growth


def test_a_cell_that_shorts_before_its_scatter_is_known_shorts_unmistakably():
    assert leak_by_charge(*full_cell(np.array([0.05, 0.4])), [KIND] * 2, finished=True)[1] == 1
    assert leak_by_charge(*full_cell(np.array([0.05, 0.2])), [KIND] * 2, finished=True)[1] is None
    assert leak_by_voltage(np.array([2.0, 0.1]), [KIND] * 2, finished=True)[1] == 1
    assert leak_by_voltage(np.array([2.0, 0.9]), [KIND] * 2, finished=True)[1] is None


def test_voltage_that_falls_slowly_is_an_interface_that_heals():
    healing = 0.1 + 0.4 * np.exp(-np.arange(100) / 20)  # 5 % a cycle at first
    assert leak_by_voltage(healing, [KIND] * 100, finished=True)[1] is None
