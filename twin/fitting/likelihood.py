"""Observation against result: values, events, censored bounds, survival, the spread from cell to cell.

A run is first reduced to its **entries**, one smooth number for each row and each cell that lived:

* of a row, how far its prediction lies from what was measured: ln(predicted/measured), or points of
  percent for retention and efficiency;
* of a cell that was measured in some cycle, and so had survived up to it, ln(cycles it lives / that
  cycle). Where the run dies before, its rows are read in the last whole cycle, and this entry says how
  far away survival is: a search finds its way from either side.

The entries then become residuals in standard deviations, with -2 ln(likelihood) the sum of squares:

* a value: with the covariance of the rows of one physical cell, s_row^2 I + s_cell^2 11', whitened by
  its Cholesky factor;
* the points of a measured curve: neighbours err together (``drift``): many points are few proofs;
* an event (a lifetime): over the spread of lifetimes;
* a bound (a test that ended before the cell did) and survival: the chance of being on the right side,
  Phi(z), as sqrt(-2 ln Phi(z)). A cell that ran 3000 h contributes the chance of surviving 3000 h.

Values have Student's t with four degrees of freedom, not a normal: the measured rows contradict each
other in places, and one row that no parameters can meet must not decide over all others.

It does not know which simulator made a run, and it refuses rows that are not marked `fit`.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from twin.cell import Cell
from twin.errors import ObservationError
from twin.fitting import drift
from twin.measured.readings import Event
from twin.measured.rows import Row
from twin.measured.runs import MeasuredRun, last_cycle_of, predict_survivor, survived
from twin.measured.spread import CurveSpread, Spread
from twin.protocols import Protocol
from twin.results.dataset import Results

SMALLEST_RATIO = 0.2
"""Predicted over measured, below which a smaller ratio counts as this one, so that a run that delivers
nothing has a finite residual, too."""
DEGREES_OF_FREEDOM = 4.0
"""Of Student's t: tails heavy enough that a row five standard deviations off counts as three."""
SURVIVAL_SPREAD = Spread(scatter=0.0, cell=0.2, points=False)
"""How far the lifetimes of equal cells differ where an experiment does not say: a fifth, assumed."""
LARGEST_MARGIN = 3.0
"""Largest ln(lived/asked) that counts, either way: twenty times the cycles are as good as for ever."""
BOUNDS = {"lower_bound": 1.0, "upper_bound": -1.0}
"""Kinds of row that say one side of a number, and on which side of it a prediction is free."""


@dataclass(frozen=True)
class Simulated:
    """What a cell, as it was measured, gave under the protocol of a run, or one that goes on longer."""

    results: Results
    cell: Cell
    protocol: Protocol


@dataclass(frozen=True)
class Survival:
    """A physical cell that was measured in `cycle`, the last one of its rows, and so lived up to it."""

    run: int
    cycle: int
    physical_cell: str


@dataclass(frozen=True)
class Likelihood:
    """The rows of runs, and how their predictions are scored.

    Entries stand in the order of `rows`, then of `survivals`, and so do residuals.

    Raises ObservationError: a row whose role is not `fit`.
    """

    runs: tuple[MeasuredRun, ...]
    spreads: Mapping[str, Spread]

    def __post_init__(self):
        for row in self.rows:
            if row.role != "fit":
                raise ObservationError(f"{row.id} is marked '{row.role}': it must not enter a fit")

    @functools.cached_property
    def rows(self) -> tuple[Row, ...]:
        """All rows, run by run."""
        return tuple(row for run in self.runs for row in run.rows)

    @functools.cached_property
    def survivals(self) -> tuple[Survival, ...]:
        """The cells whose rows say that they lived, without those of which a row says how long."""
        timed = {row.physical_cell for row in self.rows if isinstance(row.reading, Event)}
        last: dict[tuple[int, str], int] = {}
        for place, run in enumerate(self.runs):
            for row in run.rows:
                if row.physical_cell not in timed and row.reading.in_a_cycle:
                    key = (place, row.physical_cell)
                    last[key] = max(last.get(key, 1), last_cycle_of(row, run.protocol))
        return tuple(Survival(place, cycle, cell) for (place, cell), cycle in last.items())

    def spread_of(self, row: Row) -> Spread:
        """How far equal cells differ in what a row is about, and how well it was read."""
        return self.spreads[row.observable] if row.spread is None else row.spread

    @property
    def names(self) -> list[str]:
        """What each entry is about: the id of a row, or "survival of" a physical cell."""
        lived = [f"survival of {survival.physical_cell}" for survival in self.survivals]
        return [row.id for row in self.rows] + lived

    def entries(self, found: Sequence[Simulated]) -> np.ndarray:
        """Entries, (entry,), of what was simulated for each of the runs."""
        values = [
            deviation(
                row,
                predict_survivor(one.results, row, one.cell, one.protocol),
                self.spread_of(row),
            )
            for run, one in zip(self.runs, found, strict=True)
            for row in run.rows
        ]
        lived = [survived(found[one.run].results, found[one.run].protocol) for one in self.survivals]
        return np.array(
            values + [margin(own, one.cycle) for own, one in zip(lived, self.survivals, strict=True)]
        )

    def residuals(self, entries: np.ndarray) -> np.ndarray:
        """Residuals in standard deviations, (…, entry), of entries of the same shape."""
        sides, deviations, whitening = self._scoring
        white = entries @ whitening.T
        bounded = np.sqrt(-2 * log_ndtr(sides * entries / deviations))
        return heavy_tailed(np.where(sides == 0, white, bounded))

    def pointwise(self, entries: np.ndarray) -> np.ndarray:
        """Of each entry, ln of its likelihood given all others of its physical cell, (…, entry).

        Up to constants. What leave-one-out weighs: a row is left out, its cell's other rows are not.
        """
        sides, deviations, whitening = self._scoring
        precision = whitening.T @ whitening
        alone = (entries @ precision) / np.sqrt(np.diag(precision))
        bounded = np.sqrt(-2 * log_ndtr(sides * entries / deviations))
        return -0.5 * heavy_tailed(np.where(sides == 0, alone, bounded)) ** 2

    @functools.cached_property
    def _scoring(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each entry, its free side (0 of a value) and whole deviation; what whitens the values."""
        lifetimes = self.spreads.get("lifetime", SURVIVAL_SPREAD)
        spreads = [self.spread_of(row) for row in self.rows] + [lifetimes] * len(self.survivals)
        sides = np.array([BOUNDS.get(row.kind, 0.0) for row in self.rows] + [1.0] * len(self.survivals))
        together: dict[tuple, list[int]] = {}
        for place, row in enumerate(self.rows):
            if sides[place] == 0:
                # a curve errs as a whole, and by itself: rows beside it are other measurements
                of_curve = row.where if row.spread is not None else ""
                together.setdefault((row.physical_cell, row.observable, of_curve), []).append(place)
        deviations = np.array([math.hypot(own.scatter, own.cell) for own in spreads])
        whitening = np.diag(1 / deviations)
        for places in together.values():
            spread = spreads[places[0]]
            if isinstance(spread, CurveSpread):
                along = along_curve([self.rows[place] for place in places])
                whitening[np.ix_(places, places)] = drift.whitening(along, spread)
                continue
            covariance = np.eye(len(places)) * spread.scatter**2 + spread.cell**2
            whitening[np.ix_(places, places)] = np.linalg.inv(np.linalg.cholesky(covariance))
        return sides, deviations, whitening


def along_curve(rows: Sequence[Row]) -> list[float]:
    """Where the points of a curve stand along it: their cycles or, of a spectrum, falling decades."""
    if len({row.cycle for row in rows}) == 1 and rows[0].place is not None:
        return [-math.log10(row.place or math.nan) for row in rows]
    return [float(row.cycle or 0) for row in rows]


def heavy_tailed(residuals) -> np.ndarray:
    """Residuals whose squares are -2 ln of Student's t, up to a constant; signs are kept."""
    plain = np.asarray(residuals, dtype=float)
    squares = (DEGREES_OF_FREEDOM + 1) * np.log1p(plain**2 / DEGREES_OF_FREEDOM)
    return np.sign(plain) * np.sqrt(squares)


def deviation(row: Row, predicted: float, spread: Spread) -> float:
    """Predicted against measured: ln ratio, or points. What a run does not say (NaN) counts as 0."""
    assert row.value is not None  # rows without a number are context, and never get here
    predicted = 0.0 if math.isnan(predicted) else predicted
    if spread.points:
        return predicted - row.value
    return math.log(max(predicted / row.value, SMALLEST_RATIO))


def margin(lived: float, asked: float) -> float:
    """ln of how many times as long as asked a cell lives, within the largest that counts."""
    least, most = math.exp(-LARGEST_MARGIN), math.exp(LARGEST_MARGIN)
    return math.log(min(max(lived / asked, least), most))
