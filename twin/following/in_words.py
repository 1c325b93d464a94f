"""What an update has changed, as rows of a table."""

import numpy as np

from twin.following.followed import Followed, largest_changes
from twin.results.phrases import chance_in_words, span

MOST_CHANGES = 3
"""Parameters that an update tells of: those that it moved or narrowed most."""


def heads_of(state: Followed) -> tuple[str, str, str]:
    """Of the columns: what, before the last update, and after it."""
    before, last = state.updates[-2:]
    return "", f"after cycle {before.measured_cycles}", f"after cycle {last.measured_cycles}"


def rows_of(state: Followed) -> list[tuple[str, str, str]]:
    """What was forecast before the last update and after it, and the parameters that it changed most."""
    before, last = state.updates[-2:]
    if "cell_overpotential" in last.forecast:
        ages, words, told = "cell_overpotential", f"overpotential at cycle {state.horizon}", _volts
    else:
        ages, told = "capacity_retention", _percent
        words = f"capacity retention at cycle {state.horizon}, of cells that live"
    rows = [
        (words, ages, told),
        ("chance of a short by then", "short_circuit_probability", chance_in_words),
        ("first cycle with a short", "short_circuit_onset_cycle", span),
    ]
    changed = [(name, span(was), span(now)) for name, was, now in largest_changes(state, MOST_CHANGES)]
    return [
        (what, in_words(before.forecast[name]), in_words(last.forecast[name]))
        for what, name, in_words in rows
    ] + changed


def _percent(edges: np.ndarray) -> str:
    return span(100 * edges, "%")


def _volts(edges: np.ndarray) -> str:
    return span(edges, "V")
