"""What the groups of a fit's file say: checked where they come in, and read for pictures and pages.

The file is ``<paper>_draws.nc``, and :func:`twin.load_groups` reads it.
"""

import numpy as np
import xarray as xr

from twin.errors import DatasetError, shown
from twin.parameters import Prior, part_and_key
from twin.results.form import Form
from twin.units import words_of_key

MAKER = "twin.fit"
TRADED = 0.7
"""Least rank correlation of two parameters that trade off: half of the one's variance is the other's."""
MOST_TOLD = 5
"""Pairs of parameters that trade off that are told in words; the file holds all draws."""
PULLS = 0.7
"""Pareto's k above which a row decides so much that only a fit without it tells what it decides."""
SIDE_OF = {"lower_bound": ">", "upper_bound": "<", "value": "", "event": ""}
"""What stands before the measured value of a row of each kind."""
FORMS = {
    "/": Form(
        "a fit",
        MAKER,
        numbers={"optimum": ("parameter",), "informed": ("parameter",)},
        texts={"parameter": ("parameter",)},
        attributes={
            "paper": str, "objective": float, "evaluations": int, "effective_draws": float,
            "largest_rhat": float, "wanted_draws": int, "doubt": str,
        },
        optional={
            "seconds": float, "runs": int, "runs_per_second": float, "starts_agree": int,
            "study_version": str,
        },
    ),
    "posterior": Form(
        "the posterior of a fit", MAKER, numbers={"value": ("chain", "draw", "parameter")}
    ),
    "prior_distribution": Form(
        "the priors of a fit",
        MAKER,
        numbers={name: ("parameter",) for name in ("centre", "spread", "lower", "upper")},
        texts={"distribution": ("parameter",)},
    ),
    "posterior_predictive": Form(
        "what a fit says for its rows",
        MAKER,
        numbers={"prediction": ("chain", "draw", "row")},
        texts={"row": ("row",)},
    ),
    "prior_predictive": Form(
        "what priors say for the rows", MAKER, numbers={"prediction": ("chain", "draw", "row")}
    ),
    "observed_data": Form(
        "the rows of a fit",
        MAKER,
        numbers={"measured": ("row",), "deviation": ("row",), "points": ("row",)},
        texts={"unit": ("row",), "observable": ("row",), "kind": ("row",), "row": ("row",)},
    ),
    "leave_one_out": Form(
        "the rows of a fit left out one by one",
        MAKER,
        numbers={"elpd": ("row",), "pareto_k": ("row",)},
        texts={"row": ("row",)},
    ),
    "starts": Form(
        "the starts of a fit", MAKER, numbers={"objective": ("start",)}, texts={"start": ("start",)}
    ),
    "forecast_effective": Form(
        "the effective draws of forecasts",
        MAKER,
        numbers={"bulk": ("cell", "quantity"), "tail": ("cell", "quantity")},
        texts={"cell": ("cell",), "quantity": ("quantity",)},
        attributes={"cycles": int, "states": int},
    ),
}  # fmt: skip
"""Group of a fit's file -> what it holds at least."""


def group_of(fit: xr.DataTree, name: str) -> xr.Dataset:
    """A group of a fit, "/" for what stands above all.

    Raises DatasetError: no fit, a group that is not there, or one that lacks something.
    """
    if not isinstance(fit, xr.DataTree):
        raise DatasetError(
            f"a fit is an xarray.DataTree, not {shown(fit)}; twin.load_groups reads one from its file"
        )
    if name != "/" and name not in fit.children:
        raise DatasetError(
            f"this file has no group '{name}': it is of no fit, or of one by an earlier twin; "
            "fit anew (`twin fit`)"
        )
    data = fit.to_dataset() if name == "/" else fit[name].to_dataset()
    FORMS[name].check(data)
    return data


def priors_of(fit: xr.DataTree) -> dict[str, Prior]:
    """The prior of each parameter of a fit. Raises DatasetError: it does not say."""
    told = group_of(fit, "prior_distribution")
    return {
        str(name): Prior(
            str(told["distribution"].values[place]),
            *(float(told[key].values[place]) for key in ("lower", "upper", "centre", "spread")),
        )
        for place, name in enumerate(told["parameter"].values)
    }


def earlier_of(fit: xr.DataTree) -> dict[str, str]:
    """The earlier fit whose posterior was the prior of a parameter, "" of none; empty in older files."""
    told = group_of(fit, "prior_distribution")
    if "earlier" not in told:
        return {}
    return dict(zip(told["parameter"].values.tolist(), told["earlier"].values.tolist(), strict=True))


def values_of(fit: xr.DataTree) -> xr.DataArray:
    """The draws, over (draw, parameter), chain after chain. Raises DatasetError: the fit says none."""
    value = group_of(fit, "posterior")["value"].transpose("chain", "draw", "parameter")
    flat = value.values.reshape(-1, value.sizes["parameter"])
    return xr.DataArray(
        flat, dims=("draw", "parameter"), coords={"parameter": value["parameter"].values.astype(str)}
    )


def coordinates_of(fit: xr.DataTree) -> xr.DataArray:
    """The draws in standard deviations of the priors, over (draw, parameter), chain after chain.

    Raises DatasetError: the fit does not say its draws, or its priors.
    """
    priors, values = priors_of(fit), values_of(fit)
    own = [
        [priors[str(name)].to_unit_normal(x) for x in column]
        for name, column in zip(values["parameter"].values, values.values.T, strict=True)
    ]
    return values.copy(data=np.array(own).T)


def traded(draws: xr.DataArray, least: float = TRADED) -> list[tuple[str, str, float]]:
    """Pairs of parameters that trade off, the closest first: their names and rank correlation.

    `draws` are over (draw, parameter), in any unit.
    """
    from scipy.stats import rankdata  # takes as long to import as all of Matplotlib

    names = [str(name) for name in draws["parameter"].values]
    # of repeated states, as chains have them, ranks are shared
    ranks = rankdata(draws.transpose("draw", "parameter").values, axis=0)
    correlation = np.atleast_2d(np.corrcoef(ranks.T))
    pairs = [
        (names[one], names[two], float(correlation[one, two]))
        for one in range(len(names))
        for two in range(one)
        if abs(correlation[one, two]) >= least
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))


def words_of(parameters: list[str]) -> dict[str, str]:
    """Parameters of a fit in words, without units; with their part where two are called alike."""
    words = {name: words_of_key(part_and_key(name)[1]) for name in parameters}
    twice = {own for own in words.values() if list(words.values()).count(own) > 1}
    return {
        name: f"{own} ({part_and_key(name)[0].rpartition('/')[2]})" if own in twice else own
        for name, own in words.items()
    }
