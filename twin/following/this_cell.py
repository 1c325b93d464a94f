"""What is known of one cell before it was measured: its family's draws, and how it differs from them.

The coordinates of a particle are

* of each parameter that the fit of the family drew, its place in standard deviations of its prior;
* of each parameter that no fit has seen, the same;
* of each parameter in which equal cells differ (``spread.toml``), how far this cell is from its family,
  in standard deviations.

The draws are a cloud; what is between them is filled by normal kernels around each, the draws moved
towards their mean so that the mixture keeps mean and covariance of the cloud (West 1993, J. R. Stat.
Soc. B 55, 409; Liu and West 2001), with the width that Silverman (1986) gives for so many draws and
parameters. So there is a density, and a particle may go where no draw was.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.special import logsumexp

from twin.cell import Cell
from twin.fitting.draws import scaled, unseen_keys
from twin.fitting.family import spread_of
from twin.parameters import Prior

RIDGE = 1e-9
"""Variance that is added in each direction, so that a parameter which all draws share has a kernel,
too."""
TRIES = 50
"""Draws of a kernel that fall outside the bounds of the priors are drawn anew, so often at most."""


@dataclass(frozen=True)
class ThisCell:
    """The prior of one cell of a family.

    Attributes
    ----------
    cell : Cell
        Around which is drawn, with the values that its fit found, and what was changed in it.
    fitted : mapping of key to the value of the fit, of the parameters that it drew
    unseen : keys that have a prior and that no fit has seen
    deviations : mapping of key to the standard deviation of ln of it between equal cells
    kernels : (draw, fitted), places of the kernels
    factor : (fitted, fitted), Cholesky factor of the covariance of each kernel
    """

    cell: Cell
    fitted: Mapping[str, float]
    unseen: tuple[str, ...]
    deviations: Mapping[str, float]
    kernels: np.ndarray
    factor: np.ndarray

    @property
    def names(self) -> list[str]:
        """What each coordinate is about, "Filament growth coefficient [m3.C-1]: this cell"."""
        family = [self.cell.label(key) for key in (*self.fitted, *self.unseen)]
        return family + [f"{self.cell.label(key)}: this cell" for key in self.deviations]

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Points (point, coordinate) of the prior."""
        order = generator.permutation(len(self.kernels))
        centres = self.kernels[np.resize(order, count)]
        low, high = self._bounds
        points = np.clip(centres, low, high)
        left = np.ones(count, dtype=bool)
        for _ in range(TRIES):
            moved = centres[left] + generator.standard_normal((left.sum(), len(low))) @ self.factor.T
            inside = ((moved >= low) & (moved <= high)).all(axis=1)
            places = np.flatnonzero(left)[inside]
            points[places], left[places] = moved[inside], False
            if not left.any():
                break
        others = generator.standard_normal((count, len(self.unseen) + len(self.deviations)))
        return np.concatenate([points, others], axis=1)

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """ln of the density of points (point, coordinate) up to a constant, (point,)."""
        count = len(self.fitted)
        own, others = points[:, :count], points[:, count:]
        whitened = np.linalg.solve(self.factor, own.T).T
        centres = np.linalg.solve(self.factor, self.kernels.T).T
        apart = (whitened**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * whitened @ centres.T
        low, high = self._bounds
        inside = ((own >= low) & (own <= high)).all(axis=1)
        family = np.where(inside, logsumexp(-0.5 * apart, axis=1), -np.inf)
        return family - 0.5 * (others**2).sum(axis=1)

    def factors(self, points: np.ndarray) -> list[dict[str, float]]:
        """What each point multiplies the parameters of the cell with, key -> factor."""
        centres = {**self.fitted, **{key: self._prior(key).centre for key in self.unseen}}
        drawn = []
        for point in points:
            own = dict(zip(centres, point, strict=False))
            factors = {
                key: self._prior(key).from_unit_normal(float(place)) / centres[key]
                for key, place in own.items()
            }
            for (key, deviation), place in zip(
                self.deviations.items(), point[len(centres) :], strict=True
            ):
                factors[key] = factors.get(key, 1.0) * float(np.exp(deviation * place))
            drawn.append(factors)
        return drawn

    def versions(self, points: np.ndarray) -> list[Cell]:
        """The cell at each point."""
        return [scaled(self.cell, factors) for factors in self.factors(points)]

    def _prior(self, key: str) -> Prior:
        prior = self.cell.parameters[key].prior
        assert prior is not None  # or it would be no coordinate
        return prior

    @property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Within which the parameters of the fit were drawn."""
        priors = [self._prior(key) for key in self.fitted]
        ends = [[p.to_unit_normal(end) for end in p.search_range] for p in priors]
        low, high = np.array(ends).reshape(-1, 2).T
        # where the prior of the fit was the posterior of an earlier one, it may have gone further
        return np.minimum(low, self.kernels.min(axis=0)), np.maximum(high, self.kernels.max(axis=0))


def this_cell(cell: Cell, draws: xr.Dataset) -> ThisCell:
    """The prior of one cell, from the draws of its family (:func:`twin.fitting.draws.load_draws`)."""
    places = {str(name): place for place, name in enumerate(draws["parameter"].values)}
    optimum = draws["optimum"].values
    fitted = {
        key: float(optimum[places[cell.label(key)]])
        for key, entry in cell.parameters.items()
        if entry.prior is not None and cell.label(key) in places
    }
    values = draws["value"].values
    cloud = np.empty((len(values), len(fitted)))
    for column, key in enumerate(fitted):
        prior = cell.parameters[key].prior
        assert prior is not None
        own = values[:, places[cell.label(key)]]
        cloud[:, column] = [prior.to_unit_normal(float(value)) for value in own]
    kernels, factor = _smoothed(cloud)
    spread = spread_of(cell)
    return ThisCell(
        cell=cell,
        fitted=fitted,
        unseen=unseen_keys(cell, fitted),
        deviations={key: sd for key, sd in spread.items() if key in cell.parameters},
        kernels=kernels,
        factor=factor,
    )


def _smoothed(cloud: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of kernels (draw, parameter) and the Cholesky factor of their covariance."""
    count, size = cloud.shape
    covariance = np.atleast_2d(np.cov(cloud, rowvar=False)) if count > 1 else np.zeros((size, size))
    width = min(1.0, (4 / (count * (size + 2))) ** (1 / (size + 4)))
    centre = cloud.mean(axis=0)
    factor = np.linalg.cholesky(width**2 * covariance + RIDGE * np.eye(size))
    return centre + np.sqrt(1 - width**2) * (cloud - centre), factor
