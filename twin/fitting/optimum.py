"""The point that fits best: CMA-ES explores an Optuna study, a Gauss-Newton descent refines its best.

The iterations of the descent join the study as trials of their own.
"""

import numpy as np
import optuna

from twin.arguments import checked_count, checked_processes, checked_seed
from twin.fitting import optuna_study
from twin.fitting.descent import descend, objective
from twin.fitting.fitted_set import Fit
from twin.fitting.problem import Problem

MOST_TRIALS = 1_000_000
"""Most trials of a study: Optuna reads all that went before at each new one."""


def find(
    problem: Problem,
    *,
    trials: int,
    storage: str,
    seed: int = 0,
    processes: int | None = None,
    study_name: str | None = None,
) -> Fit:
    """Run or resume the study until it holds `trials` finished ones, then refine the best.

    Parameters
    ----------
    problem : Problem
    trials : int
        Total, over every session of the study.
    storage : str
        An Optuna storage URL, e.g. "sqlite:///fits.db"; the dashboard opens it.
    seed : int
        Of the sampler. A resumed study continues with a new random state.

    Raises
    ------
    ArgumentError
        Trials, a seed or processes that are no such numbers.
    StudyError
        The study is in use, cannot be opened, or belongs to another version of the model.
    """
    trials, seed = checked_count("trials", trials, most=MOST_TRIALS), checked_seed(seed)
    processes = checked_processes(processes)
    # by default it starts in the middle of the ranges, the priors' centres, a standard deviation wide
    sampler = optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    with optuna_study.locked(storage):
        study = optuna_study.open_study(
            study_name or problem.paper,
            storage,
            sampler=sampler,
            version=problem.version,
            made_by="the model, its priors or its rows",
        )
        _explore(problem, study, trials, processes)
        _refine(problem, study, processes)
        best = study.best_trial
        return Fit(
            problem,
            problem.coordinates([best.params[s.name] for s in problem.searched]),
            float(study.best_value),
            len(_finished(study)),
        )


def refined(problem: Problem, start: np.ndarray, processes: int | None = None) -> np.ndarray:
    """The optimum that the descent finds from `start`, in coordinates. No study is kept."""
    return descend(problem.residuals, start, problem.bounds, processes=processes)


def _explore(problem, study, trials, processes):
    if not _finished(study):
        start = dict(zip((s.name for s in problem.searched), problem.values(problem.start), strict=True))
        study.enqueue_trial(start, skip_if_exists=True)
    optuna_study.explore(
        study,
        trials,
        suggest=lambda trial: _suggest(problem, trial),
        evaluate=problem.residuals,
        tell=lambda trial, residuals: study.tell(trial, objective(residuals)),
        finished=lambda study: len(_finished(study)),
        progress=lambda study: f"best {study.best_value:.4g}",
        label=f"fit {problem.paper}",
        processes=processes,
    )


def _suggest(problem, trial) -> np.ndarray:
    distributions = _distributions(problem)
    values = [
        trial.suggest_float(name, found.low, found.high, log=found.log)
        for name, found in distributions.items()
    ]
    return problem.coordinates(values)


def _distributions(problem):
    return {
        s.name: optuna.distributions.FloatDistribution(
            *s.prior.search_range, log=s.prior.distribution == "lognormal"
        )
        for s in problem.searched
    }


def _refine(problem, study, processes):
    distributions = _distributions(problem)

    def keep(point, value):
        values = zip(distributions.items(), problem.values(point), strict=True)
        params = {name: min(max(v, d.low), d.high) for (name, d), v in values}
        study.add_trial(
            optuna.trial.create_trial(
                params=params,
                distributions=distributions,
                value=value,
                user_attrs={"phase": "refinement"},
            )
        )

    best = problem.coordinates([study.best_params[s.name] for s in problem.searched])
    descend(problem.residuals, best, problem.bounds, processes=processes, keep=keep)


def _finished(study):
    done = optuna_study.complete(study)
    return [trial for trial in done if trial.user_attrs.get("phase") != "refinement"]
