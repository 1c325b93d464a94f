"""What a search is after: objectives as quantiles over the draws, and constraints on chances."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twin import units
from twin.cell import Cell
from twin.errors import StudyError, shown, unknown
from twin.names import NO_ANSWER
from twin.results.intervals import HIGH, LOW
from twin.results.quantities import QUANTITIES, is_event
from twin.studies.point import quantities

Goal = Literal["minimise", "maximise"]
GOALS: dict[str, Goal] = {"lower": "minimise", "higher": "maximise"}
"""Which way is better -> what an objective does with the quantity, unless the study says otherwise."""
DIRECTIONS: dict[str, Literal["minimize", "maximize"]] = {
    "minimise": "minimize",
    "maximise": "maximize",
}
"""The goals as Optuna spells them."""
SHORT = "short_circuit"
"""What a constraint calls a short circuit within the run; it has a chance and no bound."""
SHORT_PROBABILITY = "short_circuit_probability"
"""What an objective calls the chance of a short circuit."""
OBJECTIVE_ENTRIES = ("quantity", "goal", "quantile")
"""Entries of an [[objective]]."""
CONSTRAINT_ENTRIES = ("quantity", "at_least", "at_most", "unit", "probability", "probability_at_most")
"""Entries of a [[constraint]]."""
ROUNDING = 1e-9
"""A share of draws misses a probability only by more than this: rounding does not break a constraint."""
PLATEAU = 1e-3
"""Weight of a bound that is missed beside a chance that is missed. Where no draw meets a constraint the
chance is the same all around, and only the bound says which way is out."""
TINY = 1e-12
"""The least size that a bound is taken to have, so that nothing is divided by a bound of zero."""


@dataclass(frozen=True)
class Objective:
    """A quantity at a quantile over the draws, or a variable of the search itself.

    Attributes
    ----------
    quantity : str
        Of a run, "short_circuit_probability", or the name of a variable.
    goal : one of ``DIRECTIONS``
    quantile : float
        Over the draws; 0.5 is the median.
    """

    quantity: str
    goal: Goal
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
        edges = [self.quantile, LOW, HIGH]
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
            values = never_is_late(self.quantity, runs)
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
        values = never_is_late(self.quantity, runs)
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

    def is_met(self, chance: float) -> bool:
        """True where a chance is what is asked."""
        return self.excess(chance) <= ROUNDING

    def missed_by(self, chance: float, reached: float) -> float:
        """How far a point is from meeting the constraint, 0 where it does.

        Mostly by the chance; between points of the same chance, by the bound that they reach.
        """
        if self.is_met(chance):
            return 0.0
        return self.excess(chance) + PLATEAU * self.shortfall(reached)

    def hopeless(self, runs: Mapping[str, np.ndarray], draws: int) -> bool:
        """True where the draws still to come cannot meet the constraint any more."""
        occurs = self.holds(runs)
        count = int(occurs.sum()) + (0 if self.rare else draws - len(occurs))
        return not self.is_met(count / draws)


def within_run(quantity: str, runs: Mapping[str, np.ndarray]) -> np.ndarray:
    """A quantity over (draw,), where what never came within a run counts as coming at its end."""
    values = runs[quantity]
    return np.where(np.isnan(values), runs["run_time"], values) if is_event(quantity) else values


def never_is_late(quantity: str, runs: Mapping[str, np.ndarray]) -> np.ndarray:
    """A quantity over (draw,), where what never came within a run comes infinitely late."""
    values = runs[quantity]
    return np.where(np.isnan(values), np.inf, values) if is_event(quantity) else values


def goals_of(cell: Cell) -> dict[str, Goal]:
    """What can be an objective for a cell, and which way it is better.

    An event that is not a time is none: where it never came, the end of the run does not stand for it.
    """
    known = [QUANTITIES[name] for name in (*quantities(cell), SHORT_PROBABILITY)]
    return {
        one.name: GOALS[one.better]
        for one in known
        if one.better is not None and (one.never is None or one.units == "h")
    }


def read_objectives(given, cell: Cell, variables: Sequence[str]) -> tuple[Objective, ...]:
    """Objectives from a name, a mapping with `quantity`, `goal`, `quantile`, or several of either.

    Raises StudyError: none, an unknown quantity (the known are listed), or an unreadable entry.
    """
    entries = list(given) if isinstance(given, list | tuple) else [given]
    if not entries:
        raise StudyError('a search needs an objective: [[objective]] with quantity = "charge_time"')
    goals = goals_of(cell)
    objectives = tuple(_objective(entry, goals, variables) for entry in entries)
    labels = [objective.label for objective in objectives]
    twice = [label for label in labels if labels.count(label) > 1]
    if twice:
        raise StudyError(f"the objective '{twice[0]}' stands twice")
    return objectives


def _objective(entry, goals: Mapping[str, Goal], variables: Sequence[str]) -> Objective:
    entry = {"quantity": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, Mapping):
        raise StudyError(f"an objective is a name or a table with a quantity, not {shown(entry)}")
    _check_entries(entry, OBJECTIVE_ENTRIES, "an objective")
    quantity = str(entry["quantity"])
    first, _, name = quantity.partition(" ")
    if first in DIRECTIONS:  # "maximise current"
        entry = {"goal": first, **entry}
        quantity = name.strip()
    if quantity not in goals and quantity not in variables:
        raise StudyError(unknown(quantity, [*goals, *variables], "an objective"))
    asked = entry.get("goal", goals.get(quantity))
    goal = next((known for known in GOALS.values() if known == asked), None)
    if goal is None:
        raise StudyError(
            f"the goal of the objective '{quantity}' is minimise or maximise, not {shown(asked)}"
        )
    return Objective(quantity, goal, _share("quantile", entry.get("quantile", 0.5)))


def read_constraints(given, cell: Cell) -> tuple[Constraint, ...]:
    """Constraints from mappings.

    ``{"quantity": "capacity_retention", "at_least": 0.8, "probability": 0.9}``,
    ``{"quantity": "short_circuit", "probability_at_most": 0.05}``; a bound may carry a `unit`.

    Raises StudyError: an unknown quantity (the known are listed), or an unreadable entry.
    """
    entries = list(given) if isinstance(given, list | tuple) else [given]
    return tuple(_constraint(entry, quantities(cell)) for entry in entries)


def _constraint(entry, known: Sequence[str]) -> Constraint:
    if not isinstance(entry, Mapping):
        raise StudyError(
            f"a constraint is a table with quantity, at_least, probability, not {shown(entry)}"
        )
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
    own_unit = QUANTITIES[quantity].units.replace("1", "")
    unit = entry.get("unit", own_unit)
    if not isinstance(unit, str):
        raise StudyError(f"the unit of the constraint on {quantity} is a text, not {shown(unit)}")
    value = units.convert(_number(bounds[0], entry[bounds[0]]), unit, own_unit, quantity)
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
    try:
        number = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise StudyError(f"{what} is a number, not {shown(value)}")
    return number
