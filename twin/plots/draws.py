"""What the draws of a study say at each point: low, median, high."""

import warnings

import numpy as np
import xarray as xr
from scipy.stats import beta

from twin import names
from twin.errors import ObservationError
from twin.plots.quantity import variable_of

QUANTILES = (0.05, 0.5, 0.95)
EVENTS = ("short_circuit_onset_cycle", "short_circuit_onset_time", "lifetime")
"""Results that are NaN where the event did not come: later than the end of the run, not unknown."""
CHANCE = "short_circuit"
"""0 or 1 in each draw: what is known of it is a share."""


def interval(study: xr.Dataset, variable: str) -> xr.DataArray:
    """5, 50 and 95 % quantile of a variable over the draws, (quantile, ...); it keeps its attributes.

    An event that did not come counts as infinitely late. Of `short_circuit` it is the share of the draws
    between the bounds that so many draws leave to the chance (Jeffreys; Brown et al. 2001, Statistical
    Science 16, 101). Draws without an answer are left out: NaN where there is no other.

    Raises ObservationError: no such variable, or it has no draws.
    """
    values = variable_of(study, variable)
    if "draw" not in values.dims:
        raise ObservationError(
            f"'{variable}' has no draws: its dimensions are {', '.join(map(str, values.dims))}"
        )
    answered = ~study["outcome"].isin(names.NO_ANSWER) if "outcome" in study else True
    if variable == CHANCE:
        return _chance(values.where(answered))
    is_event = variable in EVENTS
    if is_event:
        values = values.fillna(np.inf)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")  # a point without an answer: shown as such
        found = values.where(answered).quantile(
            list(QUANTILES), "draw", skipna=True, keep_attrs=True,
            method="inverted_cdf" if is_event else "linear",
        )  # fmt: skip
    return found.rename(variable)


def _chance(happened: xr.DataArray) -> xr.DataArray:
    asked = happened.count("draw")
    times, share = happened.sum("draw"), happened.mean("draw")
    low, high = (
        xr.apply_ufunc(beta.ppf, edge, times + 0.5, asked - times + 0.5).where(asked > 0)
        for edge in (QUANTILES[0], QUANTILES[-1])
    )
    # no draw of many leaves the chance at zero, not above it
    edges = [low.where(times > 0, 0.0 * share), share, high.where(times < asked, 0.0 * share + 1)]
    found = xr.concat(edges, xr.Variable("quantile", list(QUANTILES))).rename(CHANCE)
    units, long_name = names.STUDY_UNITS["short_circuit_probability"]
    return found.assign_attrs(units=units, long_name=long_name)


def never(study: xr.Dataset, variable: str) -> str:
    """What it means that an event did not come: "no short within 800 cycles"."""
    event = "failure" if variable == "lifetime" else "short"
    ran = f"{study.attrs['cycles']} cycles" if "cycles" in study.attrs else "the cycles run"
    return f"no {event} within {ran}"
