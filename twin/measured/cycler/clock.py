"""The time of a series, from whichever column tells it.

A clock that falls goes on from where it was; the clock of a step begins anew with each.
"""

import warnings

import numpy as np

from twin.errors import MeasurementError, shown
from twin.measured.cycler.raw_table import RawTable, numbers
from twin.measured.cycler.terms import Column, Columns

CLOCKS = ("time", "unix time", "date", "step time")
"""Columns that tell the time, the surest first."""


class Clock:
    """Seconds since the first point, from whichever column tells the time."""

    def __init__(self, table: RawTable, columns: Columns, sizes: dict[str, float]):
        self.table = table
        self.name = next(name for name in CLOCKS if name in columns)
        self.column: Column = columns[self.name]
        self.size = sizes.get("time", 1.0) if self.name == "time" else 1.0
        if self.name in ("step time", "unix time") and self.column.header.unit is not None:
            self.size = self.column.header.unit.size
        self.last: float | None = None
        self.reached = 0.0
        self.falls = 0

    def seconds(self, entries: np.ndarray) -> np.ndarray:
        """What the column says [s], as it says it."""
        if self.name == "date":
            return _seconds_of_dates(entries, self.table)
        clock = numbers_of_time(entries)
        return numbers(entries) * self.size if clock is None else clock

    def since_start(self, seconds: np.ndarray) -> np.ndarray:
        """Seconds since the first point, which go on where the clock jumps back."""
        if not len(seconds):
            return seconds
        before = seconds[0] if self.last is None else self.last
        rises = np.diff(seconds, prepend=before)
        falling = rises < 0
        self.falls += int((rises < -ROUNDED).sum())
        # the clock of a step begins anew: what it shows has passed since
        rises = np.where(falling, seconds if self.name == "step time" else 0.0, rises)
        passed = self.reached + np.cumsum(np.maximum(rises, 0.0))
        self.last, self.reached = float(seconds[-1]), float(passed[-1])
        return passed

    def say(self) -> None:
        if self.falls and self.name != "step time":
            self.table.remarks.count(
                "Times that the clock falls back and the series goes on from where it was", self.falls
            )
        if self.name == "step time":
            self.table.remarks.say(
                "Only the time within each step is given; steps are put one after another."
            )


ROUNDED = 1e-3
"""[s] by which a clock may fall without a word: what writing it in decimals rounds off."""


def numbers_of_time(entries: np.ndarray) -> np.ndarray | None:
    """Seconds of a clock like 26:15:03.5; None where the entries are plain numbers."""
    if entries.dtype.kind in "fiub":
        return None
    import pandas as pd

    text = pd.Series(entries, dtype="str").str.strip()
    some = text.dropna()
    if not len(some) or not some.iloc[:50].str.contains(":").any():
        return None
    parts = text.str.extract(CLOCK_FORM)
    known = parts.astype(float).fillna({"days": 0.0, "seconds": 0.0})
    found = known["days"] * 86400 + known["hours"] * 3600 + known["minutes"] * 60 + known["seconds"]
    return found.to_numpy(dtype=float)


CLOCK_FORM = (
    r"^(?:(?P<days>\d{1,6})[d.\s-]+\s*)?"
    r"(?P<hours>\d{1,7}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}(?:\.\d*)?))?$"
)
"""Days, hours, minutes and seconds: "1d 02:03:04.5", "125:00:10", "02:03"."""


def _seconds_of_dates(entries: np.ndarray, table: RawTable) -> np.ndarray:
    import pandas as pd

    text = pd.Series(entries)
    if text.dtype.kind != "M":
        text = text.astype("str").str.strip()
    # where dots part day, month and year, the day comes first
    day_first = text.dtype.kind != "M" and bool(text.iloc[:50].str.match(r"\d{1,2}\.\d").any())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a form that the first entry does not tell
            dates = pd.to_datetime(text, errors="coerce", utc=True, dayfirst=day_first)
        if dates.isna().any():
            dates = pd.to_datetime(text, errors="coerce", utc=True, dayfirst=day_first, format="mixed")
        seconds = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(dtype=float)
    except (ValueError, OverflowError, TypeError):  # pandas does not coerce every year
        seconds = np.full(len(entries), np.nan)
    if np.isnan(seconds).all():
        raise MeasurementError(
            f"{table.path}: its only column of time holds dates that cannot be read, like "
            f"{shown(str(entries[0])[:40])}; write seconds, or dates like 2024-01-31 12:00:00"
        )
    return seconds
