"""Posteriors of earlier fits as priors: what is known of a part that ships, before a folder's own rows.

The next cell with a pair is not the one that was fitted: the posterior is widened by how equal cells
differ, as the ``spread.toml`` beside the earlier fit's rows says. Each parameter is taken for itself, as
a normal distribution in the coordinate of its prior (ln value of a lognormal one) with the same 5 and
95 % ends. Which parameters trade off is lost thereby: the prior allows more than the posterior did, and
never less.

A fit is no prior of rows that it has seen, or they would count twice.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twin.cell import Cell
from twin.fitted_values import FittedSet, FittedValue, shipped_fits
from twin.measured.experiment import Experiment
from twin.measured.folder import shipped_experiments
from twin.measured.rows import Row, read_rows
from twin.measured.spread import read_spread
from twin.parameters import Prior
from twin.results.intervals import NORMAL_END
from twin.results.phrases import listed

MOST_ROWS = 5
"""Rows that a sentence names."""


@dataclass(frozen=True)
class EarlierFits:
    """What earlier fits say of the parameters of an experiment's cells.

    Attributes
    ----------
    priors : label of a parameter -> its prior, and the name of the fit that it is of
    left_out : name of a fit -> ids of the rows that both have, so that it is none
    """

    priors: Mapping[str, tuple[Prior, str]]
    left_out: Mapping[str, tuple[str, ...]]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was used and what was not, in words."""
        used = [name for _, name in self.priors.values()]
        return tuple(in_words(name, used.count(name)) for name in sorted(set(used))) + tuple(
            f"The fit of {name} is no prior here: {listed(list(rows[:MOST_ROWS]))}"
            f"{' and more' if len(rows) > MOST_ROWS else ''} would count twice, since it has seen "
            f"{'that row' if len(rows) == 1 else 'those rows'}."
            for name, rows in self.left_out.items()
        )


def in_words(name: str, parameters: int) -> str:
    """The sentence that says that a fit is the prior of so many parameters."""
    of = "1 parameter" if parameters == 1 else f"{parameters} parameters"
    return (
        f"Priors of {of}: the posterior of {name}, each for itself, widened by the spread between equal "
        f"cells of {name}."
    )


def earlier_fits(experiment: Experiment, cells: Mapping[str, Cell]) -> EarlierFits:
    """What the earlier fits of an experiment say of the parameters of its cells."""
    priors: dict[str, tuple[Prior, str]] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    for fitted in shipped_fits():
        if fitted.name not in experiment.earlier_fits or fitted.name not in shipped_experiments():
            continue
        found = _priors(fitted, cells)
        if not found:
            continue
        seen = _seen_by(fitted.name, experiment.rows)
        if not seen:
            priors |= found
        elif fitted.name != experiment.name:
            left_out[fitted.name] = seen
    return EarlierFits(priors, left_out)


def _priors(fitted: FittedSet, cells: Mapping[str, Cell]) -> dict[str, tuple[Prior, str]]:
    """The priors that a fit gives to the parameters whose files still say what it started from."""
    spread = read_spread(fitted.name)[1]
    found = {}
    for cell in cells.values():
        for key, entry in cell.parameters.items():
            value = fitted.values.get(cell.label(key))
            if value is None or value.stated != entry.prior or not value.low < value.high:
                continue
            found[cell.label(key)] = (widened_posterior(value, spread.get(key, 0.0)), fitted.name)
    return found


def widened_posterior(found: FittedValue, cell_to_cell: float) -> Prior:
    """A prior with the 5 and 95 % ends of a posterior, wider by the spread between equal cells.

    `cell_to_cell` is a standard deviation of ln value; around the middle of a normal distribution it
    counts as so many times this middle. The bounds are those of the stated prior.
    """
    stated = found.stated
    if stated.distribution == "lognormal":
        middle = math.sqrt(found.low * found.high)
        deviation = math.hypot(math.log(found.high / found.low) / (2 * NORMAL_END), cell_to_cell)
        return dataclasses.replace(stated, centre=middle, spread=math.exp(deviation))
    middle = (found.low + found.high) / 2
    own = (found.high - found.low) / (2 * NORMAL_END)
    deviation = math.hypot(own, cell_to_cell * abs(middle))
    return Prior("normal", stated.lower, stated.upper, centre=middle, spread=deviation)


def _seen_by(paper: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """Ids of the rows to be fitted that are among those that a paper's fit has seen."""
    seen = {_measurement(row) for row in read_rows(paper) if row.role == "fit"}
    return tuple(row.id for row in rows if row.role == "fit" and _measurement(row) in seen)


def _measurement(row: Row) -> tuple:
    """What a row measured, whatever it and its cell are called: equal for a row and its copy."""
    settings = tuple(sorted(row.settings.items()))
    return row.observable, row.value, row.unit, row.kind, row.specimen, row.protocol, settings
