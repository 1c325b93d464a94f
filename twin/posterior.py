"""What the data leave open: draws of the parameters around the fit.

A Laplace approximation, put right by importance resampling. At the optimum the residuals are linear in
the parameters, so that the posterior is normal in the coordinates of the priors with covariance
(J'J)^-1, J being the Jacobian of the residuals of rows and priors together; a parameter that no row
informs keeps its prior. That normal does not see walls (a cell that would have shorted where the
measured one did not), so each proposal is run, weighted by posterior over proposal, and the draws are
resampled by weights truncated at sqrt(n) times their mean (Ionides 2008). The effective number of draws
is reported: where it is small, so is the trust that the tails deserve.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin import fitting, parallel
from twin.cell import Cell
from twin.descent import linearise, objective
from twin.errors import FittedSetError
from twin.fitting import Fit, Problem, Searched
from twin.observations import papers, read_spread
from twin.parameter_sets import shipped
from twin.results import load, save
from twin.simulators import long_cycling

DRAWS = 400
"""Draws that a fit writes."""
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Posterior:
    """A fit and the draws around it.

    `draws` is a Dataset over (draw, parameter): `value`, and over parameter: `optimum`, `informed`
    (1 minus posterior over prior standard deviation: 0 where the data say nothing).
    """

    fit: Fit
    draws: xr.Dataset

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """5 and 95 % quantiles of each parameter."""
        edges = self.draws["value"].quantile([LOW, HIGH], dim="draw")
        return {
            str(name): tuple(edges.sel(parameter=name).values.tolist())
            for name in self.draws["parameter"].values
        }

    def save(self, folder: str | Path) -> tuple[Path, Path]:
        """Write ``<paper>.toml`` and ``<paper>_draws.nc``. Raises OutputError: not writable."""
        folder, paper = Path(folder), self.fit.problem.paper
        return (
            self.fit.save(folder / f"{paper}.toml", self.intervals),
            save(self.draws, folder / f"{paper}_draws.nc"),
        )


def fit(
    cell: Cell | str,
    *,
    trials: int = 500,
    storage: str = "sqlite:///fits.db",
    seed: int = 0,
    leave_out: Sequence[str] = (),
) -> Posterior:
    """Fit a cell's family (all cells of its paper, jointly) to the measured rows marked `fit`.

    Parameters
    ----------
    cell : Cell or str
        A cell, or the name of a paper, e.g. "Chang2023".
    trials : int
        Of the Optuna study in all; a study that is there already is resumed.
    storage : str
        Optuna storage URL.
    seed : int
    leave_out : ids of rows to leave out of the fit.

    Raises
    ------
    StudyError : the study is in use, unreadable or of another model version.
    FittedSetError : no measured rows for this cell.
    """
    paper = family_of(cell)
    name = paper if not leave_out else f"{paper} without {', '.join(sorted(leave_out))}"
    problem = fitting.problem(paper, long_cycling.simulate, leave_out=leave_out)
    found = fitting.fit(problem, trials=trials, storage=storage, seed=seed, study_name=name)
    return laplace(found, seed=seed)


def refit_without(cell: Cell | str, leave_out: Sequence[str], *, seed: int = 0) -> Posterior:
    """The shipped fit refined without some rows: what the twin would say had they not been measured."""
    paper = family_of(cell)
    problem = fitting.problem(paper, long_cycling.simulate, leave_out=leave_out)
    start = fitted_coordinates(problem)
    point = fitting.refined(problem, start)
    found = Fit(problem, point, objective(problem.residuals(point)), 0)
    return laplace(found, seed=seed)


def fitted_coordinates(problem: Problem) -> np.ndarray:
    """The shipped fit in the coordinates of a problem; its start where nothing was fitted."""
    fitted = fitting.problem(problem.paper, problem.simulate, fitted=True).cells
    values = []
    for searched in problem.searched:
        owner = next(
            cell
            for cell in fitted.values()
            if searched.key in cell.parameters and cell.parameters[searched.key].part == searched.part
        )
        values.append(owner.values[searched.key])
    return problem.coordinates(values)


def laplace(found: Fit, *, draws: int = DRAWS, seed: int = 0) -> Posterior:
    """Draws around a fit: proposals of the normal approximation, resampled by their true weight."""
    problem = found.problem
    _, jacobian = linearise(problem.residuals, found.coordinates)
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    generator = np.random.default_rng(seed)
    proposed = generator.multivariate_normal(found.coordinates, covariance, size=draws)
    evaluated = tqdm(
        parallel.map_tasks(problem.residuals, list(proposed)),
        total=draws,
        desc="posterior",
        disable=None,
    )
    posterior = np.array([-objective(residuals) for residuals in evaluated])
    off = proposed - found.coordinates
    proposal = -0.5 * np.einsum("ij,jk,ik->i", off, np.linalg.inv(covariance), off)
    weights = np.exp(posterior - proposal - np.max(posterior - proposal))
    weights = np.minimum(weights, weights.mean() * np.sqrt(draws))
    weights /= weights.sum()
    points = proposed[generator.choice(draws, size=draws, p=weights)]
    names = [searched.name for searched in problem.searched]
    data = xr.Dataset(
        {
            "value": (("draw", "parameter"), [problem.values(point) for point in points]),
            "optimum": ("parameter", problem.values(found.coordinates)),
            "informed": ("parameter", 1 - np.std(points, axis=0)),
        },
        coords={"draw": np.arange(draws), "parameter": names},
        attrs={
            "paper": problem.paper,
            "study_version": problem.version,
            "seed": seed,
            "objective": found.objective,
            "method": "Laplace, importance-resampled",
            "effective_draws": float(1 / np.sum(weights**2)),
        },
    )
    data["informed"].attrs = {"units": "1", "long_name": "1 - posterior over prior deviation"}
    return Posterior(found, data)


def load_draws(cell: Cell) -> xr.Dataset:
    """The draws that ship with a cell's fitted sets.

    Parts that were fitted in different families are independent of each other: their draws are put
    side by side, and `paper` is that of the cell itself.

    Raises FittedSetError: the cell has no fitted set, or it came without draws.
    """
    if not cell.fitted_sets:
        raise FittedSetError(
            f"{cell.name} has no fitted parameter set, so nothing says how sure a forecast would be; "
            "fit its family first (`twin fit`)"
        )
    own = {f"{entry.part}: {key}" for key, entry in cell.parameters.items() if entry.prior}
    sets = []
    for place, name in enumerate(cell.fitted_sets):
        path = shipped("parameter_sets") / "fitted" / f"{name}_draws.nc"
        if not path.is_file():
            raise FittedSetError(f"the fitted set {name} has no draws at {path}")
        data = load(path)
        shuffled = np.random.default_rng(place).permutation(data.sizes["draw"])
        if place > 0:
            data = data.isel(draw=shuffled).assign_coords(draw=data["draw"])
        sets.append(data.sel(parameter=[str(n) in own for n in data["parameter"].values]))
    effective = min(data.attrs["effective_draws"] for data in sets)
    merged = xr.concat(sets, dim="parameter", join="inner", combine_attrs="drop_conflicts")
    merged.attrs |= {"paper": family_of(cell), "effective_draws": effective}
    return merged


def drawn_cells(
    cell: Cell, draws: xr.Dataset, count: int, seed: int, *, cell_to_cell: bool = True
) -> list[Cell]:
    """`count` versions of a cell: draws of its fitted parameters and, on top, of the next cell.

    A draw multiplies the cell's own value by draw over optimum, so that values changed by
    :meth:`Cell.replace` keep their change. With `cell_to_cell`, the spread between equal cells
    (``spread.toml``) is drawn too.
    """
    generator = np.random.default_rng(seed)
    available = draws.sizes["draw"]
    chosen = generator.permutation(available)[:count]
    if count > available:
        chosen = generator.integers(available, size=count)
    ratio = (draws["value"] / draws["optimum"]).isel(draw=chosen)
    places = {str(name): place for place, name in enumerate(draws["parameter"].values)}
    own = {
        key: places[Searched(entry.part, key, entry.prior).name]
        for key, entry in cell.parameters.items()
        if entry.prior is not None and f"{entry.part}: {key}" in places
    }
    spread = read_spread(draws.attrs["paper"])[1] if cell_to_cell else {}
    versions = []
    for row in ratio.values:
        changes = {key: cell.values[key] * row[place] for key, place in own.items()}
        for key, deviation in spread.items():
            factor = np.exp(deviation * generator.standard_normal())
            changes[key] = changes.get(key, cell.values[key]) * factor
        versions.append(cell.replace(changes))
    return versions


def family_of(cell: Cell | str) -> str:
    """The paper whose rows a cell is fitted to. Raises FittedSetError: none."""
    name = (cell if isinstance(cell, str) else cell.name).split("_")[0]
    if name not in papers():
        raise FittedSetError(f"no measured rows for '{name}'; rows exist for: {', '.join(papers())}")
    return name


__all__ = ["Posterior", "drawn_cells", "family_of", "fit", "laplace", "load_draws"]
