"""Optuna studies: opened and locked, resumed on the total of trials, never left half told."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import optuna
from filelock import FileLock, Timeout
from tqdm.auto import tqdm

from twin.arguments import checked_kind
from twin.errors import StudyError
from twin.results.provenance import twin_version

Direction = Literal["minimize", "maximize"]


def open_study(
    name: str,
    storage: str,
    *,
    sampler: optuna.samplers.BaseSampler,
    version: str,
    made_by: str,
    directions: Sequence[Direction] = ("minimize",),
) -> optuna.Study:
    """The study of that name, made where there is none; trials of a killed job are marked failed.

    Raises StudyError: it cannot be opened, or its `version` is another: made for what its trials would
    not compare with (`made_by` says what that is, in the error).
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study(
            study_name=name,
            storage=storage,
            sampler=sampler,
            directions=list(directions),
            load_if_exists=True,
        )
    except Exception as error:  # SQLAlchemy's and Optuna's own: no common base
        reason = str(error).splitlines()[0]
        raise StudyError(f"cannot open the study '{name}' in {storage}: {reason}") from None
    known = study.user_attrs.get("version")
    if known is not None and known != version:
        raise StudyError(
            f"the study '{name}' in {storage} belongs to another version of {made_by}; "
            "give another study name or storage, or delete it"
        )
    study.set_user_attr("version", version)
    study.set_user_attr("twin_version", twin_version())
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)  # of a job that was killed
    return study


@contextlib.contextmanager
def locked(storage: str):
    """Holds the lock of a SQLite study; other storages look after themselves.

    Raises StudyError: in use, no such folder, or a storage that fails while the lock is held.
    ArgumentError: the storage is no text.
    """
    checked_kind("storage", storage, str, 'give an Optuna storage URL, as "sqlite:///fits.db"')
    try:
        with _lock_of(storage):
            yield
    except optuna.exceptions.StorageInternalError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise StudyError(f"cannot keep trials in {storage}: {reason}") from None


@contextlib.contextmanager
def _lock_of(storage: str):
    if not storage.startswith("sqlite:///"):
        yield
        return
    path = Path(storage.removeprefix("sqlite:///"))
    if not path.name:
        raise StudyError(f"the storage {storage} names no file; write sqlite:///fits.db")
    if not path.parent.is_dir():
        raise StudyError(f"cannot use the study file {path}: there is no folder {path.parent}")
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        raise StudyError(
            f"the study file {path} is in use by another run; wait for it, or give another storage"
        ) from None
    except OSError as error:
        raise StudyError(f"cannot use the study file {path}: {error.strerror or error}") from None


def explore(
    study: optuna.Study,
    trials: int,
    *,
    suggest: Callable[[optuna.Trial], Any],
    evaluate: Callable[[list], Iterable],
    tell: Callable[[optuna.Trial, Any], object],
    finished: Callable[[optuna.Study], int],
    progress: Callable[[optuna.Study], str],
    label: str,
    batch: int,
) -> None:
    """Ask for `batch` trials at once, evaluate, tell, until the study holds `trials` finished ones.

    `evaluate` gives the answers, in order, to what `suggest` made of the trials; `tell` hands each over.
    What is unfinished when it stops is marked failed.
    """
    done = finished(study)
    with tqdm(total=trials, initial=min(done, trials), desc=label, disable=None) as bar:
        while done < trials:
            asked = [study.ask() for _ in range(min(batch, trials - done))]
            try:
                points = [suggest(trial) for trial in asked]
                for trial, answer in zip(list(asked), evaluate(points), strict=True):
                    tell(trial, answer)
                    asked.remove(trial)
                    bar.update()
                    bar.set_postfix_str(progress(study))
            finally:
                for trial in asked:  # interrupted
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
            done = finished(study)


def complete(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that came to an answer."""
    return study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
