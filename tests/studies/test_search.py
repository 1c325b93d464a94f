"""The best point under chance constraints, on runs with a closed form."""

import numpy as np
import pytest
import xarray as xr

import twin
from twin.errors import ArgumentError, StudyError
from twin.studies import search as module
from twin.studies.common_draws import CommonDraws
from twin.studies.evaluations import at_the_edge, nearest_first

STEPS = ["Charge at {current} until 4.2 V", "Discharge at 1C until 2.6 V"]
CURRENT = {"current": {"field": "current", "low": 0.1, "high": 10, "unit": "mA/cm2", "log": True}}
KEPT = {"quantity": "capacity_retention", "at_least": 0.8, "probability": 0.9}
DRAWS = 20
DOUBT = "The posterior has not converged: 31 effective draws of 400."


@pytest.fixture
def evaluated(monkeypatch):
    """Runs of a made-up cell: 1/current hours to charge, and draw k loses (1 + k/10) current/10.

    With 20 draws, 18 must keep 80 %: that of k = 17 does up to a current of 2/2.7.
    """
    counts = []

    def run_draws(task):
        _, protocol, drawn = task
        counts.append(len(drawn))
        current = float(protocol.block[0].texts[0].split()[2])
        k = np.array([factors["k"] for factors in drawn])
        return {
            "outcome": np.full(len(k), "completed"),
            "charge_time": np.full(len(k), 1 / current),
            "capacity_retention": 1 - (1 + k / 10) * current / 10,
            "short_circuit": (current > 5) * np.ones(len(k)),
        }

    monkeypatch.setattr(module, "run_draws", run_draws)
    factors = [{"k": float(k)} for k in range(DRAWS)]
    made_up = CommonDraws(factors, xr.Dataset(), DRAWS, DOUBT)
    monkeypatch.setattr(module, "common_draws", lambda *_: made_up)
    return counts


def search(cell, folder, objective="charge_time", constraint=(KEPT,), file="search.db", **settings):
    study = twin.Study(cell, CURRENT, STEPS, objective=objective, constraint=constraint)
    settings = {"evaluations": 40, "draws": DRAWS, "processes": 1} | settings
    return module.search(study, **({"storage": f"sqlite:///{folder / file}"} | settings))


def test_it_finds_the_fastest_charge_that_is_safe_enough(full, evaluated, tmp_path):
    found = search(full, tmp_path)
    # 40 evaluations over two decades, half of them near the edge
    assert found.best["current"] == pytest.approx(2 / 2.7, rel=0.05)
    assert found.best["current"] <= 2 / 2.7
    data = found.evaluations
    assert data.sizes["evaluation"] == 40
    assert data.attrs["doubt"] == DOUBT
    best = data.sel(evaluation=data["on_front"].values)
    assert best["charge_time"] == pytest.approx(1 / found.best["current"])
    assert (data["feasible"] == (data["current"] <= 2 / 2.7)).all()
    assert (data["feasible"] == (data["missed"] == 0)).all()


def test_an_evaluation_stops_when_its_constraint_is_lost(full, evaluated, tmp_path):
    data = search(full, tmp_path, evaluations=12).evaluations
    lost = data["current"] > 2  # every draw fails: the first sixteen settle it
    assert lost.any()
    assert (data["draws_run"][lost] == 16).all()
    assert (data["draws_run"][data["feasible"]] == DRAWS).all()
    assert sum(evaluated) == data["draws_run"].sum() + DRAWS  # the best, once more on fresh ones


def test_a_resumed_search_evaluates_only_what_is_missing(full, evaluated, tmp_path):
    first = search(full, tmp_path, evaluations=8)
    runs = len(evaluated)
    again = search(full, tmp_path, evaluations=8)
    assert len(evaluated) == runs
    assert again.best == first.best
    more = search(full, tmp_path, evaluations=12)
    assert more.evaluations.sizes["evaluation"] == 12
    assert (
        more.evaluations["current"].values[:8].tolist() == first.evaluations["current"].values.tolist()
    )


def test_who_watches_sees_every_evaluation_and_may_end_the_search(full, evaluated, tmp_path):
    study = twin.Study(full, CURRENT, STEPS, objective="charge_time", constraint=KEPT)
    storage, seen = f"sqlite:///{tmp_path}/search.db", []

    def watch(data):
        seen.append(data.sizes["evaluation"])
        if len(seen) == 3:
            raise KeyboardInterrupt

    options = {"draws": DRAWS, "evaluations": 8, "storage": storage, "processes": 1, "watch": watch}
    with pytest.raises(KeyboardInterrupt):
        twin.search(study, **options)
    found = twin.search(study, **options)
    assert seen == list(range(1, 9))
    # a search that goes on does not ask for its first points again
    assert len(set(found.evaluations["current"].values.tolist())) == 8


def test_a_best_point_at_the_end_of_its_range_is_named(full, evaluated, tmp_path):
    found = search(full, tmp_path, constraint=(), evaluations=30)
    assert found.best["current"] > 9  # nothing forbids the fastest
    assert at_the_edge(found.evaluations, found.best) == ["current"]


def test_what_is_best_is_tried_on_draws_that_the_search_has_not_seen(full, evaluated, tmp_path):
    found = search(full, tmp_path, evaluations=8)
    assert found.fresh == {"P(capacity_retention >= 0.8) >= 0.9": pytest.approx(0.9, abs=0.101)}
    assert found.evaluations["fresh_chance"].values == pytest.approx(list(found.fresh.values()))
    runs = len(evaluated)
    assert search(full, tmp_path, evaluations=8).fresh == found.fresh
    assert len(evaluated) == runs  # the study keeps them
    nobody = [KEPT | {"at_least": 1.5}]
    assert search(full, tmp_path, constraint=nobody, evaluations=3, file="nobody.db").fresh == {}


def test_another_question_does_not_go_into_the_same_study(full, evaluated, tmp_path):
    search(full, tmp_path, evaluations=2)
    with pytest.raises(StudyError, match="the question"):
        search(full, tmp_path, evaluations=2, constraint=[KEPT | {"at_least": 0.7}])


def test_a_constraint_that_nobody_meets_shows_the_nearest(full, evaluated, tmp_path):
    found = search(full, tmp_path, constraint=[KEPT | {"at_least": 1.5}], evaluations=12)
    assert found.best is None
    assert found.front.sizes["evaluation"] == 0
    # no draw of any point keeps 150 %, but the slower the charge the more it keeps
    assert (found.evaluations["chance"] == 0).all()
    assert found.nearest["current"] == found.evaluations["current"].min()
    assert found.nearest["current"] < 0.15  # and the sampler went there
    by_current = np.argsort(found.evaluations["current"].values)
    assert nearest_first(found.evaluations).tolist() == by_current.tolist()
    assert (found.evaluations["missed"] > 0.9).all()


def test_two_objectives_make_a_front_that_nobody_beats(full, evaluated, tmp_path):
    both = ["charge_time", {"quantity": "capacity_retention", "quantile": 0.05}]
    found = search(full, tmp_path, both, (), evaluations=10)
    front = found.front.sortby("charge_time")
    # slower keeps more, without exception: every evaluation is on the front
    assert front.sizes["evaluation"] == 10
    assert (np.diff(front["capacity_retention_q5"]) > 0).all()
    assert found.best["current"] in front["current"].values


def test_points_that_are_beaten_are_not_on_the_front(full, evaluated, tmp_path):
    both = ["maximise charge_time", "capacity_retention"]  # both want a low current
    found = search(full, tmp_path, both, (), evaluations=6)
    assert found.front["current"].values.tolist() == [found.evaluations["current"].min()]
    twin.save(found.evaluations, tmp_path / "unconstrained.nc")


def test_a_search_survives_a_file(full, evaluated, tmp_path):
    data = search(full, tmp_path, evaluations=3).evaluations
    loaded = twin.load(twin.save(data, tmp_path / "search.nc"))
    assert (loaded["charge_time"] == data["charge_time"]).all()
    assert (loaded["feasible"] == data["feasible"]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"evaluations": 0}, "evaluations must be"),
        ({"evaluations": 3.0}, "evaluations must be"),
        ({"draws": True}, "draws must be"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"objective": "speed"}, "known: capacity_retention"),
        ({"storage": "nonsense"}, "cannot open"),
    ],
)
def test_a_search_without_sense_is_refused_before_it_runs(options, message, full, evaluated, tmp_path):
    with pytest.raises((ArgumentError, StudyError), match=message):
        search(full, tmp_path, **options)
    assert not evaluated


def test_real_runs_are_searched_too(tmp_path):
    study = twin.Study(
        twin.load_cell("Chang2023_LiAlO2_LGPS_LCO"),
        {"current": {"field": "current", "low": 0.05, "high": 0.2, "unit": "mA/cm2"}},
        STEPS,
        cycles=3,
        objective="charge_time",
        constraint={"quantity": "short_circuit", "probability_at_most": 0.5},
    )
    storage = f"sqlite:///{tmp_path / 'search.db'}"
    found = twin.search(study, evaluations=3, draws=2, storage=storage, processes=1)
    data = found.evaluations.sortby("current")
    assert (np.diff(data["charge_time"]) < 0).all()  # more current, less time
    assert found.best["current"] == data["current"].max()


def test_a_what_if_is_refused(full):
    with pytest.raises(StudyError, match="has no objective"):
        twin.search(twin.Study(full, {"current": ["1 C"]}, STEPS))
