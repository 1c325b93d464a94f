"""The report of a validation: every measured row beside the twin's answer."""

import pandas as pd

from twin import plots
from twin.cell import Cell
from twin.errors import TwinError
from twin.parameter_sets import load_cell
from twin.posterior import load_draws
from twin.report.page import Page, Table, picture, table
from twin.report.parameters import FEW_EFFECTIVE, HIGH, LOW, WORDS_OF_BASIS
from twin.report.phrases import listed, number, provenance
from twin.results import provenance as provenance_of
from twin.sensitivities import basis_of

WORDS_OF_ROLE = {"fit": "fitted rows", "validate": "held-out rows"}
WORDS_OF_INSIDE = {True: "yes", False: "NO"}


def page(rows: pd.DataFrame, question: str | None) -> Page:
    """The page of the table that :func:`twin.validate` gives."""
    compared = rows[rows["inside"].notna()]
    papers = list(dict.fromkeys(rows["paper"]))
    cells = {paper: _cell_of(rows, paper) for paper in papers}
    draws = {
        paper: load_draws(cell) for paper, cell in cells.items() if cell is not None and cell.fitted_set
    }
    missed = compared[~compared["inside"].astype(bool)]
    found = next((provenance_of(cell) for cell in cells.values() if cell is not None), {})
    kept = {key: found[key] for key in ("twin_version", "versions") if key in found}
    return Page(
        kind="Validation",
        question=question or f"Does the twin say what {listed(papers)} measured?",
        answer=_answer(compared, missed),
        pictures=_pictures(compared, missed),
        tables=(_rows(rows),),
        leans_on=tuple(_leaning(paper, data) for paper, data in draws.items())
        or ("No fitted set stands behind these rows.",),
        evidence=tuple(_evidence(paper, data.attrs) for paper, data in draws.items()),
        parameters=tuple(_fitted(paper, data) for paper, data in draws.items()),
        provenance=provenance(kept | {"fitted_sets": ", ".join(draws)}),
    )


def _cell_of(rows: pd.DataFrame, paper: str) -> Cell | None:
    """A cell of the paper: all of them share its fitted set."""
    for name in dict.fromkeys(rows[rows["paper"] == paper]["cell"]):
        try:
            return load_cell(str(name))
        except TwinError:
            continue
    return None


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


def _leaning(paper: str, data) -> str:
    weak = [
        str(name).split(": ")[-1]
        for name, informed in zip(data["parameter"].values, data["informed"].values, strict=True)
        if basis_of(float(informed), 0.0) == "prior"
    ]
    if not weak:
        return f"{paper}: measured rows inform every fitted parameter."
    return (
        f"{paper}: {len(weak)} of {data.sizes['parameter']} fitted parameters lean on their priors: "
        f"{listed(weak)}."
    )


def _evidence(paper: str, attributes) -> str:
    effective = float(attributes["effective_draws"])
    trust = "lean on medians, not on tails" if effective < FEW_EFFECTIVE else "enough for the tails"
    return f"{paper}: the fit's draws are worth about {effective:.0f} independent ones: {trust}."


def _fitted(paper: str, data) -> Table:
    edges = data["value"].quantile([LOW, HIGH], "draw").transpose("parameter", "quantile").values
    rows = [
        (
            str(name).partition(": ")[2], number(data["optimum"].values[place]),
            f"{number(edges[place][0])} to {number(edges[place][1])}",
            WORDS_OF_BASIS[basis_of(float(data["informed"].values[place]), 0.0)],
            str(name).partition(": ")[0],
        )
        for place, name in enumerate(data["parameter"].values)
    ]  # fmt: skip
    columns = ("parameter", "value", "5 to 95 %", "known from", "part")
    return table(f"Fitted to {paper}", columns, rows, right=(1, 2))
