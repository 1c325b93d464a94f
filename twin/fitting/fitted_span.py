"""The conditions that a cell's parts were fitted under, from the rows and files of role `fit`.

A part that several cells share was fitted under the conditions of all of them. A cell lies inside only
where each of its fitted parts does.
"""

import dataclasses
import functools
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from twin import names
from twin.cell import Cell
from twin.fitting.conditions import Range, conditions_of
from twin.measured.experiment import read_experiment
from twin.measured.file_rows import rows_of_files
from twin.measured.folder import ROWS, holds, shipped_experiments, stamp
from twin.measured.rows import Row
from twin.measured.runs import MeasuredRun, grouped, last_cycle_of
from twin.protocols import Protocol
from twin.results.inside import how_far
from twin.results.phrases import in_a_sentence
from twin.units import words_of_key

DOUBLING = 10.0
"""Kelvin that count as a factor of two: a rate doubles about every 10 K (van 't Hoff 1884)."""
SAME = 1e-6
"""Logarithmic distance within which a value counts as the end of a span that it was computed from."""


@dataclasses.dataclass(frozen=True)
class Rows:
    """The measured rows of a fit: of a shipped experiment, or of a folder as it stood at a time."""

    experiment: str | Path
    stamp: tuple


@dataclasses.dataclass(frozen=True)
class Condition:
    """One condition of a forecast beside the span that was fitted.

    Attributes
    ----------
    key : with its unit in brackets
    asked : lowest and highest value of the protocol
    part : the part of the cell that was fitted farthest from there; "" where none was
    fitted : lowest and highest value that this part was fitted under; NaN where none was
    """

    key: str
    asked: Range
    part: str
    fitted: Range

    @property
    def distance(self) -> float:
        """Logarithmic distance of the protocol from the span, 0 inside; NaN where there is no span."""
        low, high = self.fitted
        if math.isnan(low):
            return math.nan
        if self.key == names.WORKING_TEMPERATURE:
            kelvin = max(self.asked[1] - high, low - self.asked[0], 0.0)
            distance = math.log(2) * kelvin / DOUBLING
        else:
            above = math.log(self.asked[1] / high)
            below = math.log(low / self.asked[0]) if low > 0 else 0.0
            distance = max(above, below, 0.0)
        return distance if distance > SAME else 0.0

    @property
    def words(self) -> str:
        """How the protocol stands to the span, as "charge 2 times above"; "" inside."""
        what = in_a_sentence(words_of_key(self.key))
        if math.isnan(self.distance):
            return f"{what} never fitted"
        if self.distance == 0:
            return ""
        return f"{what} {how_far(math.exp(self.distance), self.key, self.asked, self.fitted)}"


def beside_fitted(cell: Cell, protocol: Protocol) -> tuple[Condition, ...]:
    """Each condition of a protocol beside what was fitted; none of a cell that no fit has seen."""
    spans = fitted_spans(cell)
    if not spans:
        return ()
    return tuple(_farthest(key, own, spans) for key, own in conditions_of(cell, protocol).items())


def _farthest(key: str, asked: Range, spans: Mapping[str, Mapping[str, Range]]) -> Condition:
    """A condition beside the part whose span ends first."""
    found = [Condition(key, asked, part, span[key]) for part, span in spans.items() if key in span]
    nowhere = Condition(key, asked, "", (math.nan, math.nan))
    return max(found, key=lambda own: (own.distance, *_narrowness(own)), default=nowhere)


def _narrowness(condition: Condition) -> Range:
    """Of spans that all hold a condition, the narrowest is told."""
    low, high = condition.fitted
    return low - high, low


def fitted_spans(cell: Cell) -> Mapping[str, Mapping[str, Range]]:
    """Part -> condition -> lowest and highest value that it was fitted under.

    An anode without a coating counts only where it was measured without one. Where the posterior of one
    fit was the prior of the next, the part was fitted under the conditions of both. Empty for a cell
    whose fits have no measured rows.
    """
    fits = {(fit, own.part) for own in cell.parameters.values() for fit in own.fits}
    # a study asks this of every point: each folder is looked for once
    rows = {fit: _rows_of(fit, cell) for fit in {fit for fit, _ in fits}}
    parts = {(own, part) for fit, part in fits if (own := rows[fit]) is not None}
    anode = cell.parameters[names.GROWTH_RATE].part
    return _spans(frozenset(parts), "" if cell.has_coating else anode)


def _rows_of(fit: str, cell: Cell) -> Rows | None:
    """The rows of one of a cell's fits; None where there are none."""
    if fit in shipped_experiments():
        return Rows(fit, ())
    if cell.folder is not None and fit == cell.folder.name and holds(cell.folder, ROWS):
        return Rows(cell.folder, stamp(cell.folder))
    return None


@functools.lru_cache(maxsize=64)
def _spans(parts: frozenset[tuple[Rows, str]], bare: str) -> Mapping[str, Mapping[str, Range]]:
    spans: dict[str, dict[str, Range]] = {}
    for rows, part in parts:
        _widen(spans.setdefault(part, {}), _span_of_part(rows, part, part == bare))
    return MappingProxyType({part: spans[part] for part in sorted(spans) if spans[part]})


def _widen(found: dict[str, Range], more: Mapping[str, Range]) -> None:
    """Let spans reach over others, too."""
    for key, (low, high) in more.items():
        before = found.get(key, (low, high))
        found[key] = min(before[0], low), max(before[1], high)


def _span_of_part(rows: Rows, part: str, bare: bool) -> dict[str, Range]:
    """Condition -> the span over all fitted runs of the cells that have a part."""
    found: dict[str, Range] = {}
    for cell, own in _fitted_conditions(rows):
        if part not in {entry.part for entry in cell.parameters.values()} or (bare and cell.has_coating):
            continue
        _widen(found, own)
    return found


@functools.lru_cache(maxsize=16)
def _fitted_conditions(rows: Rows) -> tuple[tuple[Cell, Mapping[str, Range]], ...]:
    """The cell and the conditions of each fitted run of an experiment, of its rows and of its files."""
    found = read_experiment(rows.experiment)
    typed = found.runs_of([row for row in found.rows if row.role == "fit"])
    runs = []
    for run in typed + grouped(rows_of_files(found, ("fit",))):
        cell = run.cell_as_measured(found.cells[run.cell])
        runs.append((cell, conditions_of(cell, run.protocol.first(_cycles(run, run.rows, cell)))))
    return tuple(runs)


def _cycles(run: MeasuredRun, rows: Iterable[Row], cell: Cell) -> int:
    """Cycles up to which rows tell of a run: to a cycle, to a time, to the failure, or to its end."""
    whole = run.protocol.number_of_cycles
    hours = conditions_of(cell, run.protocol).get(names.RUN_TIME, (0.0, 0.0))[1]
    return max(min(whole, _last_cycle(row, run.protocol, hours / whole)) for row in rows)


def _last_cycle(row: Row, protocol: Protocol, hours_per_cycle: float) -> int:
    failed = row.kind in ("event", "upper_bound") and row.value is not None
    hours = row.time if row.cycle is None else None
    if hours is None and failed and row.unit == "h":
        hours = row.value
    if hours is not None and hours_per_cycle > 0:
        return max(math.ceil(hours / hours_per_cycle * (1 - SAME)), 1)
    if failed and row.unit == "cycle":
        return max(math.ceil(row.value or 1.0), 1)
    return last_cycle_of(row, protocol)
