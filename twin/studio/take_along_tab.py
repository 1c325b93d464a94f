"""The tab *Take along*: what is on the screen as commands, and as files to download."""

import io
from collections.abc import Callable
from html import escape

import panel as pn

from twin.studio import take_away
from twin.studio.answers import Best, Interval
from twin.studio.page_parts import INNER, html
from twin.studio.view import View

ROOM = 170
"""[px] of a button."""


class TakeAlongTab:
    """One session's downloads. `view`, `best` and `interval` give what is on the screen."""

    def __init__(
        self,
        view: Callable[[], View],
        best: Callable[[], Best],
        interval: Callable[[], Interval],
    ):
        self._lines = html()
        self._downloads = [
            download(words, name, give)
            for words, name, give in (
                ("Numbers (CSV)", "best_estimate.csv", lambda: take_away.numbers(best())),
                ("Study (TOML)", "study.toml", lambda: io.StringIO(take_away.study(view()))),
                ("Picture (PNG)", "forecast.png", lambda: take_away.picture(interval(), "png")),
                ("Picture (SVG)", "forecast.svg", lambda: take_away.picture(interval(), "svg")),
                ("Report (HTML)", "report.html", lambda: take_away.report(interval())),
            )
        ]

    @property
    def layout(self) -> pn.Column:
        """All of it."""
        wide = {"sizing_mode": "stretch_width"}
        return pn.Column(self._lines, pn.FlexBox(*self._downloads, **wide), **wide)

    def show(self, lines: str) -> None:
        """The lines of :func:`lines_of`."""
        self._lines.object = lines


def lines_of(view: View) -> str:
    """A view as a command, as Python, and as a study, as HTML."""
    return "".join(
        f"<h3>{words}</h3><pre>{escape(text)}</pre>"
        for words, text in (
            ("On the command line", take_away.command(view)),
            ("From Python", take_away.python_lines(view)),
            ("As a study", take_away.study(view)),
        )
    )


def download(words: str, name: str, give: Callable) -> pn.widgets.FileDownload:
    """A button that hands out a file, made when it is asked for."""
    made = {"filename": name, "callback": give, "embed": False, "auto": True}
    return pn.widgets.FileDownload(label=words, width=ROOM, stylesheets=[INNER], **made)


def study_downloads(
    name: str,
    *,
    csv: Callable,
    picture: Callable[[str], io.BytesIO],
    text: Callable[[], str],
    archive: tuple[str, Callable],
) -> list[pn.widgets.FileDownload]:
    """What a map and a search hand out: numbers, pictures, study, and by its words all that is kept."""
    words, whole = archive
    return [
        download("Numbers (CSV)", f"{name}.csv", csv),
        download("Picture (PNG)", f"{name}.png", lambda: picture("png")),
        download("Picture (SVG)", f"{name}.svg", lambda: picture("svg")),
        download("Study (TOML)", f"{name}.toml", lambda: io.StringIO(text())),
        download(words, f"{name}.zip", whole),
    ]
