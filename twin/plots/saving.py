"""A figure as files, and as a picture inside a page."""

import base64
import io
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from twin.results import write_whole

KINDS = ("png", "svg")
PNG_DPI = 160
REPEATABLE: dict[Any, Any] = {"svg.hashsalt": "twin", "svg.fonttype": "path"}
"""The same figure gives the same file, and looks the same where its font is not installed."""


def save_figure(figure: Figure, path: str | Path) -> list[Path]:
    """Write a figure as PNG and as SVG, both whole or not at all.

    `path` without a suffix, or with either: ``forecast`` and ``forecast.png`` both give
    ``forecast.png`` and ``forecast.svg``.

    Returns the two paths. Raises OutputError: not writable.
    """
    path = Path(path)
    stem = path.with_suffix("") if path.suffix in (".png", ".svg") else path
    pictures = {kind: _rendered(figure, kind) for kind in KINDS}  # before anything is written
    return [
        write_whole(
            stem.with_name(f"{stem.name}.{kind}"),
            lambda beside, kind=kind: beside.write_bytes(pictures[kind]),
        )
        for kind in KINDS
    ]


def data_uri(figure: Figure) -> str:
    """The figure as SVG inside a ``data:`` address, for a page that needs no other file; closes it."""
    picture = base64.b64encode(_rendered(figure, "svg")).decode("ascii")
    plt.close(figure)
    return f"data:image/svg+xml;base64,{picture}"


def _rendered(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {}
    with plt.rc_context(REPEATABLE):
        figure.savefig(buffer, format=kind, dpi=PNG_DPI, metadata=metadata)
    return buffer.getvalue()
