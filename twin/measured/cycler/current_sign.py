"""What a positive current does: as the format says, as its user says, or as the cell itself shows.

The resistance of a cell is positive. So its voltage jumps up where the charging current grows, and down
where it shrinks, and of a steady current, charging raises the voltage.
"""

import re
from pathlib import Path

import numpy as np

from twin.errors import MeasurementError
from twin.measured.cycler.conventions import POSITIVE_CHARGES, POSITIVE_DISCHARGES, how_to_say
from twin.measured.cycler.remarks import Remarks

JUMP = 0.3
"""Share of the largest current by which it must change from one point to the next to be a jump."""
AGREE = 0.8
"""Share of the evidence that must point one way: relaxation and noise send some of it the other way."""
DISCHARGING = re.compile(r"dch|dis|^d$", re.IGNORECASE)
CHARGING = re.compile(r"ch|^c$", re.IGNORECASE)
"""Words of a step type that charges, where they are none of discharging."""


def sign_of_current(
    current: np.ndarray,
    voltage: np.ndarray,
    said: str | None,
    positive_charges: bool,
    path: Path,
    remarks: Remarks,
) -> tuple[float, str]:
    """What multiplies a file's current so that positive discharges, and why, in words.

    `said` is what the user says, `positive_charges` whether the format fixes that; where neither does,
    the beginning of the series, `current` and `voltage` as in the file, decides.

    Raises MeasurementError: it does not, and both readings are shown.
    """
    evidence = _evidence(current, voltage)
    if said is not None:
        return (-1.0 if said == POSITIVE_CHARGES else 1.0), f"{said}, as was said"
    if positive_charges:
        if evidence < -AGREE:
            remarks.say(
                "A positive current charges in this format, yet it lowers the voltage here; if it "
                f"discharges, say {how_to_say('current', POSITIVE_DISCHARGES)}."
            )
        return -1.0, f"{POSITIVE_CHARGES}, as the format says; turned round once on reading"
    if evidence > AGREE:
        return -1.0, f"{POSITIVE_CHARGES}, as it raises the voltage; turned round once on reading"
    if evidence < -AGREE:
        return 1.0, f"{POSITIVE_DISCHARGES}, as it lowers the voltage"
    if not np.nanmax(np.abs(current), initial=0.0) > 0:
        return -1.0, "no current passes"
    raise MeasurementError(
        f"{path}: neither the format nor the voltage tells what a positive current does. Read as "
        f"charging, the file begins with {_told(current, -1)}; read as discharging, with "
        f"{_told(current, 1)}; say which: {how_to_say('current', POSITIVE_CHARGES)}"
    )


def signed_by_state(current: np.ndarray, state: np.ndarray | None) -> np.ndarray | None:
    """A current without signs, signed by the words of the step's type so that positive charges.

    None where there are no such words, or where the current has signs of its own.
    """
    if state is None or state.dtype.kind in "fiub" or np.nanmin(current, initial=0.0) < 0:
        return None
    words = np.array([str(entry).strip() for entry in state])
    kinds, places = np.unique(words, return_inverse=True)
    discharging = np.array([bool(DISCHARGING.search(kind)) for kind in kinds])
    charging = np.array([bool(CHARGING.search(kind)) for kind in kinds]) & ~discharging
    if not (discharging.any() and np.nanmax(current[discharging[places]], initial=0.0) > 0):
        return None  # nothing discharges: there is nothing to turn round
    return np.where(discharging[places] & ~charging[places], -current, current)


def _evidence(current: np.ndarray, voltage: np.ndarray) -> float:
    """From -1, positive discharges, to 1, positive charges; 0 where the series does not tell."""
    known = np.isfinite(current) & np.isfinite(voltage)
    current, voltage = current[known], voltage[known]
    largest = np.abs(current).max(initial=0.0)
    if len(current) < 2 or not largest > 0:
        return 0.0
    of_current, of_voltage = np.diff(current) / largest, np.diff(voltage)
    jumps = np.abs(of_current) > JUMP
    votes = np.sign(of_current[jumps]) * np.sign(of_voltage[jumps])
    if votes.any():
        return float(votes.sum() / np.abs(votes).sum())
    driven = (current[1:] + current[:-1]) / (2 * largest) * of_voltage
    total = np.abs(driven).sum()
    return float(driven.sum() / total) if total > 0 else 0.0


def _told(current: np.ndarray, sign: int) -> str:
    first = current[np.nonzero(np.nan_to_num(current))[0][0]]
    return "a discharge" if first * sign > 0 else "a charge"
