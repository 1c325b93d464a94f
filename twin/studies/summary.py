"""What a what-if study answers: medians, intervals and chances at every point."""

from typing import Literal

import numpy as np
import xarray as xr

from twin import names
from twin.forecasting import NO_ANSWER, QUANTILES
from twin.studies.point import QUANTITIES, attributes
from twin.studies.what_if import DRAW

NEVER = ("short_circuit_onset_cycle", "short_circuit_onset_time", "lifetime")
"""NaN means that it never came within the run: infinite in a quantile."""


def summarise_study(data: xr.Dataset) -> xr.Dataset:
    """Median, 5-95 % interval and chance of a short at every point of a what-if study.

    Returns a Dataset over the study's dimensions: each quantity and `difference_*` over `quantile` too
    (onset and lifetime infinite where that share of the draws never gets there),
    `short_circuit_probability` [1], `usable_draws`, and `outcomes` (draws) over `outcome`. Draws without
    an answer (infeasible, solver failure) are left out and counted in `outcomes`.
    """
    usable = ~data["outcome"].isin(NO_ANSWER)
    result = {}
    for key, values in data.data_vars.items():
        name = str(key)
        if name not in QUANTITIES and not name.startswith("difference_"):
            continue
        if name == "short_circuit":
            continue
        values = values.fillna(np.inf) if name in NEVER else values
        result[name] = _quantiles(values.where(usable), exact=name in NEVER)
        result[name].attrs = data[name].attrs
    chance = data["short_circuit"].where(usable).mean(DRAW)
    result["short_circuit_probability"] = chance.assign_attrs(attributes("short_circuit_probability"))
    result["usable_draws"] = usable.sum(DRAW).assign_attrs(units="1", long_name="Draws with an answer")
    counts = [(data["outcome"] == name).sum(DRAW) for name in names.OUTCOMES]
    result["outcomes"] = xr.concat(counts, xr.Variable("outcome", list(names.OUTCOMES)))
    result["outcomes"].attrs = {"units": "1", "long_name": "Draws of each outcome"}
    return xr.Dataset(result, attrs=data.attrs)


def _quantiles(values: xr.DataArray, *, exact: bool) -> xr.DataArray:
    """Quantiles over the draws that are numbers; with `exact`, of a draw itself.

    An infinite neighbour must not be averaged in. NaN where there is no number.
    """
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if exact else "linear"
    some = values.notnull().any(DRAW)
    found = values.where(some, 0.0).quantile(list(QUANTILES), dim=DRAW, method=method, skipna=True)
    return found.where(some)
