"""A map without a browser: filled, stopped, gone on with, and the very same as the command's."""

import io
import threading
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

import twin
from twin.errors import ParameterError
from twin.studies import arriving as arriving_module
from twin.studies import what_if as what_if_module
from twin.studies.point import Point
from twin.studio import map_cells
from twin.studio.knobs import CYCLES
from twin.studio.map_part import MapPart
from twin.studio.map_tab import MapTab
from twin.studio.view import View

PATIENCE = 120
"""Seconds for an answer on a busy machine."""
VIEW = View("Chang2023_LiAlO2_LGPS_LCO").turn(CYCLES, 20)


def part_of(view):
    """A map of three by four points on ten draws."""
    made = MapPart(lambda: view, lambda call: call())
    made.numbers[0].value, made.numbers[1].value, made.draws.value = 3, 4, 10
    return made


@pytest.fixture
def part():
    made = part_of(VIEW)
    yield made
    made.close()


def wait(ready):
    for _ in range(PATIENCE * 20):
        if ready():
            return
        time.sleep(0.05)
    pytest.fail("no answer")


def fill(part):
    part.begin()
    wait(lambda: not part.start.disabled)
    return part


def stop_at(monkeypatch, part, count):
    """Stop the map while its point of that number is run."""
    run, lock, begun = arriving_module.run_draws, threading.Lock(), []

    def stopping(task):
        with lock:
            begun.append(task)
            if len(begun) == count:
                part._work.stop()
        return run(task)

    monkeypatch.setattr(arriving_module, "run_draws", stopping)
    return begun


def test_every_point_comes_and_is_told(part):
    fill(part)
    assert "12 of 12 points: the map is whole" in part.notice.object
    told = part.picture.known.data
    assert sorted(zip(told["x"], told["y"], strict=True)) == [(x, y) for x in range(3) for y in range(4)]
    assert told["across"][0] == "75 nm"
    assert all(" to " in words for words in told["told"])


def test_it_is_the_map_of_the_command(part, tmp_path):
    fill(part)
    path = tmp_path / "map.toml"
    path.write_text(part._text, encoding="utf-8")
    answer = twin.what_if(path, processes=1)
    own = map_cells.dataset_of(part.asked, part.found)
    for name in ("capacity_retention", "charge_time", "short_circuit_onset_cycle"):
        np.testing.assert_array_equal(own[name], answer[name])


def test_the_command_goes_on_from_the_points_of_the_page(part, tmp_path, monkeypatch):
    fill(part)
    zipfile.ZipFile(part.archive()).extractall(tmp_path)
    asked = []
    run = what_if_module.run_together
    monkeypatch.setattr(what_if_module, "run_together", lambda tasks: asked.extend(tasks) or run(tasks))
    twin.what_if(tmp_path / "map.toml", storage=tmp_path / "map_points", processes=1)
    # the view itself, which differences are taken against, is no point of the map
    assert {cell.hash for cell, _, _ in asked} == {VIEW.cell.hash}
    assert {protocol.block[0].texts for _, protocol, _ in asked} == {tuple(VIEW.steps)}


def test_a_map_that_was_stopped_goes_on_and_computes_no_point_twice(part, monkeypatch):
    begun = stop_at(monkeypatch, part, 4)
    fill(part)
    there = len(part.found)
    assert 0 < there < 12
    assert f"{there} of 12 points: stopped" in part.notice.object
    assert part.start.label == "Go on"
    fill(part)
    assert "the map is whole" in part.notice.object
    assert len(begun) == 12
    fill(part)
    assert len(begun) == 12


def test_a_map_of_other_results_is_drawn_without_a_run(part, monkeypatch):
    fill(part)
    monkeypatch.setattr(arriving_module, "run_draws", lambda task: pytest.fail("ran again"))
    part.outcome.value = "charge_time"
    assert "Charging time of a cycle / h" in part.picture.bar.title


def test_what_never_comes_is_hatched(part):
    part.outcome.value = "short_circuit_onset_cycle"
    fill(part)
    assert "never" in part.picture.never.data["told"][0]
    assert not set(map(float, part.picture.known.data["value"])) & {float("inf")}


def test_a_point_that_cannot_be_is_a_hole_with_its_words(part, monkeypatch):
    whole = Point.cell_and_protocol

    def picky(point, cell):
        made = whole(point, cell)
        if made[0].values["Coating thickness [m]"] == pytest.approx(325e-9):
            raise ParameterError("325 nm is too thick for this test")
        return made

    monkeypatch.setattr(Point, "cell_and_protocol", picky)
    fill(part)
    assert "12 of 12 points, 4 of them cannot be" in part.notice.object
    assert set(part.picture.holes.data["told"]) == {"325 nm is too thick for this test"}
    assert len(part.picture.known.data["x"]) == 8
    assert "325 nm is too thick" in part.csv().getvalue()
    assert part.drawn_for_print("png").getvalue().startswith(b"\x89PNG")
    assert b"<svg" in part.drawn_for_print("svg").getvalue()


def test_numbers_to_take_along_have_a_row_for_each_point(part):
    fill(part)
    table = pd.read_csv(io.StringIO(part.csv().getvalue()))
    assert len(table) == 12
    assert table["Coating thickness / nm"].tolist() == [75.0] * 4 + [200.0] * 4 + [325.0] * 4
    value = table["Capacity retention / %"]
    assert (table["Capacity retention / %, 5 %"] <= value).all()
    assert (value <= table["Capacity retention / %, 95 %"]).all()
    assert (table["outcomes"] == "10 completed").any()


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda part: setattr(part.across.low, "value", 400.0), "give two numbers that rise"),
        (lambda part: setattr(part.across.low, "value", None), "has an empty end"),
        (lambda part: setattr(part.up.high, "value", 1e9), "within 0.02 to 5 C"),
        (lambda part: setattr(part.up.knob, "value", "thickness"), "chosen twice"),
    ],
)
def test_a_choice_that_cannot_be_is_said_and_nothing_begins(part, turn, words):
    fill(part)
    before = dict(part.found)
    turn(part)
    part.begin()
    assert words in part.notice.object
    assert part.found == before


def test_typed_steps_do_not_vary():
    typed = View(VIEW.cell_name, typed="Charge at 1C until 4.2 V\nDischarge at 1C until 2.6 V")
    views = [VIEW]
    part = MapPart(lambda: views[0], lambda call: call())
    views[0] = typed
    part.begin()
    assert "Current cannot be varied while the steps are typed; coating thickness" in part.notice.object
    part.close()


@pytest.mark.parametrize("name", ["Duan2023_Li_LPSCl_symmetric", "Chang2023_Li_LGPS_LCO"])
def test_other_kinds_of_cells_have_maps(name):
    part = part_of(View(name).turn(CYCLES, 20))
    fill(part)
    assert "12 of 12 points: the map is whole" in part.notice.object
    part.close()


def test_a_session_that_closes_ends_its_work_and_leaves_nothing(monkeypatch):
    tab = MapTab(lambda: VIEW, lambda call: call())
    part = tab.map
    begun = stop_at(monkeypatch, part, 10**6)
    part.begin()
    wait(lambda: begun)
    folder = part._work.folder
    assert folder.exists()
    tab.close()
    wait(lambda: not part._work.is_running)
    wait(lambda: not folder.exists())
    assert len(begun) < part.asked.study.grid.size
    part.begin()
    assert not part._work.is_running


def test_two_sessions_share_nothing():
    one, other = part_of(VIEW), part_of(VIEW)
    assert one._work.folder != other._work.folder
    fill(one)
    assert not other.found
    one.close()
    fill(other)
    assert len(other.found) == 12
    other.close()
