"""What draws say together: quantiles of a result, and the chance of an event with its own interval."""

from typing import Literal

import numpy as np
import xarray as xr
from scipy.special import betaincinv, ndtri

from twin import names
from twin.errors import DatasetError
from twin.results.form import NUMBERS
from twin.results.quantities import QUANTITIES, is_event, variable_of

LOW = 0.05
"""Quantile at the lower end of every interval: a fit's draws are worth some tens of independent ones,
too few to know a rarer end."""
MEDIAN = 0.5
"""The quantile in the middle of every interval."""
HIGH = 0.95
"""Quantile at the upper end of every interval: it leaves out as many draws as the lower one."""
NORMAL_END = float(ndtri(HIGH))
"""Standard deviations from the middle of a normal to either end of its interval."""
QUANTILES = (LOW, MEDIAN, HIGH)
"""Coordinate `quantile` of everything that is told with an interval."""
CHANCE = "short_circuit"
"""The result that is 0 or 1 in each draw, so that its interval is that of a chance."""


def interval(data: xr.Dataset, name: str) -> xr.DataArray:
    """The 5, 50 and 95 % quantile of a result over the draws, (quantile, ...); it keeps its attributes.

    Draws without an answer (infeasible, solver failure) are left out, and so is NaN; where nothing else
    is left the answer is NaN. Of an event NaN means that it never came, which is infinitely late; its
    quantiles are draws themselves, because between a number and infinity there is nothing to
    interpolate. `short_circuit` gives the chance: its lower end, the share of the draws, its upper end.

    Raises DatasetError: no such variable, no numbers in it, no draws, or outcomes of other runs.
    """
    values = variable_of(data, name)
    if "draw" not in values.dims:
        raise DatasetError(
            f"'{name}' has no draws: its dimensions are {', '.join(map(str, values.dims))}"
        )
    if values.dtype.kind not in NUMBERS or not values.size:
        raise DatasetError(f"'{name}' holds no numbers, so it has no interval")
    answered = answers(data)
    if not set(answered.dims) <= set(values.dims):
        raise DatasetError(
            f"'{name}' is over {', '.join(map(str, values.dims))}, the outcomes of its runs are over "
            f"{', '.join(map(str, answered.dims))}: nothing says which of them ended how"
        )
    if name == CHANCE:
        found = chance_interval(values.where(answered), worth_of(data))
        return found.rename(name).assign_attrs(QUANTITIES["short_circuit_probability"].attributes)
    if is_event(name):
        return quantiles(values.fillna(np.inf).where(answered), method="inverted_cdf").rename(name)
    return quantiles(values.where(answered)).rename(name)


def quantiles(
    values: xr.DataArray, method: Literal["linear", "inverted_cdf"] = "linear"
) -> xr.DataArray:
    """The 5, 50 and 95 % quantile over `draw` of what is no NaN, (quantile, ...); attributes stay.

    `method` is numpy's: "inverted_cdf" takes a draw itself where "linear" goes between two. NaN where
    every draw is.
    """
    some = values.notnull().any("draw")
    found = values.where(some, 0.0).quantile(
        list(QUANTILES), "draw", method=method, skipna=True, keep_attrs=True
    )
    return found.where(some)


def worth_of(data: xr.Dataset) -> float:
    """How many independent draws those of a forecast or a study are worth at most."""
    return float(data.attrs.get("effective_draws", np.inf))


def answers(data: xr.Dataset) -> xr.DataArray:
    """True for the draws that say something about the cell, over the dimensions of `outcome`.

    Raises DatasetError: the Dataset does not say how its runs ended.
    """
    return ~variable_of(data, "outcome").isin(names.NO_ANSWER)


def chance_interval(happened: xr.DataArray, worth: float = np.inf) -> xr.DataArray:
    """What draws say of a chance: (quantile, ...) of its lower end, the share that it is, its upper end.

    The ends are Jeffreys' 5 and 95 % (Brown, Cai and DasGupta 2001, Statistical Science 16, 101). Where
    no draw is a case, or every draw, the end on that side is the share itself.

    Parameters
    ----------
    happened : over draw and others, 1 where the event came, 0 where it did not, NaN without an answer
    worth : how many independent draws all of them are worth; a fit gives several draws for each
    """
    count, share = happened.count("draw"), happened.mean("draw")
    independent = count.clip(max=worth)
    cases = share * independent
    low, high = (
        xr.apply_ufunc(betaincinv, cases + 0.5, independent - cases + 0.5, end) for end in (LOW, HIGH)
    )
    ends = [low.where(share > 0, share), share, high.where(share < 1, share)]
    return xr.concat(ends, xr.Variable("quantile", list(QUANTILES)))
