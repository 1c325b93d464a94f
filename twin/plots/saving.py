"""A figure as files, and as a picture inside a page."""

import base64
import io
from pathlib import Path
from typing import Any, cast

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twin.errors import ArgumentError, shown
from twin.files import write_whole

Drawn = Figure | Axes
"""What a picture gives back."""
KINDS = ("png", "svg")
"""Suffixes of the files that a figure is written to: one to look at, one to print."""
PNG_DPI = 160
"""Dots per inch of a PNG: 880 across, sharp on a page and on a slide."""
REPEATABLE: dict[Any, Any] = {"svg.hashsalt": "twin", "svg.fonttype": "path"}
"""The same figure gives the same file, and looks the same where its font is not installed."""


def save_figure(drawn: Drawn, path: str | Path) -> list[Path]:
    """Write a figure, or the one that Axes belong to, as PNG and as SVG, whole or not at all.

    `path` without a suffix, or with either: ``forecast`` and ``forecast.png`` both give
    ``forecast.png`` and ``forecast.svg``.

    Returns the two paths. Raises OutputError: not writable.
    """
    path, figure = Path(path), whole_figure(drawn)
    stem = path.with_suffix("") if path.suffix.removeprefix(".") in KINDS else path
    pictures = {kind: _rendered(figure, kind) for kind in KINDS}  # before anything is written
    return [
        write_whole(
            stem.with_name(f"{stem.name}.{kind}"),
            lambda beside, kind=kind: beside.write_bytes(pictures[kind]),
        )
        for kind in KINDS
    ]


def data_uri(drawn: Drawn) -> str:
    """A figure, or the one that Axes belong to, as SVG inside a ``data:`` address; closes it."""
    figure = whole_figure(drawn)
    picture = base64.b64encode(_rendered(figure, "svg")).decode("ascii")
    plt.close(figure)
    return f"data:image/svg+xml;base64,{picture}"


def whole_figure(drawn: Drawn) -> Figure:
    """The figure itself, or the one that Axes belong to. Raises ArgumentError: neither."""
    if not isinstance(drawn, Figure | Axes):
        raise ArgumentError(f"a picture is a Figure or Axes of matplotlib, not {shown(drawn)}")
    return drawn if isinstance(drawn, Figure) else cast(Figure, drawn.figure)


def _rendered(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {}
    with plt.rc_context(REPEATABLE):
        figure.savefig(buffer, format=kind, dpi=PNG_DPI, metadata=metadata)
    return buffer.getvalue()
