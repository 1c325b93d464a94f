"""What a what-if study answers: medians, intervals and chances at every point."""

import xarray as xr

from twin import names
from twin.results.intervals import CHANCE, answers, interval
from twin.results.quantities import DIFFERENCE, STUDIES
from twin.studies.point import QUANTITIES, attributes
from twin.studies.what_if import DRAW


def summarise_study(data: xr.Dataset) -> xr.Dataset:
    """Median, 5-95 % interval and chance of a short at every point of a what-if study.

    Returns a Dataset over the study's dimensions: each quantity and `difference_*` over `quantile` too
    (onset and lifetime infinite where that share of the draws never gets there),
    `short_circuit_probability` [1], `usable_draws`, and `outcomes` (draws) over `outcome`. Draws without
    an answer (infeasible, solver failure) are left out and counted in `outcomes`.
    """
    usable = answers(data)
    result = {
        str(name): interval(data, str(name))
        for name in data.data_vars
        if (name in QUANTITIES and name != CHANCE) or str(name).startswith(DIFFERENCE)
    }
    chance = data[CHANCE].where(usable).mean(DRAW)
    result["short_circuit_probability"] = chance
    result["usable_draws"] = usable.sum(DRAW)
    counts = [(data["outcome"] == name).sum(DRAW) for name in names.OUTCOMES]
    result["outcomes"] = xr.concat(counts, xr.Variable("outcome", list(names.OUTCOMES)))
    for name in STUDIES:
        if name in result:
            result[name].attrs = attributes(name)
    return xr.Dataset(result, attrs=data.attrs)
