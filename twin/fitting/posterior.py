"""What the data leave open: draws of the parameters from the posterior of a fit.

The draws are exact but for their number: the runs are made for each of them (``sampling``). Effective
draws and R-hat are written beside them. Where they are not what was asked for, the fit says so, and so
does every forecast that is made of it: a posterior that is not converged is never hidden.
"""

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin.arguments import checked_count, checked_processes, checked_seed, checked_several
from twin.cell import Cell
from twin.errors import ArgumentError
from twin.files import save
from twin.fitted_values import DRAWS as DRAWS_FILE
from twin.fitted_values import FITTED
from twin.fitting import optimum, optuna_study, storages
from twin.fitting.draws import flat
from twin.fitting.evaluated import Evaluated
from twin.fitting.family import check_name, family_of, home_of, storage_of
from twin.fitting.fitted_set import Fit
from twin.fitting.forecast_effective import GROUP, forecast_effective
from twin.fitting.kept_evaluations import KeptEvaluations
from twin.fitting.problem import Problem, problem_of
from twin.fitting.sampling import Sampled, Target, sample
from twin.fitting.told_by_rows import PRIOR_POINTS, drawn_from_priors, groups_of
from twin.measured.experiment import Experiment
from twin.measured.folder import is_shipped_folder
from twin.parameters import Prior
from twin.results.intervals import HIGH, LOW

DRAWS = 400
"""Effective draws that a fit goes on for: enough for 5 and 95 % ends within a tenth of a deviation."""
REFIT_DRAWS = 100
"""Effective draws of a refit without some rows: people wait for it."""
MOST_DRAWS = 100_000
"""Most effective draws that may be asked for: a day of runs."""


@dataclass(frozen=True)
class Posterior:
    """A fit and the draws around it.

    Attributes
    ----------
    fit : Fit
    groups : xarray.DataTree
        As ArviZ reads it. Above the groups, over `parameter`: `optimum`, `informed` (1 minus posterior
        over prior standard deviation: 0 where the data say nothing), `informed_by_all` (the same against
        the prior in the part's file, where an earlier fit was the prior). Group `posterior`, over
        (chain, draw, parameter): `value`. Group `sample_stats`, over (chain, draw): `lp`, ln(posterior)
        up to a constant. Group `prior_distribution`, over parameter: `distribution`, `centre`, `spread`,
        `lower`, `upper`, as of :class:`twin.parameters.Prior`, and `earlier`, the fit that it is of.
        Group `starts`, over start: `objective` where the descent from there ended. What the rows say:
        :func:`twin.fitting.told_by_rows.groups_of`. After a whole fit, group `forecast_effective`
        (:func:`twin.fitting.forecast_effective.forecast_effective`), and the attributes `seconds` of the
        fit, `runs` made in them, `runs_per_second`: of the last command alone, where it was resumed.
    """

    fit: Fit
    groups: xr.DataTree

    @property
    def draws(self) -> xr.Dataset:
        """The draws of all chains one after the other, as forecasts take them."""
        return flat(self.groups.to_dataset(), self.groups["posterior"].to_dataset())

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """5 and 95 % quantiles of each parameter."""
        edges = self.draws["value"].quantile([LOW, HIGH], dim="draw")
        return {
            str(name): tuple(edges.sel(parameter=name).values.tolist())
            for name in self.draws["parameter"].values
        }

    def save(self, folder: str | Path | None = None) -> tuple[Path, Path]:
        """Write ``<paper>.toml`` and ``<paper>_draws.nc``; by default where the cells look for them.

        That is ``fitted/`` in a user's own folder. Raises OutputError: not writable. ArgumentError: no
        folder said for the fit of a paper that ships.
        """
        paper, own = self.fit.problem.paper, self.fit.problem.experiment.folder
        if folder is None:
            if is_shipped_folder(own):
                raise ArgumentError(f"say into which folder the fit of {paper} is written")
            folder = own / FITTED
        folder = Path(folder)
        return (
            self.fit.save(folder / f"{paper}.toml", self.intervals, self.groups.attrs["wanted_draws"]),
            save(self.groups, folder / f"{paper}{DRAWS_FILE}"),
        )


def fit(
    cell: Cell | str | Path,
    *,
    trials: int = 500,
    storage: str | None = None,
    seed: int = 0,
    leave_out: Sequence[str] = (),
    draws: int = DRAWS,
    workers: int | None = None,
) -> Posterior:
    """Fit a cell's family (all cells of its paper, jointly) to the measured rows marked `fit`.

    Parameters
    ----------
    cell : Cell, str or Path
        A cell, the name of a paper, e.g. "Chang2023", or the path of a folder with rows of your own.
        Shipped parts in such a folder have the posteriors of the fits that ship as priors
        (:mod:`twin.fitting.earlier_fits`).
    trials : int
        Of the Optuna study in all; a study that is there already is resumed.
    storage : str, optional
        Optuna storage URL: "sqlite:///fits.db", a file for one command at a time; for several at once a
        journal, "journal:///fits.log", or a database server, "postgresql://…". By default that file in
        the working folder or, of a folder of your own, in its ``fitted/``.
    seed : int
    leave_out : ids of rows to leave out of the fit.
    draws : int
        Effective draws from the posterior, of every parameter, that are to be reached.
    workers : int, optional
        Processes, by default one for each core.

    Raises
    ------
    ArgumentError : trials, seed, draws or workers that are no such numbers.
    StudyError : the storage cannot be used, or the study in it is of another model.
    FittedSetError : no measured rows for this cell, no prior, or one without width; a folder of your own
        that is called as a paper that ships.
    """
    trials, seed = checked_count("trials", trials, most=optimum.MOST_TRIALS), checked_seed(seed)
    draws = checked_count("draws", draws, most=MOST_DRAWS)
    workers = checked_processes(workers, "workers")
    leave_out = [str(row) for row in checked_several("leave_out", leave_out)]
    family = family_of(cell)
    check_name(family)
    problem = problem_of(family, leave_out=leave_out)
    name = problem.paper
    if leave_out:
        name = f"{name} without {', '.join(sorted(leave_out))}"
    if storage is None:
        storage = storage_of(family, home_of(family))
    with storages.locked(storage):
        study = optuna_study.open_study(
            name,
            storage,
            sampler=optimum.sampler(seed),
            version=problem.version,
            made_by="the model, its priors or its rows",
        )
        kept = KeptEvaluations(study)
        evaluated = Evaluated(problem, processes=workers, keep=kept.keep)
        kept.read_into(evaluated)
        began = time.monotonic()
        optimum.explore(problem, study, trials, evaluated)
        kept.read_into(evaluated)  # what other commands have evaluated meanwhile
        found = optimum.refined(
            evaluated,
            optimum.starts(problem, study, fitted_coordinates(problem)),
            keep=lambda end: optimum.keep_in(study, problem, end),
        )
        trials = len(optimum.explored(study))
        posterior = explored(found, evaluated, draws=draws, seed=seed, trials=trials)
    effective = forecast_effective(
        problem, posterior.groups["posterior"].to_dataset()["value"].values, processes=workers
    )
    groups = xr.DataTree.from_dict({**posterior.groups.to_dict(), f"/{GROUP}": effective})
    seconds = time.monotonic() - began
    runs = evaluated.made * len(problem.simulations)
    groups.attrs |= {"seconds": seconds, "runs": runs, "runs_per_second": runs / seconds}
    return Posterior(posterior.fit, groups)


def refit_without(
    cell: Cell | str | Path | Experiment, leave_out: Sequence[str], *, seed: int = 0
) -> Posterior:
    """The fit refined without some rows: what the twin would say had they not been measured."""
    seed = checked_seed(seed)
    experiment = cell if isinstance(cell, Experiment) else family_of(cell)
    problem = problem_of(experiment, leave_out=leave_out)
    evaluated = Evaluated(problem)
    starts = [(optimum.FROM_PRIORS, problem.start)]
    before = fitted_coordinates(problem)
    if before is not None:
        starts.append((optimum.FROM_FIT, before))
    return explored(optimum.refined(evaluated, starts), evaluated, draws=REFIT_DRAWS, seed=seed)


def fitted_coordinates(problem: Problem) -> np.ndarray | None:
    """The fit that is there in the coordinates of a problem; None where nothing was fitted.

    A parameter that no fit knows has the value of its part's file.
    """
    fitted = problem.experiment.fitted_cells()
    values = []
    for searched in problem.searched:
        owner = next(
            cell
            for cell in (fitted[name] for name in problem.cells)
            if searched.key in cell.parameters and cell.parameters[searched.key].part == searched.part
        )
        values.append(owner.values[searched.key])
    point = np.clip(problem.coordinates(values), *problem.bounds)
    return None if np.array_equal(point, problem.start) else point


def explored(
    found: optimum.Optimum, evaluated: Evaluated, *, draws: int, seed: int, trials: int = 0
) -> Posterior:
    """Draws from the posterior whose optimum is `found`, until `draws` of them are effective.

    A better point that the sampler comes across becomes the fit.
    """
    problem = evaluated.problem
    generator = np.random.default_rng(seed)
    with tqdm(desc="posterior", unit=" runs of all rows", disable=None) as bar:
        target = Target(
            problem.bounds,
            lambda points: evaluated.entries(points, progress=bar.update),
            problem.log_density,
            problem.likelihood.residuals,
        )
        ends = np.array([end.coordinates for end in found.descents])
        sampled = sample(
            target,
            evaluated.everything,
            ends,
            draws=draws,
            generator=generator,
            progress=lambda effective: bar.set_postfix_str(f"{effective:.0f} of {draws} effective"),
        )
        prior = evaluated.entries(drawn_from_priors(problem, PRIOR_POINTS, generator), bar.update)
    best = found.best
    if -sampled.best_height < best.objective:
        best = dataclasses.replace(best, coordinates=sampled.best, objective=-sampled.best_height)
    fit = Fit(problem, best.coordinates, best.objective, trials, found)
    groups = _groups(fit, sampled, seed, len(evaluated))
    told = groups_of(problem, sampled.entries, prior)
    return Posterior(fit, xr.DataTree.from_dict({**groups, **told}))


def _groups(fit: Fit, sampled: Sampled, seed: int, evaluations: int) -> dict[str, xr.Dataset]:
    problem = fit.problem
    names = [searched.name for searched in problem.searched]
    places = {"chain": np.arange(len(sampled.points)), "draw": np.arange(sampled.points.shape[1])}
    values = [[problem.values(point) for point in chain] for chain in sampled.points]
    above = xr.Dataset(
        {
            "optimum": ("parameter", problem.values(fit.coordinates)),
            "informed": ("parameter", 1 - np.std(sampled.points, axis=(0, 1))),
            "informed_by_all": ("parameter", _informed_by_all(problem, np.array(values))),
        },
        coords={"parameter": names},
        attrs={
            "paper": problem.paper,
            "study_version": problem.version,
            "seed": seed,
            "objective": fit.objective,
            "wanted_draws": sampled.wanted,
            "evaluations": evaluations,
            "effective_draws": sampled.effective_draws,
            "largest_rhat": sampled.largest_rhat,
            "pareto_k": sampled.pareto_k,
            "accepted": sampled.accepted,
            "converged": int(sampled.converged),
            "doubt": sampled.doubt,
            "starts_agree": fit.found.agreed,
            "optimum_found": int(fit.found.found),
            "about_priors": " ".join(problem.about_priors),
        },
    )
    above["informed"].attrs = {"units": "1", "long_name": "1 - posterior over prior deviation"}
    above["informed_by_all"].attrs = {
        "units": "1",
        "long_name": "1 - posterior deviation over that of the prior before every fit",
    }
    posterior = xr.Dataset(
        {"value": (("chain", "draw", "parameter"), np.array(values))}, {**places, "parameter": names}
    )
    stats = xr.Dataset({"lp": (("chain", "draw"), sampled.heights)}, places)
    starts = xr.Dataset(
        {"objective": ("start", [end.objective for end in fit.found.descents])},
        coords={"start": [end.start for end in fit.found.descents]},
    )
    return {
        "/": above,
        "posterior": posterior,
        "sample_stats": stats,
        "prior_distribution": xr.Dataset(
            {
                entry.name: ("parameter", [getattr(s.prior, entry.name) for s in problem.searched])
                for entry in dataclasses.fields(Prior)
            }
            | {"earlier": ("parameter", [s.earlier for s in problem.searched])},
            {"parameter": names},
        ),
        "starts": starts,
    }


def _informed_by_all(problem: Problem, values: np.ndarray) -> np.ndarray:
    """1 minus posterior deviation over that of the prior in the part's file, (parameter,).

    Of values (chain, draw, parameter). Where an earlier fit was the prior, its rows have informed a
    parameter, too.
    """
    stated = [searched.stated or searched.prior for searched in problem.searched]
    drawn = values.reshape(-1, len(stated)).T
    return np.array([
        1 - np.std([prior.to_unit_normal(value) for value in own])
        for prior, own in zip(stated, drawn.tolist(), strict=True)
    ])  # fmt: skip


__all__ = ["Posterior", "explored", "fit", "refit_without"]
