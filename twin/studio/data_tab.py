"""The tab *Data*: a cycler's file is dropped, read, held beside the prediction, and taken in."""

import functools
import tempfile
from collections.abc import Callable
from html import escape
from io import BytesIO
from pathlib import Path

import panel as pn

from twin.errors import TwinError
from twin.following.followed import Followed
from twin.following.in_words import heads_of, rows_of
from twin.following.kept import keep
from twin.measured.cycler.conventions import SIGNS
from twin.results import understood
from twin.studio import own_data
from twin.studio.latest import Latest
from twin.studio.own_cell_picture import OwnCell
from twin.studio.own_data import OwnData
from twin.studio.page_parts import INNER, button, html, in_words, quiet, wrong
from twin.studio.tables import table
from twin.studio.upload import LARGEST, Upload
from twin.studio.view import View

BY_THE_FILE = "as the file says"
"""Of the current's sign, unless somebody says it."""
INTRODUCTION = (
    "<p>Drop what your cycler wrote: a series of current and voltage (Battery Data Format, Arbin, "
    "BioLogic, LANDT, Neware, a table with units in its header), or a table of cycles, up to "
    f"{LARGEST // 1_000_000} MB (longer ones where they lie: <code>twin measurements FILE</code>). "
    "It stays on this machine, and is deleted when the page is closed.</p>"
)


class DataTab:
    """One session's files. `view` gives what the page shows; `schedule` calls in the session's thread;
    `go_through` makes the page show the cell under the file's protocol."""

    def __init__(
        self, view: Callable[[], View], schedule: Callable, *, go_through: Callable[[OwnData], None]
    ):
        self._view, self._schedule, self._go_through = view, schedule, go_through
        self._work = Latest()
        self._path: Path | None = None
        self.own: OwnData | None = None
        self.state: Followed | None = None
        self.upload = Upload(self.take, self._refuse, sizing_mode="stretch_width", stylesheets=[INNER])
        self.sign = pn.widgets.Select(
            label="A positive current", options=[BY_THE_FILE, *SIGNS], stylesheets=[INNER]
        )
        self.sign.param.watch(lambda event: self._read_again(), "value")
        self.notice, self.told, self.changes = html(""), html(""), html("")
        self.picture = OwnCell(view().loaded.has_cathode)
        self.use = button("Use the file's protocol", self._use)
        self.update = button("Update this cell", self._update)
        self.state_file = pn.widgets.FileDownload(
            label="What is known now (netCDF)", filename="followed.nc", callback=self._netcdf, auto=True,
            embed=False, visible=False, stylesheets=[INNER],
        )  # fmt: skip
        self._allow()

    @property
    def layout(self) -> pn.Column:
        """All of it."""
        wide = {"sizing_mode": "stretch_width"}
        return pn.Column(
            html(INTRODUCTION), self.upload, self.sign, self.notice, self.told,
            pn.FlexBox(self.use, self.update, self.state_file, **wide),
            pn.pane.Bokeh(self.picture.figure, **wide), self.changes, **wide,
        )  # fmt: skip

    def close(self) -> None:
        """Nobody looks any more."""
        self._work.close()
        self.upload.close()

    def take(self, path: Path) -> None:
        """Read a file that has come. One of the name of that before goes on from what is known."""
        self._path = path
        self._read_again()

    # --- hands --------------------------------------------------------------------------------------

    def _allow(self) -> None:
        """Buttons do nothing where there is nothing to do it with."""
        own = self.own
        self.update.disabled = own is None or not own.has_cycles
        self.use.disabled = own is None or not own.tells_protocol
        self.state_file.visible = self.state is not None

    def _read_again(self) -> None:
        if self._path is not None:
            current = None if self.sign.value == BY_THE_FILE else str(self.sign.value)
            self._wait("reading …")
            self._work.ask(functools.partial(self._read, self._path, self._view(), current))

    def _use(self) -> None:
        if self.own is not None:
            try:
                self._go_through(self.own)
            except TwinError as error:
                self._refuse(str(error))

    def _update(self) -> None:
        if self.own is not None:
            self._wait("updating some hundred particles: up to a minute …")
            self._work.ask(functools.partial(self._find_update, self.own, self.state))

    # --- answers ------------------------------------------------------------------------------------

    def _read(self, path: Path, view: View, current: str | None) -> None:
        try:
            own = own_data.read(path, view, current)
        except Exception as error:  # whatever a file holds: it is said, and what was read before stays
            self._schedule(functools.partial(self._refuse, in_words(error)))
            return
        self._schedule(functools.partial(self._show_file, own))
        if not own.has_cycles:
            return
        try:
            expected = own_data.expected(own)
        except Exception as error:
            self._schedule(functools.partial(self._refuse, in_words(error)))
            return
        self._schedule(functools.partial(self._show_expected, own, expected))

    def _find_update(self, own: OwnData, known: Followed | None) -> None:
        try:
            state = own_data.updated(own, known)
            now = own_data.now_expected(state)
        except Exception as error:
            self._schedule(functools.partial(self._refuse, in_words(error)))
            return
        self._schedule(functools.partial(self._show_update, own, state, now))

    def _show_file(self, own: OwnData) -> None:
        if self.state is not None and not self._goes_on(own):
            self.state = None
            self.changes.object = ""
            self.picture.show_now(None)
        self.own = own
        answer = understood.understood(own.measured)
        notes = answer.get("notes", "")
        self.told.object = table(("", "understood as"), understood.rows_of(answer), own.name) + (
            f"<p>{escape(str(notes))}</p>" if notes else ""
        )
        self.picture.show_measured(own.points)
        self.picture.show_before(None)
        self._wait("expecting …" if own.has_cycles else "")
        self._allow()

    def _goes_on(self, own: OwnData) -> bool:
        """True where a file is that of the cell that is followed, read anew: it may have grown."""
        before = self.own
        return before is not None and (own.name, own.view) == (before.name, before.view)

    def _show_expected(self, own: OwnData, expected) -> None:
        if own is self.own:
            self.picture.show_before(expected)
            self._wait("")

    def _show_update(self, own: OwnData, state: Followed, now) -> None:
        if own is not self.own:
            return
        new = self.state is None or len(state.updates) > len(self.state.updates)
        self.state = state
        self.picture.show_now(now)
        alarms = "".join(wrong(f"Alarm: {words}.") for words in state.alarms)
        caption = f"What the {state.observed.cycles} cycles change: median (5 to 95 %)"
        self.changes.object = alarms + table(heads_of(state), rows_of(state), caption)
        self._wait("" if new else "No cycle is new since the last update: nothing was changed.")
        self._allow()

    def _wait(self, words: str) -> None:
        self.notice.object = quiet(words)

    def _refuse(self, words: str) -> None:
        self.notice.object = wrong(words)

    def _netcdf(self):
        """The state as the file that `twin update` keeps."""
        with tempfile.TemporaryDirectory() as folder:
            return BytesIO(keep(self.state, Path(folder)).read_bytes())
