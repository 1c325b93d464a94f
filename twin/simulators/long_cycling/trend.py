"""Quantities that change slowly from cycle to cycle: polynomials through the cycles that were solved.

The polynomials are in x = ln(1 + n), n the number of a cycle, because most of what ages slows down. They
are in Newton's form, with divided differences (Hildebrand 1987, Introduction to Numerical Analysis,
Chapter 2), which takes in one solved cycle, a node, after the other, the nearest first::

    p(x) = f[x_0] + f[x_0, x_1] (x - x_0) + f[x_0, x_1, x_2] (x - x_0)(x - x_1) + ...

Many quantities share the nodes; each one's polynomial ends at the term that is smallest where it is
judged. Beyond that term a polynomial far from its nodes holds rounding errors, multiplied by thousands.
"""

import functools
from collections.abc import Sequence

import numpy as np

MOST_NODES = 8
"""The tables below reach so far; a jump takes fewer."""
_DEGREES = np.arange(MOST_NODES)[:, None]
_DIAGONAL = np.eye(MOST_NODES)
_UP_TO_EACH = np.tril(np.ones((MOST_NODES, MOST_NODES)))


class Trends:
    """Polynomials of many quantities through common nodes, and their values at other cycles.

    Several such trends, each through nodes of its own, are computed together, which takes a fraction of
    the time and changes no number.

    Parameters
    ----------
    at : (trend,) of (node,)
        Numbers of the solved cycles, the nearest to the wanted ones first.
    rows : (trend, node, quantity)
        Values in those cycles.
    wanted : (trend,) of (wanted,)
        Numbers of the cycles at which values are wanted.
    judged : (trend,)
        Place in `wanted` of the cycle at which the size of a term is judged.

    Attributes
    ----------
    terms : (trend, node, quantity)
        Divided differences; 0 beyond the degree of each polynomial.
    basis : (trend,) of (wanted, node + 1)
        The products of (x - x_k) that they are multiplied by; the last is that of one further node.
    degree : (trend, quantity)
        Of each polynomial.
    """

    def __init__(
        self,
        at: Sequence[Sequence[int]],
        rows: np.ndarray,
        wanted: Sequence[np.ndarray],
        judged: Sequence[int],
    ):
        nodes = [_nodes(tuple(own)) for own in at]
        self.basis = [_basis(x, own) for (x, _), own in zip(nodes, wanted, strict=True)]
        self.terms = np.array([divided for _, divided in nodes]) @ rows
        reach = np.array([own[place] for own, place in zip(self.basis, judged, strict=True)])
        self.degree = _end_at_smallest(self.terms, reach)

    def values(self) -> list[np.ndarray]:
        """(trend,) of (wanted, quantity) Values at the wanted cycles."""
        return [basis[:, :-1] @ terms for basis, terms in zip(self.basis, self.terms, strict=True)]

    def ahead(self) -> tuple[np.ndarray, np.ndarray]:
        """What is extrapolated to the last wanted cycle, and adds up on the way to it.

        Returns
        -------
        values : (trend, 3, quantity)
            The sum over all wanted cycles but the last, and the values at the last two.
        gain : (trend, quantity)
            By how much that sum changes, per unit that the value at the last cycle is off. Once that
            cycle is solved, it is one node more. The next term of Newton's form carries the difference
            between its true value and the predicted one to all cycles before it.
        """
        basis = np.array([[own[:-1].sum(axis=0), own[-2], own[-1]] for own in self.basis])
        of_each = np.arange(len(basis))[:, None]
        gain = (basis[:, 0] / basis[:, 2])[of_each, self.degree + 1]
        return basis[:, :, :-1] @ self.terms, gain


def _basis(x: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(wanted, node + 1) As in :class:`Trends`, for nodes at `x` (node,)."""
    basis = np.ones((len(wanted), len(x) + 1))
    np.multiply.accumulate(np.log1p(wanted)[:, None] - x, axis=1, out=basis[:, 1:])
    return basis


@functools.lru_cache(maxsize=4096)  # those of a batch of runs: a jump and the gap after it share them
def _nodes(at: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """x at nodes (node,), and what turns values there into divided differences (node, node).

    f[x_0 ... x_k] is the sum over j of f_j over the product of (x_j - x_i), i up to k save j.
    """
    nodes, x = len(at), np.log1p(at)
    apart = x[:, None] - x + _DIAGONAL[:nodes, :nodes]
    return x, _UP_TO_EACH[:nodes, :nodes] / np.multiply.accumulate(apart, axis=1).T


def _end_at_smallest(terms: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Put to 0 what lies beyond the smallest of the `terms` (trend, node, quantity).

    `reach` is the basis (trend, node + 1) where they are judged. Returns the degrees (trend, quantity).
    """
    trends, nodes, quantities = terms.shape
    if nodes == 1:
        return np.zeros((trends, quantities), dtype=int)
    size = np.abs(reach[:, 1:nodes, None] * terms[:, 1:])
    # a term that is small before a large one only changes its sign there
    np.maximum(size[:, :-1], size[:, 1:], out=size[:, :-1])
    degree = 1 + size.argmin(axis=1)
    np.putmask(terms, _DEGREES[:nodes] > degree[:, None], 0.0)
    return degree
