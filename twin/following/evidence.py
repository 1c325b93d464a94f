"""How likely what was measured on a cell is, at each of many points: its curves, and whether it shorted.

The errors of a curve are those of one cell around its own run: they drift along the cycles and have
noise (:mod:`twin.fitting.drift`), but no offset, because how this cell differs from its family is a
coordinate. Innovations have Student's t, as rows of a fit have. A cell that has not shorted adds the
chance of that, and one that has the density of its onset: :data:`ONSET_ERROR` says how well a run knows
it.
"""

import dataclasses
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from twin import parallel
from twin.cell import Cell
from twin.fitting.drift import innovations
from twin.fitting.likelihood import heavy_tailed
from twin.following.this_cell import ThisCell
from twin.measured.curves import Curve, predicted
from twin.measured.file_rows import repeated
from twin.measured.runs import survived
from twin.protocols import Protocol
from twin.protocols.half_cycle_voltages import stopping_at, voltages_named
from twin.results.dataset import Results
from twin.simulators import results_of

ONSET_ERROR = 0.05
"""Standard deviation of ln(onset) of a cell whose parameters are known, assumed: a filament that is a
twentieth faster or slower than the mean of it says."""
BEYOND_ONSET = 1.25
"""An observed short is sought in runs that last so much longer: five standard deviations of its
error."""


@dataclass(frozen=True)
class Observed:
    """What was measured on one cell so far.

    Attributes
    ----------
    curves : tuple of Curve
        Up to the short, if there was one.
    cycles : int
        The last cycle that was measured.
    onset : int or None
        First cycle with a short circuit.
    """

    curves: tuple[Curve, ...]
    cycles: int
    onset: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of its curves."""
        return tuple(curve.name for curve in self.curves)

    @property
    def runs_to(self) -> int:
        """The last cycle that a run must have to be held against it."""
        return self.cycles if self.onset is None else math.ceil(BEYOND_ONSET * self.onset)

    def up_to(self, cycle: int) -> "Observed":
        """What was known of it after a cycle."""
        curves = tuple(curve.up_to(cycle) for curve in self.curves)
        onset = None if self.onset is None or self.onset > cycle else self.onset
        return Observed(curves, min(cycle, self.cycles), onset)


@dataclass(frozen=True)
class Answers:
    """What runs say of it: `curves` (point, name, cycle), and `lived` (point,), the cycles without a
    short, at the run's pace where it has none."""

    curves: np.ndarray
    lived: np.ndarray

    def __getitem__(self, places) -> "Answers":
        return Answers(self.curves[places], self.lived[places])


@dataclass(frozen=True)
class Evidence:
    """What was measured on a cell, and how likely it is.

    Attributes
    ----------
    prior : ThisCell
    protocol : Protocol
        That the cell goes through; repeated where it is shorter than what was measured.
    observed : Observed
    before : int
        The last cycle that was known before, 0 where none was.
    processes : int or None
    """

    prior: ThisCell
    protocol: Protocol
    observed: Observed
    before: int
    processes: int | None = None

    def answers(self, points: np.ndarray) -> Answers:
        """What the runs at points (point, coordinate) say."""
        lasting = repeated(self.protocol, self.observed.runs_to)
        lasting = stopping_at(lasting, voltages_named(self.observed.names), self.prior.cell)
        ask = functools.partial(_answers, protocol=lasting, names=self.observed.names)
        parts = parallel.chunks(self.prior.versions(points), processes=self.processes)
        found = list(parallel.map_tasks(ask, parts, processes=self.processes))
        return Answers(
            np.concatenate([own.curves for own in found]), np.concatenate([own.lived for own in found])
        )

    def log_likelihoods(self, answers: Answers) -> tuple[np.ndarray, np.ndarray]:
        """ln of the likelihood of what was known before, and of everything, each (point,)."""
        earlier = self.observed.up_to(self.before)
        before = _short(earlier, answers.lived)
        after = _short(self.observed, answers.lived)
        for curve, white in zip(self.observed.curves, self.innovations(answers), strict=True):
            heights = -0.5 * heavy_tailed(white) ** 2
            before = before + heights[:, curve.cycles <= self.before].sum(axis=1)
            after = after + heights.sum(axis=1)
        return before, after

    def innovations(self, answers: Answers) -> list[np.ndarray]:
        """Of each curve, in standard deviations, (point, cycle measured): predicted less measured."""
        return [
            innovations(
                curve.errors(answers.curves[:, place]),
                curve.cycles,
                dataclasses.replace(curve.spread, cell=0.0),
            )
            for place, curve in enumerate(self.observed.curves)
        ]


def _answers(cells: Sequence[Cell], *, protocol: Protocol, names: Sequence[str]) -> Answers:
    runs = results_of([(cell, protocol) for cell in cells])
    cycles = protocol.number_of_cycles
    return Answers(
        np.array([predicted(run, names, cycles) for run in runs]),
        np.array([_lived(run, protocol) for run in runs]),
    )


def _lived(run: Results, protocol: Protocol) -> float:
    onset = float(run["short_circuit_onset_cycle"][1])
    return max(survived(run, protocol) if math.isnan(onset) else onset, 1.0)


def _short(observed: Observed, lived: np.ndarray) -> np.ndarray:
    """ln of the chance that no short came, or of the density of its onset, (point,)."""
    if observed.onset is not None:
        return -0.5 * heavy_tailed(np.log(lived / observed.onset) / ONSET_ERROR) ** 2
    if observed.cycles == 0:
        return np.zeros(len(lived))
    return log_ndtr(np.log(lived / observed.cycles) / ONSET_ERROR)


def chance_of_life(lived: np.ndarray, weights: np.ndarray, cycle: int) -> float:
    """Chance that a cell lives up to a cycle without a short, of weighted points."""
    return float(weights @ np.exp(log_ndtr(np.log(lived / cycle) / ONSET_ERROR)))
