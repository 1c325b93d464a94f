"""Draws from a posterior whose runs are dear: an emulator proposes them, the runs decide.

An emulator of the entries (``emulator``) is fitted to what has been evaluated. Its own posterior, which
costs next to nothing, is sampled by an ensemble of walkers (emcee: Foreman-Mackey et al. 2013, PASP 125,
306) with moves along differences of other walkers (ter Braak 2006, Statistics and Computing 16, 239). Some
of these draws are truly evaluated; they teach the next emulator. When the weights, true over emulated
density, no longer vary much, the emulator stays as it is, and its draws are the proposals of independent
Metropolis-Hastings chains (Tierney 1994, Annals of Statistics 22, 1701), which accept each by its weight:
their points are draws of the true posterior, nearly independent where the emulator is good. Effective
draws and R-hat of the chains (Vehtari et al. 2021, Bayesian Analysis 16, 667) and Pareto's k of the weights
(Vehtari et al. 2024, JMLR 25, 72) say how good.

A mode that no start and no evaluation has come near stays unseen: several starts must look for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import emcee
import numpy as np
from arviz_stats.base import array_stats

from twin.fitting.emulator import Emulator
from twin.results.intervals import HIGH, LOW

CHAINS = 4
"""Chains, each with an ensemble of walkers of its own: R-hat compares them."""
ROUNDS = 8
"""Most emulators: those that still err after so many do so at a wall, which more points do not mend."""
ROUND = 120
"""Points that are evaluated with each emulator, over all chains."""
GOOD = 0.6
"""Effective share of the weights with which an emulator is good enough to stay as it is."""
LARGEST_RHAT = 1.02
"""Largest R-hat of chains that agree."""
MOST_PER_DRAW = 6
"""Most evaluations, in the last stage, for each effective draw that is asked for."""
NEAR = 30.0
"""Points whose ln(posterior) is this far below the best, and a half more for each parameter, teach nothing
about where the posterior is."""
TAUGHT_BY = 1200
"""Most points that an emulator is fitted to, the highest: its time grows as their number squared."""
WALKERS = 2
"""Walkers of an ensemble for each parameter, and four more."""
STEPS = 1200
"""Steps of an ensemble: some ten times the autocorrelation time in twenty dimensions."""
SETTLING = 400
"""Steps of these before walkers count."""
SPREAD = 0.05
"""Standard deviation of walkers around a start, where there is no ensemble before."""


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
    """

    bounds: tuple[np.ndarray, np.ndarray]
    entries: Callable[[np.ndarray], np.ndarray]
    log_density: Callable[[np.ndarray, np.ndarray], np.ndarray]


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
        """Independent draws that these are worth, of the parameter and the part (bulk, tail) with fewest."""
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
            return f"The posterior has not converged: its chains do not agree (R-hat {self.largest_rhat:.2f})."
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
    generator : of random numbers; the same one, with the same answers of the target, gives the same draws
    """
    seen = _Seen(target, *known)
    walkers = [_around(starts, chain, target.bounds, generator) for chain in range(CHAINS)]
    emulator = None
    for rounds in range(1, ROUNDS + 1):
        emulator = Emulator(*seen.near, before=emulator)
        walkers, proposals = _proposed(target, emulator, walkers, ROUND // CHAINS, generator)
        points, entries, weights = _weighed(target, emulator, proposals, seen)
        if _effective_share(weights) >= GOOD:
            break
    while True:
        chains = [_metropolis(weights[chain], generator) for chain in range(CHAINS)]
        kept = points[np.arange(CHAINS)[:, None], np.array(chains)]
        enough = effective(kept) >= draws and largest_rhat(kept) <= LARGEST_RHAT
        if enough or weights.size >= MOST_PER_DRAW * draws:
            break
        more = max(ROUND // CHAINS, weights.shape[1] // 2)
        walkers, proposals = _proposed(target, emulator, walkers, more, generator)
        fresh = _weighed(target, emulator, proposals, seen)
        points, entries, weights = (
            np.concatenate([old, new], axis=1)
            for old, new in zip((points, entries, weights), fresh, strict=True)
        )
    places = (np.arange(CHAINS)[:, None], np.array(chains))
    best, height = seen.best
    return Sampled(
        points=points[places],
        entries=entries[places],
        heights=target.log_density(points[places], entries[places]),
        best=best,
        best_height=height,
        accepted=float(np.mean(np.diff(np.array(chains), axis=1) != 0)),
        pareto_k=_pareto_k(weights.ravel()),
        rounds=rounds,
        wanted=draws,
    )


def effective(points: np.ndarray) -> float:
    """Effective draws, of bulk or tail, of the parameter that has fewest; points are (chain, draw, parameter)."""
    axes = {"chain_axis": 0, "draw_axis": 1}
    bulk = array_stats.ess(points, method="bulk", **axes)
    tail = array_stats.ess(points, method="tail", prob=(LOW, HIGH), **axes)
    return float(min(np.nanmin(bulk), np.nanmin(tail)))


def largest_rhat(points: np.ndarray) -> float:
    """Rank-normalised split R-hat of the worst parameter; points are (chain, draw, parameter)."""
    return float(np.nanmax(array_stats.rhat(points, chain_axis=0, draw_axis=1)))


class _Seen:
    """What was evaluated, and what of it lies where the posterior is."""

    def __init__(self, target: Target, points: np.ndarray, entries: np.ndarray):
        self.target = target
        self.points, self.entries, self.heights = points[:0], entries[:0], np.empty(0)
        self.add(points, entries)

    def add(self, points: np.ndarray, entries: np.ndarray) -> np.ndarray:
        heights = self.target.log_density(points, entries)
        heights = np.where(np.isfinite(entries).all(axis=1), heights, -np.inf)
        self.points = np.concatenate([self.points, points])
        self.entries = np.concatenate([self.entries, entries])
        self.heights = np.concatenate([self.heights, heights])
        return heights

    @property
    def near(self) -> tuple[np.ndarray, np.ndarray]:
        depth = NEAR + 0.5 * self.points.shape[1]
        order = np.argsort(-self.heights, kind="stable")[:TAUGHT_BY]
        order = order[self.heights[order] >= self.heights.max() - depth]
        return self.points[order], self.entries[order]

    @property
    def best(self) -> tuple[np.ndarray, float]:
        place = int(np.argmax(self.heights))
        return self.points[place], float(self.heights[place])


def _around(starts, chain: int, bounds, generator) -> np.ndarray:
    """Walkers, (walker, parameter), around the starts, each chain's beginning with another one."""
    count = WALKERS * starts.shape[1] + 4
    own = starts[(chain + np.arange(count)) % len(starts)]
    return np.clip(own + SPREAD * generator.standard_normal(own.shape), *bounds)


def _emulated(target: Target, emulator: Emulator, points: np.ndarray) -> np.ndarray:
    """ln of the emulator's posterior at points, (point,)."""
    lower, upper = target.bounds
    inside = ((points >= lower) & (points <= upper)).all(axis=1)
    heights = np.full(len(points), -np.inf)
    if inside.any():
        heights[inside] = target.log_density(points[inside], emulator(points[inside]))
    return heights


def _proposed(target, emulator, walkers, count: int, generator) -> tuple[list, np.ndarray]:
    """Where the walkers of each chain end, and draws of the emulator's posterior, (chain, draw, parameter)."""
    ended, drawn = [], []
    for own in walkers:
        ensemble = emcee.EnsembleSampler(
            *own.shape,
            lambda points: _emulated(target, emulator, points),
            moves=[(emcee.moves.DEMove(), 0.7), (emcee.moves.StretchMove(), 0.3)],
            vectorize=True,
        )
        ensemble.random_state = np.random.RandomState(generator.integers(2**31)).get_state()
        with np.errstate(invalid="ignore"):
            ensemble.run_mcmc(own, STEPS, skip_initial_state_check=True)
        settled = ensemble.get_chain(discard=SETTLING, flat=True)
        drawn.append(settled[generator.choice(len(settled), count, replace=False)])
        ended.append(ensemble.get_chain()[-1])
    return ended, np.array(drawn)


def _weighed(target, emulator, proposals: np.ndarray, seen: _Seen) -> tuple:
    """Proposals (chain, draw, parameter) with their true entries and ln weights (chain, draw)."""
    points = proposals.reshape(-1, proposals.shape[-1])
    entries = target.entries(points)
    weights = seen.add(points, entries) - _emulated(target, emulator, points)
    return proposals, entries.reshape(*proposals.shape[:2], -1), weights.reshape(proposals.shape[:2])


def _metropolis(weights: np.ndarray, generator) -> list[int]:
    """Which proposal a chain is at, (draw,), of ln weights (draw,).

    It starts from a proposal that is drawn by weight.
    """
    chances = np.exp(weights - weights.max())
    current = int(generator.choice(len(weights), p=chances / chances.sum()))
    states = []
    for place, limit in enumerate(np.log(generator.random(len(weights)))):
        if limit < weights[place] - weights[current]:
            current = place
        states.append(current)
    return states


def _effective_share(weights: np.ndarray) -> float:
    """Kish's effective share of ln weights."""
    share = np.exp(weights - weights.max())
    return float(share.sum() ** 2 / (share**2).sum() / share.size)


def _pareto_k(weights: np.ndarray) -> float:
    _, k = array_stats.psislw(weights)
    return float(np.max(k))
