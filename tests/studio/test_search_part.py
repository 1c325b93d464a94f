"""A search without a browser: its front, stopped, gone on with, and the very same as the command's."""

import io
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

import twin
from twin.studio.knobs import CYCLES
from twin.studio.search_part import SearchPart
from twin.studio.view import View

PATIENCE = 120
"""Seconds for an answer on a busy machine."""
FULL, SYMMETRIC = (
    View(name).turn(CYCLES, 20) for name in ("Chang2023_LiAlO2_LGPS_LCO", "Duan2023_Li_LPSCl_symmetric")
)
EVALUATIONS = 8


@pytest.fixture
def searching():
    made = []

    def make(view=FULL):
        part = SearchPart(lambda: view, lambda call: call())
        part.evaluations.value, part.draws.value = EVALUATIONS, 10
        made.append(part)
        return part

    yield make
    for part in made:
        part.close()


def find(part):
    part.begin()
    for _ in range(PATIENCE * 20):
        if not part.start.disabled:
            return part
        time.sleep(0.05)
    pytest.fail("no answer")


@pytest.mark.parametrize("view", [FULL, SYMMETRIC])
def test_the_front_is_drawn_and_no_other_point_beats_it(searching, view):
    part = find(searching(view))
    assert f"{EVALUATIONS} of {EVALUATIONS} evaluations" in part.notice.object
    assert "the search is done" in part.notice.object
    front, beaten = part.picture.front.data, part.picture.beaten.data
    assert len(front["x"]) + len(beaten["x"]) == EVALUATIONS
    signs = [1 if own.goal == "maximise" else -1 for own in part.study.objectives]
    points = np.array([front["x"], front["y"]]).T * signs
    for own in np.array([beaten["x"], beaten["y"]]).T * signs:
        assert any((point >= own).all() for point in points)
    assert all(words for name in ("first", "second") for words in front[name])
    assert "Nearest to the best of both" in part.best.object


def test_a_search_that_was_stopped_goes_on_where_it_was(searching):
    part, asked = searching(), []
    check = part._work.check

    def stop_at_the_third():
        asked.append(1)
        if len(asked) == 3:
            part._work.stop()
        check()

    part._work.check = stop_at_the_third
    find(part)
    assert f"3 of {EVALUATIONS} evaluations" in part.notice.object
    assert "stopped, and goes on where it was" in part.notice.object
    assert part.start.label == "Go on"
    first = part.data["rate"].values.tolist()
    find(part)
    assert part.data["rate"].values.tolist()[:3] == first
    assert len(set(part.data["rate"].values.tolist())) == EVALUATIONS


def test_the_command_goes_on_from_the_trials_of_the_page(searching, tmp_path):
    part = find(searching())
    zipfile.ZipFile(part.archive()).extractall(tmp_path)
    found = twin.search(
        tmp_path / "search.toml", evaluations=EVALUATIONS + 1, processes=1,
        storage=f"sqlite:///{tmp_path}/search.db",
    )  # fmt: skip
    own = part.data["rate"].values
    np.testing.assert_array_equal(found.evaluations["rate"].values[:EVALUATIONS], own)


def test_points_that_are_not_allowed_are_told_apart(searching):
    part = searching(SYMMETRIC.turn(CYCLES, 400))
    part.chance.value = 0.05
    for choice in part.choices:
        choice.high.value = 5.0
    find(part)
    assert part.picture.missed.data["x"]
    assert "P(short_circuit)" in part.best.object or "no point is allowed" in part.best.object


def test_what_is_taken_along_is_every_evaluation_and_a_picture(searching):
    part = find(searching())
    table = pd.read_csv(io.StringIO(part.csv().getvalue()))
    assert len(table) == EVALUATIONS
    assert {"thickness", "rate", "charge_time", "on_front"} <= set(table)
    assert part.drawn_for_print("png").getvalue().startswith(b"\x89PNG")
    assert b"<svg" in part.drawn_for_print("svg").getvalue()


def test_a_choice_that_cannot_be_is_said(searching):
    part = searching()
    part.objectives[1].value = part.objectives[0].value
    part.begin()
    assert "both objectives are the same" in part.notice.object
    part.objectives[1].value = "maximise temperature"
    find(part)  # of a slider that is not chosen
    assert "temperature" in part.notice.object
    assert 'role="alert"' in part.notice.object


def test_another_question_begins_anew(searching):
    part = find(searching())
    part.draws.value = 25
    find(part)
    assert part.data.sizes["evaluation"] == EVALUATIONS
    assert int(part.data["draws_run"].max()) == 25
