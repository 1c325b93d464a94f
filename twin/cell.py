"""A cell: a stack of parts, its structure and its parameter values. Nothing mutates.

>>> thin = cell.replace({"Coating thickness [m]": 100e-9})
"""

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from types import MappingProxyType

from twin import names
from twin.errors import ParameterError, suggestion


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


@dataclass(frozen=True)
class Parameter:
    """One value of a cell: its number, where it comes from and what a fit may do to it."""

    value: float
    source: str
    part: str
    """Which part it belongs to, e.g. "pairs/Li_LGPS"; cells that share the part share the value."""
    prior: Prior | None = None
    """None: fixed."""


@dataclass(frozen=True, repr=False)
class Cell:
    """A stack and its parameters.

    Attributes
    ----------
    name : str
    interfaces : "negative" for a full cell, "both" for a symmetric one
    open_circuit_voltage : name of the cathode's equilibrium potential, "none" without a cathode
    parts : part of each role: anode_interface, coating, separator, cathode
    parameters : PyBaMM-style key -> :class:`Parameter`
    """

    name: str
    description: str
    interfaces: str
    open_circuit_voltage: str
    parts: Mapping[str, str | tuple[str, ...]]
    parameters: Mapping[str, Parameter]
    reference: str = ""
    fitted_sets: tuple[str, ...] = field(default=())
    """Fitted sets that the values come from, one for each family that a part was fitted in."""

    def __repr__(self) -> str:
        fitted = f", fitted: {self.fitted_set}" if self.fitted_set else ""
        return f"Cell({self.name!r}, {self.description!r}, {len(self.parameters)} parameters{fitted})"

    @functools.cached_property
    def values(self) -> Mapping[str, float]:
        """PyBaMM-style key -> number."""
        return MappingProxyType({key: entry.value for key, entry in self.parameters.items()})

    @property
    def fitted_set(self) -> str | None:
        """Names of the fitted sets, joined by +; None before any fit."""
        return "+".join(self.fitted_sets) or None

    @property
    def has_cathode(self) -> bool:
        return self.interfaces == "negative"

    @property
    def separator_layers(self) -> int:
        return sum(
            1
            for key in self.parameters
            if key.endswith(f" {names.LAYER_THICKNESS}") and key.startswith("Separator layer")
        )

    @property
    def sides(self) -> tuple[str, ...]:
        return (names.NEGATIVE,) if self.has_cathode else (names.NEGATIVE, names.POSITIVE)

    @property
    def structure(self) -> tuple:
        """Cells that share it share their equations: one built model serves them all."""
        return self.interfaces, self.separator_layers, self.open_circuit_voltage

    @property
    def area(self) -> float:
        """Electrode area [m2]."""
        return self.values[names.AREA]

    @property
    def has_coating(self) -> bool:
        return self.values[names.COATING_THICKNESS] > 0

    @property
    def hash(self) -> str:
        """Fingerprint of structure and values, for provenance."""
        content = [self.interfaces, self.open_circuit_voltage, sorted(self.values.items())]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def replace(self, changes: Mapping[str, float]) -> "Cell":
        """The same cell with other parameter values.

        The thickness of a film of atomic layer deposition follows its "ALD cycles", and they it.

        Raises ParameterError: a key that is not a parameter of this cell (the nearest is offered),
        a value that is not a finite number or is negative where that has no meaning, values that
        contradict each other.
        """
        checked = {}
        for key, value in changes.items():
            self.check_key(key)
            checked[key] = checked_value(key, value, f"cell {self.name}")
        parameters = dict(self.parameters)
        for key, value in (checked | self._deposited(checked)).items():
            parameters[key] = dataclasses.replace(parameters[key], value=value)
        changed = dataclasses.replace(self, parameters=MappingProxyType(parameters))
        changed.check_consistency()
        return changed

    def _deposited(self, changes: Mapping[str, float]) -> dict[str, float]:
        """ALD cycles and film thickness, where a change of one asks for the other."""
        if names.ALD_CYCLES not in self.parameters:
            return {}
        growth = self.values[names.ALD_GROWTH]
        if names.ALD_CYCLES not in changes:
            thickness = changes.get(names.COATING_THICKNESS)
            return {} if thickness is None else {names.ALD_CYCLES: thickness / growth}
        grown = changes[names.ALD_CYCLES] * growth
        thickness = changes.get(names.COATING_THICKNESS, grown)
        if abs(thickness - grown) > SAME_THICKNESS * max(thickness, grown):
            raise ParameterError(
                f"'{names.COATING_THICKNESS}' = {thickness:g} contradicts '{names.ALD_CYCLES}' = "
                f"{changes[names.ALD_CYCLES]:g}, which deposit {grown:g} m; give one of them"
            )
        return {names.COATING_THICKNESS: grown}

    def check_consistency(self) -> None:
        """Raise ParameterError where values contradict each other or the stack."""
        if self.has_coating and self.parts.get("coating", "none") == "none":
            raise ParameterError(
                f"'{names.COATING_THICKNESS}' = {self.values[names.COATING_THICKNESS]:g}, but "
                f'{self.name} has no coating: name one in its file ([parts] coating = "LiAlO2"), or '
                "start from a coated cell"
            )
        threshold = self.values[names.FILAMENT_INITIATION]
        if self.values[names.FILAMENT_COEFFICIENT] > 0 and threshold > LARGEST_CURRENT_DENSITY:
            raise ParameterError(
                f"'{names.FILAMENT_INITIATION}' = {threshold:g} lies above any current that a solid "
                f"electrolyte carries ({LARGEST_CURRENT_DENSITY:g} A/m2), so its filaments never grow; "
                f"lower it, or set '{names.FILAMENT_COEFFICIENT}' to 0 to say that none grow"
            )
        if not self.values[names.LOWER_CUT_OFF] < self.values[names.UPPER_CUT_OFF]:
            raise ParameterError(
                f"'{names.LOWER_CUT_OFF}' = {self.values[names.LOWER_CUT_OFF]:g} must lie below "
                f"'{names.UPPER_CUT_OFF}' = {self.values[names.UPPER_CUT_OFF]:g}"
            )

    def check_key(self, key: str) -> None:
        """Raise ParameterError unless `key` is a parameter of this cell."""
        if key in self.parameters:
            return
        stem = key.split(" [")[0].strip().lower()
        for known in self.parameters:
            if known.split(" [")[0].lower() == stem:
                raise ParameterError(
                    f"'{key}' has the wrong unit: the parameter of {self.name} is '{known}'"
                )
        raise ParameterError(
            f"'{key}' is not a parameter of {self.name}{suggestion(key, self.parameters)}"
        )

    def with_layer_like_first(self, number: int) -> "Cell":
        """The same cell with one more separator layer, a copy of the first."""
        copies = {
            names.layer(number, quantity): self.parameters[names.layer(1, quantity)]
            for quantity in (
                names.LAYER_THICKNESS,
                names.LAYER_CONDUCTIVITY,
                names.LAYER_ACTIVATION,
            )
        }
        merged = MappingProxyType({**self.parameters, **copies})
        return dataclasses.replace(self, parameters=merged)


SAME_THICKNESS = 0.01
"""Relative difference within which a film thickness agrees with its number of ALD cycles."""
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
