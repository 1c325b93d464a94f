"""Which parameters drive an answer: rank correlation over the draws behind it.

Each drawn parameter is set against each result by Spearman's rank correlation. Ranks ask for no linear
law, and an event that did not come simply ranks last. Other parameters are not held fixed (a partial
correlation would do that, and would need more independent draws than there are parameters): where the
fit ties parameters together, each of them carries the influence of the others too. The order therefore
says where to measure next, not which parameter is to blame (Saltelli et al. 2008, Global Sensitivity
Analysis, ch. 1).

Several draws may come from the same fitted point, so that they are no independent evidence. Bootstrap
intervals and the noise level are therefore taken over fitted points, not over draws. The noise level is
the strongest correlation that any parameter reaches when the points are shuffled among the results.
"""

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from twin import names
from twin.arguments import checked_seed
from twin.errors import DatasetError, ObservationError
from twin.results.form import DRAWN
from twin.results.intervals import HIGH, LOW, answers
from twin.results.quantities import is_event
from twin.units import unit_of_key

QUANTITIES = ("capacity_retention", "short_circuit_onset_cycle", "energy_delivered", "lifetime")
"""Results whose drivers are sought, in the order in which they are told."""
RESAMPLES = 400
"""Bootstrap samples and shuffles: the ends of an interval then move by a hundredth from seed to seed."""
INFORMED = 0.5
"""A parameter counts as known from measured rows where they take at least this share of its prior's
deviation away (1 minus posterior over prior deviation)."""
OF_CELLS = 0.5
"""A parameter counts as spread from cell to cell where that is at least this share of its variance."""
FEWEST_POINTS = 3
"""Distinct fitted points, and draws with an answer, below which a correlation says nothing."""
SAME = 1e-6
"""Relative range below which a result does not vary between draws."""


def sensitivity(data: xr.Dataset, *, seed: int = 0) -> xr.Dataset:
    """How strongly each drawn parameter drives retention, onset of a short, energy over life, lifetime.

    Parameters
    ----------
    data : a forecast over (draw, cycle), or a study over its axes and draw
        With `parameter_value` over (draw, parameter). Retention is that of the last cycle. Of a study:
        the mean over its points.
    seed : of the bootstrap

    Returns
    -------
    xarray.Dataset over (quantity, parameter), strongest first
        `rank_correlation`, `rank_correlation_low`, `rank_correlation_high` [1] (5-95 % of the
        bootstrap), `noise_level` over quantity (what the strongest parameter reaches by luck, 95 %).
        Over parameter: `units`, `informed` [1], `basis` ("measured rows", "prior" or "cell to cell":
        what most of its spread comes from), `source`. Attributes: `draws`, `distinct_draws`,
        `effective_draws`. Results that do not vary are left out.

    Raises
    ------
    ArgumentError : the seed is no such number.
    DatasetError : no drawn parameters in the Dataset.
    ObservationError : fewer than three distinct draws, or nothing that varies.
    """
    if not isinstance(data, xr.Dataset) or "parameter_value" not in data:
        raise DatasetError(
            "no 'parameter_value' in this Dataset, so nothing says what was drawn: "
            "compute it again with this version (twin.forecast or twin.what_if)"
        )
    told = {name: ("draw",) for name in QUANTITIES if name in data.variables}
    DRAWN.also(told).check(data)
    parameters = data["parameter_value"].transpose("draw", "parameter")
    points = _fitted_points(data)
    distinct = len(np.unique(_typical(points)))
    if distinct < FEWEST_POINTS:
        raise ObservationError(
            f"{distinct} distinct draws say nothing about what drives the answer: ask for more"
        )
    responses = {name: _ranked_response(data, name) for name in QUANTITIES if name in data}
    responses = {name: ranks for name, ranks in responses.items() if len(ranks)}
    if not responses:
        raise ObservationError("every draw gives the same answer: no parameter drives it")
    drawn = _standard(rankdata(parameters.values, axis=0).T).T
    generator = np.random.default_rng(checked_seed(seed))
    found = {name: _correlations(ranks, drawn, points, generator) for name, ranks in responses.items()}
    own_spread = data["parameter_cell_share"].values > 0
    noise = [_noise_level(ranks, drawn, points, own_spread, generator) for ranks in responses.values()]
    result = _dataset(data, found)
    result["noise_level"] = ("quantity", noise, {"units": "1"})
    result.attrs = {
        key: data.attrs[key] for key in ("cell", "fitted_set", "effective_draws") if key in data.attrs
    } | {"draws": data.sizes["draw"], "distinct_draws": distinct}
    return result


def basis_of(informed: float, cell_share: float) -> str:
    """What most of a parameter's spread comes from: "measured rows", "prior" or "cell to cell"."""
    if cell_share >= OF_CELLS:
        return "cell to cell"
    return "measured rows" if informed >= INFORMED else "prior"


def _fitted_points(data: xr.Dataset) -> np.ndarray:
    """Which fitted point each drawn value comes from, as a number, (draw, parameter).

    Draws that come from the same fitted point have the same number. Parameters that were fitted together
    (a family) share their points; a cell may have parts of several families. A parameter that differs
    between equal cells has another value in every draw; it takes the numbers that most parameters have.
    """
    values = data["parameter_value"].transpose("draw", "parameter").values
    points = np.stack([_numbered(column) for column in values.T], axis=1)
    differing = data["parameter_cell_share"].values > 0
    if not differing.all():
        points[:, differing] = _typical(points[:, ~differing])[:, None]
    return points


def _numbered(column: np.ndarray) -> np.ndarray:
    """Each value replaced by a number, counted in the order in which new values appear.

    The parameters of a family change their values in the same draws, so that their numbers agree.
    """
    _, first, which = np.unique(column, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[which.ravel()]


def _typical(points: np.ndarray) -> np.ndarray:
    """The numbers that most parameters have, (draw,)."""
    columns, counts = np.unique(points, axis=1, return_counts=True)
    return columns[:, np.argmax(counts)]


def _families(points: np.ndarray):
    """For each family: the numbers of its fitted points, (draw,), and which parameters belong to it."""
    columns, which = np.unique(points, axis=1, return_inverse=True)
    for number, column in enumerate(columns.T):
        yield column, which.ravel() == number


def _ranked_response(data: xr.Dataset, name: str) -> np.ndarray:
    """Standardised ranks of a result over the draws, (point, draw), of the points at which it varies.

    Retention is that of the last cycle, where a cell that has died ranks below all that live.
    """
    values = data[name]
    if not values.size:
        return np.array([])
    if "cycle" in values.dims:
        dead = data["outcome"].isin(names.DEAD)
        values = values.where(values.notnull() | ~dead, 0.0).isel(cycle=-1)
    values = values.transpose(..., "draw")
    answered = answers(data).transpose(..., "draw")
    if is_event(name):
        values = values.fillna(np.inf)
    table = np.where(answered, values, np.nan).reshape(-1, data.sizes["draw"])
    rows = []
    for row in table:
        known = ~np.isnan(row)
        if known.sum() < FEWEST_POINTS or not _varies(row[known]):
            continue
        ranks = np.zeros(len(row))  # a draw without an answer takes the mean rank, which says nothing
        ranks[known] = _standard(rankdata(row[known])[None])[0]
        rows.append(ranks)
    return np.array(rows)


def _varies(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    if len(finite) < len(values):
        return bool(len(finite))
    return bool(np.ptp(finite) > SAME * np.abs(finite).max())


def _standard(rows: np.ndarray) -> np.ndarray:
    """Each row with mean 0 and deviation 1; all 0 where it does not vary."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    deviation = centred.std(axis=-1, keepdims=True)
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)


def _correlations(ranks, drawn, points, generator) -> np.ndarray:
    """Rank correlation, and the ends of its bootstrap interval over fitted points: (3, parameter)."""
    found = np.empty((3, drawn.shape[1]))
    for numbers, own in _families(points):
        count = numbers.max() + 1
        resampled = []
        for _ in range(RESAMPLES):
            times = np.bincount(generator.integers(count, size=count), minlength=count)
            resampled.append(_weighted_correlation(ranks, drawn[:, own], times[numbers]))
        found[1:, own] = np.nanquantile(resampled, [LOW, HIGH], axis=0)
        found[0, own] = _weighted_correlation(ranks, drawn[:, own], np.ones(len(numbers)))
    return found


def _weighted_correlation(ranks, drawn, weights) -> np.ndarray:
    """Correlation of each parameter with the ranks, mean over the points of a study, (parameter,)."""
    weights = weights / weights.sum()
    rows = ranks - (ranks @ weights)[:, None]
    columns = drawn - weights @ drawn
    # the mean over the points comes first: it commutes with what follows and is far smaller
    response = _over(rows, np.sqrt(rows**2 @ weights)[:, None]).mean(axis=0)
    return _over((response * weights) @ columns, np.sqrt(weights @ columns**2))


def _over(values: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Quotient; 0 where nothing varies."""
    scale = np.broadcast_to(scale, values.shape)
    return np.divide(values, scale, out=np.zeros_like(values), where=scale > 1e-12)


def _noise_level(ranks, drawn, points, own_spread, generator) -> float:
    """95 % quantile of the strongest correlation when draws have nothing to do with their results."""
    families = [
        (numbers, own, np.unique(numbers, return_index=True)[1]) for numbers, own in _families(points)
    ]
    strongest = []
    for _ in range(RESAMPLES):
        shuffled = np.empty_like(drawn)
        for numbers, own, first in families:
            shuffled[:, own] = drawn[first[generator.permutation(len(first))][numbers]][:, own]
        shuffled[:, own_spread] = drawn[generator.permutation(len(drawn))][:, own_spread]
        found = _weighted_correlation(ranks, shuffled, np.ones(len(drawn)))
        strongest.append(np.abs(found).max())
    return float(np.quantile(strongest, HIGH))


def _dataset(data: xr.Dataset, found: dict[str, np.ndarray]) -> xr.Dataset:
    parameter = data["parameter"].values
    stacked = np.stack(list(found.values()))  # (quantity, edge, parameter)
    informed = data["parameter_informed"].values
    share = data["parameter_cell_share"].values
    over = ("quantity", "parameter")
    result = xr.Dataset(
        {
            "rank_correlation": (over, stacked[:, 0], {"units": "1", "long_name": "Rank correlation"}),
            "rank_correlation_low": (over, stacked[:, 1], {"units": "1"}),
            "rank_correlation_high": (over, stacked[:, 2], {"units": "1"}),
            "units": ("parameter", [unit_of_key(str(name)) or "1" for name in parameter]),
            "informed": ("parameter", informed, {"units": "1"}),
            "basis": ("parameter", [basis_of(*pair) for pair in zip(informed, share, strict=True)]),
            "source": ("parameter", data["parameter_source"].values),
        },
        coords={"quantity": list(found), "parameter": parameter},
    )  # fmt: skip
    strength = np.abs(stacked[:, 0]).max(axis=0)
    return result.isel(parameter=np.argsort(-strength, kind="stable"))
