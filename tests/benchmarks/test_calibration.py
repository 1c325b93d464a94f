"""Ranks of made-up cells: against posteriors that are known, and what a file of them says."""

import json

import numpy as np
import pytest
from benchmarks import calibration
from benchmarks.calibration import RANKED, calibrated, forecast, lines, rank
from benchmarks.calibration_summary import BINS, covered, histogram, picture, uniform_chance, words
from benchmarks.made_up_family import ONSET, WIDE, family
from benchmarks.made_up_rows import made_up

from twin.protocols.standard import CYCLES

DRAWS = 60


pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture(scope="module")
def problem():
    return family()


def below(case, place):
    """The share of the posterior of one parameter below its truth, on a grid.

    No row depends on both parameters: the posterior of one is the density along its axis.
    """
    lower, upper = (bound[place] for bound in case.problem.bounds)
    points = np.repeat(case.truth[None], 400, axis=0)
    points[:, place] = np.linspace(lower, upper, len(points))
    heights = case.problem.log_density(points, case.problem.entries(points, processes=1))
    weights = np.exp(heights - heights.max())
    return weights[points[:, place] < case.truth[place]].sum() / weights.sum()


@pytest.mark.parametrize("number", range(3))
def test_ranks_are_those_of_the_posterior(problem, number):
    found = calibrated(problem, number, asked=DRAWS)
    case = made_up(problem, np.random.default_rng(number))
    assert list(found["ranks"]) == [searched.name for searched in problem.searched]
    for place, own in enumerate(found["ranks"].values()):
        share = below(case, place)
        # four standard errors of a share of the ranked draws, and half a rank
        error = 4 * np.sqrt(share * (1 - share) / RANKED) + 0.5 / RANKED
        assert own / RANKED == pytest.approx(share, abs=error)
    assert set(found["forecasts"]) == {
        f"Luo2021_LiIn_LPSCl_NCM622: {quantity}" for quantity in ("retention at 800", "onset [cycle]")
    }
    assert found["effective"] >= DRAWS
    assert found["converged"]
    assert json.loads(json.dumps(found)) == found


def test_a_forecast_adds_the_spread_of_equal_cells(problem):
    """A fifth of ln of the growth coefficient, from cell to cell, is a fifth of ln of the onset."""
    middle = np.log(CYCLES / ONSET) / np.log(WIDE.spread)  # half of them live up to the last cycle
    found = forecast(problem, np.tile([0.0, -middle], (400, 1)), np.random.default_rng(0))
    onset = found["Luo2021_LiIn_LPSCl_NCM622: onset [cycle]"]
    retention = found["Luo2021_LiIn_LPSCl_NCM622: retention at 800"]
    assert np.log(onset).mean() == pytest.approx(np.log(CYCLES), abs=4 * 0.2 / 20)
    assert np.log(onset).std() == pytest.approx(0.2, rel=4 / np.sqrt(2 * 400))
    assert np.array_equal(retention == 0, onset <= CYCLES)
    # 1 minus 8 % of a utilisation of 0.63, which differs by a twentieth from cell to cell
    assert retention[retention > 0].mean() == pytest.approx(1 - 0.08 * 0.63, abs=1e-3)


def test_ranks_of_what_is_equal_are_drawn():
    generator = np.random.default_rng(0)
    assert rank(2.5, np.array([1.0, 2.0, 3.0]), generator) == 2
    ranks = [rank(0.0, np.zeros(9), generator) for _ in range(2000)]
    # ten ranks of 200, whose standard deviation is 13
    assert np.bincount(ranks, minlength=10) == pytest.approx(np.full(10, 200), abs=4 * 13.4)


def test_intervals_end_at_ranks():
    every = range(RANKED + 1)
    assert [covered(every, RANKED, share) for share in (0.5, 0.9)] == [30, 54]
    assert covered([2, 3, 56, 57], RANKED, 0.9) == 2
    assert histogram(every, RANKED).tolist() == [(RANKED + 1) // BINS] * BINS
    assert uniform_chance(every, RANKED) == pytest.approx(1.0)
    assert uniform_chance([0] * 30, RANKED) < 1e-6


def line(number, parameter, lives):
    return {
        "family": "Toy", "number": number, "converged": number > 0, "effective": 100.0, "rhat": 1.01,
        "evaluations": 900, "seconds": 12.0, "ranks": {"part: Parameter [m]": parameter},
        "forecasts": {"cell: onset": lives},
    }  # fmt: skip


def test_words_and_picture_tell_coverage(tmp_path):
    found = [line(number, number % (RANKED + 1), 0) for number in range(60)]
    told = words(found, RANKED)
    assert "Toy: 60 cells, 1 fits say that they have not converged, 0 have fewer" in told
    (parameter,) = (row for row in told.splitlines() if "Parameter [m]" in row)
    assert " 50 % " in parameter
    assert " 90 % ( 79 to  96)" in parameter
    (onset,) = (row for row in told.splitlines() if "cell: onset" in row)
    assert " 0 % (  0 to   6)" in onset
    assert onset.endswith("0.000")
    picture(found, RANKED, tmp_path / "ranks.png")
    assert (tmp_path / "ranks.png").stat().st_size > 1000


def test_a_run_that_was_killed_goes_on(tmp_path, monkeypatch):
    asked = []

    def one_of_many(task):
        asked.append(task)
        return line(task[1], 0, 0) | {"family": task[0]}

    monkeypatch.setattr(calibration, "_one_of_many", one_of_many)
    path = tmp_path / "found.jsonl"
    calibration.calibrate(path, ["A", "B"], 1, 1)
    path.write_text(path.read_text() + '\n{"family": "A", "num')
    calibration.calibrate(path, ["A", "B"], 2, 1)
    assert asked == [("A", 0), ("B", 0), ("A", 1), ("B", 1)]
    assert [(own["family"], own["number"]) for own in lines(path)] == asked
