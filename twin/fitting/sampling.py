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

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import emcee
import numpy as np
from arviz_stats.base import array_stats
from scipy.special import logsumexp

from twin import parallel
from twin.fitting.emulator import Emulator
from twin.results.intervals import HIGH, LOW

CHAINS = 4
"""Chains, each with ensembles of walkers of its own: R-hat compares them."""
ROUND = 200
"""Points that are evaluated with each emulator, over all chains."""
LEARNING = 4
"""Rounds in which the emulator learns its lengths anew; later they no longer move by what matters."""
LARGEST_RHAT = 1.02
"""Largest R-hat of chains that agree."""
MOST_PER_DRAW = 8
"""Most evaluations of draws for each effective one that is asked for."""
FLATTENED = 0.85
"""Power to which an emulated posterior is raised: a normal in twenty dimensions then loses a fifth of
its draws, and no tail is missed."""
NEAR = 15.0
"""Points known before whose ln(posterior) is this far below the best, and a half more for each
parameter, teach nothing about where the posterior is."""
LEAST = 300
"""Draws, the highest, that teach even where they lie deeper: the first emulators err everywhere."""
TAUGHT_BY = 900
"""Draws, the latest, that an emulator is fitted to at most: its time grows as their number squared."""
KNOWN = 200
"""Points evaluated before the first draw that it is fitted to at most."""
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
    """
    seen = _Seen(target, *known)
    walkers = [_around(starts, chain, target.bounds, generator) for chain in range(CHAINS)]
    emulators: list[Emulator] = []
    pool = np.empty((CHAINS, 0, starts.shape[1]))
    while True:
        emulators.append(
            Emulator(
                *seen.near,
                target.scored,
                before=emulators[-1] if emulators else None,
                learn=len(emulators) < LEARNING,
            )
        )
        walkers, drawn = _proposed(target, emulators[-1], walkers, ROUND // CHAINS, generator)
        fresh = drawn.reshape(-1, drawn.shape[-1])
        seen.add(fresh, target.entries(fresh))
        pool = np.concatenate([pool, drawn], axis=1)
        points = pool.reshape(-1, pool.shape[-1])
        weights = (seen.heights_of(points) - _mixture(target, emulators, points)).reshape(CHAINS, -1)
        if pool.shape[1] * CHAINS < draws:
            continue
        chains = np.array([_metropolis(own, generator) for own in weights])
        kept = pool[np.arange(CHAINS)[:, None], chains]
        enough = effective(kept) >= draws and largest_rhat(kept) <= LARGEST_RHAT
        if enough or weights.size >= MOST_PER_DRAW * draws:
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
        pareto_k=_pareto_k(weights.ravel()),
        rounds=len(emulators),
        wanted=draws,
    )


def effective(points: np.ndarray) -> float:
    """Effective draws of points (chain, draw, parameter): bulk or tail, of the parameter with fewest."""
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
        self.place: dict[bytes, int] = {}
        self.add(points, entries)
        self.known = len(points)

    def add(self, points: np.ndarray, entries: np.ndarray) -> None:
        """Take in points that were evaluated."""
        first = len(self.points)
        self.place |= {point.tobytes(): first + number for number, point in enumerate(points)}
        heights = self.target.log_density(points, entries)
        heights = np.where(np.isfinite(entries).all(axis=1), heights, -np.inf)
        self.points = np.concatenate([self.points, points])
        self.entries = np.concatenate([self.entries, entries])
        self.heights = np.concatenate([self.heights, heights])

    def heights_of(self, points: np.ndarray) -> np.ndarray:
        """ln(posterior), (point,), of points that were taken in."""
        return self.heights[[self.place[point.tobytes()] for point in points]]

    def found(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Entries and ln(posterior) of points (chain, draw, parameter) that were taken in."""
        places = np.array([[self.place[point.tobytes()] for point in chain] for chain in points])
        return self.entries[places], self.heights[places]

    @property
    def near(self) -> tuple[np.ndarray, np.ndarray]:
        """What teaches the emulator: the latest draws, and of what was known some from all heights.

        The highest alone would lie in a heap around the optimum, where descents have taken derivatives.
        """
        depth = NEAR + 0.5 * self.points.shape[1]
        below = self.heights.max() - self.heights
        before = np.flatnonzero(below[: self.known] <= depth)
        drawn = self.known + np.argsort(below[self.known :], kind="stable")
        enough = max(np.count_nonzero(below[self.known :] <= depth), LEAST)
        answered = np.count_nonzero(np.isfinite(below[self.known :]))
        drawn = np.sort(drawn[: min(enough, answered)])
        before = before[np.argsort(self.heights[before], kind="stable")]
        some = np.linspace(0, len(before) - 1, min(KNOWN, len(before))).astype(int)
        chosen = np.concatenate([drawn[-TAUGHT_BY:], before[some]])
        return self.points[chosen], self.entries[chosen]

    @property
    def best(self) -> tuple[np.ndarray, float]:
        place = int(np.argmax(self.heights))
        return self.points[place], float(self.heights[place])


def _around(starts, chain: int, bounds, generator) -> np.ndarray:
    """Walkers, (walker, parameter), around the starts, each chain's beginning with another one."""
    count = WALKERS * starts.shape[1]
    own = starts[(chain + np.arange(count)) % len(starts)]
    return np.clip(own + SPREAD * generator.standard_normal(own.shape), *bounds)


def _emulated(target: Target, emulator: Emulator, points: np.ndarray) -> np.ndarray:
    """ln of the emulator's posterior, flattened, at points, (point,)."""
    lower, upper = target.bounds
    inside = ((points >= lower) & (points <= upper)).all(axis=1)
    heights = np.full(len(points), -np.inf)
    if inside.any():
        heights[inside] = FLATTENED * target.log_density(points[inside], emulator(points[inside]))
    return heights


def _proposed(target, emulator, walkers, count: int, generator) -> tuple[list, np.ndarray]:
    """Where the walkers of each chain end, and draws of the emulator, (chain, draw, parameter)."""
    cheap = dataclasses.replace(target, entries=_none)  # no process need know how to make runs
    tasks = [(cheap, emulator, own, int(generator.integers(2**31))) for own in walkers]
    ended, drawn = [], []
    for chain in parallel.map_tasks(_walked, tasks):
        ended.append(chain[-1])
        settled = chain[SETTLING:].reshape(-1, chain.shape[-1])
        drawn.append(settled[generator.choice(len(settled), count, replace=False)])
    return ended, np.array(drawn)


def _none(points: np.ndarray) -> np.ndarray:
    raise NotImplementedError("walkers ask the emulator alone")


def _walked(task) -> np.ndarray:
    """The steps of an ensemble, (step, walker, parameter)."""
    target, emulator, walkers, seed = task
    ensemble = emcee.EnsembleSampler(
        *walkers.shape,
        lambda points: _emulated(target, emulator, points),
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


def _mixture(target: Target, emulators: Sequence[Emulator], points: np.ndarray) -> np.ndarray:
    """ln of the mixture that points (point,) were drawn from, as many from each emulator."""
    emulated = np.array([_emulated(target, emulator, points) for emulator in emulators])
    constants = np.zeros(len(emulators))
    while True:
        mixture = logsumexp(emulated - constants[:, None], axis=0)
        found = logsumexp(emulated - mixture, axis=1)
        found -= found[0]
        moved, constants = np.abs(found - constants).max(), found
        if moved < SELF_CONSISTENT:
            return mixture


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


def _pareto_k(weights: np.ndarray) -> float:
    _, k = array_stats.psislw(-weights)  # which takes what weights divide by
    return float(np.max(k))
