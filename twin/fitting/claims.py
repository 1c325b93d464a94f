"""Trials of several commands in one study: whose each one is, and whether that command still lives.

Each command writes its name on the trials that it asks for, and beats on them while they run. Optuna has
such beats in database servers alone, not in a journal. No clocks are compared: a trial is given up when
its command has been watched and kept silent, or when it ran on this machine and is gone.
"""

import contextlib
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

BEAT = 15.0
"""Seconds between the beats of a command."""
SILENCE = 60.0
"""Seconds without a beat after which a command is taken for dead: four beats that did not come."""
NAMELESS = 5.0
"""Seconds after which a trial without the name of a command is given up: the name is written at once."""
PAUSE = 0.5
"""Seconds between two looks at trials that other commands have not finished yet."""
COMMAND = "command"
"""User attribute of a trial: host, process and beats of the command that runs it."""

Counts = Callable[[FrozenTrial], bool]
"""Whether a finished trial counts towards the total of its study."""


@contextlib.contextmanager
def asked(study: optuna.Study, batch: int, total: int, counts: Counts) -> Iterator[list[Trial]]:
    """New trials, at most `batch`, that a study of `total` trials still needs; their command beats.

    Who has told a trial takes it from the list: what is left there at the end is failed. Where other
    commands run all trials that are needed, it waits a little and gives none.
    """
    own: list[Trial] = []
    over = threading.Event()
    beats = threading.Thread(target=_beat, args=(own, over), daemon=True)
    beats.start()
    try:
        wanted = min(batch, total - len(_taken(study, counts)))
        for _ in range(wanted):
            own.append(study.ask())
            own[-1].set_user_attr(COMMAND, _name(beats=0))
        _fail_surplus(study, own, total, counts)
        if not own:
            time.sleep(PAUSE)
        yield own
    finally:
        over.set()
        beats.join()
        for trial in own:  # interrupted
            fail(study, trial.number)


def fail(study: optuna.Study, number: int) -> None:
    """Mark a trial failed, unless it is finished."""
    with contextlib.suppress(optuna.exceptions.UpdateFinishedTrialError):
        study.tell(number, state=TrialState.FAIL, skip_if_finished=True)


def running(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that have been asked for and not been told."""
    return study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))


def is_running(study: optuna.Study, trial: Trial) -> bool:
    """Whether a trial is still to be told: no other command has given it up."""
    return any(other.number == trial.number for other in running(study))


def _taken(study: optuna.Study, counts: Counts) -> list[int]:
    """Numbers of the trials that are running, or finished and counting."""
    states = (TrialState.RUNNING, TrialState.COMPLETE)
    trials = study.get_trials(deepcopy=False, states=states)
    return [trial.number for trial in trials if trial.state == TrialState.RUNNING or counts(trial)]


def _fail_surplus(study: optuna.Study, own: list[Trial], total: int, counts: Counts) -> None:
    """Fail those of the trials that are not needed: several commands may ask for the last ones at once.

    The numbers decide. A trial is needed if fewer than `total` of those before it are taken: of all that
    find themselves needed, the last one has counted the others.
    """
    taken = _taken(study, counts)
    for trial in list(own):
        if sum(number < trial.number for number in taken) >= total:
            fail(study, trial.number)
            own.remove(trial)


def _beat(own: list[Trial], over: threading.Event) -> None:
    beats = 0
    while not over.wait(BEAT):
        beats += 1
        for trial in list(own):
            # it may be told in this moment; and of a storage that fails, the command itself will hear
            with contextlib.suppress(Exception):
                trial.set_user_attr(COMMAND, _name(beats=beats))


def _name(*, beats: int) -> dict:
    return {"host": platform.node(), "process": os.getpid(), "beats": beats}


class Watch:
    """Looks after the commands of a study.

    Parameters
    ----------
    study : optuna.Study
    clock : callable, optional
        Seconds that have gone by.
    """

    def __init__(self, study: optuna.Study, clock: Callable[[], float] = time.monotonic):
        self._study, self._clock = study, clock
        self._heard: dict[int, tuple[dict | None, float]] = {}

    def fail_dead(self) -> None:
        """Fail the running trials whose command is gone, or has not been heard for long."""
        for trial in running(self._study):
            if self._is_dead(trial):
                fail(self._study, trial.number)

    def _is_dead(self, trial: FrozenTrial) -> bool:
        name, now = trial.user_attrs.get(COMMAND), self._clock()
        if name is not None and _gone(name["host"], name["process"]):
            return True
        before, since = self._heard.get(trial.number, (name, now))
        if name != before:
            since = now
        self._heard[trial.number] = (name, since)
        return now - since > (NAMELESS if name is None else SILENCE)


def _gone(host: str, process: int) -> bool:
    """Whether a process has ended, as far as that can be told: one of this machine."""
    if host != platform.node() or os.name != "posix":  # elsewhere, signal 0 is no mere question
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # another user's
        return False
    return False
