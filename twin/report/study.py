"""The report of a what-if study."""

import itertools

import numpy as np
import xarray as xr

from twin import names, plots
from twin.cell import Cell
from twin.report.origin import changed, provenance
from twin.report.page import Page, Table, picture, table
from twin.report.parameters import evidence, leaning, parameter_tables
from twin.results.form import check_study
from twin.results.intervals import CHANCE, LOW, MEDIAN, QUANTILES, answers, interval
from twin.results.phrases import listed, number, span
from twin.results.provenance import cell_behind
from twin.results.quantities import QUANTITIES
from twin.results.readable import Readable, readable
from twin.studies import beyond

CRUMB = 9
"""Decimals of a result that are told: what is left beyond them of zero is the solver's."""
LONGEST_TABLE = 400
"""Rows; a longer study is listed as far as that."""


def page(data: xr.Dataset, question: str | None, cell: Cell | None) -> Page:
    """The page of a what-if study over its axes and draw."""
    check_study(data)
    cell = cell_behind(data.attrs, cell)
    axes = [str(name) for name in data["outcome"].dims if name != "draw"]
    varied = listed([readable(data[name]).name.lower() if name in data else name for name in axes])
    answered = answers(data)
    sentences, bars = leaning(data, cell)
    return Page(
        kind="What if",
        question=question or data.attrs.get("question") or f"What if {varied} were different?",
        changed=changed(data.attrs),
        answer=_answer(data, axes),
        pictures=tuple(
            picture(figure, *_words(data, name)) for name, figure in plots.study_figures(data).items()
        ),
        tables=(_points(data, axes),),
        leans_on=sentences,
        leans_on_pictures=bars,
        evidence=(*_standing(data), *evidence(data, int(answered.any(axes).sum()))),
        parameters=parameter_tables(data, cell),
        provenance=provenance(data.attrs),
    )


def _standing(data: xr.Dataset) -> tuple[str, ...]:
    """How the points stand to what was fitted and to what the laws were made for; nothing if inside."""
    return tuple(filter(None, (beyond.in_words(data), str(data.attrs.get("notes", "")))))


def _words(data: xr.Dataset, variable: str) -> tuple[str, str]:
    shown = readable(interval(data, variable).isel(quantile=1))
    finite = shown.values[np.isfinite(shown.values)]
    ends = f"from {number(finite.min())} to {number(finite.max())}" if finite.size else "nowhere known"
    read = "share" if variable == CHANCE else "median"
    return f"{shown.name}, {read} of the draws.", f"{shown.name} over the points: {read}s {ends}."


def _answer(data: xr.Dataset, axes: list[str]) -> str:
    criterion = _criterion(data)
    shown = _shown(data, criterion, axes)
    low, middle = (shown.values[..., QUANTILES.index(share)] for share in (LOW, MEDIAN))
    failure = _median_failure(data, criterion, axes)
    answered = [place for place in np.ndindex(middle.shape) if not np.isnan(middle[place])]
    if not answered:
        return "No point of the study has an answer."
    sign = -1 if QUANTITIES[criterion].better == "lower" else 1

    def merit(place):
        # of equal medians (never within the run, for one) the low end decides
        return failure[..., 1][place], sign * middle[place], sign * low[place]

    chance = _chance(data).transpose(*axes).values * 100
    told = [
        (
            f"failure after {span(failure[place], 'h')}"
            if np.isfinite(failure[place][1])
            else span(shown.values[place], shown.unit)
        )
        + f" with {number(float(chance[place]))} % shorted{_at(data, axes, place)}"
        for place in (max(answered, key=merit), min(answered, key=merit))
    ]
    name = shown.name.lower()
    return f"Best {name}: {told[0]}; worst: {told[1]}." if axes else f"{shown.name}: {told[0]}."


def _median_failure(data: xr.Dataset, criterion: str, axes: list[str]) -> np.ndarray:
    """Time of failure [h] over (axes, quantile): what does not last has no overpotential to compare.

    Infinite where another criterion says so itself: nothing is delivered after a failure.
    """
    if criterion != "cell_overpotential" or "lifetime" not in data:
        sizes = [data["outcome"].sizes[name] for name in axes]
        return np.full((*sizes, len(QUANTILES)), np.inf)
    return interval(data, "lifetime").transpose(*axes, "quantile").values


def _shown(data: xr.Dataset, name: str, axes: list[str]) -> Readable:
    """Quantiles of a result over (axes, quantile), without the crumbs that a solver leaves of zero."""
    edges = interval(data, name).transpose(*axes, "quantile").round(CRUMB)
    return readable(edges)


def _criterion(data: xr.Dataset) -> str:
    """What tells points apart best."""
    answers = plots.answers_of(data)
    return answers[-1] if answers else "lifetime"


def _at(data: xr.Dataset, axes: list[str], place) -> str:
    named = [
        f"{readable(data[name]).name.lower()} {readable(data[name]).entry(spot)}"
        if name in data
        else f"{name} {spot + 1}"
        for name, spot in zip(axes, place, strict=True)
    ]
    return f" at {listed(named)}" if named else ""


def _chance(data: xr.Dataset) -> xr.DataArray:
    answered = answers(data)
    return data["short_circuit_onset_cycle"].notnull().where(answered).mean("draw")


def _points(data: xr.Dataset, axes: list[str]) -> Table:
    shown = _shown(data, _criterion(data), axes)
    onset = interval(data, "short_circuit_onset_cycle").transpose(*axes, "quantile").values
    chance = _chance(data).transpose(*axes).values
    rows = [
        (
            *(readable(data[n]).entry(s) if n in data else f"{s + 1}"
              for n, s in zip(axes, place, strict=True)),
            span(shown.values[place]), number(float(100 * chance[place])), span(onset[place]),
        )
        for place in itertools.islice(np.ndindex(chance.shape), LONGEST_TABLE)
    ]  # fmt: skip
    columns = [readable(data[n]).name if n in data else n for n in axes]
    columns += [shown.label, "chance of a short / %", "onset cycle of a short"]
    right = range(len(axes), len(columns))
    if beyond.in_words(data):
        outside = data["outside"].transpose(*axes).values.ravel()
        columns.append("outside what was fitted")
        rows = [(*row, words or "no") for row, words in zip(rows, outside, strict=False)]
    note = (
        f"Draws without an answer ({listed(names.NO_ANSWER)}) are left out. A cell that died before the "
    )
    note = note.replace("_", " ") + "last cycle delivers nothing in it."
    if chance.size > LONGEST_TABLE:
        note += f" These are the first {LONGEST_TABLE} of {chance.size} points."
    return table("Every point: median (5 to 95 %)", columns, rows, right=right, note=note)
