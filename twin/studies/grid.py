"""The points of a what-if study: every combination of what varies, or lists side by side."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from twin.errors import StudyError, shown, unknown
from twin.studies.factors import IF_MEANT, MOST_VALUES, Axis, Factor, check_varied_once
from twin.studies.point import Point
from twin.studies.templates import Template

MODES = ("grid", "list")
"""grid: every value of each factor with every value of the others. list: first with first, second with
second, and so on."""
PROTOCOL = "protocol"
"""Dimension of a study with several protocols."""
POINT = "point"
"""Dimension of a list."""


@dataclass(frozen=True)
class Grid:
    """The points of a what-if study.

    Parameters
    ----------
    axes : tuple of Axis
    templates : mapping
        Label -> steps: another dimension, where there are several.
    mode : one of ``MODES``

    Raises
    ------
    StudyError
        Another mode, something that is varied twice, lists of unequal length, or more points than a
        study has room for.
    """

    axes: tuple[Axis, ...]
    templates: Mapping[str, Template]
    mode: str

    def __post_init__(self):
        if not isinstance(self.mode, str) or self.mode not in MODES:
            raise StudyError(f"mode must be one of {', '.join(MODES)}, not {shown(self.mode)}")
        check_varied_once(self.axes)
        if self.mode == "list" and len({len(axis.values) for axis in self.axes}) > 1:
            counts = ", ".join(f"{axis.name}: {len(axis.values)}" for axis in self.axes)
            raise StudyError(f"a list needs as many values of each ({counts}); or take mode 'grid'")
        if self.size > MOST_VALUES:
            sizes = " x ".join(f"{size:,}" for size in self.shape.values())
            raise StudyError(
                f"the study has {self.size:,} points ({sizes}) and room for {MOST_VALUES:,}: {IF_MEANT}"
            )

    @property
    def shape(self) -> dict[str, int]:
        """Points along each dimension."""
        own = {axis.name: len(axis.values) for axis in self.axes}
        if self.mode == "list":
            own = {POINT: next(iter(own.values()), 1)}
        return own | ({PROTOCOL: len(self.templates)} if len(self.templates) > 1 else {})

    @property
    def size(self) -> int:
        """Points in all, counted before any is made."""
        return math.prod(self.shape.values())

    def points(self) -> Iterator[Point]:
        """In the order of :attr:`shape`, the last dimension fastest."""
        return map(self.point, range(self.size))

    def point(self, number: int) -> Point:
        """The point of that number, counted from 0."""
        places = dict(zip(self.shape, np.unravel_index(number, [*self.shape.values()]), strict=True))
        values: dict[Factor, float] = {
            axis: axis.values[places[self.dimension(axis)]] for axis in self.axes
        }
        return Point([*self.templates.values()][places.get(PROTOCOL, 0)], values)

    def dimension(self, axis: Axis) -> str:
        """The dimension of the Dataset along which the values of an axis stand."""
        return axis.name if self.mode == "grid" else POINT

    def template(self, label: str) -> Template:
        """The steps of that label. Raises StudyError: there are none."""
        if label not in self.templates:
            raise StudyError(unknown(label, self.templates, "a protocol of the study"))
        return self.templates[label]
