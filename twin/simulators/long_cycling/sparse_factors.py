"""LU factors of a sparse symbolic matrix, found once, to solve with many right sides."""

import casadi


class SparseFactors:
    """LU factors of a square sparse matrix, without pivoting for size.

    The elimination order is Markowitz's (1957, Manage. Sci. 3, 255), kept to the diagonal: of the rows
    that are left, the one whose elimination can fill in least comes next; the last row, which is
    algebraic in a circuit, is eliminated last. Pivots of M / (h gamma) - J stay away from zero, because
    error control keeps the step h small against whatever grows.

    Parameters
    ----------
    matrix : (n, n) casadi.SX or casadi.DM
        With a diagonal without structural zeros, save in the last row.
    """

    def __init__(self, matrix: casadi.SX):
        rows: list[dict[int, casadi.SX]] = [{} for _ in range(matrix.shape[0])]
        for i, j, value in zip(*matrix.sparsity().get_triplet(), matrix.nonzeros(), strict=True):
            rows[i][j] = value
        columns: list[set[int]] = [set() for _ in rows]
        for i, row in enumerate(rows):
            for j in row:
                columns[j].add(i)
        self.lower: list[tuple[int, int, casadi.SX]] = []
        self.upper: list[tuple[int, casadi.SX, dict[int, casadi.SX]]] = []
        left = set(range(len(rows)))
        last = len(rows) - 1
        while left:
            pivot = min(left, key=lambda k: (k == last, (len(rows[k]) - 1) * (len(columns[k]) - 1)))
            left.discard(pivot)
            pivot_row = rows[pivot]
            inverse = 1 / pivot_row[pivot]
            for j in pivot_row:
                columns[j].discard(pivot)
            for i in sorted(columns[pivot]):
                factor = rows[i].pop(pivot) * inverse
                self.lower.append((i, pivot, factor))
                for j, value in pivot_row.items():
                    if j != pivot:
                        rows[i][j] = rows[i].get(j, 0) - factor * value
                        columns[j].add(i)
            columns[pivot] = set()
            rest = {j: value for j, value in pivot_row.items() if j != pivot}
            self.upper.append((pivot, inverse, rest))

    def __call__(self, right: casadi.SX) -> casadi.SX:
        """The solution (n,) for a right side (n,)."""
        x = [right[k] for k in range(right.shape[0])]
        for i, pivot, factor in self.lower:
            x[i] -= factor * x[pivot]
        for pivot, inverse, rest in reversed(self.upper):
            x[pivot] = (x[pivot] - sum(value * x[j] for j, value in rest.items())) * inverse
        return casadi.vertcat(*x)
