"""Markov chains on their way, in a file: a run that was killed goes on from there."""

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.errors import DamagedFileWarning
from twin.files import load_arrays, save_arrays


@dataclass(frozen=True)
class State:
    """How far chains are.

    Attributes
    ----------
    points, heights : as in ``markov_chain.Chains``, (chain, step, parameter) and (chain, step)
    accepted : int
        Proposals accepted so far.
    """

    points: np.ndarray
    heights: np.ndarray
    accepted: int


@dataclass(frozen=True)
class SavedChains:
    """The file that keeps them, and the version of the problem that they belong to."""

    path: Path
    version: str

    def keep(self, state: State, generator: np.random.Generator) -> None:
        """Write how far the chains are. Raises OutputError: not writable."""
        about = {"version": self.version, "generator": json.dumps(generator.bit_generator.state)}
        arrays = {"points": state.points, "heights": state.heights, "accepted": state.accepted, **about}
        save_arrays(self.path, {name: np.asarray(value) for name, value in arrays.items()})

    def read(self, chains: int, parameters: int, generator: np.random.Generator) -> State | None:
        """How far so many chains are, with the generator as it stood; None where there is no file.

        A file that cannot be read, or that is of other chains, counts as none, with a warning.
        """
        if not self.path.is_file():
            return None
        held = load_arrays(self.path) or {}
        try:
            state = State(held["points"], held["heights"], int(held["accepted"]))
            steps = len(state.heights[0])
            belongs = (
                str(held["version"]) == self.version
                and state.points.shape == (chains, steps, parameters)
                and state.heights.shape == (chains, steps)
                and np.isfinite(state.points).all()
                and not np.isnan(state.heights).any()
                and 0 <= state.accepted <= chains * steps
                and steps > 0
            )
            if belongs:
                generator.bit_generator.state = json.loads(str(held["generator"]))
                return state
        except (KeyError, IndexError, TypeError, ValueError):
            pass  # a file of another make
        warnings.warn(
            f"the saved chains in {self.path} are damaged or of another fit; they are computed anew",
            DamagedFileWarning,
            stacklevel=2,
        )
        return None

    def remove(self) -> None:
        """The chains are done."""
        self.path.unlink(missing_ok=True)
