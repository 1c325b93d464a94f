"""When a cell shorts, as its cycler saw it: by the twin's own definition of a soft short.

In a run a cell counts as soft-shorted in the first cycle of whose charge passed more than
:data:`twin.results.outcome.SOFT_SHORT_LEAK` leaks meanwhile. A file has no leak, but two traces of it:

- between a cathode and an anode, what leaks while charging does not come back, and what leaks while
  discharging does not come out: (Q_charge - Q_discharge) / (Q_charge + Q_discharge) grows by the share
  that leaks;
- in a symmetric cell at constant current, what leaks does not pass the interfaces, so that the voltage
  is lower by that share: V = (1 - share) V_before.

What is lost in charging for other reasons falls as a cell is formed, and is lowest in its best cycles:
those are what a cycle is compared with. A voltage changes with its interfaces, too, so that a short
shows only where it falls faster than it did. Either way a cycle must leave the scatter before it.
"""

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np

from twin.results.outcome import SOFT_SHORT_LEAK

FEWEST_BEFORE = 3
"""Cycles of its kind before a cycle, without which nobody can tell what is new in it."""
UNMISTAKABLE_LOSS = 0.25
"""Share of the charge passed that a cycle loses beyond the best before it, from which it is a short
even where too few came before to know their scatter: formation makes losses smaller, not larger."""
UNMISTAKABLE_FALL = 0.75
"""Share by which a voltage falls within a cycle, from which it is a short in the same way: interfaces
that are wetted halve theirs over some cycles."""
WINDOW = 10
"""Cycles of its kind whose median says what is usual: within them a cell ages little."""
SCATTER_WINDOW = 50
"""Cycles of its kind whose scatter counts: enough to know it to a tenth."""
BY_CHANCE = 1e-9
"""Chance that a sound cycle leaves the scatter before it: in one of a million files of 800 cycles."""


def leak_by_charge(
    charge: np.ndarray, discharge: np.ndarray, kinds: Sequence[str], *, finished: bool
) -> tuple[np.ndarray, int | None]:
    """Share of the charge passed that leaks, of each cycle of a cell with a cathode.

    Returns it, NaN where too few cycles of its kind came before, and the place of the first soft short,
    None without. Where the last cycle is not `finished`, it counts with the discharge of the one before:
    a charge that never ends is a short, one that has just begun is none.
    """
    discharge = discharge.copy()
    if not finished and len(discharge) > 1:
        discharge[-1] = max(discharge[-1], discharge[-2])
        charge = charge.copy()
        charge[-1] = max(charge[-1], discharge[-1])
    passed = charge + discharge
    lost = np.divide(charge - discharge, passed, out=np.full_like(passed, np.nan), where=passed > 0)
    return _judged(lost, kinds, _lowest_loss, lambda own, expected: own - expected, UNMISTAKABLE_LOSS)


def leak_by_voltage(
    overpotential: np.ndarray, kinds: Sequence[str], *, finished: bool
) -> tuple[np.ndarray, int | None]:
    """As :func:`leak_by_charge`, of a symmetric cell from |V| at the end of its half-cycles [V]."""
    own = overpotential.copy()
    if not finished and len(own):
        own[-1] = np.nan
    return _judged(own, kinds, _going_on, lambda own, expected: 1 - own / expected, UNMISTAKABLE_FALL)


def _lowest_loss(recent: np.ndarray, before: float) -> float:
    return min(before, float(np.median(recent)))


def _going_on(recent: np.ndarray, before: float) -> float:
    """A voltage where those before it were, or were falling to."""
    trend = float(np.median(np.diff(recent))) if len(recent) > 1 else 0.0
    return float(recent[-1] + min(0.0, trend))


def _judged(
    values: np.ndarray,
    kinds: Sequence[str],
    expected_after: Callable[[np.ndarray, float], float],
    leak_of: Callable[[float, float], float],
    unmistakable: float,
) -> tuple[np.ndarray, int | None]:
    """Leak of each cycle against the sound ones of its kind before it, and where it first counts."""
    leaks = np.full(len(values), np.nan)
    onset = None
    sound: dict[str, list[float]] = {}
    expected: dict[str, float] = {}
    for place, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        if not np.isfinite(value):
            continue
        own = sound.setdefault(kind, [])
        follows_its_kind = place > 0 and kinds[place - 1] == kind
        if own and follows_its_kind:
            expected[kind] = expected_after(np.array(own[-WINDOW:]), expected.get(kind, np.inf))
            if expected[kind] != 0:
                leak = leak_of(float(value), expected[kind])
                known = len(own) >= FEWEST_BEFORE
                if known:
                    scattered = leak_of(expected[kind] + _reach(own[-SCATTER_WINDOW:]), expected[kind])
                    threshold = max(SOFT_SHORT_LEAK, min(abs(scattered), unmistakable))
                else:
                    threshold = unmistakable
                if known or leak > threshold:
                    leaks[place] = max(0.0, leak)
                if leak > threshold:
                    onset = place if onset is None else onset
                    continue  # what leaks is no measure of what follows
        own.append(float(value))
    return leaks, onset


def _reach(values: Sequence[float]) -> float:
    """How far beyond what is expected a sound value may lie, by Student's t of the changes before it.

    Changes from one cycle to the next scatter by sqrt(2) of what single values do, and know no drift.
    """
    changes = np.diff(values)
    deviation = float(np.std(changes, ddof=1)) / math.sqrt(2)
    return _students_t(len(changes) - 1) * deviation * math.sqrt(1 + 1 / len(changes))


@functools.cache
def _students_t(freedom: int) -> float:
    from scipy.stats import t

    return float(t.isf(BY_CHANCE, freedom))
