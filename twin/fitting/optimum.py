"""The point that fits best: descents from several starts, some of which an Optuna study has found.

CMA-ES explores the study. A Gauss-Newton descent then sets out from the middle of the priors, from the
fit that is there, and from trials of the study that are good and far apart. Each end joins the study as
a trial of its own, which says where it started. The optimum counts as found when three starts or more
agree on it: one descent may have stopped at a wall. Until so many agree, CMA-ES goes on from the other
ends in turn, the best first (``around_an_end``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from twin.fitting import optuna_study
from twin.fitting.around_an_end import descend_around
from twin.fitting.descent import descend, objective
from twin.fitting.evaluated import Evaluated
from twin.fitting.problem import Problem, Searched

MOST_TRIALS = 1_000_000
"""Most trials of a study: Optuna reads all that went before at each new one."""
BATCH = 16
"""Trials that CMA-ES asks for at once: about a generation of it, in ten to thirty dimensions."""
TRIED_TRIALS = 3
"""Trials of the study from which a descent sets out."""
FAR = 1.0
"""Least distance between those [standard deviations of a prior, root mean square over the parameters]:
closer ones would follow the same way down."""
AGREEMENT = 0.5
"""Starts agree whose -ln(posterior) differ by no more: a posterior moves by half of that in one of its
standard deviations."""
ENOUGH = 3
"""Starts that must agree for the optimum to count as found."""
FROM_PRIORS = "the middle of the priors"
"""Start of a descent: the values in the parts' files, or of the earlier fit that is the prior."""
FROM_FIT = "the fit that is there"
"""Start of a descent: the values that the cells are loaded with."""
PHASE = "phase"
"""What a trial that is no exploration says of itself."""


@dataclass(frozen=True)
class Descent:
    """A descent: where it started, in words, and where it ended."""

    start: str
    coordinates: np.ndarray
    objective: float


@dataclass(frozen=True)
class Optimum:
    """The best end of several descents, the best first."""

    descents: tuple[Descent, ...]

    @property
    def best(self) -> Descent:
        """The end that fits best."""
        return self.descents[0]

    @property
    def agreed(self) -> int:
        """How many descents ended as well as the best one."""
        return sum(end.objective <= self.best.objective + AGREEMENT for end in self.descents)

    @property
    def found(self) -> bool:
        """Whether enough of them did."""
        return self.agreed >= ENOUGH


def explore(problem: Problem, study: optuna.Study, trials: int, evaluated: Evaluated) -> None:
    """Let CMA-ES explore until the study holds `trials` finished trials."""
    if not explored(study):
        start = dict(zip((s.name for s in problem.searched), problem.values(problem.start), strict=True))
        study.enqueue_trial(start, skip_if_exists=True)
    optuna_study.explore(
        study,
        trials,
        suggest=lambda trial: _suggest(problem, trial),
        evaluate=lambda points: objective(evaluated.residuals(np.array(points))).tolist(),
        tell=study.tell,
        counts=_is_explored,
        progress=lambda study: f"best {study.best_value:.4g}",
        label=f"fit {problem.paper}",
        batch=BATCH,
    )


def explored(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """The finished trials of the exploration: those that count towards the total."""
    return [trial for trial in optuna_study.complete(study) if _is_explored(trial)]


def _is_explored(trial: optuna.trial.FrozenTrial) -> bool:
    return PHASE not in trial.user_attrs


def starts(
    problem: Problem, study: optuna.Study, fitted: np.ndarray | None
) -> list[tuple[str, np.ndarray]]:
    """Where descents set out: words and coordinates."""
    found = [(FROM_PRIORS, problem.start)]
    if fitted is not None:
        found.append((FROM_FIT, fitted))
    chosen: list[np.ndarray] = []
    for trial in sorted(explored(study), key=lambda trial: trial.value or 0.0):
        point = problem.coordinates([trial.params[s.name] for s in problem.searched])
        if all(np.sqrt(np.mean((point - other) ** 2)) >= FAR for other in chosen):
            chosen.append(point)
            found.append((f"trial {trial.number}", point))
        if len(chosen) == TRIED_TRIALS:
            break
    return found


def refined(
    evaluated: Evaluated,
    starts: Sequence[tuple[str, np.ndarray]],
    keep: Callable[[Descent], object] = lambda descent: None,
) -> Optimum:
    """The optimum that descents from `starts` find; `keep` is told of each end."""
    descents = []
    for words, start in starts:
        end = Descent(words, *descend(evaluated.residuals, start, evaluated.problem.bounds))
        keep(end)
        descents.append(end)
    found = _sorted(descents)
    for stopped in found.descents[1:]:
        if found.found:
            break
        end = Descent(
            stopped.start,
            *descend_around(evaluated.residuals, stopped.coordinates, evaluated.problem.bounds),
        )
        keep(end)
        found = _sorted([end if one is stopped else one for one in found.descents])
    return found


def _sorted(descents: Sequence[Descent]) -> Optimum:
    return Optimum(tuple(sorted(descents, key=lambda end: end.objective)))


def keep_in(study: optuna.Study, problem: Problem, descent: Descent) -> None:
    """Add the end of a descent to the study, unless it is there."""
    params = {}
    for searched, value in zip(problem.searched, problem.values(descent.coordinates), strict=True):
        low, high = searched.prior.search_range
        params[searched.name] = min(max(value, low), high)
    known = [trial for trial in optuna_study.complete(study) if PHASE in trial.user_attrs]
    if any((trial.params, trial.user_attrs["start"]) == (params, descent.start) for trial in known):
        return
    study.add_trial(
        optuna.trial.create_trial(
            params=params,
            distributions=_distributions(problem),
            value=descent.objective,
            user_attrs={PHASE: "refinement", "start": descent.start},
        )
    )


def _suggest(problem: Problem, trial: optuna.Trial) -> np.ndarray:
    values = []
    for searched in problem.searched:
        low, high = searched.prior.search_range
        values.append(trial.suggest_float(searched.name, low, high, log=_by_ratio(searched)))
    return problem.coordinates(values)


def _by_ratio(searched: Searched) -> bool:
    return searched.prior.distribution == "lognormal"


def _distributions(problem: Problem) -> dict[str, optuna.distributions.BaseDistribution]:
    return {
        s.name: optuna.distributions.FloatDistribution(*s.prior.search_range, log=_by_ratio(s))
        for s in problem.searched
    }


def sampler(seed: int) -> optuna.samplers.BaseSampler:
    """CMA-ES, which starts in the middle of the ranges, the priors' centres, a deviation wide."""
    return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
