"""What changes slowly from cycle to cycle: polynomials through the cycles that were solved.

In ln(1 + n), n the number of the cycle, because most of what ages slows down. Newton's form takes in one
node at a time, nearest first, and each entry stops at the node that changes it least: with nodes side by
side and a place far away, the higher degrees of an entry hold its rounding errors, multiplied by
thousands.
"""

from collections.abc import Sequence

import numpy as np

MOST_NODES = 8
_ORDER = np.arange(MOST_NODES)[:, None]
_SELF, _EARLIER = np.eye(MOST_NODES), np.tril(np.ones((MOST_NODES, MOST_NODES)))


class Trend:
    """The polynomials of many entries through common cycles, at other cycles.

    Parameters
    ----------
    at : (node,) numbers of the cycles, the nearest to what is wanted first
    rows : (node, entry) values there
    wanted : (wanted,) numbers of cycles
    judged : int
        Place in `wanted` of the cycle at which the effect of a node is judged.

    Attributes
    ----------
    terms : (node, entry) divided differences, 0 from where an entry stops
    basis : (wanted, node + 1) what they are multiplied with; the last column is that of one node more
    degree : (entry,) at which each stops
    """

    def __init__(self, at: Sequence[int], rows, wanted: np.ndarray, judged: int):
        nodes = len(at)
        x = np.log1p(at)
        self.basis = np.ones((len(wanted), nodes + 1))
        np.multiply.accumulate(np.log1p(wanted)[:, None] - x, axis=1, out=self.basis[:, 1:])
        apart = x[:, None] - x + _SELF[:nodes, :nodes]
        divided = _EARLIER[:nodes, :nodes] / np.multiply.accumulate(apart, axis=1).T
        self.terms = divided @ np.asarray(rows)
        if nodes > 1:
            effect = np.abs(self.basis[judged, 1:nodes, None] * self.terms[1:])
            # a small effect between large ones is a change of sign
            np.maximum(effect[:-1], effect[1:], out=effect[:-1])
            self.degree = 1 + effect.argmin(axis=0)
            self.terms *= _ORDER[:nodes] <= self.degree
        else:
            self.degree = np.zeros(self.terms.shape[1], dtype=int)

    @property
    def values(self) -> np.ndarray:
        """(wanted, entry)"""
        return self.basis[:, :-1] @ self.terms

    def sum_and_last_two(self) -> np.ndarray:
        """(3, entry): the sum over all `wanted` but the last, and the values at the last two."""
        basis = self.basis[:, :-1]
        return np.array([basis[:-1].sum(axis=0), basis[-2], basis[-1]]) @ self.terms

    def gain(self) -> np.ndarray:
        """(entry,) what that sum gains per unit that the last value misses what is measured there by.

        Once measured it is the next node of every entry.
        """
        return (self.basis[:-1].sum(axis=0) / self.basis[-1])[self.degree + 1]
