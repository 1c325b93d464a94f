"""Observation against result: values, events, censored bounds and the spread from cell to cell.

Every row becomes a residual in standard deviations, so that -2 ln(likelihood) is the sum of squares:

* a value: ln(predicted/measured) (or points, for retention and efficiency), with the covariance of the
  rows of one physical cell, s_row^2 I + s_cell^2 11', whitened by its Cholesky factor;
* an event (a lifetime): ln(predicted/measured) over the spread of lifetimes;
* a bound (a test that ended before the cell did): the chance of being on the right side of it,
  Phi(z), as sqrt(-2 ln Phi(z)). A cell that ran 3000 h contributes the chance of surviving 3000 h.

Values have Student's t with four degrees of freedom, not a normal: the measured rows contradict each
other in places, and one row that no parameters can meet must not decide over all others.

It does not know which simulator made a run, and it refuses rows that are not marked `fit`.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from scipy.stats import norm

from twin.cell import Cell
from twin.errors import ObservationError
from twin.measured.rows import Row
from twin.measured.runs import MeasuredRun, predict, shortfall
from twin.measured.spread import Spread

SMALLEST_RATIO = 0.2
"""Predicted over measured, below which a smaller ratio counts as this one, so that a run that delivers
nothing has a finite residual, too."""
DEGREES_OF_FREEDOM = 4.0
"""Of Student's t: tails heavy enough that a row five standard deviations off counts as three."""
MISSING = 10.0
"""Residual of a row that a run only just did not reach [standard deviations]: more than any row that it
did reach is likely to have."""


def residuals(
    runs: Sequence[tuple[MeasuredRun, Cell, xr.Dataset]], spreads: Mapping[str, Spread]
) -> np.ndarray:
    """Residuals of all rows in standard deviations, (row,).

    Raises ObservationError: a row whose role is not `fit`.
    """
    together: dict[tuple[str, str], list[tuple[Row, float]]] = {}
    missing: list[float] = []
    for measured, cell, run in runs:
        for row in measured.rows:
            if row.role != "fit":
                raise ObservationError(f"{row.id} is marked '{row.role}': it must not enter a fit")
            predicted = predict(run, row, cell)
            if math.isnan(predicted):
                missing.append(MISSING * (1 + math.log(shortfall(run, row, measured.protocol))))
            else:
                together.setdefault((row.physical_cell, row.observable), []).append((row, predicted))
    parts = [
        _specimen_residuals(members, spreads[observable])
        for (_, observable), members in together.items()
    ]
    return np.concatenate([*(heavy_tailed(part) for part in parts), heavy_tailed(missing)])


def heavy_tailed(residuals) -> np.ndarray:
    """Residuals whose squares are -2 ln of Student's t, up to a constant; signs are kept."""
    plain = np.asarray(residuals, dtype=float)
    squares = (DEGREES_OF_FREEDOM + 1) * np.log1p(plain**2 / DEGREES_OF_FREEDOM)
    return np.sign(plain) * np.sqrt(squares)


def deviation(row: Row, predicted: float, spread: Spread) -> float:
    """Predicted against measured: ln ratio, or points."""
    assert row.value is not None  # rows without a number are context, and never get here
    if spread.points:
        return predicted - row.value
    return math.log(max(predicted / row.value, SMALLEST_RATIO))


def _specimen_residuals(members: list[tuple[Row, float]], spread: Spread) -> np.ndarray:
    """Residuals of the rows of one physical cell, which share its offset from the mean cell."""
    total = math.hypot(spread.scatter, spread.cell)
    whole, censored = [], []
    for row, predicted in members:
        if row.kind in ("lower_bound", "upper_bound"):
            z = deviation(row, predicted, spread) / total
            sign = 1.0 if row.kind == "lower_bound" else -1.0
            censored.append(math.sqrt(-2 * norm.logcdf(sign * z)))
        else:
            whole.append(deviation(row, predicted, spread))
    count = len(whole)
    covariance = np.eye(count) * spread.scatter**2 + spread.cell**2
    white = np.linalg.solve(np.linalg.cholesky(covariance), np.asarray(whole, dtype=float))
    return np.concatenate([white, np.asarray(censored, dtype=float)])
