"""The report of a search."""

import numpy as np
import xarray as xr

from twin import plots
from twin.cell import Cell
from twin.plots.pareto import objectives
from twin.plots.quantity import quantity
from twin.report.page import Page, Table, picture, table
from twin.report.parameters import parameter_tables
from twin.report.phrases import cell_behind, count, listed, number, provenance

LONGEST_TABLE = 60
NO_DRAWS = (
    "A search keeps the interval of each evaluation, not its draws: a what-if study of the design that "
    "you choose says which parameters drive it."
)


def page(data: xr.Dataset, question: str | None, cell: Cell | None) -> Page:
    """The page of a search over `evaluation`."""
    cell = cell_behind(data.attrs, cell)
    feasible, total = int(data["feasible"].sum()), data.sizes["evaluation"]
    asked = listed([quantity(data[name]).name.lower() for name in objectives(data)])
    return Page(
        kind="Search",
        question=question or data.attrs.get("question") or f"Which design is best by {asked}?",
        answer=_answer(data, feasible, total),
        pictures=tuple(
            picture(figure, "Every evaluation; bars span 5 to 95 % of the draws.",
                    f"{feasible} of {total} evaluations are feasible. {_answer(data, feasible, total)}")
            for figure in plots.study_figures(data).values()
        ),
        tables=(_front(data),),
        leans_on=(NO_DRAWS,),
        evidence=(f"{count(total, 'evaluation')}, {feasible} within every constraint.",),
        parameters=parameter_tables(data, cell),
        provenance=provenance(data.attrs),
    )  # fmt: skip


def _answer(data: xr.Dataset, feasible: int, total: int) -> str:
    if not feasible:
        return f"None of {count(total, 'evaluation')} meets every constraint."
    places = np.flatnonzero(data["on_front"].values.astype(bool))
    told = listed([f"{quantity(data[name]).name.lower()} {_reading(data, name, places[0])}"
                   for name in objectives(data)])  # fmt: skip
    design = listed([f"{quantity(data[name]).name.lower()} {quantity(data[name]).entry(places[0])}"
                     for name in _designs(data)])  # fmt: skip
    if len(places) == 1:
        return f"The best that was found has {told}, at {design}."
    return f"{len(places)} designs are beaten by no other; the first of them has {told}, at {design}."


def _designs(data: xr.Dataset) -> list[str]:
    """What the search could choose."""
    said = {"feasible", "on_front", *objectives(data)}
    said |= {f"{name}_{edge}" for name in objectives(data) for edge in ("low", "high")}
    return [str(n) for n, v in data.data_vars.items() if v.dims == ("evaluation",) and n not in said]


def _reading(data: xr.Dataset, name: str, place: int) -> str:
    edges = [
        quantity(data[key].assign_attrs(data[name].attrs), like=data[name]).values[place]
        for key in (f"{name}_low", f"{name}_high")
    ]
    return f"{quantity(data[name]).entry(place)} ({number(edges[0])} to {number(edges[1])})"


def _front(data: xr.Dataset) -> Table:
    places = np.flatnonzero(data["on_front"].values.astype(bool))[:LONGEST_TABLE]
    designs, goals = _designs(data), objectives(data)
    rows = [
        (
            f"{int(data['evaluation'].values[place])}",
            *(quantity(data[name]).entry(place) for name in designs),
            *(_reading(data, name, place) for name in goals),
        )
        for place in places
    ]
    columns = ["evaluation", *(quantity(data[name]).name for name in (*designs, *goals))]
    return table("On the front", columns, rows, right=range(1, len(columns)))
