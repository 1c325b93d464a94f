"""Draws of emulated posteriors, and the mixture that those of all emulators together come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import emcee
import numpy as np
from scipy.special import logsumexp

from twin import parallel
from twin.fitting.emulator import Emulator
from twin.fitting.linear_algebra import on_one_thread

FLATTENED = 0.85
"""Power to which an emulated posterior is raised: a normal in twenty dimensions then loses a fifth of
its draws, and no tail is missed."""
WALKERS = 4
"""Walkers of an ensemble for each parameter."""
STEPS = 600
"""Steps of an ensemble: each begins where the one before has ended."""
SETTLING = 200
"""Steps of these before walkers count."""
SPREAD = 0.05
"""Standard deviation of walkers around a start, where there is no ensemble before."""
SELF_CONSISTENT = 1e-3
"""Largest change of a normalising constant, in ln, that ends their iteration."""
MOST_ITERATIONS = 1000
"""Most iterations: emulators that have no draw in common would need for ever."""


@dataclass(frozen=True)
class Emulated:
    """The posterior that an emulator says, flattened: ln of it at points (point, parameter), (point,).

    `bounds` and `log_density` as in ``sampling.Target``. No runs belong to it: it goes to any process.
    """

    bounds: tuple[np.ndarray, np.ndarray]
    log_density: Callable[[np.ndarray, np.ndarray], np.ndarray]
    emulator: Emulator

    def __call__(self, points: np.ndarray) -> np.ndarray:
        lower, upper = self.bounds
        inside = ((points >= lower) & (points <= upper)).all(axis=1)
        heights = np.full(len(points), -np.inf)
        if inside.any():
            own = points[inside]
            possible = [
                chance + self.log_density(own, entries)
                for chance, entries in self.emulator.outcomes(own)
            ]
            heights[inside] = FLATTENED * logsumexp(possible, axis=0)
        return heights


def around(starts, chain: int, bounds, generator) -> np.ndarray:
    """Walkers, (walker, parameter), around the starts, each chain's beginning with another one."""
    count = WALKERS * starts.shape[1]
    own = starts[(chain + np.arange(count)) % len(starts)]
    return np.clip(own + SPREAD * generator.standard_normal(own.shape), *bounds)


def proposed(
    emulated: Emulated, walkers: Sequence[np.ndarray], count: int, generator: np.random.Generator
) -> tuple[list, np.ndarray]:
    """Where the walkers of each chain end, and draws of the emulator, (chain, draw, parameter)."""
    tasks = [(emulated, own, int(generator.integers(2**31))) for own in walkers]
    ended, drawn = [], []
    for chain in parallel.map_tasks(_walked, tasks):
        ended.append(chain[-1])
        settled = chain[SETTLING:].reshape(-1, chain.shape[-1])
        drawn.append(settled[generator.choice(len(settled), count, replace=False)])
    return ended, np.array(drawn)


@on_one_thread
def _walked(task) -> np.ndarray:
    """The steps of an ensemble, (step, walker, parameter)."""
    emulated, walkers, seed = task
    ensemble = emcee.EnsembleSampler(
        *walkers.shape,
        emulated,
        moves=[
            (emcee.moves.DEMove(), 0.5),
            # a whole difference leads from one mode into another, whose shares would else be the starts'
            (emcee.moves.DEMove(gamma0=1.0), 0.3),
            (emcee.moves.StretchMove(), 0.2),
        ],
        vectorize=True,
    )
    ensemble.random_state = np.random.RandomState(seed).get_state()
    with np.errstate(invalid="ignore"):  # two heights of -inf are compared as they should be
        ensemble.run_mcmc(walkers, STEPS, skip_initial_state_check=True)
    return ensemble.get_chain()


class Mixture:
    """What the draws of all emulators together come from, as many from each."""

    def __init__(self, parameters: int):
        self.emulators: list[Emulated] = []
        self.points = np.empty((0, parameters))
        self._emulated = np.empty((0, 0))
        """ln of what each emulator says of each point, (emulator, point): said once."""

    def add(self, emulator: Emulated, points: np.ndarray) -> None:
        """Take in an emulator and what was drawn from it, (point, parameter)."""
        before = np.vstack([self._emulated, emulator(self.points)[None]])
        self.emulators.append(emulator)
        fresh = np.array([own(points) for own in self.emulators])
        self._emulated = np.hstack([before, fresh])
        self.points = np.concatenate([self.points, points])

    def log_density(self) -> np.ndarray:
        """ln of the mixture at all points, (point,), up to a constant."""
        constants = np.zeros(len(self.emulators))
        for _ in range(MOST_ITERATIONS):
            mixed = logsumexp(self._emulated - constants[:, None], axis=0)
            found = logsumexp(self._emulated - mixed, axis=1)
            found -= found[0]
            moved, constants = np.abs(found - constants).max(), found
            if moved < SELF_CONSISTENT:
                break
        return mixed
