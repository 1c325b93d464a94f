"""Where each state of a circuit stands in its vector, and what one of it counts as."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.results.earlier import state_labels

LARGEST = {names.CONTACT_FRACTION: 1.0}
"""The largest value of a state, for those that have one. A step or a jump that exceeds it within its
tolerance is put back onto it (Shampine et al. 2005, Appl. Math. Comput. 170, 556)."""

RELAXING = (
    names.INTERFACE_OVERPOTENTIAL,
    names.CHARGE_TRANSFER_OVERPOTENTIAL,
    names.SURFACE_SOC,
)
"""States that are charges of capacitances, or as small, and may relax within milliseconds. A state that
relaxes as fast and is missing here is integrated, which is as right and takes more steps."""


@dataclass(frozen=True)
class CircuitStates:
    """The state vector of a circuit.

    Attributes
    ----------
    slices : PyBaMM variable name -> where it stands
    scale : (state,) what one of each counts as, in the variable's unit
    """

    slices: Mapping[str, slice]
    scale: np.ndarray

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return len(self.scale)

    @functools.cached_property
    def labels(self) -> list[str]:
        """What each number is called, as a run hands it on."""
        return state_labels({name: own.stop - own.start for name, own in self.slices.items()})

    @functools.cached_property
    def largest(self) -> np.ndarray:
        """(state,) what each can be at most, in the solver's scale; infinite where there is no bound."""
        bounds = np.full(self.size, np.inf)
        for name, value in LARGEST.items():
            bounds[self.places(name)] = value / self.scale[self.places(name)]
        return bounds

    def places(self, *wanted: str) -> np.ndarray:
        """Places of PyBaMM variables, on whichever interface they are."""
        known = {*wanted, *(names.at(side, name) for side in names.INTERFACES for name in wanted)}
        return np.array(
            sorted(
                place
                for name, where in self.slices.items()
                for place in range(where.start, where.stop)
                if name in known
            ),
            dtype=int,
        )
