"""Speed of a fit's evaluations: many points side by side on all cores, against one after another."""

import dataclasses
import time

import numpy as np

from twin.fitting.posterior import fitted_coordinates
from twin.fitting.problem import problem_of
from twin.measured.folder import shipped_experiments
from twin.results.dataset import results
from twin.simulators import long_cycling

FEW, MANY = 24, 96
"""Points side by side: enough to keep two cores busy, and half of what a sampler asks for at once."""
SINGLE = 6
"""Points that are evaluated one after another."""
NEAR = 0.3
"""Of the points from the shipped fit [standard deviations of a prior]: where a posterior lies."""
ROUNDS = 2
"""All sides are timed in turns, so often, and the shortest counts."""
SAME = 0.02
"""Largest difference of an entry: jumps over cycles keep to a thousandth, of which a short can make
another cycle."""


def one_by_one(tasks):
    """Runs one after the other, each alone in the lanes."""
    return [results(long_cycling.record(*task), *task) for task in tasks]


def test_points_side_by_side_against_one_at_a_time(capsys, full_length):
    lines = [
        "evaluations per second: points side by side on all cores; point by point; run by run; ratios",
        *(_line(family, MANY if full_length else FEW) for family in shipped_experiments()),
    ]
    with capsys.disabled():
        print("\n" + "\n".join(lines), flush=True)


def _line(family, count):
    """The figures of a family, once it is sure that all sides say the same."""
    problem = problem_of(family)
    single = dataclasses.replace(problem, simulate=one_by_one)
    around = np.random.default_rng(0).standard_normal((count, len(problem.searched)))
    points = np.clip(fitted_coordinates(problem) + NEAR * around, *problem.bounds)
    few = points[:SINGLE]
    sides = [
        lambda: problem.entries(points),
        lambda: np.vstack([problem.entries(point[None], processes=1) for point in few]),
        lambda: np.vstack([single.entries(point[None], processes=1) for point in few]),
    ]
    found = [side() for side in sides]  # processes started, circuits built
    seconds = [np.inf] * len(sides)
    for _ in range(ROUNDS):
        for place, side in enumerate(sides):
            began = time.perf_counter()
            side()
            seconds[place] = min(seconds[place], time.perf_counter() - began)
    for other in found[1:]:
        np.testing.assert_allclose(found[0][:SINGLE], other, atol=SAME)
    together, points_alone, runs_alone = (
        len(own) / taken for own, taken in zip(found, seconds, strict=True)
    )
    return (
        f"{family:12}{len(problem.runs):3} runs, {len(problem.simulations):2} simulated: "
        f"{together:6.1f} {points_alone:6.1f} {runs_alone:6.1f} /s: "
        f"{together / points_alone:4.1f} x, {together / runs_alone:4.1f} x"
    )
