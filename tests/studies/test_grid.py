"""The points of a what-if study: how many, in which order, and how many are too many."""

import itertools

import pytest

from twin.errors import StudyError
from twin.studies.factors import MOST_VALUES, Axis
from twin.studies.grid import Grid
from twin.studies.templates import Template

STEPS = {"slow": Template(["Rest for 1 hour"]), "fast": Template(["Rest for 2 hours"])}


def axis(name, *values):
    return Axis(name, name, True, "h", values)


def test_points_come_in_the_order_of_the_dimensions():
    grid = Grid((axis("a", 1, 2), axis("b", 3, 4, 5)), STEPS, "grid")
    assert grid.shape == {"a": 2, "b": 3, "protocol": 2}
    found = [(*point.values.values(), point.template) for point in grid.points()]
    assert found == [*itertools.product((1, 2), (3, 4, 5), STEPS.values())]
    assert grid.size == len(found)


def test_a_list_goes_along_all_values_at_once():
    grid = Grid((axis("a", 1, 2), axis("b", 3, 4)), {"slow": STEPS["slow"]}, "list")
    assert grid.shape == {"point": 2}
    assert [tuple(point.values.values()) for point in grid.points()] == [(1, 3), (2, 4)]


def test_a_study_without_factors_is_one_point():
    grid = Grid((), {"slow": STEPS["slow"]}, "grid")
    (point,) = grid.points()
    assert not point.values


def test_points_are_counted_before_any_is_made():
    many = axis("a", *range(1001))
    with pytest.raises(StudyError, match=r"1,002,001 points \(1,001 x 1,001\) and room for 1,000,000"):
        Grid((many, axis("b", *range(1001))), {"slow": STEPS["slow"]}, "grid")
    assert Grid((axis("a", *range(1000)),) * 1, STEPS, "grid").size < MOST_VALUES


@pytest.mark.parametrize(
    ("axes", "mode", "message"),
    [
        ((axis("a", 1),), "gird", "mode must be"),
        ((axis("a", 1, 2), axis("b", 1)), "list", "as many values"),
        ((axis("a", 1), axis("a", 2)), "grid", "varied twice"),
    ],
)
def test_a_grid_without_sense_is_refused(axes, mode, message):
    with pytest.raises(StudyError, match=message):
        Grid(axes, STEPS, mode)


def test_unknown_steps_are_named_with_the_known():
    with pytest.raises(StudyError, match=r"did you mean 'slow'\?"):
        Grid((), STEPS, "grid").template("slwo")
