"""The report of a fit: what the rows say of its parameters, and how far its draws are to be believed."""

import numpy as np
import xarray as xr

from twin import plots
from twin.parameters import part_and_key
from twin.report.origin import provenance
from twin.report.page import Page, Picture, Table, picture, table
from twin.report.parameters import WORDS_OF_BASIS
from twin.results.fit_groups import (
    MOST_TOLD,
    PULLS,
    SIDE_OF,
    TRADED,
    earlier_of,
    group_of,
    priors_of,
    traded,
    values_of,
    words_of,
)
from twin.results.intervals import HIGH, LOW, NORMAL_END
from twin.results.phrases import count, listed, number
from twin.results.quantities import QUANTITIES
from twin.sensitivities import basis_of

PINNED = 0.5
"""Least share of a prior's deviation that rows take away from a parameter that counts as pinned."""
ORIGIN = ("paper", "study_version", "seed", "wanted_draws", "accepted", "pareto_k")
"""Attributes of a fit that stand at the end of its page."""
SAME = "the same in every draw"
"""What stands instead of effective draws where there is nothing to be unsure of."""


def page(fit: xr.DataTree, question: str | None) -> Page:
    """The page of a fit, as :func:`twin.load_groups` reads it. Raises DatasetError: no fit."""
    above = group_of(fit, "/")
    values = values_of(fit)
    pairs = traded(values)
    words = words_of([str(name) for name in above["parameter"].values])
    kept = {key: above.attrs[key] for key in ORIGIN if key in above.attrs}
    return Page(
        kind="Fit",
        question=question or f"What do the measured rows of {above.attrs['paper']} say?",
        changed="",
        answer=_answer(above, pairs, _pulling(fit)),
        pictures=_pictures(fit),
        tables=tuple(own for own in (_rows(fit), _starts(fit), _forecasts(fit)) if own is not None),
        leans_on=_leaning(above, pairs, words, _pulling(fit)),
        evidence=_evidence(fit, above),
        parameters=(_parameters(fit, above, values),),
        provenance=provenance(kept),
    )


def _answer(above: xr.Dataset, pairs, pulling: list[str]) -> str:
    pinned = int((above["informed"] >= PINNED).sum())
    told = (
        f"They halve the prior's deviation, or more, of {pinned} of "
        f"{count(above.sizes['parameter'], 'parameter')}; "
        f"{_counted(len(pairs), 'pair', 'trades', 'trade')} off, and "
        f"{_counted(len(pulling), 'row', 'pulls', 'pull')}."
    )
    return f"{above.attrs['doubt']} {told}".strip()


def _counted(amount: int, noun: str, one: str, many: str) -> str:
    """ "1 row pulls", "no rows pull"."""
    return f"1 {noun} {one}" if amount == 1 else f"{amount or 'no'} {noun}s {many}"


def _pulling(fit: xr.DataTree) -> list[str]:
    left_out = group_of(fit, "leave_one_out")
    return left_out["row"].values[left_out["pareto_k"].values > PULLS].tolist()


def _pictures(fit: xr.DataTree) -> tuple[Picture, ...]:
    captions = {
        "parameters": "Each parameter before and after the fit, the best told above. At the right: by "
        "what share the posterior is narrower than the prior.",
        "pairs": "Draws of the pairs of parameters that go together most: the rows tell what they do "
        "together, and hardly each of them.",
        "rows": "What priors and posterior say for each row beside what was measured. A row that pulls "
        "decides so much that only a fit without it tells what it decides.",
    }
    figures = plots.fit_figures(fit)
    return tuple(picture(figures[name], text, text) for name, text in captions.items())


def _rows(fit: xr.DataTree) -> Table:
    rows, left_out = group_of(fit, "observed_data"), group_of(fit, "leave_one_out")
    ends = {
        when: group_of(fit, f"{when}_predictive")["prediction"].quantile([LOW, HIGH], ("chain", "draw"))
        for when in ("prior", "posterior")
    }
    told = []
    for place, name in enumerate(rows["row"].values.tolist()):
        own, k = rows.isel(row=place), float(left_out["pareto_k"][place])
        told.append((
            name, own["observable"].item(),
            f"{SIDE_OF[own['kind'].item()]}{number(own['measured'].item())} {own['unit'].item()}",
            *(_range(ends[when].isel(row=place).values) for when in ends),
            f"{float(left_out['elpd'][place]):.2f}", f"{k:.2f}".replace("inf", "-"),
            "yes" if k > PULLS else "",
        ))  # fmt: skip
    columns = (
        "row", "observable", "measured", "prior 5 to 95 %", "posterior 5 to 95 %", "elpd left out",
        "Pareto k", "pulls",
    )  # fmt: skip
    note = (
        "elpd: ln density of the row, up to a constant, given the other rows. Pareto k of the weights "
        f"that leave it out: above {PULLS:g} they are not to be relied on, because the row pulls; "
        "a dash where too few draws differ to say how much."
    )
    return table("Every row", columns, told, right=(2, 3, 4, 5, 6), note=note)


def _range(ends) -> str:
    return f"{number(ends[0])} to {number(ends[1])}"


def _starts(fit: xr.DataTree) -> Table | None:
    if "starts" not in fit.children:
        return None
    ends = group_of(fit, "starts")["objective"]
    rows = [
        (str(start), f"{float(own):.4g}")
        for start, own in zip(ends["start"].values, ends.values, strict=True)
    ]
    return table("Where each descent ended", ("start", "-ln(posterior)"), rows, right=(1,))


def _forecasts(fit: xr.DataTree) -> Table | None:
    if "forecast_effective" not in fit.children:
        return None
    effective = group_of(fit, "forecast_effective")
    rows = [
        (
            cell,
            QUANTITIES[quantity].long_name,
            *(_effective(own[name].item()) for name in ("bulk", "tail")),
        )
        for cell in effective["cell"].values.tolist()
        for quantity in effective["quantity"].values.tolist()
        for own in (effective.sel(cell=cell, quantity=quantity),)
    ]
    columns = ("cell", "forecast", "effective draws, bulk", "tail")
    note = (
        f"Of the standard protocol over {effective.attrs['cycles']} cycles, from "
        f"{effective.attrs['states']} states of the chains in their order, without the spread between "
        "equal cells. A forecast rests on no more of them than it has draws. The retention of a "
        "symmetric cell is prescribed."
    )
    return table("Effective draws of what is forecast", columns, rows, right=(2, 3), note=note)


def _effective(value: float) -> str:
    return SAME if np.isnan(value) else f"{value:.0f}"


def _leaning(above: xr.Dataset, pairs, words: dict[str, str], pulling: list[str]) -> tuple[str, ...]:
    open_left = [
        words[str(name)]
        for name, informed in zip(above["parameter"].values, above["informed"].values, strict=True)
        if basis_of(float(informed), 0.0) == "prior"
    ]
    told = (
        f"{len(open_left)} of {count(above.sizes['parameter'], 'parameter')} lean on their priors: "
        f"{listed(open_left)}."
        if open_left
        else "The rows inform every parameter."
    )
    sentences = [told]
    sentences += [
        f"{words[one]} and {words[two]} trade off: rank correlation {correlation:+.2f}."
        for one, two, correlation in pairs[:MOST_TOLD]
    ]
    if not pairs:
        sentences.append(f"No two parameters trade off: no rank correlation reaches {TRADED:g}.")
    if pulling:
        sentences.append(
            f"Rows that pull: {listed(pulling)}; a fit without them tells what they decide."
        )
    return tuple(sentences)


def _evidence(fit: xr.DataTree, above: xr.Dataset) -> tuple[str, ...]:
    about = above.attrs
    sentences = [
        f"{about['effective_draws']:.0f} effective draws (bulk or tail) of the parameter with fewest, "
        f"of {about['wanted_draws']} asked for; largest R-hat {about['largest_rhat']:.3f}."
    ]
    if "forecast_effective" in fit.children:
        effective = group_of(fit, "forecast_effective")
        fewest = np.nanmin([effective["bulk"].min().item(), effective["tail"].min().item()])
        sentences.append(f"Of what is forecast, {fewest:.0f} of the quantity with fewest.")
    if about.get("about_priors"):
        sentences.append(str(about["about_priors"]))
    sentences.append(
        f"-ln(posterior) {about['objective']:.4g} at the best point, after {about['evaluations']} "
        "evaluations of all rows."
    )
    if "starts_agree" in about and "starts" in fit.children:
        starts = group_of(fit, "starts").sizes["start"]
        sentences.append(f"{about['starts_agree']} of {count(starts, 'descent')} agree on the optimum.")
    if "seconds" in about:
        sentences.append(
            f"The last command of the fit took {about['seconds']:.0f} s and made {about['runs']} runs: "
            f"{about['runs_per_second']:.0f} runs per second, all else that a fit does included."
        )
    else:
        sentences.append("How long it took the file does not say: an earlier twin has written it.")
    return tuple(sentences)


def _known_from(told: float, earlier: str) -> str:
    """What a parameter is known from; a prior may be the posterior of an earlier fit."""
    basis = basis_of(told, 0.0)
    return f"the fit of {earlier}" if basis == "prior" and earlier else WORDS_OF_BASIS[basis]


def _parameters(fit: xr.DataTree, above: xr.Dataset, values: xr.DataArray) -> Table:
    priors, rows, earlier = priors_of(fit), [], earlier_of(fit)
    for place in np.argsort(-above["informed"].values, kind="stable"):
        own = above.isel(parameter=place)
        name = str(own["parameter"].item())
        part, key = part_and_key(name)
        before = [priors[name].from_unit_normal(end) for end in (-NORMAL_END, NORMAL_END)]
        told = max(float(own["informed"]), 0.0)
        rows.append((
            key, _range(before), number(float(own["optimum"])),
            _range(values.sel(parameter=name).quantile([LOW, HIGH]).values), f"{100 * told:.0f}",
            _known_from(told, earlier.get(name, "")), part,
        ))  # fmt: skip
    columns = (
        "parameter", "prior 5 to 95 %", "best fit", "posterior 5 to 95 %", "told by the rows / %",
        "known from", "part",
    )  # fmt: skip
    return table("Fitted, the best told first", columns, rows, right=(1, 2, 3, 4))
