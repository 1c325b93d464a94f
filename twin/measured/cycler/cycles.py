"""Steps become cycles: by the numbers of the file or, without them, by the turns of the current.

A cycle is what passes until the current takes its first direction again. A rest belongs to the cycle
that it follows, as nobody can tell which of its neighbours it was meant for.
"""

from collections.abc import Mapping

import numpy as np

from twin.measured.cycler.remarks import Remarks
from twin.measured.cycler.steps import Steps

HALF_CYCLES = ("charge", "discharge")
"""The halves of a cycle, in the order of the dimension `half_cycle`."""
_DIRECTIONS = (-1, 1)
SMALLEST_CHARGE = 1e-15
"""[A.h] below which nothing has passed, so that nothing can be divided by it."""
MOST_TURNS = 2
"""Turns of the current within one number of a cycle up to which the file's numbers are believed when
they never change: a cycle that begins in the middle of a half has two."""


def numbered(steps: Steps, remarks: Remarks) -> np.ndarray:
    """The cycle of each step, counted from 1 as a run counts them."""
    own = _filled(steps.cycle)
    if own is None:
        remarks.say("The file has no cycle numbers; a cycle begins where the current turns back.")
        return _by_turns(steps)
    if len(np.unique(own)) == 1 and _turns(steps) > MOST_TURNS:
        remarks.say(
            "The file's cycle number never changes; a cycle begins where the current turns back."
        )
        return _by_turns(steps)
    if (np.diff(own) < 0).any():
        remarks.say("The file's cycle numbers fall; a cycle begins where the current turns back.")
        return _by_turns(steps)
    own = _begun_with_current(own, steps)
    if own[0] < 1:
        remarks.say(f"The file counts cycles from {own[0]}; here they count from 1.")
        own = own + (1 - own[0])
    present = np.unique(own)
    missing = int(present[-1] - present[0] + 1 - len(present))
    if missing:
        after = present[:-1][np.diff(present) > 1][0]
        remarks.say(
            f"Numbers of cycles are missing: {missing:,} of them, the first after cycle {after}."
        )
    if present[0] > 1:
        remarks.say(f"The file begins with cycle {present[0]}.")
    return own


def per_cycle(steps: Steps, cycle: np.ndarray) -> Mapping[str, tuple[tuple[str, ...], np.ndarray]]:
    """What each cycle passed, and how its halves began and ended: name -> (dimensions, values).

    As in a run: charges [A.h], energies [W.h], times [h], voltages [V]; and over `half_cycle`, the mean
    current [A], the voltage at the end [V], the resistance at the beginning [Ohm] and the time [s] after
    which it was read. NaN where a half does not pass any charge.
    """
    numbers, places = np.unique(cycle, return_inverse=True)
    count = len(numbers)
    passed, energy, seconds = (np.zeros((2, count)) for _ in range(3))
    ends, resistances, delays = (np.full((count, 2), np.nan) for _ in range(3))
    for half, direction in enumerate(_DIRECTIONS):
        own = steps.direction == direction
        passed[half] = np.bincount(places[own], steps.charge[own], count)
        energy[half] = np.bincount(places[own], steps.energy[own], count)
        seconds[half] = np.bincount(places[own], steps.duration[own], count)
        chosen = np.flatnonzero(own)
        ends[places[chosen], half] = steps.end_voltage[chosen]  # the last of each cycle stays
        first = chosen[np.unique(places[chosen], return_index=True)[1]]
        resistances[places[first], half] = steps.resistance[first]
        delays[places[first], half] = steps.delay[first]
    charge, discharge = passed
    finish = np.zeros(count)
    np.maximum.at(finish, places, steps.end)
    currents = _ratio(passed, seconds / 3600).T
    return {
        "discharge_capacity": (("cycle",), discharge),
        "charge_capacity": (("cycle",), charge),
        "coulombic_efficiency": (("cycle",), _ratio(discharge, charge)),
        "discharge_energy": (("cycle",), energy[1]),
        "charge_energy": (("cycle",), energy[0]),
        "energy_efficiency": (("cycle",), _ratio(energy[1], energy[0])),
        "mean_discharge_voltage": (("cycle",), _ratio(energy[1], discharge)),
        "mean_charge_voltage": (("cycle",), _ratio(energy[0], charge)),
        "time": (("cycle",), finish / 3600),
        "charge_time": (("cycle",), seconds[0] / 3600),
        "half_cycle_current": (("cycle", "half_cycle"), currents),
        "half_cycle_end_voltage": (("cycle", "half_cycle"), ends),
        "half_cycle_resistance": (("cycle", "half_cycle"), resistances),
        "half_cycle_resistance_delay": (("cycle", "half_cycle"), delays),
    }


def end_overpotentials(steps: Steps, cycle: np.ndarray) -> np.ndarray:
    """|V| at the end of the last half-cycle of each cycle, as a run of a symmetric cell has it."""
    numbers, places = np.unique(cycle, return_inverse=True)
    found = np.full(len(numbers), np.nan)
    driven = np.flatnonzero(steps.direction != 0)
    found[places[driven]] = np.abs(steps.end_voltage[driven])
    return found


def is_symmetric(steps: Steps) -> bool:
    """True where the voltage changes sign with the current: both electrodes are alike."""
    ends = [steps.end_voltage[steps.direction == direction] for direction in _DIRECTIONS]
    if not all(len(own) for own in ends):
        return False
    return bool(np.median(ends[0]) > 0 > np.median(ends[1]))


def _filled(numbers: np.ndarray) -> np.ndarray | None:
    """Whole numbers, each unknown one as that before it; None where none is known."""
    known = np.isfinite(numbers)
    if not known.any():
        return None
    latest = np.maximum.accumulate(np.where(known, np.arange(len(numbers)), -1))
    latest = np.where(latest < 0, int(known.argmax()), latest)
    return numbers[latest].astype(int)


def _begun_with_current(numbers: np.ndarray, steps: Steps) -> np.ndarray:
    """Rests before any current passes belong to the first cycle in which some does."""
    driven = np.flatnonzero(steps.direction != 0)
    return np.maximum(numbers, numbers[driven[0]]) if len(driven) else numbers


def _turns(steps: Steps) -> int:
    driven = steps.direction[steps.direction != 0]
    return int((np.diff(driven) != 0).sum())


def _by_turns(steps: Steps) -> np.ndarray:
    driven = np.flatnonzero(steps.direction != 0)
    cycle = np.ones(len(steps), int)
    if not len(driven):
        return cycle
    directions = steps.direction[driven]
    begins = np.zeros(len(steps), int)
    begins[driven[1:]] = (directions[1:] == directions[0]) & (directions[:-1] != directions[0])
    return 1 + np.cumsum(begins)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    usable = np.abs(denominator) > SMALLEST_CHARGE
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=usable)
