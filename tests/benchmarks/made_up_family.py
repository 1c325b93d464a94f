"""A family whose runs are a line of numpy, so that its posterior is known: Luo2021's rows and cells.

Two parameters may move. The areal capacity of every cycle follows the cathode's utilisation, and the
short comes at a cycle that falls with the growth coefficient of the filament, whose depth grows evenly.
"""

import dataclasses

import numpy as np

from twin.fitting.problem import Problem, problem_of
from twin.parameters import Prior

UTILISATION, GROWTH = "Cathode utilisation", "Filament growth coefficient [m3.C-1]"
CAPACITY = 4.0
"""Areal capacity of a cell with the utilisation in its part's file [mA.h/cm2]."""
ONSET = 500.0
"""Cycle of the short of a cell with the growth coefficient in its part's file."""

WIDE = Prior("lognormal", 1e-20, 1.0, 1.4e-12, 4.0)
"""Of the growth coefficient: one cell of eight dies before its last row, another outlives its test."""


def family() -> Problem:
    """Luo2021 with two parameters, and with runs that :func:`simulate` makes."""
    whole = problem_of("Luo2021", leave_out=["U03", "U04", "U08"])
    priors = {own.key: own.prior for own in whole.searched} | {GROWTH: WIDE}
    searched = tuple(
        dataclasses.replace(own, prior=priors[own.key])
        for own in whole.searched
        if own.key in (UTILISATION, GROWTH)
    )
    return dataclasses.replace(whole, searched=searched, simulate=simulate)


def simulate(tasks) -> list[dict]:
    """Runs in the form of ``results.dataset.Results``, as far as rows and forecasts read them."""
    return [_run(cell.values, protocol.number_of_cycles) for cell, protocol in tasks]


def onset(values) -> float:
    """Cycle of the short."""
    return ONSET * WIDE.centre / values[GROWTH]


def _run(values, cycles: int) -> dict:
    short = onset(values)
    shorted = short <= cycles
    count = int(min(np.ceil(short), cycles))
    cycle = np.arange(1, count + 1)
    one = np.ones(count)
    return {
        "areal_discharge_capacity": (("cycle",), CAPACITY * values[UTILISATION] / 0.63 * one),
        "filament_depth": (("cycle", "interface"), 2e-4 * cycle[:, None] / short),
        "capacity_retention": (("cycle",), 1 - cycle / 1e4 * values[UTILISATION]),
        "time": (("cycle",), 2.0 * cycle),
        "spent": (("cycle",), np.zeros(count)),
        "short_circuit_onset_cycle": ((), np.array(short if shorted else np.nan)),
        "lifetime": ((), np.array(2.0 * short if shorted else np.nan)),
        "failure_progress": ((), np.array(1.0 if shorted else cycles / short)),
        "outcome": ((), np.array("hard_short" if shorted else "completed")),
    }
