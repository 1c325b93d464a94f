"""A map of the onset of shorts, or of any other result of a study, over two variables."""

import textwrap
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator

from twin.errors import DatasetError
from twin.plots.scale import is_logarithmic, places, plain_decades, scale_x, scale_y, steps_multiply
from twin.plots.style import LABEL_WIDTH, SEQUENTIAL, TEXT_SIZE, finish, legend_above, new_axes
from twin.results.intervals import CHANCE, interval
from twin.results.quantities import is_event
from twin.results.readable import Readable, heading, never, readable, sorted_along

PLACES = {"low": 0, "median": 1, "high": 2}
"""Where each statistic stands along `quantile`."""
READ = {"low": "5 % quantile", "median": "median", "high": "95 % quantile"}
"""What the label of the colours calls each statistic."""
UNCERTAIN_FACTOR = 3.0
"""A cell is marked where the 95 % quantile of an event is more than this many times the 5 % one."""
UNCERTAIN_SHARE = 0.25
"""Of any other result a cell is marked where its interval spans more than this share of the colours."""
NEVER_FACE = "#EDEDED"
"""Behind the hatches of what does not come: paler than any colour of the map."""
UNKNOWN_FACE = "white"
"""Behind the crosses of what is not known."""


def onset_map(
    study: xr.Dataset,
    x: str,
    y: str,
    *,
    variable: str = "short_circuit_onset_cycle",
    statistic: Literal["low", "median", "high"] = "median",
    axes: Axes | None = None,
) -> Axes:
    """A result of a study over two of its dimensions, with iso-lines.

    Where the event does not come within the run the cell is hatched and the legend says so; where the
    5-95 % interval is wide it carries a dot; where no draw has an answer it is crossed.

    Parameters
    ----------
    study : Dataset over (x, y, draw)
    statistic : the 5 % quantile, the median or the 95 % quantile of the draws

    Raises
    ------
    DatasetError : no such variable or dimension, or a further dimension that was not chosen from.
    """
    if statistic not in PLACES:
        raise DatasetError(f"statistic must be one of {', '.join(PLACES)}, not {statistic!r}")
    study = sorted_along(study, x, y)
    across, up = readable(study[x]), readable(study[y])
    edges = interval(study, variable)
    over = [str(name) for name in edges.dims if name not in (x, y, "quantile")]
    if over or {x, y} - set(edges.dims):
        raise DatasetError(
            f"a map needs '{variable}' over {x}, {y} and draw only; it is over "
            f"{', '.join(map(str, study[variable].dims))}: choose one value with study.sel(...)"
        )
    shown = readable(edges.transpose("quantile", y, x))
    axes = new_axes(axes, 4.8)
    value = shown.values[PLACES[statistic]]
    finite = np.isfinite(value)
    norm = _norm(value[finite])
    columns, rows = places(across), places(up)
    corners = _corners(columns), _corners(rows)
    mesh = axes.pcolormesh(*corners, np.ma.masked_invalid(value), cmap=SEQUENTIAL, norm=norm)
    scale_x(axes, across)
    scale_y(axes, up)
    handles = _marks(axes, corners, value, never(study, variable))
    handles += _uncertain(axes, columns, rows, shown.values, variable, norm)
    _iso_lines(axes, columns, rows, value)
    if finite.any():
        words = "share of the draws" if (variable, statistic) == (CHANCE, "median") else READ[statistic]
        _colour_bar(axes, mesh, shown, words, value[finite])
    legend_above(axes, handles, heading=heading(study))
    return finish(axes)


def _norm(values: np.ndarray):
    if not values.size:
        return Normalize(0, 1)
    low, high = values.min(), values.max()
    if is_logarithmic(values):
        return LogNorm(low, high)
    return Normalize(low, high if high > low else low + 1)


def _corners(centres: np.ndarray) -> np.ndarray:
    """Edges of cells half-way between their centres, on the scale that the axis has."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    if steps_multiply(centres):
        return np.exp(_half_way(np.log(centres)))
    return _half_way(centres)


def _half_way(centres: np.ndarray) -> np.ndarray:
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _marks(axes: Axes, corners, value, never_label: str) -> list[Artist]:
    """Hatched where the event does not come, crossed where there is no answer."""
    found: list[Artist] = []
    kinds = (
        (np.isposinf(value), NEVER_FACE, "///", never_label),
        (np.isnan(value), UNKNOWN_FACE, "xxx", "no answer"),
    )
    for mask, face, hatch, label in kinds:
        if not mask.any():
            continue
        paint = np.ma.masked_array(np.zeros(mask.shape), ~mask)
        axes.pcolor(
            *corners, paint, hatch=hatch, cmap=ListedColormap([face]), edgecolor="#9A9A9A", linewidth=0,
        )  # fmt: skip
        found.append(Patch(facecolor=face, edgecolor="#9A9A9A", hatch=hatch, label=label))
    return found


def _uncertain(axes: Axes, columns, rows, edges, variable: str, norm) -> list[Artist]:
    low, _, high = edges
    if is_event(variable):
        with np.errstate(invalid="ignore", divide="ignore"):
            wide = (high / low > UNCERTAIN_FACTOR) & np.isfinite(low)
        label = f"5-95 % wider than a factor of {UNCERTAIN_FACTOR:g}"
    else:
        wide = high - low > UNCERTAIN_SHARE * (norm.vmax - norm.vmin)
        label = f"5-95 % wider than {100 * UNCERTAIN_SHARE:g} % of the scale"
    if not wide.any():
        return []
    place = np.nonzero(wide)
    style: dict[str, Any] = {
        "marker": "o",
        "markersize": 4,
        "color": "white",
        "markeredgecolor": "black",
    }
    axes.plot(columns[place[1]], rows[place[0]], linestyle="none", **style)
    return [Line2D([], [], linestyle="none", label=label, **style)]


def _iso_lines(axes: Axes, columns, rows, value) -> None:
    finite = value[np.isfinite(value)]
    if min(value.shape) < 3 or finite.size < 9:
        return
    low, high = float(finite.min()), float(finite.max())
    locator = LogLocator(subs=(1, 2, 5)) if is_logarithmic(finite) else MaxNLocator(6)
    levels = [level for level in locator.tick_values(low, high) if low < level < high]
    if not levels:
        return
    lines = axes.contour(
        columns, rows, np.ma.masked_invalid(value), levels=levels, colors="white", linewidths=1.2
    )
    for text in axes.clabel(lines, fontsize=TEXT_SIZE - 2, fmt="%g", colors="white"):
        text.set_bbox({"facecolor": "#00000090", "edgecolor": "none", "pad": 1})


def _colour_bar(axes: Axes, mesh, shown: Readable, words: str, finite) -> None:
    bar = plt.colorbar(mesh, ax=axes)
    bar.set_label(textwrap.fill(f"{shown.label}, {words}", LABEL_WIDTH), fontsize=TEXT_SIZE - 1)
    if is_logarithmic(finite):
        plain_decades(bar.ax.yaxis, finite.min(), finite.max())
