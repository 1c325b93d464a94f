"""From solved cycles to the Record of every cycle: what lies between them by dense output."""

from dataclasses import dataclass

import numpy as np

from twin.record import INTEGRALS, Record
from twin.simulators.compiled_circuit import CompiledCircuit
from twin.simulators.cycle_jump import NODES, Cycle, lagrange

START_AFTER_GAP = -2
"""Place of the row that says where the integrals stood after a jump."""


@dataclass(frozen=True)
class CycleTable:
    """Recorded variables at the ends of the steps of solved cycles.

    Attributes
    ----------
    cycle : (row,) counted from 0, -1 at the start of the run
    place : (row,) of the step within its cycle, or START_AFTER_GAP
    duration : (row,) [s]
    values : (variable, row)
    names : of the variables
    """

    cycle: np.ndarray
    place: np.ndarray
    duration: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]

    def filled(self, gaps, count: int, end: str, notes: tuple[str, ...]) -> Record:
        """The record of `count` cycles; those within `gaps` (first, after) are interpolated."""
        sums = np.array([self.names.index(name) for name in INTEGRALS])
        increments = np.diff(self.values[sums], axis=1, prepend=self.values[sums][:, :1])
        columns = np.vstack([self.values, self.duration])
        columns[sums] = increments
        ends = self.place != START_AFTER_GAP
        columns, cycle_of, place_of = columns[:, ends], self.cycle[ends], self.place[ends]
        computed = np.ones(count, dtype=bool)
        cycles, rows = [cycle_of], [columns]
        rows_of = {place: np.flatnonzero(place_of == place) for place in np.unique(place_of)}
        for first, after in gaps:
            computed[first:after] = False
            missing = np.arange(first, after)
            for place in np.unique(place_of[cycle_of == after]):
                own = rows_of[place]
                here = np.searchsorted(cycle_of[own], after)
                # through the cycles that the jump itself was made and measured with
                own = own[max(0, here - NODES + 1) : here + 1]
                cycles.append(missing)
                rows.append(columns[:, own] @ lagrange(cycle_of[own], missing).T)
        cycle = np.concatenate(cycles)
        table = np.hstack(rows)
        order = np.argsort(cycle, kind="stable")
        cycle, table = cycle[order], table[:, order]
        table[sums] = np.cumsum(table[sums], axis=1) + self.values[sums][:, :1]
        time = np.cumsum(table[-1])
        recorded = dict(zip(self.names, table[:-1], strict=True))
        return Record(cycle, time, recorded, computed, end, notes)


def cycle_table(
    circuit: CompiledCircuit, parameters: np.ndarray, start: np.ndarray, solved: list[Cycle]
) -> CycleTable:
    """The table of the `solved` cycles of a run that began with the states `start` (state,)."""
    cycles, places, durations, states = [-1], [-1], [0.0], [np.append(start, 0.0)]
    before = -1
    for cycle in solved:
        if cycle.number != before + 1:
            cycles.append(cycle.number)
            places.append(START_AFTER_GAP)
            durations.append(0.0)
            states.append(np.append(cycle.start, 0.0))
        before = cycle.number
        for place, end in enumerate(cycle.ends):
            if end.reason != "skipped":
                cycles.append(cycle.number)
                places.append(place)
                durations.append(end.duration)
                states.append(end.state)
    values = circuit.recorded_values(np.array(states), parameters)
    return CycleTable(np.array(cycles), np.array(places), np.array(durations), values, circuit.recorded)
