"""What changes slowly from cycle to cycle: polynomials through the cycles that were solved.

In ln(1 + n), n the number of the cycle, because most of what ages slows down. Newton's form takes in a node
at a time, nearest first, and each entry stops at the node that changes it least: with nodes side by side
and a place far away, the higher degrees of an entry hold its rounding errors, multiplied by thousands.
"""

from collections.abc import Sequence

import numpy as np

MOST_NODES = 8
_ORDER = np.arange(MOST_NODES)[:, None]
_SELF, _EARLIER = np.eye(MOST_NODES), np.tril(np.ones((MOST_NODES, MOST_NODES)))


class Trend:
    """The polynomials of many entries through common cycles.

    Parameters
    ----------
    at : (node,) numbers of the cycles, the nearest to what is wanted first
    rows : (node, entry) values there
    judged : float
        Number of the cycle at which the effect of a node is judged.

    Attributes
    ----------
    terms : (node, entry) divided differences, 0 from where an entry stops
    """

    def __init__(self, at: Sequence[int], rows: Sequence[np.ndarray], judged: float):
        nodes = len(at)
        self.at = np.log1p(at)
        apart = self.at[:, None] - self.at + _SELF[:nodes, :nodes]
        self.terms = (_EARLIER[:nodes, :nodes] / np.multiply.accumulate(apart, axis=1).T) @ np.array(rows)
        if nodes > 2:
            effect = np.abs(self.basis(np.array([judged])).T[1:] * self.terms[1:])
            self.terms *= _ORDER[:nodes] <= 1 + effect.argmin(axis=0)

    def basis(self, wanted: np.ndarray) -> np.ndarray:
        """(wanted, node): ``basis(wanted) @ terms`` are the values at the cycles of these numbers."""
        basis = np.ones((len(wanted), len(self.at)))
        away = np.log1p(wanted)[:, None] - self.at[:-1]
        np.multiply.accumulate(away, axis=1, out=basis[:, 1:])
        return basis

    def __call__(self, wanted: np.ndarray) -> np.ndarray:
        """(wanted, entry) values at the cycles of these numbers."""
        return self.basis(wanted) @ self.terms
