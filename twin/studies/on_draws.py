"""A what-if study on its draws: the key that each point is kept under, and its points as a Dataset."""

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.protocols import Protocol
from twin.results.provenance import provenance
from twin.results.quantities import QUANTITIES
from twin.studies.common_draws import CommonDraws, common_draws
from twin.studies.finished_points import key_of_points
from twin.studies.grid import PROTOCOL
from twin.studies.point import Numbers, quantities
from twin.studies.study import Study

DRAWS = 50
"""Draws of a study that says nothing else: a fit is worth some tens of independent ones, not more."""


@dataclass(frozen=True)
class OnDraws:
    """A what-if study, the draws that all its points run on, and where those came from."""

    study: Study
    common: CommonDraws
    seed: int
    draw_from: str

    @property
    def draws(self) -> int:
        """How many there are."""
        return len(self.common.factors)

    @property
    def names(self) -> tuple[str, ...]:
        """What is kept of a point."""
        return (*quantities(self.study.cell), "outcome")

    @functools.cached_property
    def key(self) -> Callable[[Cell, Protocol], str]:
        """Gives a point the key that it is kept under."""
        return key_of_points(self.common.factors)

    def dataset(self, found: Sequence[Numbers]) -> xr.Dataset:
        """The numbers of every point, in the order of the grid, over its dimensions and `draw`.

        `parameter_value` and its like say what was drawn. Attributes say what was asked, of which cell,
        and what the draws are worth.
        """
        grid = self.study.grid
        data = xr.Dataset(coords={"draw": np.arange(self.draws)})
        for axis in grid.axes:
            about = axis.attributes | {"field" if axis.is_field else "parameter": axis.target}
            data = data.assign_coords({axis.name: (grid.dimension(axis), np.array(axis.values), about)})
        if PROTOCOL in grid.shape:
            data = data.assign_coords({PROTOCOL: list(grid.templates)})
        for name in self.names:
            values = np.stack([numbers[name] for numbers in found])
            values = values.reshape([*grid.shape.values(), self.draws])
            data[name] = ((*grid.shape, "draw"), values, QUANTITIES[name].attributes)
        return data.merge(self.common.parameters).assign_attrs(self._attributes)

    @property
    def _attributes(self) -> dict:
        study = self.study
        return (
            provenance(study.cell)
            | study.attributes
            | {
                "mode": study.mode,
                "protocol": json.dumps({label: own.words for label, own in study.templates.items()}),
                "cycles": study.baseline_point.cell_and_protocol(study.cell)[1].number_of_cycles,
                "baseline": json.dumps(self._said_of_baseline),
                "draw_from": self.draw_from,
                "effective_draws": self.common.effective,
                "doubt": self.common.doubt,
                "seed": self.seed,
            }
        )

    @property
    def _said_of_baseline(self) -> dict[str, float | str]:
        study = self.study
        own = {factor.name: value for factor, value in study.baseline_point.values.items()}
        return own | {PROTOCOL: study.baseline_protocol}


def on_draws(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    draw_from: str | None = None,
) -> OnDraws:
    """A what-if study on the draws that a call asks for, or else its file, or else as usual.

    Raises ArgumentError: draws or seed are no such numbers. StudyError: another source. FittedSetError:
    no fit to draw from.
    """
    draws = study.setting("draws", draws, DRAWS)
    seed = study.setting("seed", seed, 0)
    draw_from = study.setting("draw_from", draw_from, "fit")
    return OnDraws(study, common_draws(study.cell, draws, seed, draw_from), seed, draw_from)
