"""What a search found: the points that no other beats."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from twin.errors import DatasetError
from twin.plots.style import BLUE, GREY, VERMILLION, finish, legend, new_axes
from twin.results.form import SEARCH, objectives
from twin.results.quantities import EDGES
from twin.results.readable import Readable, readable

BETTER = {"minimise": "less is better", "maximise": "more is better"}
"""What the label of an axis says of the goal of its objective."""


def pareto_front(
    result: xr.Dataset, x: str | None = None, y: str | None = None, *, axes: Axes | None = None
) -> Axes:
    """Two objectives of a search against each other: infeasible, feasible, and the front.

    Parameters
    ----------
    result : Dataset over `evaluation`
        Objectives (with `_low` and `_high` beside them), `feasible` and `on_front`.
    x, y : objectives or design variables; the first two objectives by default.

    Raises
    ------
    DatasetError : no such variable, or fewer than two objectives and none named.
    """
    SEARCH.check(result)
    known = objectives(result)
    chosen = [name for name in (x, y) if name is not None]
    chosen += [name for name in known if name not in chosen]
    if len(chosen) < 2:
        raise DatasetError(
            f"a Pareto front needs two objectives; this search has {', '.join(known) or 'none'}: "
            "name a design variable as x"
        )
    x, y = (x, y if y is not None else chosen[1]) if x is not None else (chosen[0], y or chosen[1])
    SEARCH.also({x: ("evaluation",), y: ("evaluation",)}).check(result)
    across, up = readable(result[x]), readable(result[y])
    front = result["on_front"].values.astype(bool)
    feasible = result["feasible"].values.astype(bool)
    axes = new_axes(axes)
    groups: tuple[tuple[np.ndarray, dict[str, Any]], ...] = (
        (~feasible, {"marker": "x", "color": GREY, "label": "breaks a constraint", "alpha": 0.6}),
        (feasible & ~front, {"marker": "o", "color": BLUE, "label": "feasible", "alpha": 0.45}),
    )
    for mask, look in groups:
        if not mask.any():
            continue
        axes.plot(across.values[mask], up.values[mask], linestyle="none", markersize=5, **look)
    order = np.flatnonzero(front)[np.argsort(across.values[front])]
    for place in order:
        axes.errorbar(
            across.values[place], up.values[place],
            xerr=_arms(result, x, place, across), yerr=_arms(result, y, place, up),
            color=VERMILLION, alpha=0.6, linewidth=1.2, capsize=2,
        )  # fmt: skip
    if front.any():
        axes.plot(
            across.values[order], up.values[order], "D-", color=VERMILLION, markeredgecolor="black",
            markersize=6, linewidth=1, label="front, 5-95 %", zorder=5,
        )  # fmt: skip
    axes.set_xlabel(_label(result[x], across))
    axes.set_ylabel(_label(result[y], up))
    legend(axes)
    return finish(axes)


def _label(variable: xr.DataArray, shown: Readable) -> str:
    goal = str(variable.attrs.get("goal"))
    return f"{shown.label} ({BETTER[goal]})" if goal in BETTER else shown.label


def _arms(result: xr.Dataset, name: str, place: int, shown):
    """Lengths of the error bar below and above, (2, 1); None where there is no interval."""
    if name not in objectives(result):
        return None
    edges = [
        readable(result[f"{name}_{edge}"].assign_attrs(result[name].attrs), like=result[name])
        for edge in EDGES
    ]
    low, high = (edge.values[place] for edge in edges)
    middle = shown.values[place]
    return [[max(middle - low, 0.0)], [max(high - middle, 0.0)]]
