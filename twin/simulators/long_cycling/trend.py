"""Quantities that change slowly from cycle to cycle: polynomials through the cycles that were solved.

The polynomials are in x = ln(1 + n), n the number of a cycle, because most of what ages slows down. They
are in Newton's form, with divided differences (Hildebrand 1987, Introduction to Numerical Analysis,
Chapter 2), which takes in one solved cycle, a node, after the other, the nearest first::

    p(x) = f[x_0] + f[x_0, x_1] (x - x_0) + f[x_0, x_1, x_2] (x - x_0)(x - x_1) + ...

Many quantities share the nodes; each one's polynomial ends at the term that is smallest where it is
judged. Beyond that term a polynomial far from its nodes holds rounding errors, multiplied by thousands.
"""

from collections.abc import Sequence

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
    degree : (quantity,)
        Of each polynomial.
    """

    def __init__(self, at: Sequence[int], rows, wanted: np.ndarray, judged: int):
        nodes = len(at)
        x = np.log1p(at)
        self.basis = np.ones((len(wanted), nodes + 1))
        np.multiply.accumulate(np.log1p(wanted)[:, None] - x, axis=1, out=self.basis[:, 1:])
        # f[x_0 ... x_k] is the sum over j of f_j over the product of (x_j - x_i), i up to k save j
        apart = x[:, None] - x + _DIAGONAL[:nodes, :nodes]
        divided = _UP_TO_EACH[:nodes, :nodes] / np.multiply.accumulate(apart, axis=1).T
        self.terms = divided @ np.asarray(rows)
        if nodes > 1:
            size = np.abs(self.basis[judged, 1:nodes, None] * self.terms[1:])
            # a term that is small before a large one only changes its sign there
            np.maximum(size[:-1], size[1:], out=size[:-1])
            self.degree = 1 + size.argmin(axis=0)
            self.terms *= _DEGREES[:nodes] <= self.degree
        else:
            self.degree = np.zeros(self.terms.shape[1], dtype=int)

    @property
    def values(self) -> np.ndarray:
        """(wanted, quantity) Values at the wanted cycles."""
        return self.basis[:, :-1] @ self.terms

    def sum_and_last_two(self) -> np.ndarray:
        """(3, quantity) The sum over all wanted cycles but the last, and the values at the last two."""
        basis = self.basis[:, :-1]
        return np.array([basis[:-1].sum(axis=0), basis[-2], basis[-1]]) @ self.terms

    def gain(self) -> np.ndarray:
        """(quantity,) By how much that sum changes, per unit that the value at the last cycle is off.

        Once the last wanted cycle is solved, it is one node more. The next term of Newton's form carries
        the difference between its true value and the predicted one to all cycles before it.
        """
        return (self.basis[:-1].sum(axis=0) / self.basis[-1])[self.degree + 1]
