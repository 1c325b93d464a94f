"""Simulation-based calibration: does a fit's 90 % interval hold the truth nine times of ten?

Cells are drawn from the priors, rows made of them (``made_up_rows``), fitted, and forecast. Among draws
of the posterior, the truth's rank is then uniform (Talts et al. 2018, arXiv:1804.06788): of each
parameter, and of what a forecast says of the next cell, to which equal cells' spread is added on both
sides. Ends of a central interval are ranks, so that coverage is read off them.

::

    PYTHONPATH=tests python -m benchmarks.calibration Luo2021 Duan2023 --out calibration.jsonl

writes one line for each cell, prints what all lines of the file say, and draws their ranks. A run that
was killed goes on where it stood: the number of a cell is the seed of all that is drawn for it. With
``--cells 0`` it only says what is there.
"""

import argparse
import functools
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr
from benchmarks import calibration_summary
from benchmarks.made_up_rows import made_up

from twin import parallel
from twin.fitting import optimum
from twin.fitting.draws import drawn_cells
from twin.fitting.evaluated import Evaluated
from twin.fitting.problem import Problem, problem_of
from twin.fitting.sampling import Sampled, Target, sample
from twin.fitting.told_by_rows import drawn_from_priors
from twin.measured import readings
from twin.protocols.standard import CYCLES, standard_protocol

RANKED = 59
"""Draws of each fit among which the truth has a rank, evenly spread over its chains: 60 ranks, of which
54 lie within 90 % and 30 within half, and fewer draws than are effective."""
ASKED = 100
"""Effective draws that each fit goes on for."""
TRIED = 40
"""Draws of the priors that are evaluated before a fit, in place of an Optuna study's trials."""
TRIED_STARTS = 2
"""The best of these, far apart, from which descents set out beside the middle of the priors."""


def calibrated(family: Problem, number: int, *, asked: int = ASKED) -> dict:
    """Ranks of one made-up cell among the draws of its fit, and how that fit went."""
    began = time.process_time()
    generator = np.random.default_rng(number)
    case = made_up(family, generator)
    problem = case.problem
    evaluated = Evaluated(problem, processes=1)
    agreed, sampled = fitted(evaluated, generator, asked)
    every = sampled.points.reshape(-1, len(case.truth))
    chosen = every[np.linspace(0, len(every) - 1, RANKED).round().astype(int)]
    ranks = {
        searched.name: rank(case.truth[place], chosen[:, place], generator)
        for place, searched in enumerate(problem.searched)
    }
    drawn, true = (forecast(problem, points, generator) for points in (chosen, case.truth[None]))
    forecasts = {name: rank(true[name][0], drawn[name], generator) for name in drawn}
    return {
        "family": family.paper,
        "number": number,
        "asked": asked,
        "missed": case.missed,
        "nothing": case.nothing,
        "evaluations": len(evaluated),
        "seconds": round(time.process_time() - began, 1),
        "agreed": agreed,
        "effective": round(sampled.effective_draws, 1),
        "rhat": round(sampled.largest_rhat, 4),
        "pareto_k": round(sampled.pareto_k, 3),
        "converged": sampled.converged,
        "ranks": ranks,
        "forecasts": forecasts,
        "truth": {name: float(values[0]) for name, values in true.items()},
        "low": {name: float(np.quantile(values, 0.05)) for name, values in drawn.items()},
        "high": {name: float(np.quantile(values, 0.95)) for name, values in drawn.items()},
    }


def fitted(evaluated: Evaluated, generator: np.random.Generator, asked: int) -> tuple[int, Sampled]:
    """How many descents ended alike, and draws: as ``twin.fit`` does, after a search that is shorter."""
    problem = evaluated.problem
    tried = drawn_from_priors(problem, TRIED, generator)
    heights = problem.log_density(tried, evaluated.entries(tried))
    starts = [("the middle of the priors", problem.start)]
    for place in np.argsort(-heights).tolist():
        apart = [np.sqrt(np.mean((tried[place] - other) ** 2)) for _, other in starts[1:]]
        if all(distance >= optimum.FAR for distance in apart):
            starts.append((f"draw {place} of the priors", tried[place]))
        if len(starts) > TRIED_STARTS:
            break
    found = optimum.refined(evaluated, starts)
    target = Target(problem.bounds, evaluated.entries, problem.log_density, problem.likelihood.residuals)
    ends = np.array([end.coordinates for end in found.descents])
    sampled = sample(target, evaluated.everything, ends, draws=asked, generator=generator)
    return found.agreed, sampled


def forecast(
    problem: Problem, points: np.ndarray, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """What forecasts say at points (point, parameter), each of another cell: quantity -> (point,).

    Of a cell with a cathode, retention at cycle 800 (0 of one that no longer lives) and the cycle of a
    short; of a symmetric one, its lifetime [h]. What had not come is continued at the run's pace: an
    interval holds a cycle beyond its run where it holds "never within it".
    """
    draws = xr.Dataset(
        {
            "value": (("draw", "parameter"), [problem.values(point) for point in points]),
            "optimum": ("parameter", problem.values(problem.start)),
        },
        coords={"parameter": [searched.name for searched in problem.searched]},
        attrs={"paper": problem.paper},
    )
    found = {}
    for name, cell in problem.cells.items():
        versions = drawn_cells(cell, draws, len(points), int(generator.integers(2**31)))
        protocol = standard_protocol(cell)
        runs = problem.simulate([(version, protocol) for version in versions])
        if cell.has_cathode:
            found[f"{name}: retention at {CYCLES}"] = np.array([retained(run) for run in runs])
            found[f"{name}: onset [cycle]"] = np.array([readings.onset(run) for run in runs])
        else:
            found[f"{name}: lifetime [h]"] = np.array([readings.lifetime(run) for run in runs])
    return found


def retained(run) -> float:
    """Capacity retention in the last cycle of a forecast; 0 where the cell has not lived up to it."""
    whole = readings.cycles_of(run) == CYCLES
    lives = whole and not run["spent"][1][-1] and not readings.onset(run) <= CYCLES
    return float(np.nan_to_num(run["capacity_retention"][1][-1])) if lives else 0.0


def rank(truth: float, draws: np.ndarray, generator: np.random.Generator) -> int:
    """How many draws lie below the truth; of those that equal it, any number is as likely."""
    equal = int(np.count_nonzero(draws == truth))
    return int(np.count_nonzero(draws < truth)) + int(generator.integers(equal + 1))


def lines(path: Path) -> Iterator[dict]:
    """What a file holds; of a run that was killed, its last line may be half a line."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def calibrate(path: Path, families: list[str], cells: int, processes: int | None) -> None:
    """Add what is missing of the first `cells` cells of each family."""
    done = {(line["family"], line["number"]) for line in lines(path)}
    missing = [
        (family, number)
        for number in range(cells)
        for family in families
        if (family, number) not in done
    ]
    with path.open("a", encoding="utf-8") as file:
        for line in parallel.map_tasks(_one_of_many, missing, processes=processes):
            file.write(f"\n{json.dumps(line)}")  # a half line before it stays one of its own
            file.flush()


def _one_of_many(task: tuple[str, int]) -> dict:
    """One cell in one process: many go side by side."""
    parallel.cores = lambda: 1
    family, number = task
    return calibrated(_read(family), number)


@functools.cache
def _read(family: str) -> Problem:
    return problem_of(family)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("families", nargs="+")
    parser.add_argument("--cells", type=int, default=50, help="of each family, in all")
    parser.add_argument("--out", type=Path, default=Path("calibration.jsonl"))
    parser.add_argument("--processes", type=int, help="by default one for each core")
    asked = parser.parse_args()
    calibrate(asked.out, asked.families, asked.cells, asked.processes)
    found = list(lines(asked.out))
    print(calibration_summary.words(found, RANKED))
    calibration_summary.picture(found, RANKED, asked.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
