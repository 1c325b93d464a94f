"""One point of a study: what it makes of a cell, run on draws, and the numbers that are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.cell import Cell
from twin.fitting.draws import scaled
from twin.fitting.widening import model_error, widened
from twin.names import DEAD, NO_ANSWER
from twin.protocols import Protocol
from twin.results.dataset import Results
from twin.results.quantities import QUANTITIES
from twin.simulators import results_of
from twin.studies.factors import Factor
from twin.studies.templates import Template

AT_THE_LAST_CYCLE = (
    "capacity_retention",
    "discharge_capacity",
    "specific_discharge_capacity",
    "areal_discharge_capacity",
    "discharge_energy",
)
"""Read at the last cycle of the protocol. A cell that died before has 0, a run without an answer NaN."""
WHERE_IT_ENDED = ("cell_overpotential",)
"""Read at the last cycle that ran: a cell that died has none of it afterwards, and 0 would be good."""
OF_THE_WHOLE_RUN = (
    "energy_delivered",
    "charge_time",
    "short_circuit",
    "short_circuit_onset_cycle",
    "short_circuit_onset_time",
    "lifetime",
    "critical_current_density",
    "cumulative_charge",
    "run_time",
)
"""Said of the run as a whole; `charge_time` is the median over its cycles."""
KEPT = (*AT_THE_LAST_CYCLE, *WHERE_IT_ENDED, *OF_THE_WHOLE_RUN)
"""The numbers that a study keeps of a run."""
TOLERANCE = 2e-3
"""Tolerance of the runs of a study. On 160 of the shipped map of Chang2023, onset, lifetime and energy
are within 0.4 % of those at 1e-5, as they are with the default of a single run, in 7/8 of its time."""

Draws = Sequence[Mapping[str, float]]
"""What each draw multiplies the parameters of a cell with: key -> factor."""
Numbers = dict[str, np.ndarray]
"""What is kept of runs: each of :func:`quantities`, and `outcome`, over (draw,)."""


def quantities(cell: Cell) -> tuple[str, ...]:
    """The numbers that every run of a cell is reduced to."""
    return tuple(name for name in KEPT if QUANTITIES[name].is_of(cell))


@dataclass(frozen=True)
class Point:
    """One point: which steps, and a value (in its unit) for each thing that the study sets there."""

    template: Template
    values: Mapping[Factor, float]

    def cell_and_protocol(self, cell: Cell) -> tuple[Cell, Protocol]:
        """The cell of a study with the values of this point, and the steps with theirs.

        Raises ParameterError: a value that the cell may not have. ProtocolError: a field of the steps
        without a value, or a step that cannot be read.
        """
        texts = {}
        for factor, value in self.values.items():
            if factor.is_field:
                texts[factor.target] = factor.text(value)
            else:
                cell = cell.replace(factor.changes(cell, value))
        return cell, self.template.filled(texts)


Task = tuple[Cell, Protocol, Draws]
"""A cell, its protocol, and the draws that it is run on."""


def run_draws(task: Task) -> Numbers:
    """Runs of a cell on some draws."""
    (found,) = run_together([task])
    return found


def run_together(tasks: Sequence[Task]) -> list[Numbers]:
    """As :func:`run_draws` of each, for cells of one structure: side by side, which is faster.

    Outside what was fitted the draws are wider (:mod:`twin.fitting.widening`).
    """
    runs = []
    for cell, protocol, draws in tasks:
        error = model_error(cell, protocol)
        runs += [(scaled(cell, widened(cell, factors, error)), protocol) for factors in draws]
    found = iter(results_of(runs, tolerance=TOLERANCE))
    answers = []
    for cell, protocol, draws in tasks:
        kept = [reduced(next(found), protocol) for _ in draws]
        names = (*quantities(cell), "outcome")
        answers.append({name: np.array([run[name] for run in kept]) for name in names})
    return answers


def reduced(run: Results, protocol: Protocol) -> dict[str, float | str]:
    """The numbers of one run that a study keeps."""
    values = {name: array for name, (_, array) in run.items()}
    outcome, cycles = values["outcome"].item(), len(values["time"])
    answered = outcome not in NO_ANSWER
    complete = cycles == protocol.number_of_cycles and answered
    early = 0.0 if outcome in DEAD else np.nan
    kept: dict[str, float | str] = {"outcome": outcome}
    for name in AT_THE_LAST_CYCLE:
        if name in values:
            kept[name] = float(values[name][-1]) if complete else early
    for name in WHERE_IT_ENDED:
        if name in values:
            kept[name] = float(values[name][-1]) if cycles and answered else np.nan
    if "discharge_energy" in values:
        kept["energy_delivered"] = float(np.nansum(values["discharge_energy"]))
    kept["charge_time"] = float(np.median(values["charge_time"])) if cycles else np.nan
    kept["run_time"] = float(values["time"][-1]) if cycles else 0.0
    for name in OF_THE_WHOLE_RUN:
        if name in values and name not in kept:
            kept[name] = values[name].item()
    kept["short_circuit"] = float(np.isfinite(values["short_circuit_onset_cycle"]))
    return kept


def joined(parts: Iterable[Numbers]) -> Numbers:
    """Runs on consecutive draws as one."""
    parts = list(parts)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
