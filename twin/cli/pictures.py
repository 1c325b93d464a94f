"""Pictures and reports of what a command computed."""

import os
from collections.abc import Iterable
from pathlib import Path

from twin.cli.outputs import with_suffix


def drawing():
    """`twin.plots`, which draws into files: a machine without a screen opens no window."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from twin import plots

    return plots


def picture_suffixes(names: Iterable[str] = ("",)) -> tuple[str, ...]:
    """What stands behind the stem of each file that :func:`save_pictures` may write."""
    kinds = drawing().KINDS
    return tuple(f"{_behind_stem(name)}.{kind}" for name in names for kind in kinds)


def study_suffixes() -> tuple[str, ...]:
    """As :func:`picture_suffixes`, of every picture that a study or a search may have."""
    return picture_suffixes(drawing().STUDY_PICTURES)


def fit_suffixes() -> tuple[str, ...]:
    """As :func:`picture_suffixes`, of every picture of a fit."""
    return picture_suffixes(drawing().FIT_PICTURES)


def save_pictures(figures, stem: Path) -> list[Path]:
    """Write figures by name, as PNG and SVG: the stem and, unless it is "", the name behind it."""
    save_figure = drawing().save_figure
    written: list[Path] = []
    for name, figure in figures.items():
        written += save_figure(figure, with_suffix(stem, f"{_behind_stem(name)}.png"))
    return written


def _behind_stem(name: str) -> str:
    return f"_{name}" if name else ""


def save_report(path: Path, data, *, overwrite: bool, cell=None) -> Path:
    """Write the report of a command's answer: one HTML file that opens offline."""
    drawing()
    from twin import report

    return report.write(path, data, cell=cell, overwrite=overwrite)
