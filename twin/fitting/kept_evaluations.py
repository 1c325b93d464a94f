"""The evaluations of a fit, kept in the storage of its study: a job that was killed finds them there.

They are the trials of a study of their own beside that of the fit, "<name>: evaluations", one for each
batch of points, so that they go wherever the study goes: into a file, a journal or a database server.
"""

import base64

import numpy as np
import optuna

from twin.fitting import optuna_study
from twin.fitting.evaluated import Evaluated

TOGETHER = 48
"""Points of one trial: some forty kilobytes of text, which every database takes in one field."""


class KeptEvaluations:
    """The evaluations of one problem in a storage.

    Parameters
    ----------
    study : optuna.Study
        The study that they belong to.
    """

    def __init__(self, study: optuna.Study):
        self._version = str(study.user_attrs.get("version", ""))
        self._study = optuna.create_study(
            study_name=f"{study.study_name}: evaluations",
            storage=study._storage,
            load_if_exists=True,
        )

    def keep(self, points: np.ndarray, entries: np.ndarray) -> None:
        """Add points (point, parameter) with their entries (point, entry)."""
        for first in range(0, len(points), TOGETHER):
            part = slice(first, first + TOGETHER)
            said = {"points": _text(points[part]), "entries": _text(entries[part])}
            said |= {"count": str(len(points[part])), "version": self._version}
            self._study.add_trial(optuna.trial.create_trial(value=0.0, user_attrs=said))

    def read(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The batches that were added, as :meth:`keep` took them, without those of another model."""
        found = []
        for trial in optuna_study.complete(self._study):
            said = trial.user_attrs
            if said.get("version") != self._version:
                continue
            count = int(said["count"])
            found.append(
                (_array(said["points"]).reshape(count, -1), _array(said["entries"]).reshape(count, -1))
            )
        return found

    def read_into(self, evaluated: Evaluated) -> None:
        """Have all of them known, those that other commands have kept meanwhile too."""
        for points, entries in self.read():
            evaluated.add(points, entries)


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")


def _array(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f8")
