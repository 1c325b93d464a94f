"""Where a command writes: checked before the work, not after it.

What is there already is never replaced without --overwrite. A command that is told where to write stops;
one that is not writes into this folder under the next free name: forecast, forecast_2, …
"""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

from twin.errors import OutputError
from twin.files import check_writable

NETCDF = ".nc"
"""Suffix of the file that holds everything a command computed."""


def check_free(paths: Sequence[Path], overwrite: bool):
    """Raise OutputError where one of the files exists, unless it may be replaced: no folder may."""
    there = [path for path in paths if os.path.lexists(path)]
    folders = [path for path in there if path.is_dir()]
    if folders:
        raise OutputError(f"{folders[0]} is a folder; name a file")
    if there and not overwrite:
        raise OutputError(
            f"{there[0]} exists already; --overwrite replaces it, --out names another place"
        )


def check_report(report: Path | None, overwrite: bool):
    """Raise OutputError unless the report, where one is asked for, can be written."""
    if report is not None:
        check_writable(report.parent)
        check_free([report], overwrite)


def output_stem(out: Path | None, name: str, suffixes: Sequence[str], *, overwrite: bool) -> Path:
    """The path, less its suffix, that a command's files share.

    `out` is a folder, the netCDF file itself, or None: this folder, under `name` or the next free name.

    Raises OutputError: a file that exists, or a folder that cannot be written to.
    """
    if out is None:
        check_writable(Path("."))
        numbered = (Path(name if count == 1 else f"{name}_{count}") for count in itertools.count(1))
        return next(
            stem
            for stem in numbered
            if overwrite or not any(with_suffix(stem, suffix).exists() for suffix in suffixes)
        )
    stem = out.with_suffix("") if out.suffix == NETCDF else out / name
    check_writable(stem.parent)
    check_free([with_suffix(stem, suffix) for suffix in suffixes], overwrite)
    return stem


def with_suffix(stem: Path, suffix: str) -> Path:
    """The path with a suffix added; a dot in the name stays."""
    return stem.with_name(stem.name + suffix)
