"""What a what-if study answers: medians, intervals and chances at every point."""

import xarray as xr

from twin import names
from twin.results.form import check_study
from twin.results.intervals import answers, interval
from twin.results.quantities import DIFFERENCE, OUTSIDE, STUDIES, variable_of
from twin.studies.point import KEPT
from twin.studies.question import SHORT, SHORT_PROBABILITY


def summarise_study(data: xr.Dataset) -> xr.Dataset:
    """Median, 5-95 % interval and chance of a short at every point of a what-if study.

    Returns a Dataset over the study's dimensions: each quantity and `difference_*` over `quantile` too
    (onset and lifetime infinite where that share of the draws never gets there),
    `short_circuit_probability` [1], `usable_draws`, `outside` and `model_error` as in the study, and
    `outcomes` (draws) over `outcome`. Draws without
    an answer (infeasible, solver failure) are left out and counted in `outcomes`.

    Raises DatasetError: no study, or one that lacks something.
    """
    check_study(data)
    answered = answers(data)
    told = [name for name in map(str, data.data_vars) if name in KEPT or name.startswith(DIFFERENCE)]
    result = {name: interval(data, name) for name in told if name != SHORT}
    result[SHORT_PROBABILITY] = variable_of(data, SHORT).where(answered).mean("draw")
    result["usable_draws"] = answered.sum("draw")
    counts = [(data["outcome"] == name).sum("draw") for name in names.OUTCOMES]
    result["outcomes"] = xr.concat(counts, xr.Variable("outcome", list(names.OUTCOMES)))
    result |= {name: data[name] for name in OUTSIDE if name in data}
    for name in (SHORT_PROBABILITY, "usable_draws", "outcomes"):
        result[name].attrs = STUDIES[name].attributes
    return xr.Dataset(result, attrs=data.attrs)
