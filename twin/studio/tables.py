"""Tables of the page, as HTML: the parameters of a cell, and what stands behind an answer."""

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

import twin
from twin.cell import Cell
from twin.errors import TwinError
from twin.fitting.family import family_of
from twin.parameters import Prior
from twin.results import inside
from twin.results.phrases import number
from twin.studio.answers import Interval
from twin.units import unit_of_key, words_of_key

DRIVERS = 6
"""Parameters told of each result: those that move it most."""

INSIDE = {True: "yes", False: "no"}
"""Whether a row lies inside its interval, where it is one to compare with."""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], caption: str) -> str:
    """A table; whatever stands in it is text."""
    head = "".join(f'<th scope="col">{escape(own)}</th>' for own in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(entry))}</td>" for entry in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def parameters(cell: Cell) -> str:
    """Every parameter with its unit, source and prior."""
    rows = [
        (
            words_of_key(key),
            f"{entry.value:.4g}",
            unit_of_key(key),
            prior_in_words(entry.prior),
            entry.source,
        )
        for key, entry in sorted(cell.parameters.items())
    ]
    return table(("parameter", "value", "unit", "prior", "source"), rows, cell.description)


def prior_in_words(prior: Prior | None) -> str:
    """ "lognormal, factor 3"."""
    if prior is None:
        return "fixed"
    if prior.distribution == "uniform":
        return f"uniform, {prior.lower:.3g} to {prior.upper:.3g}"
    how = (
        f"factor {prior.spread:g}"
        if prior.distribution == "lognormal"
        else f"deviation {prior.spread:.3g}"
    )
    return f"{prior.distribution}, {how}"


def conditions(found: Interval) -> str:
    """How the protocol stands to what was fitted."""
    said = inside.sentence(found.forecast) or "Nothing that was fitted can be held beside this protocol."
    rows = inside.rows_of(found.forecast)
    return f"<p>{escape(said)}</p>" + (
        table(inside.COLUMNS, rows, "Inside what was fitted?") if rows else ""
    )


def drivers(found: Interval) -> str:
    """Which parameters move the answer, and whether rows or priors tell them."""
    try:
        data = twin.sensitivity(found.forecast)
    except TwinError as error:
        return f"<p>{escape(str(error))}</p>"
    rows = []
    for quantity in data["quantity"].values:
        own = data.sel(quantity=quantity)
        order = abs(own["rank_correlation"]).values.argsort()[::-1][:DRIVERS]
        for place in order:
            one = own.isel(parameter=int(place))
            value = float(one["rank_correlation"])
            if abs(value) < float(own["noise_level"]):
                break
            name = str(one["parameter"].item())
            rows.append(
                (str(quantity).replace("_", " "), name, f"{value:+.2f}", str(one["basis"].item()))
            )
    return table(
        ("result", "parameter", "rank correlation", "known from"), rows, "What decides the answer"
    )


def behind(cell: Cell) -> str:
    """The measured rows of the cell's family, those of this very cell first."""
    try:
        rows = twin.measured_rows(family_of(cell))
    except TwinError as error:
        return f"<p>{escape(str(error))}</p>"
    own = rows[rows["role"].isin(("fit", "validate")) & rows["value"].notna()]
    own = own.assign(other=own["cell"] != cell.name).sort_values("other", kind="stable")
    lines = [
        (
            name, row["cell"], row["observable"], f"{row['value']:g} {row['unit']}", row["at"],
            "fitted" if row["role"] == "fit" else "held out",
        )
        for name, row in own.iterrows()
    ]  # fmt: skip
    return table(
        ("row", "cell", "observable", "measured", "at", "role"), lines, "Measured rows of this family"
    )


def predicted(found: pd.DataFrame, cell: Cell) -> str:
    """Rows beside what the fit says of them, those of this very cell first. `found`: twin.validate."""
    own = found[found["role"].isin(("fit", "validate")) & found["measured"].notna()]
    own = own.assign(other=own["cell"] != cell.name).sort_values("other", kind="stable")
    lines = [
        (
            row["id"], row["cell"], row["observable"], measured_in_words(row["measured"], row["unit"]),
            f"{number(row['predicted'])} ({number(row['low'])} to {number(row['high'])})", row["at"],
            "fitted" if row["role"] == "fit" else "held out", INSIDE.get(row["inside"], ""),
        )
        for _, row in own.iterrows()
    ]  # fmt: skip
    heads = ("row", "cell", "observable", "measured", "predicted", "at", "role", "inside")
    compared = own[own["inside"].isin(INSIDE)]
    told = [
        f"{int(compared['inside'][compared['role'] == role].eq(True).sum())} of "
        f"{int((compared['role'] == role).sum())} {words}"
        for role, words in (("fit", "fitted"), ("validate", "held out"))
    ]
    return table(heads, lines, f"Rows inside their 90 % interval: {', '.join(told)}")


def measured_in_words(measured: float | str, unit: str) -> str:
    """A number with its unit, or the words that a row has instead of one."""
    return measured if isinstance(measured, str) else f"{measured:g} {unit}".rstrip()


def doubts(found: Interval) -> str:
    """Effective draws, and what the fit says against itself."""
    attributes = found.forecast.attrs
    worth = float(attributes["effective_draws"])
    words = [f"The draws are worth about {worth:.0f} independent ones of the fit."]
    words += [str(attributes[name]) for name in ("doubt", "basis") if attributes.get(name)]
    return f"<p>{escape(' '.join(words))}</p>"


__all__ = ["behind", "conditions", "doubts", "drivers", "parameters", "table"]
