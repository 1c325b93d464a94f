"""What a search is after: objectives as quantiles over the draws, and constraints on chances."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twin import units
from twin.cell import Cell
from twin.errors import StudyError, unknown
from twin.names import NO_ANSWER
from twin.results.intervals import QUANTILES
from twin.results.quantities import QUANTITIES, is_event
from twin.studies.point import quantities

GOALS = {"higher": "maximise", "lower": "minimise"}
"""What a search does with a quantity unless the study says otherwise, by which way is better."""
DIRECTIONS: dict[str, Literal["minimize", "maximize"]] = {
    "minimise": "minimize",
    "maximise": "maximize",
}
SHORT = "short_circuit"
SHORT_PROBABILITY = "short_circuit_probability"
OBJECTIVE_ENTRIES = ("quantity", "goal", "quantile")
CONSTRAINT_ENTRIES = ("quantity", "at_least", "at_most", "unit", "probability", "probability_at_most")


@dataclass(frozen=True)
class Objective:
    """A quantity at a quantile over the draws, or a variable of the search itself.

    Attributes
    ----------
    quantity : str
        Of a run, "short_circuit_probability", or the name of a variable.
    goal : "minimise" or "maximise"
    quantile : float
        Over the draws; 0.5 is the median.
    """

    quantity: str
    goal: str
    quantile: float = 0.5

    @property
    def label(self) -> str:
        """Its name in the Dataset of a search: "minimise charge_time" is `charge_time`."""
        return self.quantity if self.quantile == 0.5 else f"{self.quantity}_q{100 * self.quantile:g}"

    @property
    def direction(self) -> Literal["minimize", "maximize"]:
        return DIRECTIONS[self.goal]

    def values(
        self, runs: Mapping[str, np.ndarray], variables: Mapping[str, float]
    ) -> tuple[float, float, float]:
        """What counts, and the 5 and 95 % quantiles, of runs over (draw,) at a point.

        A draw without an answer counts as the worst there is; a variable and a chance have no spread.
        """
        if self.quantity in variables:
            return (variables[self.quantity],) * 3
        worst = math.inf if self.goal == "minimise" else -math.inf
        answered = ~np.isin(runs["outcome"], NO_ANSWER)
        if self.quantity == SHORT_PROBABILITY:
            return (float(np.mean(np.where(answered, runs[SHORT], 1.0))),) * 3
        found = within_run(self.quantity, runs)
        found = np.where(answered & np.isfinite(found), found, worst)
        edges = [self.quantile, QUANTILES[0], QUANTILES[-1]]
        value, low, high = np.quantile(found, edges, method="inverted_cdf").tolist()
        return value, low, high


@dataclass(frozen=True)
class Constraint:
    """A chance over the draws that must be large enough, or small enough.

    `quantity` must be `at_least` or `at_most` a bound (in the quantity's own unit) in a share of the
    draws of at least `probability`; of a short circuit, in at most that share. A draw without an answer
    meets no constraint.
    """

    quantity: str
    probability: float
    at_least: float = -math.inf
    at_most: float = math.inf
    rare: bool = False
    """The share must be at most `probability`, not at least."""

    @property
    def label(self) -> str:
        """In words: "P(capacity_retention >= 0.8) >= 0.9"."""
        bound = f" >= {self.at_least:g}" if math.isfinite(self.at_least) else f" <= {self.at_most:g}"
        event = self.quantity if self.quantity == SHORT else self.quantity + bound
        return f"P({event}) {'<=' if self.rare else '>='} {self.probability:g}"

    def holds(self, runs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Where the event occurs that the chance is of, (draw,) of bool."""
        answered = ~np.isin(runs["outcome"], NO_ANSWER)
        if self.quantity == SHORT:
            occurs = runs[SHORT] > 0
        else:
            values = runs[self.quantity]
            if is_event(self.quantity):
                values = np.where(np.isnan(values), np.inf, values)
            with np.errstate(invalid="ignore"):
                occurs = (values >= self.at_least) & (values <= self.at_most)
        return occurs | ~answered if self.rare else occurs & answered

    def chance(self, runs: Mapping[str, np.ndarray]) -> float:
        """Share of the draws in which the event occurs."""
        return float(np.mean(self.holds(runs)))

    def reached(self, runs: Mapping[str, np.ndarray]) -> float:
        """The bound that would just be met with the probability asked; NaN for a short circuit."""
        if self.quantity == SHORT:
            return math.nan
        wants_more = math.isfinite(self.at_least)
        values = runs[self.quantity]
        if is_event(self.quantity):
            values = np.where(np.isnan(values), np.inf, values)
        no_answer = -math.inf if wants_more != self.rare else math.inf
        values = np.where(np.isin(runs["outcome"], NO_ANSWER) | np.isnan(values), no_answer, values)
        sign = -1.0 if wants_more else 1.0
        return sign * float(np.quantile(sign * values, self.probability, method="inverted_cdf"))

    def shortfall(self, reached: float) -> float:
        """How far the bound that is reached is from the one asked, as a share of it, at most 1."""
        if math.isnan(reached):
            return 0.0
        bound = self.at_least if math.isfinite(self.at_least) else self.at_most
        return min(1.0, abs(reached - bound) / max(abs(bound), TINY))

    def excess(self, chance: float) -> float:
        """How far a chance is from what is asked: zero or less meets the constraint."""
        return chance - self.probability if self.rare else self.probability - chance

    def hopeless(self, runs: Mapping[str, np.ndarray], draws: int) -> bool:
        """True where the draws still to come cannot meet the constraint any more."""
        occurs = self.holds(runs)
        count = int(occurs.sum()) + (0 if self.rare else draws - len(occurs))
        return self.excess(count / draws) > ROUNDING


TINY = 1e-12
"""Keeps a bound of zero from dividing."""
ROUNDING = 1e-9
"""A share of draws that equals the probability meets it."""


def within_run(quantity: str, runs: Mapping[str, np.ndarray]) -> np.ndarray:
    """A quantity over (draw,), where what never came within a run counts as coming at its end."""
    values = runs[quantity]
    if not is_event(quantity):
        return values
    return np.where(np.isnan(values), runs["run_time"], values)


def read_objectives(given, cell: Cell, variables: Sequence[str]) -> tuple[Objective, ...]:
    """Objectives from a name, a mapping with `quantity`, `goal`, `quantile`, or several of either.

    Raises StudyError: none, an unknown quantity (the known are listed), or an unreadable entry.
    """
    entries = [given] if isinstance(given, str | Mapping) else list(given)
    if not entries:
        raise StudyError('a search needs an objective: [[objective]] with quantity = "charge_time"')
    known = [name for name in (*quantities(cell), SHORT_PROBABILITY) if QUANTITIES[name].better]
    objectives = tuple(_objective(entry, known, variables) for entry in entries)
    labels = [objective.label for objective in objectives]
    if len(set(labels)) < len(labels):
        raise StudyError(f"the objective '{labels[0]}' stands twice")
    return objectives


def _objective(entry, known: Sequence[str], variables: Sequence[str]) -> Objective:
    entry = {"quantity": entry} if isinstance(entry, str) else entry
    _check_entries(entry, OBJECTIVE_ENTRIES, "an objective")
    quantity = str(entry["quantity"])
    goal, _, name = quantity.partition(" ")
    if goal in DIRECTIONS:  # "maximise current"
        entry = {"goal": goal, **entry}
        quantity = name.strip()
    if quantity not in known and quantity not in variables:
        raise StudyError(unknown(quantity, [*known, *variables], "an objective"))
    better = QUANTITIES[quantity].better if quantity in known else None
    goal = entry.get("goal", GOALS.get(better or ""))
    if goal not in DIRECTIONS:
        raise StudyError(f"the goal of the objective '{quantity}' is minimise or maximise, not {goal!r}")
    return Objective(quantity, goal, _share("quantile", entry.get("quantile", 0.5)))


def read_constraints(given, cell: Cell) -> tuple[Constraint, ...]:
    """Constraints from mappings.

    ``{"quantity": "capacity_retention", "at_least": 0.8, "probability": 0.9}``,
    ``{"quantity": "short_circuit", "probability_at_most": 0.05}``; a bound may carry a `unit`.

    Raises StudyError: an unknown quantity (the known are listed), or an unreadable entry.
    """
    entries = [given] if isinstance(given, Mapping) else list(given)
    return tuple(_constraint(entry, quantities(cell)) for entry in entries)


def _constraint(entry, known: Sequence[str]) -> Constraint:
    if not isinstance(entry, Mapping):
        raise StudyError(f"a constraint is a table with quantity, at_least, probability, not {entry!r}")
    _check_entries(entry, CONSTRAINT_ENTRIES, "a constraint")
    quantity = str(entry["quantity"])
    if quantity not in known:
        raise StudyError(unknown(quantity, known, "a quantity that can be constrained"))
    rare = "probability_at_most" in entry
    if rare == ("probability" in entry):
        raise StudyError(
            f"the constraint on {quantity} needs probability (at least so often) or probability_at_most"
        )
    chance = _share("probability", entry["probability_at_most" if rare else "probability"])
    bounds = [word for word in ("at_least", "at_most") if word in entry]
    if quantity == SHORT:
        if bounds or not rare:
            raise StudyError("a short circuit is constrained by probability_at_most alone")
        return Constraint(quantity, chance, rare=True)
    if len(bounds) != 1:
        raise StudyError(f"the constraint on {quantity} needs at_least or at_most, one of them")
    own_unit = QUANTITIES[quantity].units
    own_unit = "" if own_unit == "1" else own_unit
    value = units.convert(
        _number(bounds[0], entry[bounds[0]]), entry.get("unit", own_unit), own_unit, quantity
    )
    if bounds[0] == "at_least":
        return Constraint(quantity, chance, at_least=value, rare=rare)
    return Constraint(quantity, chance, at_most=value, rare=rare)


def _check_entries(entry: Mapping, known: Sequence[str], what: str):
    for word in entry:
        if word not in known:
            raise StudyError(unknown(word, known, f"an entry of {what}"))
    if "quantity" not in entry:
        raise StudyError(f'{what} names no quantity: quantity = "capacity_retention"')


def _share(what: str, value) -> float:
    number = _number(what, value)
    if not 0 <= number <= 1:
        raise StudyError(f"a {what} lies between 0 and 1, not {number:g}")
    return number


def _number(what: str, value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StudyError(f"{what} is a number, not {value!r}")
    return float(value)
