"""Pictures and reports of what a command computed."""

import os
from pathlib import Path

from twin.cli.outputs import with_suffix

KINDS = (".png", ".svg")
STUDY_PICTURES = ("short_circuit_onset_cycle", "capacity_retention", "lifetime", "search")
"""What the pictures of a study may show; each is saved under the study's name and its own."""
STUDY_SUFFIXES = tuple(f"_{what}{kind}" for what in STUDY_PICTURES for kind in KINDS)


def save_picture(figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG, named `stem`."""
    from twin import plots

    return plots.save_figure(figure, with_suffix(stem, KINDS[0]))


def save_study_pictures(data, stem: Path) -> list[Path]:
    """Write the pictures that answer a study, beside its netCDF file."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from twin import plots

    written: list[Path] = []
    for what, figure in plots.study_figures(data).items():
        written += save_picture(figure, with_suffix(stem, f"_{what}"))
    return written


def save_report(path: Path, data, *, overwrite: bool, cell=None) -> Path:
    """Write the report of a command's answer: one HTML file that opens offline."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    from twin import report

    return report.write(path, data, cell=cell, overwrite=overwrite)
