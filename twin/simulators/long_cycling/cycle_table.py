"""From the solved cycles of a run to the Record of every cycle.

What a jump has skipped is interpolated by the polynomials that it was made with (``trend``), once the
cycle on which it landed is one of their nodes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.results.record import INTEGRALS, Record
from twin.simulators.long_cycling.circuit_states import LARGEST
from twin.simulators.long_cycling.cycle_jump import Cycle, Gap
from twin.simulators.long_cycling.trend import Trends


@dataclass(frozen=True)
class CycleTable:
    """Recorded variables at the ends of the steps of the solved cycles.

    Attributes
    ----------
    cycle : (row,)
        Counted from 0; -1 at the start of the run.
    is_end : (row,)
        True for the end of a step, False for the start of the run and of each cycle on which a jump
        landed.
    duration : (row,)
        [s] Of the step that ends there.
    values : (row, variable)
        In the unit of each variable.
    names : (variable,)
        Their names.
    """

    cycle: np.ndarray
    is_end: np.ndarray
    duration: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]

    def filled(self, gaps: Sequence[Gap], count: int, end: str, notes: tuple[str, ...]) -> Record:
        """The Record of all cycles.

        Parameters
        ----------
        gaps : sequence of Gap
            The cycles between the solved ones.
        count : int
            Number of all cycles.
        end, notes
            As in :class:`Record`.
        """
        # integrals are interpolated by their change over a step, and summed again in the end
        sums = [self.names.index(name) for name in INTEGRALS]
        columns = np.column_stack([self.values, self.duration])
        columns[1:, sums] = np.diff(self.values[:, sums], axis=0)
        kept = self.is_end | (self.cycle < 0)
        columns, cycle_of = columns[kept], self.cycle[kept]
        computed = np.ones(count, dtype=bool)
        if gaps:
            computed[np.concatenate([gap.skipped for gap in gaps])] = False
        first = np.searchsorted(cycle_of, np.arange(count + 1))
        between = [_interpolated(own, columns, first) for own in _alike(gaps, np.diff(first))]
        cycle = np.concatenate([cycle_of, *(cycles for cycles, _ in between)])
        table = np.concatenate([columns, *(np.minimum(rows, self._largest()) for _, rows in between)])
        order = np.argsort(cycle, kind="stable")
        cycle, table = cycle[order], table[order]
        table[:, sums] = np.cumsum(table[:, sums], axis=0)
        recorded = dict(zip(self.names, table.T[:-1].copy(), strict=True))
        return Record(cycle, np.cumsum(table[:, -1]), recorded, computed, end, notes)

    def _largest(self) -> np.ndarray:
        """(variable + 1,) the most that each can be, and the duration; a polynomial may exceed it."""
        bounds = {
            names.at(side, state): value
            for side in (names.NEGATIVE, names.POSITIVE)
            for state, value in LARGEST.items()
        }
        return np.array([*(bounds.get(name, np.inf) for name in self.names), np.inf])


def _alike(gaps: Sequence[Gap], steps: np.ndarray) -> Iterable[list[Gap]]:
    """Gaps with as many nodes, whose cycles have as many `steps` (cycle,)."""
    groups: dict[tuple[int, int], list[Gap]] = {}
    for gap in gaps:
        groups.setdefault((len(gap.nodes), int(steps[gap.nodes[0]])), []).append(gap)
    return groups.values()


def _interpolated(
    gaps: list[Gap], columns: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The cycles (row,) and rows (row, column) within gaps that are alike.

    `first` (cycle,) is where the rows of each solved cycle begin in `columns` (row, column).
    """
    at, skipped = np.array([gap.nodes for gap in gaps]), [gap.skipped for gap in gaps]
    # all nodes of a gap have the same steps, so that a cycle is one row of as many quantities
    steps = first[at[0, 0] + 1] - first[at[0, 0]]
    nodes = columns[first[at][..., None] + np.arange(steps)].reshape(*at.shape, -1)
    trends = Trends([gap.nodes for gap in gaps], nodes, skipped, [len(own) // 2 for own in skipped])
    rows = np.concatenate(trends.values()).reshape(-1, columns.shape[1])
    return np.repeat(np.concatenate(skipped), steps), rows


def cycle_table(
    solver, names: tuple[str, ...], parameters: np.ndarray, start: np.ndarray, solved: list[Cycle]
) -> CycleTable:
    """The table of a run.

    Parameters
    ----------
    solver
        What solved the cycles, as ``cycle_solver`` gives it.
    names : tuple of str
        What it records.
    parameters : (parameter,)
        Of the cell, with which the start is recorded; each cycle says its own.
    start : (state,)
        States with which the run began.
    solved : list of Cycle
    """
    beginning = np.zeros(2)  # neither current nor duration
    rows, numbers, is_end = [np.append(start, beginning)[None]], [-1], [False]
    given: list[tuple[np.ndarray, Sequence[int]]] = [(parameters, [0])]
    before = -1
    for cycle in solved:
        if cycle.number != before + 1:
            rows.append(np.concatenate([cycle.start, beginning])[None])
            numbers.append(cycle.number)
            is_end.append(False)
            given.append((parameters, [0]))  # integrals are the same with any
        before = cycle.number
        ran = cycle.ends.values[:, :-1]
        steps: Sequence[int] = range(len(ran))
        if "skipped" in cycle.reasons:
            steps = [step for step, reason in enumerate(cycle.reasons) if reason != "skipped"]
            ran = ran[steps]
        given.append((cycle.parameters, steps))
        rows.append(ran)
        numbers.append(cycle.number)
        is_end.append(True)
    counts = [len(row) for row in rows]
    table = np.concatenate(rows)
    values = _recorded(solver, given, table[:, :-1])
    return CycleTable(np.repeat(numbers, counts), np.repeat(is_end, counts), table[:, -1], values, names)


def _recorded(solver, given: list[tuple[np.ndarray, Sequence[int]]], x: np.ndarray) -> np.ndarray:
    """(row, variable) at the states `x`.

    `given` are, for rows that follow each other, the parameters as a Request has them, and the steps.
    """
    if all(parameters.ndim == 1 for parameters, _ in given):
        return solver.recorded(given[0][0], x)
    rows: dict[tuple[int, int], list[int]] = {}
    own: dict[tuple[int, int], np.ndarray] = {}
    first = 0
    for parameters, steps in given:
        for row, step in enumerate(steps, start=first):
            key = (id(parameters), step)
            rows.setdefault(key, []).append(row)
            own[key] = parameters if parameters.ndim == 1 else parameters[step]
        first += len(steps)
    found = np.concatenate([solver.recorded(own[key], x[same]) for key, same in rows.items()])
    return found[np.argsort(np.concatenate(list(rows.values())))]
