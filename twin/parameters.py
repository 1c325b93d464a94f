"""One value of a cell, where it comes from, what is known of it, and what it may be."""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from twin import names
from twin.errors import ParameterError
from twin.units import in_words


@dataclass(frozen=True)
class Prior:
    """What is known of a parameter before the measured rows: a distribution inside bounds.

    `distribution` is "lognormal" (median, factor: one standard deviation in ln is ln(factor)),
    "normal" (mean, deviation) or "uniform" (lower, upper).
    """

    distribution: str
    lower: float
    upper: float
    centre: float = 0.0
    spread: float = 1.0

    @property
    def search_range(self) -> tuple[float, float]:
        """Within three standard deviations and the bounds: where a fit looks."""
        if self.distribution == "uniform":
            return self.lower, self.upper
        return self.from_unit_normal(-3.0), self.from_unit_normal(3.0)

    def to_unit_normal(self, value: float) -> float:
        """Coordinate in which the prior is a standard normal (before its bounds cut it)."""
        if self.distribution == "lognormal":
            return math.log(value / self.centre) / math.log(self.spread)
        if self.distribution == "normal":
            return (value - self.centre) / self.spread
        share = (value - self.lower) / (self.upper - self.lower)
        return NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9))

    def from_unit_normal(self, coordinate: float) -> float:
        """Inverse of :meth:`to_unit_normal`, held inside the bounds."""
        if self.distribution == "lognormal":
            value = self.centre * math.exp(coordinate * math.log(self.spread))
        elif self.distribution == "normal":
            value = self.centre + coordinate * self.spread
        else:
            value = self.lower + NormalDist().cdf(coordinate) * (self.upper - self.lower)
        return min(max(value, self.lower), self.upper)


class Origin(StrEnum):
    """What gave a parameter its value."""

    FILE = "file"
    FIT = "fit"
    CHANGE = "change"
    DRAW = "draw"


@dataclass(frozen=True)
class Parameter:
    """One value of a cell: its number, where it comes from and what a fit may do to it."""

    value: float
    source: str
    """Where the value comes from: what its file says, or "fitted: Chang2023", "changed: 100 nm, was
    200 nm", "drawn from: fitted: Chang2023"."""
    part: str
    """Which part it belongs to, e.g. "pairs/Li_LGPS"; cells that share the part share the value."""
    prior: Prior | None = None
    """None: fixed."""
    origin: Origin = Origin.FILE
    before: "Parameter | None" = None
    """What it was before the fit, the change or the draw; None as its file gives it."""

    def fitted(self, value: float, fitted_set: str) -> "Parameter":
        """The same with the value that a fit found."""
        source = f"fitted: {fitted_set}"
        return Parameter(value, source, self.part, self.prior, Origin.FIT, self)

    def changed(self, value: float, key: str) -> "Parameter":
        """The same with another value; `key` carries its unit. Changed back, it is as it was loaded."""
        loaded = self.loaded
        if value == loaded.value:
            return loaded
        now, was = in_words([value, loaded.value], key)
        source = f"changed: {now}, was {was}"
        return Parameter(value, source, self.part, self.prior, Origin.CHANGE, loaded)

    def drawn(self, value: float) -> "Parameter":
        """The same with a value drawn around its own."""
        source = f"drawn from: {self.source}"
        return Parameter(value, source, self.part, self.prior, Origin.DRAW, self)

    @property
    def centre(self) -> "Parameter":
        """Around what it was drawn; itself where it was not."""
        return self.before.centre if self.before and self.origin == Origin.DRAW else self

    @property
    def loaded(self) -> "Parameter":
        """As its cell was loaded, fits applied: before every change and draw."""
        moved = self.origin in (Origin.CHANGE, Origin.DRAW)
        return self.before.loaded if self.before and moved else self

    @property
    def stated(self) -> "Parameter":
        """As its file gives it."""
        return self.before.stated if self.before else self


def label(part: str, key: str) -> str:
    """What a parameter is called beside those of other cells: "pairs/Li_LGPS: Stack pressure [Pa]"."""
    return f"{part}: {key}"


def part_and_key(labelled: str) -> tuple[str, str]:
    """Inverse of :func:`label`: keys hold no colon, names of parts may."""
    part, _, key = labelled.rpartition(": ")
    return part, key


LARGEST_CURRENT_DENSITY = 1e4
"""[A.m-2], 1 A/cm2: ten times what any solid-state cell has been charged at."""


MAY_BE_NEGATIVE = {names.LOWER_CUT_OFF, names.UPPER_CUT_OFF, names.ANODE_POTENTIAL}


MAY_BE_ZERO = {
    names.COATING_THICKNESS,
    names.COATING_RESISTIVITY,
    names.COATING_INSULATING_RESISTIVITY,
    names.INITIAL_LITHIATION,
    names.INITIAL_SOC,
    names.PINHOLE_DAMAGE,
    names.STRAIN_DAMAGE,
    names.GROWTH_RATE,
    names.GROWTH_PER_CHARGE,
    names.FILAMENT_COEFFICIENT,
    names.FILAMENT_INITIATION,
    names.COATED_FILAMENT_INITIATION,
    names.FILAMENT_ACCELERATION_EXPONENT,
    names.CALENDAR_FADE_RATE,
    names.ELECTRONIC_CONDUCTIVITY,
    names.PRESSURE_EXPONENT,
    names.SPOT_RADIUS,
    names.INTERPHASE_LITHIUM,
    names.BREACH_EXPONENT,
    names.ALD_CYCLES,
    names.HOST_CAPACITY,
    names.LAYER_DEPTH,
    names.CONVERSION_RATE,
    names.CONVERSION_LITHIUM,
    names.LAYER_STRENGTHENING,
    names.FILAMENT_PRESSURE_EXPONENT,
}


def checked_value(key: str, value, where: str) -> float:
    """`value` as a float, if it is one that `key` may have.

    Raises ParameterError: not a finite number; negative or zero where that has no meaning.
    """
    number = getattr(value, "item", lambda: value)()  # a numpy scalar is a number too
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ParameterError(f"'{key}' must be a number, not {value!r} ({where})")
    value = float(number)
    if not math.isfinite(value):
        raise ParameterError(f"'{key}' must be a finite number, not {value} ({where})")
    may_be_zero = key in MAY_BE_ZERO or "activation energy" in key
    if key in MAY_BE_NEGATIVE or value > 0 or (value == 0 and may_be_zero):
        return value
    allowed = "zero or more" if may_be_zero else "more than zero"
    raise ParameterError(f"'{key}' must be {allowed}, not {value:g} ({where})")
