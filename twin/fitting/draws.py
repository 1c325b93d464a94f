"""Draws of a fit, and the versions of a cell that they make: what the rows leave open.

A draw multiplies the parameters of a cell, so that values changed by :meth:`Cell.replace` keep their
change. On top of it comes how equal cells differ (``spread.toml``).
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.errors import FittedSetError
from twin.files import load, load_groups
from twin.fitted_values import DRAWS, FITTED, own_fit
from twin.fitting.family import basis, name_of_family, no_fit, spread_of, stale
from twin.measured.folder import holds
from twin.parameters import Parameter
from twin.parts import shipped
from twin.results.quantities import DRAWN_PARAMETERS

NO_DRAWS: Mapping[str, xr.Dataset] = {}
"""Every fitted set has the draws in its file."""


def load_draws(cell: Cell, instead: Mapping[str, xr.Dataset] = NO_DRAWS) -> xr.Dataset:
    """The draws of a cell's fitted sets, of the parameters whose values come from them.

    Parts that were fitted in different families are independent of each other: their draws are put
    side by side, and `paper` is that of the cell itself. `doubt` says which have not converged, if any,
    and whether a fit is older than the files of its parts; `basis` says in words on what they rest where
    that is no fit of the cell's own family. `instead` are draws, by the name of their fit, that take the
    place of those in files.

    Raises FittedSetError: the cell has no fitted set, or it came without draws.
    """
    if not cell.fitted_sets:
        raise FittedSetError(f"{cell.name} has {no_fit(cell)}")
    found = {name: instead[name] if name in instead else _read(name, cell) for name in cell.fitted_sets}
    count, sets = min(data.sizes["draw"] for data in found.values()), []
    for place, (name, data) in enumerate(found.items()):
        # some of each chain; the first family in its order, so that no draw goes with one of another
        chosen = np.random.default_rng(place).permutation(data.sizes["draw"])[:count]
        data = data.isel(draw=chosen if place else np.sort(chosen)).assign_coords(draw=np.arange(count))
        own = {cell.label(key) for key, entry in cell.parameters.items() if entry.fitted_set == name}
        data = data.sel(parameter=[str(n) in own for n in data["parameter"].values])
        informed = data["informed_by_all" if "informed_by_all" in data else "informed"]
        sets.append(data[["value", "optimum"]].assign(informed=informed))
    effective = min(data.attrs["effective_draws"] for data in sets)
    merged = xr.concat(sets, dim="parameter", join="inner", combine_attrs="drop_conflicts")
    doubts = [data.attrs["doubt"] for data in sets]
    merged.attrs |= {
        "paper": name_of_family(cell),
        "effective_draws": effective,
        "doubt": " ".join(doubt for doubt in dict.fromkeys((*doubts, stale(cell))) if doubt),
        "basis": basis(cell),
    }
    return merged


def _read(fitted_set: str, cell: Cell) -> xr.Dataset:
    """The draws of one of a cell's fitted sets. Raises FittedSetError: there are none."""
    own = own_fit(cell.folder)
    is_own = own is not None and own.name == fitted_set
    path = own.draws if own is not None and is_own else file_of_shipped_draws(fitted_set)
    if not path.is_file():
        again = f"; run `twin fit {cell.folder} --overwrite`" if is_own else ""
        raise FittedSetError(f"the fitted set {fitted_set} has no draws in {path.parent}{again}")
    draws = flat(load(path), load(path, group="posterior"))
    if own is None or not is_own:
        return draws
    return draws.assign_coords(parameter=[own.relabelled(str(n)) for n in draws["parameter"].values])


def file_of_shipped_draws(fitted_set: str) -> Path:
    """Where the draws of a shipped fitted set are, if they are there."""
    return shipped("parameter_sets") / FITTED / f"{fitted_set}{DRAWS}"


def file_of_draws(name: str) -> Path | None:
    """The draws of a shipped fit, by its name, or of a user's folder, by its path; None of neither.

    Raises FittedSetError: a folder without a fit.
    """
    if (path := file_of_shipped_draws(name)).is_file():
        return path
    if not holds(Path(name), ""):
        return None
    own = own_fit(Path(name))
    if own is None or not own.draws.is_file():
        raise FittedSetError(f"{name} has no fit yet: run `twin fit {name}`")
    return own.draws


def effective_forecast(cell: Cell, draws: int) -> dict[str, float]:
    """Effective draws behind a forecast of a cell, as attributes: of its own fit's chains.

    "effective_capacity_retention" and "effective_short_circuit_onset_cycle", of bulk or tail the fewer,
    of `draws` at most; none where the fit did not run the cell, or does not say.
    """
    fit = own_fit(cell.folder)
    path = fit.draws if fit is not None else file_of_shipped_draws(cell.reference)
    if basis(cell) or not path.is_file():
        return {}
    told = load_groups(path, only=["forecast_effective"]).children.get("forecast_effective")
    if told is None or cell.name not in told.to_dataset()["cell"].values:
        return {}
    own = told.to_dataset().sel(cell=cell.name)
    fewest = own[["bulk", "tail"]].to_dataarray().min("variable", skipna=False).clip(max=draws)
    return {
        f"effective_{quantity}": float(worth)
        for quantity, worth in zip(own["quantity"].values, fewest.values, strict=True)
        if np.isfinite(worth)
    }


def flat(above: xr.Dataset, posterior: xr.Dataset) -> xr.Dataset:
    """The draws of all chains in a row, over (draw, parameter), with what stands above them."""
    value = posterior["value"]
    together = value.values.reshape(-1, value.sizes["parameter"])
    draws = above.assign(value=(("draw", "parameter"), together))
    return draws.assign_coords(draw=np.arange(len(together)))


def drawn_cells(
    cell: Cell, draws: xr.Dataset, count: int, seed: int, *, cell_to_cell: bool = True
) -> list[Cell]:
    """`count` versions of a cell: draws of its fitted parameters and, on top, of the next cell.

    A draw multiplies the cell's own value by draw over optimum, so that values changed by
    :meth:`Cell.replace` keep their change. With `cell_to_cell`, the spread between equal cells
    (``spread.toml``) is drawn too.
    """
    drawn = drawn_factors(cell, draws, count, seed, cell_to_cell=cell_to_cell)
    return [scaled(cell, factors) for factors in drawn]


def drawn_factors(
    cell: Cell, draws: xr.Dataset, count: int, seed: int, *, cell_to_cell: bool = True
) -> list[dict[str, float]]:
    """What each of `count` draws multiplies the parameters of a cell with, key -> factor.

    A parameter that has a prior and that no fit has seen, of a user's own part, is drawn from its prior.
    """
    generator = np.random.default_rng(seed)
    available = draws.sizes["draw"]
    chosen = generator.permutation(available)[:count]
    if count > available:
        chosen = generator.integers(available, size=count)
    ratio = (draws["value"] / draws["optimum"]).isel(draw=chosen)
    places = {str(name): place for place, name in enumerate(draws["parameter"].values)}
    own = {
        key: places[cell.label(key)]
        for key, entry in cell.parameters.items()
        if entry.prior is not None and cell.label(key) in places
    }
    spread = spread_of(cell) if cell_to_cell else {}
    unseen = _unseen(cell, own, count, seed)
    drawn = []
    for number, row in enumerate(ratio.values):
        factors = {key: float(row[place]) for key, place in own.items()}
        factors |= {key: float(values[number]) for key, values in unseen.items()}
        for key, deviation in spread.items():
            factor = float(np.exp(deviation * generator.standard_normal()))
            if key in cell.parameters:
                factors[key] = factors.get(key, 1.0) * factor
        drawn.append(factors)
    return drawn


def _unseen(cell: Cell, fitted: Collection[str], count: int, seed: int) -> dict[str, np.ndarray]:
    """Factors (count,) of the parameters with a prior that no fit has seen, drawn from their priors.

    Each has random numbers of its own, so that cells that share it differ by nothing else.
    """
    drawn = {}
    for key in unseen_keys(cell, fitted):
        prior = cell.parameters[key].prior
        assert prior is not None  # or it would not be among them
        generator = np.random.default_rng([seed, zlib.crc32(cell.label(key).encode())])
        values = [prior.from_unit_normal(float(normal)) for normal in generator.standard_normal(count)]
        drawn[key] = np.array(values) / prior.centre
    return drawn


def unseen_keys(cell: Cell, fitted: Collection[str]) -> tuple[str, ...]:
    """Parameters with a prior that no fit has seen; one centred at zero has no factor, and is none."""
    return tuple(
        key
        for key, entry in cell.parameters.items()
        if not (entry.prior is None or entry.prior.centre == 0 or entry.fitted_set or key in fitted)
    )


def prior_factors(cell: Cell, count: int, seed: int) -> list[dict[str, float]]:
    """As :func:`drawn_factors`, of the priors alone: what is known of a cell that nobody fitted.

    A parameter whose prior is centred at zero has no factor and keeps its value.
    """
    generator = np.random.default_rng(seed)
    priors = {
        key: entry.prior
        for key, entry in cell.parameters.items()
        if entry.prior is not None and entry.prior.centre != 0
    }
    coordinates = generator.standard_normal((count, len(priors)))
    return [
        {
            key: prior.from_unit_normal(float(coordinate)) / prior.centre
            for (key, prior), coordinate in zip(priors.items(), row, strict=True)
        }
        for row in coordinates
    ]


def scaled(cell: Cell, factors: Mapping[str, float]) -> Cell:
    """The cell with parameters multiplied by factors."""
    return cell.drawn({key: cell.values[key] * factor for key, factor in factors.items()})


def drawn_parameters(
    cell: Cell, factors: Sequence[Mapping[str, float]], draws: xr.Dataset | None
) -> xr.Dataset:
    """What was drawn, and how much is known of it.

    Parameters
    ----------
    factors : as :func:`drawn_factors` or :func:`prior_factors` gave them
    draws : the fit that they are of, None for priors

    Returns
    -------
    xarray.Dataset over (draw, parameter), parameters named "part: key"
        `parameter_value`: the value that each draw has. Over parameter: `parameter_centre` (the
        cell's own), `parameter_informed` (as in the draws of the fit; 0 where it was not fitted),
        `parameter_cell_share` (share of the variance of ln value that is the spread between equal
        cells), `parameter_source`.
    """
    informed: dict[str, float] = {}
    spread: Mapping[str, float] = {}
    if draws is not None:
        informed = dict(zip(draws["parameter"].values.tolist(), draws["informed"].values, strict=True))
        spread = spread_of(cell)
    keys = [key for key in cell.parameters if any(one.get(key, 1.0) != 1.0 for one in factors)]
    labels = [cell.label(key) for key in keys]
    values = np.array([[cell.values[key] * one.get(key, 1.0) for key in keys] for one in factors])
    deviations = np.array([spread.get(key, 0.0) for key in keys])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num(deviations**2 / np.var(np.log(values), axis=0)).clip(max=1.0)
    drawn = xr.Dataset(
        {
            "parameter_value": (("draw", "parameter"), values),
            "parameter_centre": ("parameter", [cell.values[key] for key in keys]),
            "parameter_informed": ("parameter", [float(informed.get(name, 0.0)) for name in labels]),
            "parameter_cell_share": ("parameter", share),
            "parameter_source": ("parameter", [_source(cell.parameters[key]) for key in keys]),
        },
        coords={"draw": np.arange(len(factors)), "parameter": labels},
    )
    for name, quantity in DRAWN_PARAMETERS.items():
        drawn[name].attrs = quantity.attributes
    return drawn


def _source(entry: Parameter) -> str:
    """Where a value comes from and, where that is not its file, what the file says of its prior."""
    return entry.source if entry is entry.stated else f"{entry.source}; prior: {entry.stated.source}"
