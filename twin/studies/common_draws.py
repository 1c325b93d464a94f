"""The draws of a cell that every point of a study runs on.

Two points on the same draws differ by what they set alone, so that a difference shows that the spread
between cells would hide (common random numbers).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xarray as xr

from twin.arguments import checked_draws, checked_seed
from twin.cell import Cell
from twin.errors import StudyError, unknown
from twin.fitting.draws import drawn_factors, drawn_parameters, load_draws, prior_factors

SOURCES = ("fit", "priors")
"""Where draws come from: the posterior that ships with a cell and how the next cell differs, or the
priors alone."""


@dataclass(frozen=True)
class CommonDraws:
    """What every point of a study multiplies its cell with.

    Attributes
    ----------
    factors : sequence over draws of mappings, key -> factor
    parameters : xarray.Dataset over (draw, parameter)
        The values that they give the study's own cell (:func:`twin.fitting.draws.drawn_parameters`).
    effective : float
        How many independent draws they are worth.
    doubt : str
        Whether the fit behind them has not converged, in a sentence; "" where it has.
    """

    factors: Sequence[Mapping[str, float]]
    parameters: xr.Dataset
    effective: float
    doubt: str = ""


def common_draws(cell: Cell, draws: int, seed: int, draw_from: str) -> CommonDraws:
    """Draws of a cell, for all points of a study alike; `draw_from` is one of ``SOURCES``.

    Raises FittedSetError: no fit. ArgumentError: draws or seed are no such number. StudyError: another
    source.
    """
    draws, seed = checked_draws(draws), checked_seed(seed)
    if checked_source(draw_from) == "priors":
        factors = prior_factors(cell, draws, seed)
        return CommonDraws(factors, drawn_parameters(cell, factors, None), float(draws))
    posterior = load_draws(cell)
    factors = drawn_factors(cell, posterior, draws, seed)
    effective = float(posterior.attrs["effective_draws"])
    drawn = drawn_parameters(cell, factors, posterior)
    return CommonDraws(factors, drawn, effective, posterior.attrs["doubt"])


def checked_source(draw_from: str) -> str:
    """Where draws come from. Raises StudyError: not one of ``SOURCES``."""
    if not isinstance(draw_from, str) or draw_from not in SOURCES:
        raise StudyError(unknown(draw_from, SOURCES, "what draws are taken from (draw_from)"))
    return draw_from
