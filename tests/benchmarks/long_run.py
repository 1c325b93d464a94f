"""The shipped draws of a family against a long run of another method, on the runs themselves.

An ensemble of walkers (emcee: Foreman-Mackey et al. 2013, PASP 125, 306), with moves along differences
of others (ter Braak 2006, Statistics and Computing 16, 239), starts from draws of the priors, and knows
no emulator. Not with emcee's snooker move: with a fifth of it, a normal in ten dimensions comes out with
0.93 of its width. ::

    PYTHONPATH=tests python -m benchmarks.long_run Luo2021 --steps 2000 --out long_run.npz

goes on from what the file holds, and prints by how much medians and 5 and 95 % ends differ, in standard
deviations of the posterior.
"""

import argparse
from pathlib import Path

import emcee
import numpy as np
import xarray as xr
from arviz_stats.base import array_stats
from tqdm.auto import tqdm

from twin.fitting.problem import Problem, problem_of
from twin.fitting.told_by_rows import drawn_from_priors
from twin.parts import shipped
from twin.results.intervals import HIGH, LOW, MEDIAN

WALKERS = 4
"""For each parameter."""
SETTLING = 0.3
"""Share of the steps, the first ones, that do not count."""
TOGETHER = 20
"""Steps between which the file is written."""


def stepped(problem: Problem, path: Path, steps: int) -> np.ndarray:
    """Walkers' coordinates, (step, walker, parameter), of which a file holds those made before."""
    bounds = problem.bounds
    count = WALKERS * len(problem.searched)

    def height(points):
        heights = np.full(len(points), -np.inf)
        inside = ((points >= bounds[0]) & (points <= bounds[1])).all(axis=1)
        if inside.any():
            entries = problem.entries(points[inside], processes=1)
            heights[inside] = np.nan_to_num(problem.log_density(points[inside], entries), nan=-np.inf)
        return heights

    ensemble = emcee.EnsembleSampler(
        count,
        len(problem.searched),
        height,
        moves=[
            (emcee.moves.DEMove(), 0.7),
            (emcee.moves.DEMove(gamma0=1.0), 0.1),
            (emcee.moves.StretchMove(), 0.2),
        ],
        vectorize=True,
    )
    chain = _chain(path)
    with tqdm(total=steps, initial=len(chain), desc=f"long run {problem.paper}", disable=None) as bar:
        while len(chain) < steps:
            generator = np.random.default_rng(len(chain))
            # the number of steps made is the seed of those that follow
            ensemble.random_state = np.random.RandomState(len(chain)).get_state()
            first = chain[-1] if len(chain) else drawn_from_priors(problem, count, generator)
            ensemble.reset()
            ensemble.run_mcmc(first, TOGETHER, skip_initial_state_check=True)
            own = ensemble.get_chain()
            chain = np.concatenate([chain.reshape(-1, *own.shape[1:]), own])
            beside = path.with_suffix(".part.npz")
            np.savez(beside, chain=chain, version=problem.version)
            beside.rename(path)
            bar.update(len(own))
    return chain


def _chain(path: Path) -> np.ndarray:
    if not path.exists():
        return np.empty((0, 0, 0))
    with np.load(path) as content:
        return content["chain"]


def compared(problem: Problem, chain: np.ndarray) -> str:
    """A table: of each parameter, shipped draws less those of a chain (step, walker, parameter)."""
    path = shipped("parameter_sets") / "fitted" / f"{problem.paper}_draws.nc"
    with xr.open_datatree(path) as tree:
        assert tree.attrs["study_version"] == problem.version, "the shipped draws are of another model"
        values = tree["posterior"]["value"].transpose("chain", "draw", "parameter").values
    own = np.array([[problem.coordinates(point) for point in draws] for draws in values])
    other = chain[round(SETTLING * len(chain)) :].transpose(1, 0, 2)
    told = [
        f"{problem.paper}: {own.shape[0] * own.shape[1]} shipped draws, and {other.shape[0]} walkers of "
        f"{other.shape[1]} steps after settling, of {chain.shape[0] * chain.shape[1]} evaluations",
        f"{'difference [posterior deviations], its standard error':64}"
        + "".join(f"{words:>18}" for words in ("5 %", "median", "95 %"))
        + f"{'widths':>9}{'effective':>15}",
    ]
    differences = []
    for place, searched in enumerate(problem.searched):
        sides = own[..., place], other[..., place]
        deviation = sides[1].std()
        line = f"{searched.name:64.64}"
        for share in (LOW, MEDIAN, HIGH):
            found = (np.quantile(sides[0], share) - np.quantile(sides[1], share)) / deviation
            error = np.hypot(*(_error(side, share) for side in sides)) / deviation
            differences.append((found, error))
            line += f"{found:+9.2f} ± {error:.2f}  "
        worth = [array_stats.ess(side, method="bulk", **AXES) for side in sides]
        told.append(f"{line}{sides[0].std() / deviation:9.2f}{worth[0]:8.0f}{worth[1]:7.0f}")
    found, errors = np.abs(differences).T
    told.append(
        f"largest difference {found.max():.2f}; {np.mean(found <= 0.15):.0%} within 0.15; over their "
        f"standard errors, differences are {np.sqrt(np.mean((found / errors) ** 2)):.2f} (rms)"
    )
    return "\n".join(told)


AXES = {"chain_axis": 0, "draw_axis": 1}


def _error(draws: np.ndarray, share: float) -> float:
    """Standard error of a quantile of draws (chain, draw)."""
    return float(array_stats.mcse(draws, method="quantile", prob=share, **AXES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("family")
    parser.add_argument("--steps", type=int, default=2000, help="in all")
    parser.add_argument("--out", type=Path, default=Path("long_run.npz"))
    asked = parser.parse_args()
    problem = problem_of(asked.family)
    print(compared(problem, stepped(problem, asked.out, asked.steps)))


if __name__ == "__main__":
    main()
