"""Sparse LU factors: the solutions that numpy finds, and no more entries than the order needs."""

import casadi
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twin.simulators.long_cycling.sparse_factors import SparseFactors


def drawn(seed, size, filled):
    """A sparse matrix whose diagonal dominates, save in its last row: an algebraic equation."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(size, size)) * (rng.random((size, size)) < filled)
    np.fill_diagonal(matrix, 2 * size)
    matrix[-1, :-1] = rng.normal(size=size - 1)
    matrix[-1, -1] = 0.0
    matrix[:-1, -1] = 1.0
    return matrix, rng.normal(size=size)


@given(st.integers(0, 10_000), st.integers(2, 12), st.floats(0, 1))
def test_solution_is_that_of_numpy(seed, size, filled):
    matrix, right = drawn(seed, size, filled)
    if np.linalg.cond(matrix) > 1e6:  # where rounding errors decide, nothing is to be compared
        return
    factors = SparseFactors(casadi.sparsify(casadi.DM(matrix)))
    found = np.array(factors(casadi.DM(right))).ravel()
    # without pivoting for size a few digits of sixteen are lost
    np.testing.assert_allclose(found, np.linalg.solve(matrix, right), rtol=1e-8, atol=1e-9)


def test_symbols_are_factorised_once_for_all_their_values():
    size = 6
    pattern, _ = drawn(3, size, 0.4)
    sparsity = casadi.sparsify(casadi.DM(pattern)).sparsity()
    entries = casadi.SX.sym("a", sparsity.nnz())
    right = casadi.SX.sym("b", size)
    solve = casadi.Function(
        "solve", [entries, right], [SparseFactors(casadi.SX(sparsity, entries))(right)]
    )
    rng = np.random.default_rng(0)
    for scale in (1.0, 1e-6, 1e9):
        numbers = scale * np.array(casadi.DM(pattern)[sparsity].nonzeros()) * rng.uniform(0.9, 1.1)
        wanted = rng.normal(size=size)
        matrix = np.array(casadi.DM(sparsity, numbers))
        found = np.array(solve(numbers, wanted)).ravel()
        np.testing.assert_allclose(matrix @ found, wanted, rtol=1e-10, atol=1e-10)


def test_elimination_order_fills_nothing_in_where_one_state_drives_all_others():
    """Row, column and diagonal: eliminated in its natural order this matrix would become dense."""
    size = 9
    matrix = np.diag(np.full(size, 4.0))
    matrix[0, :] = matrix[:, 0] = 1.0
    matrix[0, 0] = 4.0
    factors = SparseFactors(casadi.sparsify(casadi.DM(matrix)))
    entries = len(factors.lower) + sum(1 + len(rest) for _, _, rest in factors.upper)
    assert entries == np.count_nonzero(matrix)
