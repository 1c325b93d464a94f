"""From solved cycles to the Record of every cycle: what lies between them by dense output."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.results.record import INTEGRALS, Record
from twin.simulators.long_cycling.cycle_jump import Cycle, Gap
from twin.simulators.long_cycling.trend import Trend


@dataclass(frozen=True)
class CycleTable:
    """Recorded variables at the ends of the steps of solved cycles.

    Attributes
    ----------
    cycle : (row,) counted from 0, -1 at the start of the run
    is_end : (row,) of a step; otherwise the start of the run, or of a cycle on which a jump landed
    duration : (row,) [s]
    values : (row, variable)
    names : of the variables
    """

    cycle: np.ndarray
    is_end: np.ndarray
    duration: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]

    def filled(self, gaps: Sequence[Gap], count: int, end: str, notes: tuple[str, ...]) -> Record:
        """The record of `count` cycles; those within `gaps` are interpolated."""
        sums = [self.names.index(name) for name in INTEGRALS]
        columns = np.column_stack([self.values, self.duration])
        columns[1:, sums] = np.diff(self.values[:, sums], axis=0)
        kept = self.is_end | (self.cycle < 0)
        columns, cycle_of = columns[kept], self.cycle[kept]
        computed = np.ones(count, dtype=bool)
        cycles, rows = [cycle_of], [columns]
        first = np.searchsorted(cycle_of, np.arange(count + 1))
        for gap in gaps:
            computed[gap.skipped] = False
            # the same steps ended in all cycles that the jump was made and measured with
            landing = gap.nodes[0]
            own = first[list(gap.nodes), None] + np.arange(first[landing + 1] - first[landing])
            nodes, middle = columns[own].reshape(len(own), -1), len(gap.skipped) // 2
            values = Trend(gap.nodes, nodes, gap.skipped, middle).values
            cycles.append(np.repeat(gap.skipped, own.shape[1]))
            rows.append(values.reshape(-1, columns.shape[1]))
        cycle, table = np.concatenate(cycles), np.concatenate(rows)
        order = np.argsort(cycle, kind="stable")
        cycle, table = cycle[order], table[order]
        table[:, sums] = np.cumsum(table[:, sums], axis=0)
        recorded = dict(zip(self.names, table.T[:-1].copy(), strict=True))
        return Record(cycle, np.cumsum(table[:, -1]), recorded, computed, end, notes)


def cycle_table(
    solver, names: tuple[str, ...], parameters: np.ndarray, start: np.ndarray, solved: list[Cycle]
) -> CycleTable:
    """The table of the `solved` cycles of a run that began with the states `start` (state,).

    `solver` is what solved them, `names` what it records.
    """
    beginning = np.zeros(2)  # neither current nor duration
    rows, numbers, is_end = [np.append(start, beginning)[None]], [-1], [False]
    before = -1
    for cycle in solved:
        if cycle.number != before + 1:
            rows.append(np.concatenate([cycle.start, beginning])[None])
            numbers.append(cycle.number)
            is_end.append(False)
        before = cycle.number
        ran = cycle.ends.values[:, :-1]
        if "skipped" in cycle.reasons:
            ran = ran[[reason != "skipped" for reason in cycle.reasons]]
        rows.append(ran)
        numbers.append(cycle.number)
        is_end.append(True)
    counts = [len(row) for row in rows]
    table = np.concatenate(rows)
    values = solver.recorded(parameters, table[:, :-1])
    return CycleTable(np.repeat(numbers, counts), np.repeat(is_end, counts), table[:, -1], values, names)
