"""How each point of a what-if study stands to what was fitted, and to what the laws were made for."""

from collections.abc import Iterable

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.fitting.fitted_span import Condition, beside_fitted
from twin.fitting.widening import error_of
from twin.protocols import Protocol
from twin.results.phrases import listed
from twin.results.quantities import OUTSIDE
from twin.results.validity import beyond_laws
from twin.studies.study import Study

INSIDE = ""
"""What is said of a point that lies inside."""


def beyond(study: Study) -> xr.Dataset:
    """What of each point lies outside, over the dimensions of a study.

    Returns
    -------
    xarray.Dataset
        `outside`: in words, which of its conditions were not fitted, and how far they lie from there; ""
        inside, and where nothing was fitted. `model_error`: the standard deviation of ln(rate of ageing)
        that its draws are widened by (:mod:`twin.fitting.widening`). Attribute `notes`: temperatures and
        pressures of any point that the laws were not made for, each said once.
    """
    words, errors = [], []
    notes: dict[str, None] = {}
    for point in study.grid.points():
        cell, protocol = point.cell_and_protocol(study.cell)
        beside = beside_fitted(cell, protocol)
        words.append(_listed(beside))
        errors.append(error_of(beside))
        notes |= dict.fromkeys(beyond_laws(cell, protocol))
    shape = study.grid.shape
    data = xr.Dataset(
        {
            "outside": ((*shape,), np.array(words, dtype=str).reshape([*shape.values()])),
            "model_error": ((*shape,), np.array(errors).reshape([*shape.values()])),
        },
        attrs={"notes": " ".join(notes)},
    )
    for name, quantity in OUTSIDE.items():
        data[name].attrs = quantity.attributes
    return data


def words_beyond(cell: Cell, protocol: Protocol) -> str:
    """Which conditions of one point were not fitted, and how far they lie from there; "" inside."""
    return _listed(beside_fitted(cell, protocol))


def _listed(beside: Iterable[Condition]) -> str:
    return listed([own.words for own in beside if own.words])


def in_words(data: xr.Dataset) -> str:
    """How many points of a study lie outside what was fitted, and how far; "" where none does."""
    if "outside" not in data:
        return ""
    outside = int((data["outside"] != INSIDE).sum())
    if not outside:
        return ""
    farthest = data["outside"].values.ravel()[data["model_error"].values.argmax()]
    return (
        f"{outside} of {data['outside'].size} points lie outside what was fitted, and are told with "
        f"wider draws; the farthest: {farthest}."
    )
