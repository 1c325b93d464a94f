"""Counts, draws and seeds: what a whole number is, wherever one is asked for."""

import math

import numpy as np
import pytest

from twin.arguments import (
    LARGEST_SEED,
    MOST_DRAWS,
    checked_count,
    checked_draws,
    checked_number,
    checked_processes,
    checked_seed,
)
from twin.errors import ArgumentError


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.uint8(1), MOST_DRAWS])
def test_whole_numbers_are_taken_whoever_made_them(value):
    assert checked_draws(value) == value
    assert type(checked_draws(value)) is int


NO_COUNT = [
    0, -1, 1.0, 2.5, math.nan, True, np.True_, np.float64(3), "5", "", None, [3], {}, b"3", 3j,
    10**9, 10**5000, np.array([1, 2]),
]  # fmt: skip


@pytest.mark.parametrize("value", NO_COUNT, ids=lambda value: str(type(value)))
def test_what_is_no_number_of_draws_is_refused_with_what_is_allowed(value):
    with pytest.raises(
        ArgumentError, match="draws must be a whole number from 1 to 100,000, not "
    ) as said:
        checked_draws(value)
    assert len(str(said.value)) < 250


@pytest.mark.parametrize("value", [-1, 0.0, False, "0", LARGEST_SEED + 1, None])
def test_what_is_no_seed_is_refused(value):
    with pytest.raises(ArgumentError, match="seed must be a whole number from 0 to 4,294,967,294, not "):
        checked_seed(value)


def test_no_processes_means_one_a_core_and_zero_means_nothing():
    assert checked_processes(None) is None
    assert checked_processes(np.int32(2)) == 2
    for value in (0, -1, 1.5, "all"):
        with pytest.raises(ArgumentError, match="processes must be"):
            checked_processes(value)


def test_a_count_without_an_end_says_only_where_it_begins():
    assert checked_count("trials", 10**30) == 10**30
    with pytest.raises(ArgumentError, match="trials must be a whole number from 1, not 0"):
        checked_count("trials", 0)


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.5), np.int8(1), np.array(0.25)])
def test_numbers_inside_the_ends_are_taken(value):
    assert checked_number("share", value, least=0, most=1) == float(value)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, True, "0.5", None, [0.5], 10**400, 1j])
def test_numbers_outside_and_what_is_none_are_refused(value):
    with pytest.raises(ArgumentError, match="share must lie between 0 and 1, not "):
        checked_number("share", value, least=0, most=1)
