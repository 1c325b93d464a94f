"""The report of a validation: every measured row beside the twin's answer."""

from pathlib import Path

import pandas as pd
import xarray as xr

from twin import plots
from twin.cell import Cell
from twin.fitting.draws import load_draws
from twin.measured.experiment import read_experiment
from twin.parameter_sets import cells as shipped_cells
from twin.parameter_sets import load_cell
from twin.parameters import part_and_key
from twin.report.origin import provenance
from twin.report.page import Page, Table, picture, table
from twin.report.parameters import WORDS_OF_BASIS, trust
from twin.results.form import check_validation
from twin.results.intervals import HIGH, LOW
from twin.results.phrases import listed, number
from twin.results.provenance import provenance as provenance_of
from twin.sensitivities import basis_of
from twin.validation import FOLDERS

WORDS_OF_ROLE = {"fit": "fitted rows", "validate": "held-out rows"}
"""What a sentence calls the rows of each role."""
WORDS_OF_INSIDE = {True: "yes", False: "NO"}
"""What the table says of a row inside its interval, and of one outside."""


def page(rows: pd.DataFrame, question: str | None) -> Page:
    """The page of the table that :func:`twin.validate` gives."""
    check_validation(rows)
    compared = rows[rows["inside"].notna()]
    papers = list(dict.fromkeys(rows["paper"]))
    folders = rows.attrs.get(FOLDERS, {})
    cells = {paper: _cells_of(rows, paper, folders.get(paper)) for paper in papers}
    fits = {
        paper: [load_draws(cell) for cell in own if cell.fitted_sets] for paper, own in cells.items()
    }
    fits = {paper: draws for paper, draws in fits.items() if draws}
    missed = compared[~compared["inside"].astype(bool)]
    found = next((provenance_of(cell) for own in cells.values() for cell in own), {})
    sets = dict.fromkeys(name for own in cells.values() for cell in own for name in cell.fitted_sets)
    kept = {key: found[key] for key in ("twin_version", "versions") if key in found}
    return Page(
        kind="Validation",
        question=question or f"Does the twin say what {listed(papers)} measured?",
        changed="",
        answer=_answer(compared, missed),
        pictures=_pictures(compared, missed),
        tables=(_rows(rows),),
        leans_on=tuple(_leaning(paper, draws) for paper, draws in fits.items())
        or ("No fitted set stands behind these rows.",),
        evidence=tuple(_evidence(paper, draws) for paper, draws in fits.items()),
        parameters=tuple(_fitted(paper, draws) for paper, draws in fits.items()),
        provenance=provenance(kept | {"fitted_sets": ", ".join(sets)}),
    )


def _cells_of(rows: pd.DataFrame, paper: str, folder: str | None) -> list[Cell]:
    """The cells that a paper's rows are of; `folder` is that of a user's own, None of what ships."""
    if folder is not None:
        return list(read_experiment(Path(folder)).fitted_cells().values())
    names = dict.fromkeys(rows[rows["paper"] == paper]["cell"])
    return [load_cell(str(name)) for name in names if name in shipped_cells()]


def _answer(compared: pd.DataFrame, missed: pd.DataFrame) -> str:
    told = [
        f"{int(own['inside'].astype(bool).sum())} of {len(own)} {WORDS_OF_ROLE.get(str(role), role)}"
        for role, own in compared.groupby("role")
    ]
    if not told:
        return "No row could be compared."
    outside = f"; outside lie {listed([str(i) for i in missed['id']])}" if len(missed) else ""
    return f"{listed(told)} lie inside the twin's 5 to 95 % interval{outside}."


def _pictures(compared: pd.DataFrame, missed: pd.DataFrame):
    if compared["low"].notna().sum() == 0:
        return ()
    outside = f"Outside: {listed([str(i) for i in missed['id']])}." if len(missed) else "None outside."
    return (
        picture(plots.predicted_against_measured(compared),
                "Predicted against measured; bars span 5 to 95 %, rows outside are named.",
                f"A panel per observable of predicted over measured values. {outside}"),
        picture(plots.validation_figure(compared),
                "Predicted over measured, row by row; what lies far off stands at the edge.",
                f"One line per row with its interval around 1. {outside}"),
    )  # fmt: skip


def _rows(rows: pd.DataFrame) -> Table:
    told = [
        (
            row.id, row.paper, f"{row.role}{' (left out)' if row.left_out else ''}",
            row.observable, row.at, f"{_optional(row.measured)} {row.unit}",
            _optional(row.predicted), f"{_optional(row.low)} to {_optional(row.high)}",
            WORDS_OF_INSIDE.get(row.inside, ""),
        )
        for row in rows.itertuples()
    ]  # fmt: skip
    columns = (
        "row", "paper", "role", "observable", "at", "measured", "predicted", "5 to 95 %", "inside",
    )  # fmt: skip
    return table("Every row", columns, told, right=(5, 6, 7))


def _optional(value) -> str:
    """A number, a text as it stands, or a dash."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else number(value)


def _parameters(draws: list[xr.Dataset]) -> dict[str, xr.Dataset]:
    """Each fitted parameter of the cells of a paper, once: its draws, optimum and how informed it is."""
    return {str(name): data.sel(parameter=name) for data in draws for name in data["parameter"].values}


def _leaning(paper: str, draws: list[xr.Dataset]) -> str:
    parameters = _parameters(draws)
    weak = [
        part_and_key(name)[1]
        for name, own in parameters.items()
        if basis_of(float(own["informed"]), 0.0) == "prior"
    ]
    if not weak:
        return f"{paper}: measured rows inform every fitted parameter."
    return (
        f"{paper}: {len(weak)} of {len(parameters)} fitted parameters lean on their priors: "
        f"{listed(weak)}."
    )


def _evidence(paper: str, draws: list[xr.Dataset]) -> str:
    effective = min(float(data.attrs["effective_draws"]) for data in draws)
    doubts = dict.fromkeys(data.attrs["doubt"] for data in draws if data.attrs["doubt"])
    bases = dict.fromkeys(data.attrs["basis"] for data in draws if data.attrs["basis"])
    return " ".join([f"{paper}: {trust(effective)}", *bases, *doubts])


def _fitted(paper: str, draws: list[xr.Dataset]) -> Table:
    rows = []
    for name, own in _parameters(draws).items():
        part, key = part_and_key(name)
        low, high = own["value"].quantile([LOW, HIGH], "draw").values
        basis = WORDS_OF_BASIS[basis_of(float(own["informed"]), 0.0)]
        rows.append(
            (key, number(float(own["optimum"])), f"{number(low)} to {number(high)}", basis, part)
        )
    columns = ("parameter", "value", "5 to 95 %", "known from", "part")
    return table(f"Fitted to {paper}", columns, rows, right=(1, 2))
