"""Of all that a search has evaluated: who is best, who is nearest, who lies at the end of a range."""

import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial

import twin
from twin.errors import DatasetError
from twin.results.quantities import SEARCHES
from twin.studies.evaluations import at_the_edge, best_of_front, evaluations_of, nearest_first

CURRENT = {"field": "current", "low": 0.1, "high": 10, "unit": "mA/cm2"}
STEPS = ["Charge at {current} until 4.2 V", "Discharge at 1C until 2.6 V"]
RETENTION = {"quantity": "capacity_retention", "at_least": 0.8, "probability": 0.9}
SHORTS = {"quantity": "short_circuit", "probability_at_most": 0.1}


@pytest.fixture
def study(full):
    objectives = ["charge_time", "capacity_retention"]
    return twin.Study(
        full, {"current": CURRENT}, STEPS, objective=objectives, constraint=[RETENTION, SHORTS]
    )


def trial(current, objectives, chances, reached=0.8):
    return create_trial(
        params={"current": current},
        distributions={"current": FloatDistribution(0.1, 10)},
        values=objectives,
        user_attrs={
            "chances": chances,
            "reached": [str(reached), "nan"],
            "intervals": [[value - 0.1, value + 0.1] for value in objectives],
            "draws": 20,
        },
    )


SLOW = trial(0.1, [9.0, 0.95], [1.0, 0.0])
MIDDLE = trial(0.5, [2.0, 0.9], [1.0, 0.1])
FAST = trial(2.0, [1.0, 0.8], [0.9, 0.05])
BEATEN = trial(1.9, [2.5, 0.85], [0.95, 0.0])
LOSSY = trial(5.0, [0.5, 0.7], [0.7, 0.1], reached=0.75)
SHORTING = trial(9.95, [0.3, 0.7], [0.7, 0.8], reached=0.7)
UNANSWERED = trial(3.0, [np.inf, 0.9], [1.0, 0.0])


def test_every_evaluation_stands_with_its_interval_and_its_constraints(study):
    data = evaluations_of(study, [SLOW, LOSSY])
    assert data["current"].attrs == {
        "units": "mA/cm2", "long_name": "Current", "low": 0.1, "high": 10.0,
    }  # fmt: skip
    assert data["charge_time"].attrs["goal"] == "minimise"
    assert data["charge_time_low"].values == pytest.approx([8.9, 0.4])
    assert data["constraint"].values.tolist() == [one.label for one in study.constraints]
    assert data["excess"].values == pytest.approx(np.array([[-0.1, -0.1], [0.2, 0.0]]))
    assert set(SEARCHES) - set(data.data_vars) == {"fresh_chance"}
    for name in data.data_vars:
        assert data[name].attrs["long_name"], name


def test_what_is_feasible_and_beaten_by_no_other_is_on_the_front(study):
    data = evaluations_of(study, [SLOW, MIDDLE, FAST, BEATEN, LOSSY, SHORTING, UNANSWERED])
    assert data["feasible"].values.tolist() == [True, True, True, True, False, False, False]
    assert data["on_front"].values.tolist() == [True, True, True, False, False, False, False]
    assert best_of_front(study, data) == 1  # nearest to one hour and 95 %, each by its spread


def test_the_nearest_misses_the_least_of_all_constraints_together(study):
    data = evaluations_of(study, [SHORTING, LOSSY, SLOW])
    assert data["missed"].values[2] == 0
    assert nearest_first(data).tolist() == [2, 1, 0]


def test_other_data_have_no_nearest(study):
    with pytest.raises(DatasetError, match="missed"):
        nearest_first(evaluations_of(study, [SLOW]).drop_vars("missed"))


def test_an_end_of_a_range_is_named(study):
    data = evaluations_of(study, [SLOW])
    assert at_the_edge(data, {"current": 9.95}) == ["current"]
    assert at_the_edge(data, {"current": 0.1}) == ["current"]
    assert at_the_edge(data, {"current": 2.0}) == []
