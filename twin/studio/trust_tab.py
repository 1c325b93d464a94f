"""The tab *Trust*: what stands behind an answer, and what the fit says of the rows that it knows."""

import functools
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import panel as pn

import twin
from twin.cell import Cell
from twin.fitting.family import family_of
from twin.measured.folder import folder_of, stamp
from twin.studio import tables
from twin.studio.answers import DRAWS, Interval
from twin.studio.latest import Latest
from twin.studio.page_parts import button, html, in_words, quiet, wrong

ONE_AT_A_TIME = threading.Lock()
"""Two sessions that ask for the same rows wait for one answer."""


class TrustTab:
    """One session's trust. `schedule` calls in the session's thread."""

    def __init__(self, cell: Cell, schedule: Callable):
        self._cell, self._schedule = cell, schedule
        self._work = Latest()
        self._about, self._rows, self._notice = html(), html(tables.behind(cell)), html()
        self.predict = button("Predict these rows", self._ask)

    @property
    def layout(self) -> pn.Column:
        """All of it."""
        return pn.Column(
            self._about, self.predict, self._notice, self._rows, sizing_mode="stretch_width"
        )

    def close(self) -> None:
        """Nobody looks any more."""
        self._work.close()

    def show(self, about: str) -> None:
        """What :func:`about` says of the interval that is shown."""
        self._about.object = about

    def _ask(self) -> None:
        self.predict.disabled = True
        words = "running every measured row of the family on draws of its fit: half a minute …"
        self._notice.object = quiet(words)
        self._work.ask(self._find)

    def _find(self) -> None:
        try:
            found = predictions(family_of(self._cell))
        except Exception as error:  # whatever a run raises: it is said, and the rows stay
            self._schedule(functools.partial(self._refuse, in_words(error)))
            return
        self._schedule(functools.partial(self._show_rows, found))

    def _show_rows(self, found: pd.DataFrame) -> None:
        self._rows.object = tables.predicted(found, self._cell)
        self._notice.object = ""
        self.predict.visible = False

    def _refuse(self, words: str) -> None:
        self._notice.object = wrong(words)
        self.predict.disabled = False


def about(found: Interval) -> str:
    """What stands behind an interval, as HTML."""
    return tables.doubts(found) + tables.conditions(found) + tables.drivers(found)


def predictions(family: str | Path) -> pd.DataFrame:
    """The rows of a family beside what its fit says; computed once, until a file in its folder changes.

    Raises as :func:`twin.validate`.
    """
    with ONE_AT_A_TIME:
        return _predictions(family, stamp(folder_of(family)))


@functools.lru_cache(maxsize=8)
def _predictions(family: str | Path, stamped: tuple) -> pd.DataFrame:
    return twin.validate(family, draws=DRAWS)
