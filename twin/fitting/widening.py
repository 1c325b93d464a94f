"""How far a draw is moved where a forecast leaves the conditions that were fitted.

Inside them the rows say how far the model errs; outside it may err more, and no row says by how much.
Each rate of ageing of a draw is multiplied by a lognormal factor. The standard deviation of its log
is :data:`ERROR_PER_DISTANCE` times the logarithmic distance from what was fitted, distances of several
conditions summed in quadrature. The physics of the draw stays whole, because its parameters move before
it runs.
"""

import math
import struct
import zlib
from collections.abc import Mapping

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.fitting.fitted_span import Condition, beside_fitted
from twin.protocols import Protocol
from twin.results.quantities import FITTED_SPAN

ERROR_PER_DISTANCE = 0.3
"""Standard deviation of ln(rate of ageing) for each unit of logarithmic distance, assumed: at twice
what was fitted a rate is known to 23 %, at ten times to a factor of two."""

AGEING_RATES = (
    names.GROWTH_RATE,
    names.GROWTH_PER_CHARGE,
    names.CALENDAR_FADE_RATE,
    names.ISOLATION_CHARGE,
    names.VOID_CHARGE,
    names.FILAMENT_COEFFICIENT,
    names.PINHOLE_DAMAGE,
    names.STRAIN_DAMAGE,
    names.CONVERSION_RATE,
)
"""Parameters that set how quickly each mechanism ages a cell; a new one goes to the end, so that the
random numbers of the others stay."""


def model_error(cell: Cell, protocol: Protocol) -> float:
    """Standard deviation of ln(rate of ageing) that a forecast has beyond its draws; 0 inside."""
    return error_of(beside_fitted(cell, protocol))


def widened(cell: Cell, factors: Mapping[str, float], error: float) -> Mapping[str, float]:
    """The factors of a draw of a cell, its rates of ageing moved by a model error.

    The random numbers are the draw's own, told from its factors: the draw errs alike at every point of a
    study, by more where the point is farther away. With an error of 0 the factors are returned as they
    are, and so are those of the best estimate, which has none.
    """
    if error == 0 or not factors:
        return factors
    said = b"".join(key.encode() + struct.pack("<d", factors[key]) for key in sorted(factors))
    normals = np.random.default_rng(zlib.crc32(said)).standard_normal(len(AGEING_RATES))
    moved = {
        key: factors.get(key, 1.0) * math.exp(error * normal)
        for key, normal in zip(AGEING_RATES, normals.tolist(), strict=True)
        if key in cell.parameters
    }
    return {**factors, **moved}


def span_dataset(cell: Cell, protocol: Protocol) -> xr.Dataset:
    """Each condition of a protocol beside what was fitted, over `condition`, and the model error."""
    beside = beside_fitted(cell, protocol)
    ends = {
        "condition_low": [own.asked[0] for own in beside],
        "condition_high": [own.asked[1] for own in beside],
        "fitted_low": [own.fitted[0] for own in beside],
        "fitted_high": [own.fitted[1] for own in beside],
        "times_beyond": [math.exp(own.distance) for own in beside],
    }
    data = xr.Dataset(
        {name: ("condition", np.array(values, dtype=float)) for name, values in ends.items()},
        coords={"condition": np.array([own.key for own in beside], dtype=str)},
    )
    data["fitted_part"] = ("condition", np.array([own.part for own in beside], dtype=str))
    data["model_error"] = ((), error_of(beside))
    for name, quantity in FITTED_SPAN.items():
        data[name].attrs = quantity.attributes
    return data


def error_of(beside: tuple[Condition, ...]) -> float:
    """As :func:`model_error`, of conditions that are held beside what was fitted."""
    distances = [own.distance for own in beside if not math.isnan(own.distance)]
    return ERROR_PER_DISTANCE * math.hypot(*distances)
