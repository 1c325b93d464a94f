"""Quantities that change slowly from cycle to cycle: polynomials through the cycles that were solved.

The polynomials are in x = ln(1 + n), n the number of a cycle, because most of what ages slows down. They
are in Newton's form, with divided differences (Hildebrand 1987, Introduction to Numerical Analysis,
Chapter 2), which takes in one solved cycle, a node, after the other, the nearest first::

    p(x) = f[x_0] + f[x_0, x_1] (x - x_0) + f[x_0, x_1, x_2] (x - x_0)(x - x_1) + ...

Many quantities share the nodes; each one's polynomial ends at the term that is smallest where it is
judged. Beyond that term a polynomial far from its nodes holds rounding errors, multiplied by thousands.
"""

import functools
from collections.abc import Iterator, Sequence

import numpy as np

MOST_NODES = 8
"""The tables below reach so far; a jump takes fewer."""
_DEGREES = np.arange(MOST_NODES)[:, None]
_DIAGONAL = np.eye(MOST_NODES)
_UP_TO_EACH = np.tril(np.ones((MOST_NODES, MOST_NODES)))


class Trend:
    """The polynomials of many quantities through common nodes, and their values at other cycles.

    Parameters
    ----------
    at : (node,)
        Numbers of the solved cycles, the nearest to the wanted ones first.
    rows : (node, quantity)
        Values in those cycles.
    wanted : (wanted,)
        Numbers of the cycles at which values are wanted.
    judged : int
        Place in `wanted` of the cycle at which the size of a term is judged.

    Attributes
    ----------
    terms : (node, quantity)
        Divided differences; 0 beyond the degree of each polynomial.
    basis : (wanted, node + 1)
        The products of (x - x_k) that they are multiplied by; the last is that of one further node.
    basis_of_sum : (node + 1,)
        The sum of `basis` over all wanted cycles but the last.
    degree : (quantity,)
        Of each polynomial.
    """

    def __init__(self, at: Sequence[int], rows, wanted: np.ndarray, judged: int):
        x, divided = _nodes(tuple(at))
        self.basis = _basis(x, wanted)
        self.basis_of_sum = self.basis[:-1].sum(axis=0)
        self.terms = divided @ np.asarray(rows)
        self.degree = _end_at_smallest(self.terms, self.basis[judged])

    @property
    def values(self) -> np.ndarray:
        """(wanted, quantity) Values at the wanted cycles."""
        return self.basis[:, :-1] @ self.terms

    def sum_and_last_two(self) -> np.ndarray:
        """(3, quantity) The sum over all wanted cycles but the last, and the values at the last two."""
        return np.array([self.basis_of_sum, *self.basis[-2:]])[:, :-1] @ self.terms

    def gain(self) -> np.ndarray:
        """(quantity,) By how much that sum changes, per unit that the value at the last cycle is off.

        Once the last wanted cycle is solved, it is one node more. The next term of Newton's form carries
        the difference between its true value and the predicted one to all cycles before it.
        """
        return (self.basis_of_sum / self.basis[-1])[self.degree + 1]


def trends(
    at: Sequence[Sequence[int]], rows: np.ndarray, wanted: Sequence[np.ndarray]
) -> Iterator[np.ndarray]:
    """The values of many trends of as many nodes and quantities, each judged in the middle.

    Parameters
    ----------
    at : (trend,) of (node,)
    rows : (trend, node, quantity)
    wanted : (trend,) of (wanted,)

    Yields what ``Trend(...).values`` gives of each one; together they take a fraction of the time.
    """
    x, divided = (np.array(of_all) for of_all in zip(*(_nodes(tuple(own)) for own in at), strict=True))
    counts = np.array([len(own) for own in wanted])
    last = np.cumsum(counts)
    basis = _basis(np.repeat(x, counts, axis=0), np.concatenate(wanted))
    terms = divided @ rows
    _end_at_smallest(terms, basis[last - counts + counts // 2])
    for own, first, end in zip(terms, (last - counts).tolist(), last.tolist(), strict=True):
        yield basis[first:end, :-1] @ own


@functools.lru_cache(maxsize=4096)  # those of a batch of runs: a jump and the gap after it share them
def _nodes(at: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """x at nodes (node,), and what turns values there into divided differences (node, node).

    f[x_0 ... x_k] is the sum over j of f_j over the product of (x_j - x_i), i up to k save j.
    """
    nodes, x = len(at), np.log1p(at)
    apart = x[:, None] - x + _DIAGONAL[:nodes, :nodes]
    return x, _UP_TO_EACH[:nodes, :nodes] / np.multiply.accumulate(apart, axis=1).T


def _basis(x: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """As in :class:`Trend`, for nodes at `x` (node,), or at other ones for each wanted cycle."""
    basis = np.ones((len(wanted), x.shape[-1] + 1))
    np.multiply.accumulate(np.log1p(wanted)[:, None] - x, axis=1, out=basis[:, 1:])
    return basis


def _end_at_smallest(terms: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Put to 0 what lies beyond the smallest of the `terms` (..., node, quantity).

    `judged` is the basis (..., node + 1) where they are. Returns the degrees (..., quantity) left.
    """
    nodes, quantities = terms.shape[-2:]
    if nodes == 1:
        return np.zeros((*terms.shape[:-2], quantities), dtype=int)
    size = np.abs(judged[..., 1:nodes, None] * terms[..., 1:, :])
    # a term that is small before a large one only changes its sign there
    np.maximum(size[..., :-1, :], size[..., 1:, :], out=size[..., :-1, :])
    degree = 1 + size.argmin(axis=-2)
    terms *= _DEGREES[:nodes] <= degree[..., None, :]
    return degree
