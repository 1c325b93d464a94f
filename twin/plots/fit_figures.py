"""The pictures of a fit."""

from collections.abc import Callable

import xarray as xr
from matplotlib.figure import Figure

from twin.plots.fit import prior_posterior, traded_pairs
from twin.plots.predictive import predictive_checks
from twin.plots.saving import Drawn, whole_figure

DRAWN_BY: dict[str, Callable[[xr.DataTree], Drawn]] = {
    "parameters": prior_posterior,
    "pairs": traded_pairs,
    "rows": predictive_checks,
}
"""Name of a picture -> what draws it."""
FIT_PICTURES = tuple(DRAWN_BY)
"""Every name under which :func:`fit_figures` gives a picture."""


def fit_figures(fit: xr.DataTree) -> dict[str, Figure]:
    """The pictures of a fit, by what they show: its parameters, their pairs, its rows.

    Raises DatasetError: no fit, or one that lacks something.
    """
    return {name: whole_figure(draw(fit)) for name, draw in DRAWN_BY.items()}
