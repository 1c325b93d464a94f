"""What a positive current does: as the format says, as its user says, or as the cell itself shows.

The resistance of a cell is positive. So its voltage jumps up where the charging current grows, and down
where it shrinks, and of a steady current, charging raises the voltage.
"""

import re
from pathlib import Path

import numpy as np

from twin.errors import MeasurementError
from twin.measured.cycler.conventions import POSITIVE_CHARGES, POSITIVE_DISCHARGES, how_to_say
from twin.measured.cycler.raw_table import distinct_words
from twin.measured.cycler.remarks import Remarks

JUMP = 0.3
"""Share of the largest current by which it must change from one point to the next to be a jump."""
AGREE = 0.8
"""Share of the evidence that must point one way: relaxation and noise send some of it the other way."""
OFFSET = 0.01
"""Share of the largest current that a current below zero must reach to be one: at rest cyclers are off
by some thousandths."""
DISCHARGING = re.compile(r"dch|dis|^d$", re.IGNORECASE)
"""Words of a step's type that discharges: "CC DChg", "Discharge", "D"."""


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


class StateWords:
    """Turns a current without signs round where the words of its step's type say that it discharges.

    It does so as long as the file's own current has no sign.
    """

    def __init__(self):
        self.has_signs = False
        self.turned = False

    def signed(self, current: np.ndarray, state: np.ndarray | None) -> np.ndarray:
        """The current of some rows, such that charging is positive where the words tell.

        Raises MeasurementError: a current that has signs of its own after words have given it some.
        """
        largest = float(np.nanmax(np.abs(current), initial=0.0))
        self.has_signs |= bool(np.nanmin(current, initial=0.0) < -OFFSET * largest)
        if self.has_signs and self.turned:
            raise MeasurementError(
                "its current is above zero in steps that discharge, and below zero in others; say what "
                f"a positive current does: {how_to_say('current', POSITIVE_DISCHARGES)}"
            )
        if self.has_signs or state is None or state.dtype.kind in "fiub":
            return current
        kinds, places = distinct_words(state)
        # the last place is that of rows without a word
        discharging = np.array([*(bool(DISCHARGING.search(kind)) for kind in kinds), False])[places]
        self.turned |= bool(discharging[np.nan_to_num(current) > 0].any())
        return np.where(discharging, -current, current)


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
