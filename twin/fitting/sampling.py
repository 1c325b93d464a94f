"""Draws from a posterior whose runs are dear: emulators propose them, the runs decide.

An emulator of the entries (``emulator``) is fitted to what has been evaluated. Its own posterior, which
costs next to nothing, is sampled by ensembles of walkers (emcee: Foreman-Mackey et al. 2013, PASP 125,
306) with moves along differences of other walkers (ter Braak 2006, Statistics and Computing 16, 239), a
little flattened, so that its tails are longer than those of the true one. Some of these draws are truly
evaluated, and teach the next emulator.

The draws of all rounds together come from a mixture q of the emulated posteriors, whose normalising
constants make each of them, weighted by 1/q, agree with all (MBAR: Shirts and Chodera 2008, J. Chem.
Phys. 129, 124105). With q as their proposals, independent Metropolis-Hastings chains (Tierney 1994,
Annals of Statistics 22, 1701) accept each draw by its weight, true posterior over q: their points are
draws of the true posterior, nearly independent where the emulators are good. Where one of them is blind,
an earlier one is not. Effective draws and R-hat of the chains (Vehtari et al. 2021, Bayesian Analysis
16, 667) and Pareto's k of the weights (Vehtari et al. 2024, JMLR 25, 72) say how good.

A mode that no start and no evaluation has come near stays unseen: several starts must look for it.

What lost, measured on the shipped families: one emulator kept as it is, with its own posterior as the
proposal (Liu2018 190 and Duan2023 110 effective draws from 2700 evaluations, k above 1.9: a draw where
that emulator is far too low holds a chain for long); Markov chains on the runs themselves (20 to 70 from
5000).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats

from twin.fitting.emulator import Emulator
from twin.fitting.pareto import smoothed
from twin.fitting.proposals import Emulated, Mixture, around, proposed
from twin.fitting.teachers import Teachers
from twin.results.intervals import HIGH, LOW

CHAINS = 4
"""Chains, each with ensembles of walkers of its own: R-hat compares them."""
ROUND = 200
"""Points that are evaluated with each emulator, over all chains."""
LARGEST_RHAT = 1.02
"""Largest R-hat of chains that agree."""
MOST_PER_DRAW = 16
"""Most evaluations of draws for each effective one that is asked for."""
LEAST_ALLOWED = 6400
"""So many may be made however few draws are asked for: a posterior with walls (Chang2023) teaches its
emulators that many before a hundred draws are effective."""


@dataclass(frozen=True)
class Target:
    """A posterior whose expensive part is a vector of entries.

    Attributes
    ----------
    bounds : two of (parameter,)
        The box outside which it is 0.
    entries : (point, parameter) -> (point, entry)
        Expensive; best asked for many points at once.
    log_density : (point, parameter), (point, entry) -> (point,)
        ln of it up to a constant; cheap.
    scored : (point, entry) -> (point, entry)
        Each entry in its standard deviations.
    """

    bounds: tuple[np.ndarray, np.ndarray]
    entries: Callable[[np.ndarray], np.ndarray]
    log_density: Callable[[np.ndarray, np.ndarray], np.ndarray]
    scored: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sampled:
    """Draws of a posterior, and how far they are to be believed.

    Attributes
    ----------
    points, entries, heights : (chain, draw, parameter), (chain, draw, entry), (chain, draw)
        The heights are ln(posterior) up to a constant.
    best, best_height : (parameter,), float
        The highest point that was evaluated.
    accepted : float
        Share of the proposals.
    pareto_k : float
        Of the weights; below 0.7 they have a variance that can be relied on.
    rounds : int
        Emulators that were fitted.
    wanted : int
        Effective draws that were asked for.
    """

    points: np.ndarray
    entries: np.ndarray
    heights: np.ndarray
    best: np.ndarray
    best_height: float
    accepted: float
    pareto_k: float
    rounds: int
    wanted: int

    @property
    def effective_draws(self) -> float:
        """Independent draws that these are worth: of bulk or tail, of the parameter with fewest."""
        return effective(self.points)

    @property
    def largest_rhat(self) -> float:
        """Rank-normalised split R-hat of the worst parameter."""
        return largest_rhat(self.points)

    @property
    def doubt(self) -> str:
        """Why the draws are not what was asked for, in a sentence; "" where they are."""
        if self.effective_draws < self.wanted:
            return (
                f"The posterior has not converged: {self.effective_draws:.0f} effective draws of "
                f"{self.wanted}."
            )
        if self.largest_rhat > LARGEST_RHAT:
            rhat = f"R-hat {self.largest_rhat:.2f}"
            return f"The posterior has not converged: its chains do not agree ({rhat})."
        return ""

    @property
    def converged(self) -> bool:
        """Whether there is no such doubt."""
        return not self.doubt


def sample(
    target: Target,
    known: tuple[np.ndarray, np.ndarray],
    starts: np.ndarray,
    *,
    draws: int,
    generator: np.random.Generator,
    progress: Callable[[float], object] = lambda effective: None,
) -> Sampled:
    """Draws of the posterior, until `draws` of them are effective or too many evaluations are made.

    Parameters
    ----------
    target : Target
    known : (point, parameter), (point, entry)
        What was evaluated before.
    starts : (start, parameter)
        Where walkers begin: every mode that is known.
    draws : int
        Effective draws of every parameter that are asked for.
    generator : of random numbers; the same one and the same answers of the target give the same draws
    progress : is told after each round how many draws are effective
    """
    seen = Teachers(target.log_density, *known)
    walkers = [around(starts, chain, target.bounds, generator) for chain in range(CHAINS)]
    mixture = Mixture(starts.shape[1])
    emulator = None
    while True:
        rounds = len(mixture.emulators)
        emulator = Emulator(
            *seen.near,
            target.scored,
            before=emulator,
            # anew whenever the draws have doubled: in between, lengths do not move by what matters
            learn=rounds.bit_count() <= 1,
        )
        emulated = Emulated(target.bounds, target.log_density, emulator)
        walkers, drawn = proposed(emulated, walkers, ROUND // CHAINS, generator)
        fresh = drawn.reshape(-1, drawn.shape[-1])
        seen.add(fresh, target.entries(fresh))
        mixture.add(emulated, fresh)
        if len(mixture.points) < draws:
            continue
        weights = _by_chain(seen.heights_of(mixture.points) - mixture.log_density())
        chains = np.array([_metropolis(own, generator) for own in weights])
        kept = _by_chain(mixture.points)[np.arange(CHAINS)[:, None], chains]
        reached = effective(kept)
        progress(reached)
        enough = reached >= draws and largest_rhat(kept) <= LARGEST_RHAT
        if enough or weights.size >= most_evaluations(draws):
            break
    entries, heights = seen.found(kept)
    best, height = seen.best
    return Sampled(
        points=kept,
        entries=entries,
        heights=heights,
        best=best,
        best_height=height,
        accepted=float(np.mean(np.diff(chains, axis=1) != 0)),
        pareto_k=smoothed(-weights.ravel())[1],
        rounds=len(mixture.emulators),
        wanted=draws,
    )


def most_evaluations(draws: int) -> int:
    """Evaluations of draws after which the sampler gives up."""
    return max(MOST_PER_DRAW * draws, LEAST_ALLOWED)


def _by_chain(values: np.ndarray) -> np.ndarray:
    """Values of draws in the order in which they were drawn, (point, …), as (chain, draw, …)."""
    rounds = values.reshape(-1, CHAINS, ROUND // CHAINS, *values.shape[1:])
    return rounds.swapaxes(0, 1).reshape(CHAINS, -1, *values.shape[1:])


def effective(points: np.ndarray) -> float:
    """Effective draws of points (chain, draw, parameter): bulk or tail, of the parameter with fewest."""
    return float(np.nanmin(bulk_and_tail(points)))


def bulk_and_tail(points: np.ndarray) -> np.ndarray:
    """Effective draws of the middle and of the 5 and 95 % ends, (2, …), of points (chain, draw, …)."""
    axes = {"chain_axis": 0, "draw_axis": 1}
    bulk = array_stats.ess(points, method="bulk", **axes)
    return np.array([bulk, array_stats.ess(points, method="tail", prob=(LOW, HIGH), **axes)])


def largest_rhat(points: np.ndarray) -> float:
    """Rank-normalised split R-hat of the worst parameter; points are (chain, draw, parameter)."""
    return float(np.nanmax(array_stats.rhat(points, chain_axis=0, draw_axis=1)))


def _metropolis(weights: np.ndarray, generator) -> list[int]:
    """Which proposal a chain is at, (draw,), of ln weights (draw,).

    It starts from a proposal that is drawn by weight, and takes the others in random order: each is of
    the mixture then, whichever emulator drew it.
    """
    chances = np.exp(weights - weights.max())
    current = int(generator.choice(len(weights), p=chances / chances.sum()))
    states = []
    order = generator.permutation(len(weights))
    for place, limit in zip(order.tolist(), np.log(generator.random(len(weights))), strict=True):
        if limit < weights[place] - weights[current]:
            current = place
        states.append(current)
    return states
