"""A report that opens anywhere: one HTML file with pictures, numbers, sources and doubts; no network.

>>> twin.report.write("answer.html", twin.forecast(cell, protocol))
"""

import os
from pathlib import Path

import pandas as pd
import xarray as xr

from twin.arguments import checked_path
from twin.cell import Cell
from twin.errors import DatasetError, OutputError, shown
from twin.files import write_whole
from twin.report import fit, forecast, search, study, validation
from twin.report.page import Page, rendered
from twin.results.provenance import changes_of, versions_of


def write(
    path: str | Path,
    data: xr.Dataset | xr.DataTree | pd.DataFrame,
    *,
    question: str | None = None,
    cell: Cell | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the report of a forecast, a what-if study, a search, a validation or a fit.

    Parameters
    ----------
    path : of the HTML file
    data : what :func:`twin.forecast`, `twin.what_if`, `twin.search` or :func:`twin.validate` gave, or
        the groups of a fit, as :func:`twin.load_groups` reads them
    question : str, optional
        What was asked; by default the one of the study, or the plain question of such data.
    cell : Cell, optional
        That of the data, where it is none that ships: its fixed parameters are listed too.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    Path of the file, written whole or not at all.

    Raises
    ------
    OutputError : the file exists, or cannot be written.
    DatasetError : data of another kind.
    """
    path = checked_path(path)
    if os.path.lexists(path) and not overwrite:
        raise OutputError(f"{path} exists; take another name, or say that it may go (overwrite=True)")
    text = rendered(page(data, question=question, cell=cell))
    return write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def page(
    data: xr.Dataset | xr.DataTree | pd.DataFrame,
    *,
    question: str | None = None,
    cell: Cell | None = None,
) -> Page:
    """The content of a report, as :func:`write` lays it out. Raises DatasetError: other data."""
    if isinstance(data, pd.DataFrame):
        return validation.page(data, question)
    if isinstance(data, xr.DataTree):
        return fit.page(data, question)
    if not isinstance(data, xr.Dataset):
        raise DatasetError(f"a report is made of an xarray.Dataset or a table, not of {shown(data)}")
    versions_of(data.attrs), changes_of(data.attrs)  # before the pictures are drawn
    if "evaluation" in data.dims:
        return search.page(data, question, cell)
    if {"draw", "cycle"} <= set(data.dims):
        return forecast.page(data, question, cell)
    if "draw" in data.dims:
        return study.page(data, question, cell)
    raise DatasetError(
        "a report is made of a forecast, a what-if study, a search, a fit or a validation table; this "
        f"Dataset is over {', '.join(map(str, data.dims)) or 'nothing'}"
    )


__all__ = ["page", "write"]
