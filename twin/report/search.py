"""The report of a search."""

import numpy as np
import xarray as xr

from twin import plots
from twin.cell import Cell
from twin.errors import DatasetError
from twin.report.origin import changed, provenance
from twin.report.page import Page, Table, picture, table
from twin.report.parameters import PRIORS, parameter_tables
from twin.results.form import SEARCH, designs, is_of, objectives
from twin.results.phrases import count, listed, number
from twin.results.provenance import cell_behind
from twin.results.quantities import EDGES
from twin.results.readable import readable
from twin.studies.evaluations import at_the_edge, nearest_first

LONGEST_TABLE = 60
"""Evaluations of the front that are listed."""
SHOWN = 10
"""Evaluations that are listed where none meets the constraints."""
NO_DRAWS = (
    "A search keeps the interval of each evaluation, not its draws: a what-if study of the design that "
    "you choose says which parameters drive it."
)
"""Said where other reports say what the answer leans on."""


def page(data: xr.Dataset, question: str | None, cell: Cell | None) -> Page:
    """The page of a search over `evaluation`."""
    SEARCH.check(data)
    cell = cell_behind(data.attrs, cell)
    feasible, total = int(data["feasible"].sum()), data.sizes["evaluation"]
    if feasible and not data["on_front"].any():
        raise DatasetError("this is no search: evaluations are feasible, and none is on its front")
    asked = listed([readable(data[name]).name.lower() for name in objectives(data)])
    return Page(
        kind="Search",
        question=question or data.attrs.get("question") or f"Which design is best by {asked}?",
        changed=changed(data.attrs),
        answer=_answer(data, feasible, total),
        pictures=tuple(
            picture(figure, "Every evaluation; bars span 5 to 95 % of the draws.",
                    f"{feasible} of {total} evaluations are feasible. {_answer(data, feasible, total)}")
            for figure in plots.study_figures(data).values()
        ),
        tables=(_front(data),),
        leans_on=(NO_DRAWS,),
        evidence=_evidence(data, feasible, total),
        parameters=parameter_tables(data, cell),
        provenance=provenance(data.attrs),
    )  # fmt: skip


def _answer(data: xr.Dataset, feasible: int, total: int) -> str:
    if not feasible:
        return f"None of {count(total, 'evaluation')} meets every constraint{_nearest(data)}."
    places = np.flatnonzero(data["on_front"].values.astype(bool))
    told = listed([f"{readable(data[name]).name.lower()} {_reading(data, name, places[0])}"
                   for name in objectives(data)])  # fmt: skip
    found = f"{told}, at {_design(data, places[0])}"
    if len(places) == 1:
        return f"The best that was found has {found}.{_edges(data, places[0])}"
    return f"{len(places)} designs are beaten by no other; the first of them has {found}."


def _edges(data: xr.Dataset, place: int) -> str:
    """Says where the best lies at the end of a range that was searched."""
    point = {
        name: float(data[name][place])
        for name in designs(data)
        if all(is_of(data[name].attrs.get(end), float) for end in EDGES)
    }
    edges = at_the_edge(data, point)
    if not edges:
        return ""
    words = listed([readable(data[name]).name.lower() for name in edges])
    verb = "lies" if len(edges) == 1 else "lie"
    return f" Its {words} {verb} at the end of the range searched: a better one may lie beyond."


def _evidence(data: xr.Dataset, feasible: int, total: int) -> tuple[str, ...]:
    told = [f"{count(total, 'evaluation')}, {feasible} within every constraint."]
    if "draws" in data.attrs:
        told.append(
            f"Each was run on {count(int(data.attrs['draws']), 'draw')} of the cell, or on as many "
            "as it took to see that a constraint cannot be met."
        )
    if "fresh_chance" in data:
        chances = zip(data["constraint"].values, data["fresh_chance"].values, strict=True)
        named = listed([f"'{label}' {number(100 * float(chance))} %" for label, chance in chances])
        told.append(f"The best, on as many draws that the search has not seen: chance of {named}.")
    if data.attrs.get("draw_from") == "priors":
        told.append(PRIORS)
    if data.attrs.get("doubt"):
        told.append(str(data.attrs["doubt"]))
    return tuple(told)  # fmt: skip


def _nearest(data: xr.Dataset) -> str:
    """Which evaluation misses the constraints by the least, and which of them it misses."""
    if "excess" not in data or not data.sizes["constraint"]:
        return ""
    place = int(nearest_first(data)[0])
    own = data.isel(evaluation=place)
    named = [
        f"'{label}' (chance {100 * float(own['chance'].sel(constraint=label)):.3g} %)"
        for label in data["constraint"].values.tolist()
        if float(own["excess"].sel(constraint=label)) > 0
    ]
    return f"; the nearest, at {_design(data, place)}, misses {listed(named)}"


def _design(data: xr.Dataset, place: int) -> str:
    return listed([f"{readable(data[name]).name.lower()} {readable(data[name]).entry(place)}"
                   for name in designs(data)])  # fmt: skip


def _reading(data: xr.Dataset, name: str, place: int) -> str:
    edges = [
        readable(data[key].assign_attrs(data[name].attrs), like=data[name]).values[place]
        for key in (f"{name}_{edge}" for edge in EDGES)
    ]
    return f"{readable(data[name]).entry(place)} ({number(edges[0])} to {number(edges[1])})"


def _front(data: xr.Dataset) -> Table:
    caption, places = "On the front", np.flatnonzero(data["on_front"].values.astype(bool))
    if not len(places):
        caption, places = (
            "Nearest to meeting the constraints",
            nearest_first(data)[:SHOWN],
        )
    chosen, goals = designs(data), objectives(data)
    rows = [
        (
            f"{int(data['evaluation'].values[place])}",
            *(readable(data[name]).entry(place) for name in chosen),
            *(_reading(data, name, place) for name in goals),
        )
        for place in places[:LONGEST_TABLE]
    ]
    columns = ["evaluation", *(readable(data[name]).name for name in (*chosen, *goals))]
    return table(caption, columns, rows, right=range(1, len(columns)))
