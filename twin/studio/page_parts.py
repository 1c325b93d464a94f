"""What every part of the page is made of: style, HTML, a button, and words for what went wrong."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import panel as pn

from twin.errors import TwinError

HERE = Path(__file__).parent
INNER = (HERE / "inner.css").read_text(encoding="utf-8")
"""Style within widgets, whose roots no style of the page reaches."""


def html(text: str = "") -> pn.pane.HTML:
    """A piece of the page."""
    return pn.pane.HTML(text, sizing_mode="stretch_width", stylesheets=[INNER])


def button(words: str, then: Callable[[], None]) -> pn.widgets.Button:
    """A button that does something."""
    made = pn.widgets.Button(label=words, stylesheets=[INNER])
    made.on_click(lambda event: then())
    return made


def wrong(words: str) -> str:
    """A word on what cannot be, as HTML; nothing where there is none."""
    return f'<p class="error" role="alert">{escape(words)}</p>' if words else ""


def quiet(words: str) -> str:
    """A word on what is waited for, as HTML; nothing where there is none."""
    return f'<p class="quiet" role="status">{escape(words)}</p>' if words else ""


def in_words(error: Exception) -> str:
    """What went wrong: a word of the twin's own, or the confession that nobody foresaw it."""
    if isinstance(error, TwinError):
        return str(error)
    return f"a fault of this program, not of yours: {type(error).__name__}: {error}"
