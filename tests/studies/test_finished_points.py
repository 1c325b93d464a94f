"""Points are kept under all that their numbers depend on, and are not taken for others."""

import numpy as np
import pytest

import twin
from twin.studies.finished_points import FinishedPoints, key_of_points

DRAWS = [{"Interface resistance factor": 1.0}, {"Interface resistance factor": 1.2}]
PROTOCOL = twin.Protocol(["Rest for 1 hour"], cycles=3)
NUMBERS = {"lifetime": np.array([1.0, np.nan]), "outcome": np.array(["completed", "hard_short"])}


def test_a_key_is_that_of_all_that_decides(full):
    key = key_of_points(DRAWS)(full, PROTOCOL)
    assert key == key_of_points([*DRAWS])(full, twin.Protocol(["Rest for 1 hour"], cycles=3))
    others = [
        key_of_points(DRAWS[:1])(full, PROTOCOL),
        key_of_points(DRAWS)(full.replace({"Interface resistance factor": 0.2}), PROTOCOL),
        key_of_points(DRAWS)(full, twin.Protocol(["Rest for 2 hours"], cycles=3)),
        key_of_points(DRAWS)(full, twin.Protocol(["Rest for 1 hour"], cycles=4)),
    ]
    assert len({key, *others}) == 5


def test_what_is_kept_comes_back(tmp_path):
    store = FinishedPoints(tmp_path / "points")
    store.keep("a", NUMBERS)
    found = store.finished(["a", "b"], names=[*NUMBERS], draws=2)
    assert set(found) == {"a"}
    for name, values in NUMBERS.items():
        np.testing.assert_array_equal(found["a"][name], values)


@pytest.mark.parametrize(("names", "draws"), [(["lifetime", "run_time"], 2), (["lifetime"], 3)])
def test_a_point_of_other_numbers_is_not_finished(names, draws, tmp_path):
    store = FinishedPoints(tmp_path)
    store.keep("a", NUMBERS)
    assert not store.finished(["a"], names=names, draws=draws)


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(twin.errors.OutputError, match="cannot make the folder"):
        FinishedPoints(tmp_path / "file" / "points")
