"""Which variant wins, from what each says of every row."""

import numpy as np
import pytest

from twin.comparison_table import differences, simplest


def test_differences_are_paired_over_the_rows():
    elpd = np.array([[-1.0, -2.0, -3.0], [-2.0, -3.0, -4.0], [-1.0, -2.0, -9.0]])
    difference, error = differences(elpd, np.zeros_like(elpd))
    assert difference == pytest.approx([0, -3, -6])
    # equal steps in every row leave no doubt; one row alone leaves all of it: sqrt(3 * 12)
    assert error == pytest.approx([0, 0, 6])
    assert simplest(np.array([3, 2, 1]), elpd.sum(axis=1), difference, error) == 2
    assert simplest(np.array([3, 2, 4]), elpd.sum(axis=1), difference, error) == 0
    # draws that leave each row 2 uncertain leave the sum of three, and that of the best, sqrt(12)
    _, drawn = differences(elpd, np.full_like(elpd, 2.0))
    assert drawn == pytest.approx([0, np.sqrt(24), np.sqrt(60)])
