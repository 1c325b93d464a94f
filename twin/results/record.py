"""What a simulator hands in: the cell at the start of a run and at the end of every step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from twin import names

REST_CURRENT_DENSITY = 1e-9
"""[A.m-2] below which a step counts as a rest."""

INTEGRALS = (
    names.NET_CAPACITY,
    names.THROUGHPUT_CAPACITY,
    names.NET_ENERGY,
    names.THROUGHPUT_ENERGY,
    names.LEAKED_CHARGE,
)
"""States [A.h, W.h] that only add up over a run; a cycle's share is their difference."""
CELL_VARIABLES = (
    names.VOLTAGE,
    names.CURRENT_DENSITY,
    *INTEGRALS,
    names.SEPARATOR_RESISTANCE,
    names.CHARGE_TRANSFER_RESISTANCE,
    names.ACCESSIBLE_CAPACITY,
    names.TOTAL_LITHIUM,
)
INTERFACE_VARIABLES = (
    names.INTERPHASE_THICKNESS,
    names.CONTACT_FRACTION,
    names.COATING_DAMAGE_SUM,
    names.FILAMENT_DEPTH,
    names.BARE_FRACTION,
    names.ELECTRODE_OVERPOTENTIAL,
    names.COATING_SHARE,
    names.INTERPHASE_SHARE,
    names.LAYER_SHARE,
    names.CONTACT_RESISTANCE,
    names.CONVERTED_FRACTION,
    names.LITHIUM,
)
OUTCOME_OF_EVENT = {
    names.HARD_SHORT_EVENT: "hard_short",
    names.OVERPOTENTIAL_EVENT: "overpotential_limit",
}
"""Model events that are an outcome of their own; any other ends a run as infeasible."""


def recorded_variables(sides) -> tuple[str, ...]:
    """PyBaMM variables that a simulator records at the end of every step."""
    return CELL_VARIABLES + tuple(names.at(side, name) for side in sides for name in INTERFACE_VARIABLES)


@dataclass(frozen=True)
class Record:
    """What a simulator hands in: the cell at the start and at the end of every step that ran.

    Attributes
    ----------
    cycle : (step,) int, counted from 0; -1 is the start of the run
    time : (step,) [s] since the start
    values : variable -> (step,) array
    computed : (cycle,) bool, False where a cycle lies between solved ones
    end : how the run ended: "cut_off_not_reached", "nothing_began", or one of ``names.OUTCOMES``
    notes : sentences for the user
    initial_soc : the model's own count of the state of charge at the start, from ``simulators.start``
    final_state : label of ``earlier.state_labels`` -> value at the end, in the unit of its variable
    """

    cycle: np.ndarray
    time: np.ndarray
    values: Mapping[str, np.ndarray]
    computed: np.ndarray
    end: str = "completed"
    notes: tuple[str, ...] = ()
    initial_soc: float = float("nan")
    final_state: Mapping[str, float] = field(default_factory=dict)


def skipped_note(text: str, cycle: int) -> str:
    """Says which step, first in which cycle (counted from 0), had nothing to do."""
    return (
        f"The step '{text}' is skipped where its end is already reached when it begins, first in cycle "
        f"{cycle + 1}."
    )


def nothing_began_note(texts: Sequence[str], cycle: int) -> str:
    """Says in which cycle (counted from 0), of which steps, no step could begin."""
    steps = ", ".join(f"'{text}'" for text in texts)
    return (
        f"The run ended at cycle {cycle + 1}: the end of each of its steps ({steps}) is already reached "
        "when it begins."
    )


def ended_note(end: str, text: str, cycle: int, *, event: str = "") -> str:
    """Says in which step of which cycle (counted from 0) the run ended, how, and by which `event`."""
    reasons = {
        names.LARGEST_POWER_EVENT: "the cell cannot give the power that the step asks for",
        "hard_short": "the short carries the current",
        "overpotential_limit": "the overpotential reached its limit",
        "infeasible": "the cell left its voltage window or ran out of lithium",
        "cut_off_not_reached": "the step never reached its cut-off",
        "solver_failure": "the solver found no answer",
    }
    return f"The run ended in step '{text}' of cycle {cycle + 1}: {reasons.get(event, reasons[end])}."


def ended_before(wanted: int, whole: int, end: str) -> str:
    """Says that the run ended before cycle `wanted`, after `whole` cycles (both from 1), and how."""
    outcome = "infeasible" if end in ("cut_off_not_reached", "nothing_began") else end
    last = f"the last whole cycle is {whole}" if whole else "no cycle is whole"
    return f"there is no end of cycle {wanted}: the run ends in cycle {whole + 1} as {outcome}; {last}"
