"""What the data leave open: draws of the parameters around the fit.

At the optimum the residuals are linear in the parameters, so that the posterior is about normal in the
coordinates of the priors with covariance (J'J)^-1, J being the Jacobian of the residuals of rows and
priors together (Laplace); a parameter that no row informs keeps its prior. That normal does not see
walls (a cell that would have shorted where the measured one did not). Markov chains that take it as
their proposal do (``markov_chain``): their points are the draws. Effective draws and R-hat are written
beside them: where the first is small or the second beyond 1.1, the tails deserve little trust.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from twin import parallel
from twin.arguments import checked_count, checked_seed, checked_several
from twin.cell import Cell
from twin.files import save
from twin.fitting import optimum
from twin.fitting.descent import linearise, objective
from twin.fitting.draws import family_of
from twin.fitting.fitted_set import Fit
from twin.fitting.markov_chain import BURN_IN, Chains, Normal, sample
from twin.fitting.problem import Problem, problem_of
from twin.fitting.saved_chains import SavedChains
from twin.results.intervals import HIGH, LOW
from twin.simulators import long_cycling

DRAWS = 400
"""Draws that a fit writes: several times what its chains are worth in independent ones."""
CHAINS = 16
"""Markov chains that run side by side: their moves learn from each other, and R-hat compares them."""
STEPS = 320
"""Steps of each chain after a fit: with so many, the shipped fits are worth some twenty to seventy
independent draws, enough for medians and not for tails."""
REFIT_STEPS = 60
"""Steps of each chain after a refit without some rows: a fifth of a fit's, for people wait for it."""
LEAST_STEPS = 5
"""Fewest steps of a chain: a quarter is forgotten, and R-hat compares two halves of two steps each."""
MOST_STEPS = 1_000_000
"""Most steps of a chain: the points of all chains of a paper then take some gigabytes."""
PROPOSALS = 200
"""Points of the normal approximation among which the chains find their starts: a dozen for each."""


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
            self.fit.save(folder / f"{paper}.toml", self.intervals, self.draws.attrs["steps"]),
            save(self.draws, folder / f"{paper}_draws.nc"),
        )


def fit(
    cell: Cell | str,
    *,
    trials: int = 500,
    storage: str = "sqlite:///fits.db",
    seed: int = 0,
    leave_out: Sequence[str] = (),
    steps: int = STEPS,
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
    steps : int
        Of each Markov chain behind the draws. Interrupted, they go on where they stood: the chains
        of a study in a SQLite file are kept beside it until they are done.

    Raises
    ------
    ArgumentError : trials, seed or steps that are no such numbers.
    StudyError : the study is in use, unreadable or of another model version.
    FittedSetError : no measured rows for this cell.
    """
    seed = checked_seed(seed)
    steps = checked_count("steps", steps, least=LEAST_STEPS, most=MOST_STEPS)
    leave_out = [str(row) for row in checked_several("leave_out", leave_out)]
    paper = family_of(cell)
    name = paper if not leave_out else f"{paper} without {', '.join(sorted(leave_out))}"
    problem = problem_of(paper, long_cycling.simulate, leave_out=leave_out)
    found = optimum.find(problem, trials=trials, storage=storage, seed=seed, study_name=name)
    saved = None
    if storage.startswith("sqlite:///"):
        kept = f"{storage.removeprefix('sqlite:///')}.{problem.version}.seed{seed}.chains.npz"
        saved = SavedChains(Path(kept), problem.version)
    return explored(found, steps=steps, seed=seed, saved=saved)


def refit_without(cell: Cell | str, leave_out: Sequence[str], *, seed: int = 0) -> Posterior:
    """The shipped fit refined without some rows: what the twin would say had they not been measured."""
    seed, paper = checked_seed(seed), family_of(cell)
    problem = problem_of(paper, long_cycling.simulate, leave_out=leave_out)
    start = fitted_coordinates(problem)
    point = optimum.refined(problem, start)
    found = Fit(problem, point, objective(problem.residuals(point)), 0)
    return explored(found, steps=REFIT_STEPS, seed=seed)


def fitted_coordinates(problem: Problem) -> np.ndarray:
    """The shipped fit in the coordinates of a problem; its start where nothing was fitted."""
    fitted = problem.experiment.fitted_cells()
    values = []
    for searched in problem.searched:
        owner = next(
            cell
            for cell in (fitted[name] for name in problem.cells)
            if searched.key in cell.parameters and cell.parameters[searched.key].part == searched.part
        )
        values.append(owner.values[searched.key])
    return problem.coordinates(values)


def explored(
    found: Fit, *, steps: int = STEPS, seed: int = 0, saved: SavedChains | None = None
) -> Posterior:
    """Draws around a fit, (draw, parameter), by Markov chains from its normal approximation.

    A better point that the chains come across becomes the fit. `saved` as in ``markov_chain.sample``.
    """
    problem = found.problem
    generator = np.random.default_rng(seed)

    def log_posterior(points):
        evaluated = parallel.map_tasks(problem.residuals, list(points))
        return np.array([-objective(residuals) for residuals in evaluated])

    _, jacobian = linearise(problem.residuals, found.coordinates)
    normal = Normal(found.coordinates, np.linalg.inv(jacobian.T @ jacobian))
    starts = _starts(normal, log_posterior, generator)
    chains = sample(
        log_posterior, normal, starts, steps=steps, generator=generator, saved=saved
    ).without_first(BURN_IN)
    best, height = chains.best
    if -height < found.objective:
        found = dataclasses.replace(found, coordinates=best, objective=-height)
    return Posterior(found, _dataset(found, chains, steps, seed))


def _starts(normal: Normal, log_posterior, generator) -> np.ndarray:
    """Starts of the chains, (chain, parameter): points of the normal, by weight in the posterior."""
    points = generator.multivariate_normal(normal.mean, normal.covariance, size=PROPOSALS)
    excess = log_posterior(points) - normal.log_density(points)
    # the largest of weight times exponential noise: a draw without replacement
    order = np.argsort(excess + generator.gumbel(size=PROPOSALS))
    return points[order[-CHAINS:]]


def _dataset(found: Fit, chains: Chains, steps: int, seed: int) -> xr.Dataset:
    problem = found.problem
    every = chains.points.reshape(-1, chains.points.shape[-1])
    points = every[np.linspace(0, len(every) - 1, min(DRAWS, len(every))).astype(int)]
    data = xr.Dataset(
        {
            "value": (("draw", "parameter"), [problem.values(point) for point in points]),
            "optimum": ("parameter", problem.values(found.coordinates)),
            "informed": ("parameter", 1 - np.std(every, axis=0)),
        },
        coords={"draw": np.arange(len(points)), "parameter": [s.name for s in problem.searched]},
        attrs={
            "paper": problem.paper,
            "study_version": problem.version,
            "seed": seed,
            "objective": found.objective,
            "method": f"{CHAINS} Markov chains, preconditioned Crank-Nicolson",
            "steps": steps,
            "accepted": chains.accepted,
            "effective_draws": chains.effective_draws,
            "largest_rhat": chains.largest_rhat,
        },
    )
    data["informed"].attrs = {"units": "1", "long_name": "1 - posterior over prior deviation"}
    return data


__all__ = ["Posterior", "explored", "fit", "refit_without"]
