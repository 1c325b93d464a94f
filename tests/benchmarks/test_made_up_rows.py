"""Rows made of a truth: deviations, events and the truths that are kept are the likelihood's."""

import dataclasses

import numpy as np
import pytest
from benchmarks.made_up_family import ONSET, WIDE, family
from benchmarks.made_up_rows import (
    LARGEST_RATIO,
    LONGEST_TEST,
    coloured,
    made_up,
    with_rows,
)
from scipy.stats import kstest, norm, t

from twin.fitting.likelihood import BOUNDS, heavy_tailed
from twin.fitting.problem import problem_of

CASES = 800
PAPERS = ("Chang2023", "Duan2023", "Liu2018", "Luo2021")


@pytest.fixture(scope="module")
def problem():
    return family()


@pytest.fixture(scope="module")
def cases(problem):
    generator = np.random.default_rng(0)
    return [made_up(problem, generator) for _ in range(CASES)]


def growth_of(problem, cases):
    (place,) = (place for place, own in enumerate(problem.searched) if own.prior == WIDE)
    return np.array([case.truth[place] for case in cases])


def censored(case):
    return case.problem.likelihood.rows[1].kind == "lower_bound"


def test_scores_at_the_truth_are_those_of_students_t(cases):
    """As a fit to the made-up rows scores them: whitened deviations with four degrees of freedom."""
    found = np.array([case.problem.residuals(case.truth[None], processes=1)[0] for case in cases])
    drawn = np.array([case.white for case in cases])
    for row in (0, 2):
        assert found[:, row] == pytest.approx(heavy_tailed(drawn[:, row]), abs=1e-9)
        plain = np.sign(found[:, row]) * np.sqrt(4 * np.expm1(found[:, row] ** 2 / 5))
        assert kstest(plain, t(4).cdf).pvalue > 0.01
    assert found[:, -2:] == pytest.approx(np.array([case.truth for case in cases]))


@pytest.mark.parametrize("paper", PAPERS)
def test_deviations_of_one_cell_are_whitened_back(paper):
    likelihood = problem_of(paper).likelihood
    white = np.random.default_rng(1).standard_t(4, len(likelihood.rows))
    deviations = coloured(likelihood, white)
    entries = np.concatenate([deviations, np.ones(len(likelihood.survivals))])
    values = [row.kind not in BOUNDS for row in likelihood.rows]
    found = likelihood.residuals(entries)[: len(white)][values]
    assert found == pytest.approx(heavy_tailed(white[values]))


@pytest.mark.parametrize("paper", PAPERS)
def test_events_are_alone_with_their_spread(paper):
    """What the end of a test makes of one is worked out for a row that shares no cell's offset."""
    rows = problem_of(paper).likelihood.rows
    places = [(row.physical_cell, row.observable) for row in rows if row.kind not in BOUNDS]
    assert all(
        places.count((row.physical_cell, row.observable)) == 1 for row in rows if row.kind == "event"
    )


def bound_holds(margin, deviation):
    """What the likelihood says of a bound: the normal's chance, with the tails of Student's t."""
    return (1 - 2 * norm.logcdf(margin / deviation) / 4) ** -2.5


def test_truths_that_are_kept_are_those_whose_bounds_hold(problem, cases):
    """Their density, on a grid: the prior, by the chances of survival and of what a test has seen."""
    growth = np.linspace(-3, 3, 4001)
    lived = ONSET / WIDE.spread**growth
    measured = problem.likelihood.rows[1]
    assert measured.value == 891
    alive = bound_holds(np.clip(np.log(np.ceil(lived) / 100), -3, 3), 0.2)
    beyond = np.log(lived / (LONGEST_TEST * measured.value))
    deviation = np.hypot(0.01, 0.2)
    seen, unseen = t.cdf(-beyond / deviation, 4), bound_holds(beyond, deviation) / LARGEST_RATIO
    kept = norm.pdf(growth) * alive * (seen + unseen)
    outlasted = norm.pdf(growth) * alive * unseen
    of_those = np.array([censored(case) for case in cases])
    truths = growth_of(problem, cases)
    assert of_those.mean() == pytest.approx(outlasted.sum() / kept.sum(), abs=4 * 0.3 / np.sqrt(CASES))
    for chosen, density in ((of_those, outlasted), (~of_those, kept - outlasted)):
        weight = density / density.sum()
        mean = weight @ growth
        error = np.sqrt(weight @ (growth - mean) ** 2 / np.count_nonzero(chosen))
        assert truths[chosen].mean() == pytest.approx(mean, abs=4 * error)
    # the prior alone has its mean at 0: what is cut off on either side shows
    assert (norm.pdf(growth) * alive) @ growth / (norm.pdf(growth) @ alive) < -0.1


def test_what_has_not_come_by_the_end_of_its_test_is_a_bound(cases):
    for case in cases:
        row = case.problem.likelihood.rows[1]
        assert row.value <= LONGEST_TEST * 891
        assert (row.kind == "lower_bound") == (row.value == LONGEST_TEST * 891)
        assert row.where == "made up"


def test_a_prediction_of_nothing_makes_no_row(problem):
    def without_capacity(tasks):
        runs = problem.simulate(tasks)
        for (cell, _), run in zip(tasks, runs, strict=True):
            if cell.values["Cathode utilisation"] < 0.63:
                run["areal_discharge_capacity"][1][:] = 0.0
        return runs

    half = dataclasses.replace(problem, simulate=without_capacity)
    generator = np.random.default_rng(3)
    found = [made_up(half, generator) for _ in range(30)]
    assert sum(case.nothing for case in found) > 5
    for case in found:
        assert (
            case.problem.cells_at(case.truth)[next(iter(problem.cells))].values["Cathode utilisation"]
            >= 0.63
        )


def test_rows_are_replaced_under_their_ids(problem):
    first, *others = problem.likelihood.rows
    assert with_rows(problem, [*others, first]).likelihood.rows == problem.likelihood.rows
