"""A cell: a stack of parts, its structure and its parameter values. Nothing mutates.

>>> thin = cell.replace({"Coating thickness [m]": 100e-9})
"""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from twin import names
from twin.errors import ParameterError, shown, unknown
from twin.laws import check_parameters, checked_laws, unfollowed
from twin.parameters import Origin, Parameter, label
from twin.ranges import LARGEST_CURRENT_DENSITY, checked_value
from twin.units import words_of_key


@dataclass(frozen=True, repr=False)
class Cell:
    """A stack and its parameters.

    Attributes
    ----------
    name : str
    interfaces : "negative" for a full cell, "both" for a symmetric one
    open_circuit_voltage : name of the cathode's equilibrium potential, "none" without a cathode
    laws : law that each of its mechanisms follows (:data:`twin.laws.LAWS`)
    parts : part of each role: anode_interface, coating, separator, cathode
    parameters : PyBaMM-style key -> :class:`Parameter`
    """

    name: str
    description: str
    interfaces: str
    open_circuit_voltage: str
    laws: Mapping[str, str]
    parts: Mapping[str, str | tuple[str, ...]]
    parameters: Mapping[str, Parameter]
    reference: str = ""
    fitted_sets: tuple[str, ...] = field(default=())
    """Fitted sets that the values come from, one for each family that a part was fitted in."""
    folder: Path | None = None
    """The user's folder whose rows and fit it belongs to; None of a shipped cell outside of any."""

    def __repr__(self) -> str:
        fitted = f", fitted: {self.fitted_set}" if self.fitted_set else ""
        changed = "".join(f", {key} {entry.source}" for key, entry in self.changes.items())
        count = f"{len(self.parameters)} parameters"
        return f"Cell({self.name!r}, {self.description!r}, {count}{fitted}{changed})"

    @functools.cached_property
    def values(self) -> Mapping[str, float]:
        """PyBaMM-style key -> number."""
        return MappingProxyType({key: entry.value for key, entry in self.parameters.items()})

    @functools.cached_property
    def changes(self) -> Mapping[str, Parameter]:
        """What :meth:`replace` changed against the cell as it was loaded: key -> parameter.

        Each says both values: ``entry.value`` is the one that it has now, ``entry.before.value`` the one
        that it was loaded with, and ``entry.source`` both in words, "changed: 100 nm, was 200 nm". Empty
        for a cell as its file and its fits give it; a value that was changed back is not in it, and
        neither is what a draw did: of a drawn cell these are the values around which was drawn.
        """
        around = {key: entry.centre for key, entry in self.parameters.items()}
        changed = {key: entry for key, entry in around.items() if entry.origin == Origin.CHANGE}
        return MappingProxyType(changed)

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
        laws = tuple(sorted(self.laws.items()))
        return self.interfaces, self.separator_layers, self.open_circuit_voltage, laws

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
        content = [
            self.interfaces,
            self.open_circuit_voltage,
            sorted(self.laws.items()),
            sorted(self.values.items()),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def replace(self, changes: Mapping[str, float]) -> "Cell":
        """The same cell with other parameter values, whose sources say that they were changed.

        The thickness of a film of atomic layer deposition follows its "ALD cycles", and they it.

        Raises ParameterError: a key that is not a parameter of this cell (the nearest is offered),
        a value that is not a finite number or is negative where that has no meaning, values that
        contradict each other.
        """
        return self._with(changes, lambda key, entry, value: entry.changed(value, key))

    def fitted(self, values: Mapping[str, float], fitted_set: str) -> "Cell":
        """The same cell with values that the fit `fitted_set` found. Raises as :meth:`replace`."""
        cell = self._with(values, lambda key, entry, value: entry.fitted(value, fitted_set))
        used = {entry.fitted_set for entry in cell.parameters.values()}
        known = dict.fromkeys((*self.fitted_sets, fitted_set))
        return dataclasses.replace(cell, fitted_sets=tuple(name for name in known if name in used))

    def drawn(self, values: Mapping[str, float]) -> "Cell":
        """The same cell with values drawn around its own. Raises as :meth:`replace`."""
        return self._with(values, lambda key, entry, value: entry.drawn(value))

    def following(
        self, laws: Mapping[str, str], parameters: Mapping[str, Parameter] | None = None
    ) -> "Cell":
        """The same cell with other laws, and with the parameters that they need or replace.

        Parameters of a law that it no longer follows are dropped.

        Raises ParameterError: a mechanism or a law that does not exist, a law without its parameters, a
        parameter of a law that is not followed.
        """
        place = f"cell {self.name}"
        followed = {**self.laws, **checked_laws(laws, self.laws, place)}
        dropped = unfollowed(followed)
        kept = {key: entry for key, entry in self.parameters.items() if key not in dropped}
        kept |= parameters or {}
        check_parameters(followed, kept, place)
        changed = dataclasses.replace(
            self, laws=MappingProxyType(followed), parameters=MappingProxyType(kept)
        )
        changed.check_consistency()
        return changed

    def label(self, key: str) -> str:
        """What a parameter is called beside those of other cells (:func:`twin.parameters.label`)."""
        return label(self.parameters[key].part, key)

    def _with(
        self, values: Mapping[str, float], moved: Callable[[str, Parameter, float], Parameter]
    ) -> "Cell":
        """The same cell with some parameters as `moved(key, parameter, value)` makes them."""
        checked = {}
        if not isinstance(values, Mapping):
            raise ParameterError(f"changes are a mapping, key -> value, not {shown(values)}")
        for key, value in values.items():
            self.check_key(key)
            checked[key] = checked_value(key, value, f"cell {self.name}")
        parameters = dict(self.parameters)
        for key, value in (checked | self._deposited(checked)).items():
            parameters[key] = moved(key, parameters[key], value)
        changed = dataclasses.replace(self, parameters=MappingProxyType(parameters))
        changed.check_consistency()
        return changed

    def _deposited(self, changes: Mapping[str, float]) -> dict[str, float]:
        """ALD cycles or film thickness, where a change of the other asks for it.

        Where one goes back to what the cell was loaded with, so does the other, to the last digit.
        """
        film, cycles = names.COATING_THICKNESS, names.ALD_CYCLES
        given = {film, cycles} & changes.keys()
        if cycles not in self.parameters or not given:
            return {}
        growth = self.values[names.ALD_GROWTH]
        if given == {film, cycles}:
            grown = changes[cycles] * growth
            if abs(changes[film] - grown) > SAME_THICKNESS * max(changes[film], grown):
                raise ParameterError(
                    f"'{film}' = {changes[film]:g} contradicts '{cycles}' = {changes[cycles]:g}, which "
                    f"deposit {grown:g} m; give one of them, or two that agree"
                )
            return {}
        loaded = {key: self.parameters[key].loaded.value for key in (film, cycles)}
        if all(changes[key] == loaded[key] for key in given):
            return loaded
        return {cycles: changes[film] / growth} if film in given else {film: changes[cycles] * growth}

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
        if not isinstance(key, str):
            raise ParameterError(f"the name of a parameter is a text, not {shown(key)}")
        if key in self.parameters:
            return
        stem = words_of_key(key).strip().lower()
        for known in self.parameters:
            if words_of_key(known).lower() == stem:
                raise ParameterError(
                    f"'{key}' has the wrong unit: the parameter of {self.name} is '{known}'"
                )
        raise ParameterError(unknown(key, self.parameters, f"a parameter of {self.name}"))

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
