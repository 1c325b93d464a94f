"""Variants side by side: what each says of rows that it has not seen, and which of them is chosen."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from twin.fitting import candidate
from twin.fitting.draws import flat
from twin.fitting.optimum import AGREEMENT
from twin.fitting.pareto import smoothed
from twin.fitting.problem import Problem
from twin.measured.spread import Spread
from twin.measured.variants import Variant
from twin.results.intervals import NORMAL_END
from twin.validation import held_out

WIDE = 2.0
"""An interval so many times as wide as equal cells and readings differ: a fit leaves the row open."""
HELD_OUT = ("predicted", "low", "high", "inside", "wide")
"""What is told of each row that was held out."""


def side_by_side(
    candidates: Sequence[Variant],
    problems: Mapping[str, Problem],
    found: Mapping[str, xr.DataTree],
    *,
    refits: bool,
    draws: int,
    seed: int,
    workers: int | None,
) -> xr.Dataset:
    """The whole table, and the held-out rows of each variant: as :func:`twin.compare` gives them.

    `found` are the fits of the variants with their refits, which count if `refits`. `draws` of each say
    what it predicts for the rows that were held out.
    """
    names = [variant.name for variant in candidates]
    rows = found[names[0]]["leave_one_out"].to_dataset()["row"].values.tolist()
    scores = [_scores(found[name], refits) for name in names]
    elpd, k, refitted, lpd, by_chance = (np.array(column) for column in zip(*scores, strict=True))
    difference, error = differences(elpd, by_chance)
    told = [_about(found[name]) for name in names]
    over = {name: ("variant", [one[name] for one in told]) for name in told[0]}
    data = xr.Dataset(
        {
            "description": ("variant", [variant.description for variant in candidates]),
            "elpd": ("variant", elpd.sum(axis=1)),
            "difference": ("variant", difference),
            "standard_error": ("variant", error),
            "parameters": ("variant", [len(problems[name].searched) for name in names]),
            "effective_parameters": ("variant", (lpd - elpd).sum(axis=1)),
            **over,
            "unreliable": ("variant", ((k > candidate.RELIABLE) & ~refitted).sum(axis=1)),
            "refits": ("variant", refitted.sum(axis=1)),
            "row_elpd": (("variant", "row"), elpd),
            "pareto_k": (("variant", "row"), k),
            "refitted": (("variant", "row"), refitted.astype("i1")),
        },
        coords={"variant": names, "row": rows},
        attrs={"paper": problems[names[0]].paper, "seed": seed, "draws": draws},
    )
    chosen = simplest(data["parameters"].values, elpd.sum(axis=1), difference, error)
    data["chosen"] = ("variant", (np.arange(len(names)) == chosen).astype("i1"))
    data.attrs["chosen"] = names[chosen]
    told_of = _held_out(problems, found, draws=draws, seed=seed, workers=workers)
    return data.merge(told_of, combine_attrs="no_conflicts")


def _scores(groups: xr.DataTree, refits: bool) -> tuple[np.ndarray, ...]:
    """Of each row: ln density left out, Pareto k, whether it was refitted, ln density within, and the
    Monte-Carlo error of the first."""
    told = groups["leave_one_out"].to_dataset()
    rows = told["row"].values.tolist()
    elpd, k = told["elpd"].values.copy(), told["pareto_k"].values
    pointwise = groups["log_likelihood"].to_dataset()["rows"].values.astype(float).reshape(-1, len(rows))
    effective = float(groups.attrs["effective_draws"])
    by_chance = np.array([
        candidate.monte_carlo_error(own, smoothed(own)[0], effective) for own in pointwise.T
    ])  # fmt: skip
    refitted = np.zeros(len(rows), dtype=bool)
    for one in candidate.refits_of(groups) if refits else ():
        place = rows.index(one.row)
        elpd[place], by_chance[place], refitted[place] = one.elpd, one.error, True
    return elpd, k, refitted, np.asarray(candidate.log_mean(pointwise)), by_chance


def _about(groups: xr.DataTree) -> dict[str, float | int | str]:
    about, starts = groups.attrs, groups["starts"].to_dataset()["objective"].values
    doubts = [
        about["doubt"],
        *(f"Without {r.row}: {r.doubt}" for r in candidate.refits_of(groups) if r.doubt),
    ]
    return {
        "objective": float(about["objective"]),
        "starts": len(starts),
        "starts_agree": int((starts <= starts.min() + AGREEMENT).sum()),
        "effective_draws": float(about["effective_draws"]),
        "largest_rhat": float(about["largest_rhat"]),
        "doubt": " ".join(doubt for doubt in doubts if doubt),
    }


def differences(elpd: np.ndarray, by_chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of elpd (variant, row): the differences of the sums to the best, and their standard errors.

    Differences are paired over the rows (Vehtari et al. 2017, eq. 24). Two variants that say the same of
    every row differ by the draws alone: `by_chance`, (variant, row), is the Monte-Carlo error of elpd.
    """
    best = elpd.sum(axis=1).argmax()
    by_row = elpd - elpd[best]
    drawn = (by_chance**2).sum(axis=1)
    drawn = np.where(np.arange(len(elpd)) == best, 0.0, drawn + drawn[best])
    return by_row.sum(axis=1), np.sqrt(elpd.shape[1] * by_row.var(axis=1, ddof=1) + drawn)


def simplest(parameters: np.ndarray, elpd: np.ndarray, difference: np.ndarray, error: np.ndarray) -> int:
    """Place of the variant with the fewest parameters within one standard error of the best.

    Of several with as few, the one with the highest elpd.
    """
    near = np.flatnonzero(difference >= -error)
    return int(min(near, key=lambda place: (parameters[place], -elpd[place])))


def _held_out(
    problems: Mapping[str, Problem],
    found: Mapping[str, xr.DataTree],
    *,
    draws: int,
    seed: int,
    workers: int | None,
) -> xr.Dataset:
    """What each variant says of the rows marked `validate`, (variant, held_out_row)."""
    tables = []
    for name, problem in problems.items():
        groups = found[name]
        drawn = flat(groups.to_dataset(), groups["posterior"].to_dataset())
        table = held_out(problem, drawn, count=draws, seed=seed, workers=workers)
        tables.append(_with_width(table, problem.experiment.spreads))
    first = tables[0]
    if first.empty:
        return xr.Dataset()
    columns = {
        column: (
            ("variant", "held_out_row"),
            np.array([pd.to_numeric(table[column], errors="coerce") for table in tables], dtype=float),
        )
        for column in HELD_OUT
    }
    inside, wide = columns["inside"][1], columns["wide"][1]
    return xr.Dataset(
        {
            **columns,
            "measured": ("held_out_row", first["measured"].astype(str).to_numpy(dtype=object)),
            "unit": ("held_out_row", first["unit"].astype(str).to_numpy(dtype=object)),
            "held_out_inside": ("variant", np.nansum(inside, axis=1).astype(int)),
            "held_out_compared": ("variant", np.isfinite(inside).sum(axis=1)),
            "held_out_wide": ("variant", np.nansum(wide, axis=1).astype(int)),
        },
        coords={"variant": list(problems), "held_out_row": first["id"].tolist()},
    )


def _with_width(table: pd.DataFrame, spreads: Mapping[str, Spread]) -> pd.DataFrame:
    """The table with `wide`: 1 where an interval is far wider than equal cells and readings differ."""
    if table.empty:
        return table
    wide = [_is_wide(line, spreads.get(line["observable"])) for line in table.to_dict("records")]
    inside = [math.nan if one is None else float(one) for one in table["inside"]]
    return table.assign(wide=wide, inside=inside)


def _is_wide(line: Mapping, spread: Spread | None) -> float:
    low, high = line["low"], line["high"]
    if spread is None or low is None or math.isnan(low):
        return math.nan
    own = 2 * NORMAL_END * math.hypot(spread.scatter, spread.cell)
    if spread.points:
        return float(high - low > WIDE * own)
    return float(low <= 0 or math.log(high / low) > WIDE * own)
