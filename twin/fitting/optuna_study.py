"""Optuna studies: opened, resumed on the total of trials, shared by commands, never left half told."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import optuna
from tqdm.auto import tqdm

from twin.errors import StudyError
from twin.fitting import claims, storages
from twin.results.provenance import twin_version

Direction = Literal["minimize", "maximize"]


def open_study(
    name: str,
    storage: str | optuna.storages.BaseStorage,
    *,
    sampler: optuna.samplers.BaseSampler,
    version: str,
    made_by: str,
    directions: Sequence[Direction] = ("minimize",),
) -> optuna.Study:
    """The study of that name, made where there is none.

    In a storage for one command, trials that another has left running are failed: it was killed.

    Raises StudyError: it cannot be opened, or its `version` is another: made for what its trials would
    not compare with (`made_by` says what that is, in the error).
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    place = storages.public(storage) if isinstance(storage, str) else type(storage).__name__
    try:
        study = optuna.create_study(
            study_name=name,
            storage=storages.opened(storage),
            sampler=sampler,
            directions=list(directions),
            load_if_exists=True,
        )
    except StudyError:
        raise
    except Exception as error:  # SQLAlchemy's and Optuna's own: no common base
        reason = storages.reason(error)
        raise StudyError(f"cannot open the study '{name}' in {place}: {reason}") from None
    known = study.user_attrs.get("version")
    if known is None and study.get_trials(deepcopy=False):
        raise StudyError(
            f"the study '{name}' in {place} was not made by twin; give another storage, or delete it"
        )
    if known is not None and known != version:
        raise StudyError(
            f"the study '{name}' in {place} belongs to another version of {made_by}; "
            "give another study name or storage, or delete it"
        )
    study.set_user_attr("version", version)
    study.set_user_attr("twin_version", twin_version())
    if storages.for_one(storage):
        for trial in claims.running(study):
            claims.fail(study, trial.number)
    return study


def explore(
    study: optuna.Study,
    trials: int,
    *,
    suggest: Callable[[optuna.Trial], Any],
    evaluate: Callable[[list], Iterable],
    tell: Callable[[optuna.Trial, Any], object],
    progress: Callable[[optuna.Study], str],
    label: str,
    batch: int,
    counts: Callable[[optuna.trial.FrozenTrial], bool] = lambda trial: True,
) -> None:
    """Ask for `batch` trials at once, evaluate, tell, until the study holds `trials` finished ones.

    `evaluate` gives the answers, in order, to what `suggest` made of the trials; `tell` hands each over.
    `counts` says which of the finished trials count. Several commands at once make the same total
    together, and each waits for the last trials of the others. What is unfinished when it stops is
    marked failed.
    """
    watch = claims.Watch(study)
    watch.fail_dead()
    done = sum(map(counts, complete(study)))
    with tqdm(total=trials, initial=min(done, trials), desc=label, disable=None) as bar:
        while done < trials:
            with claims.asked(study, batch, trials, counts) as asked:
                if len(claims.running(study)) > len(asked):
                    study.sampler.reseed_rng()  # with one seed, all commands would ask alike
                points = [suggest(trial) for trial in asked]
                answers = evaluate(points) if points else ()
                for trial, answer in zip(list(asked), answers, strict=True):
                    if claims.is_running(study, trial):
                        tell(trial, answer)
                        bar.set_postfix_str(progress(study))
                    asked.remove(trial)
                    bar.update()
            watch.fail_dead()
            done = sum(map(counts, complete(study)))
            bar.update(min(done, trials) - bar.n)


def complete(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that came to an answer."""
    return study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
