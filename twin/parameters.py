"""One value of a cell, where it comes from, what is known of it, and what it may be."""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

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
    fitted_set: str = ""
    """Fitted set that the value comes from, changed and drawn ones too; "" of a value never fitted."""

    def fitted(self, value: float, fitted_set: str) -> "Parameter":
        """The same with the value that a fit found, of whose prior an earlier fit may have told."""
        earlier = self.fitted_set if self.fitted_set != fitted_set else ""
        prior = f", with the posterior of {earlier} as its prior" if earlier else ""
        source = f"fitted: {fitted_set}{prior}"
        return Parameter(value, source, self.part, self.prior, Origin.FIT, self, fitted_set)

    def changed(self, value: float, key: str) -> "Parameter":
        """The same with another value; `key` carries its unit. Changed back, it is as it was loaded."""
        loaded = self.loaded
        if value == loaded.value:
            return loaded
        now, was = in_words([value, loaded.value], key)
        return self._moved(value, f"changed: {now}, was {was}", Origin.CHANGE, loaded)

    def drawn(self, value: float) -> "Parameter":
        """The same with a value drawn around its own."""
        return self._moved(value, f"drawn from: {self.source}", Origin.DRAW, self)

    def _moved(self, value: float, source: str, origin: Origin, before: "Parameter") -> "Parameter":
        return Parameter(value, source, self.part, self.prior, origin, before, self.fitted_set)

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
    def fits(self) -> tuple[str, ...]:
        """Fits whose rows tell of it, the last first: each but the last was the prior of the next."""
        earlier = self.before.fits if self.before else ()
        own = (self.fitted_set,) if self.origin == Origin.FIT else ()
        return tuple(dict.fromkeys((*own, *earlier)))

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
