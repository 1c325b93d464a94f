"""A fitted point, and the parameter set that is written of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tomli_w

from twin.files import write_whole
from twin.fitting.optimum import Optimum
from twin.fitting.problem import Problem
from twin.parts import prior_table
from twin.results.provenance import twin_version


@dataclass(frozen=True)
class Fit:
    """A fitted point: parameter values by part and key, and how well it does.

    `objective` is -ln(posterior) up to a constant; `coordinates` the point in standard deviations of
    the priors; `trials` how many the study holds; `found` where descents started and ended.
    """

    problem: Problem
    coordinates: np.ndarray
    objective: float
    trials: int
    found: Optimum

    @property
    def values(self) -> dict[str, float]:
        """ "part: key" -> value."""
        names = [searched.name for searched in self.problem.searched]
        return dict(zip(names, self.problem.values(self.coordinates), strict=True))

    def save(self, path: str | Path, intervals: dict[str, tuple[float, float]], draws: int) -> Path:
        """Write a fitted parameter set (TOML), with the 5 and 95 % quantiles of each value.

        Beside each value stand the one in the part's file and its prior there: where the file no longer
        says the same, the fit is not of that file (:func:`twin.parameter_sets.with_fitted`). `earlier`
        names the fit whose posterior was the prior in their place.
        `draws` are the effective ones that were asked for.
        """
        fitted: dict[str, dict] = {}
        for searched in self.problem.searched:
            value = self.values[searched.name]
            low, high = intervals[searched.name]
            stated = searched.stated or searched.prior
            entry = {
                "value": float(f"{value:.6g}"),
                "low": float(f"{low:.4g}"),
                "high": float(f"{high:.4g}"),
                "start": stated.centre,
                "prior": prior_table(stated),
            }
            if searched.earlier:
                entry["earlier"] = searched.earlier
            fitted.setdefault(searched.part, {})[searched.key] = entry
        content = {
            "paper": self.problem.paper,
            "made_by": f"twin fit {self.problem.paper} --trials {self.trials} --draws {draws}",
            "twin_version": twin_version(),
            "study_version": self.problem.version,
            "objective": float(f"{self.objective:.6g}"),
            "starts": [
                {"start": end.start, "objective": float(f"{end.objective:.6g}")}
                for end in self.found.descents
            ],
            "fitted": fitted,
        }
        text = tomli_w.dumps(content)
        return write_whole(Path(path), lambda beside: beside.write_text(text, encoding="utf-8"))
