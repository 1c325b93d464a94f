"""How many cells live, have shorted, or have not, by each cycle."""

import xarray as xr
from matplotlib.axes import Axes

from twin.plots.style import COLOURS, finish, new_axes
from twin.results.form import SURVIVAL


def alive_curve(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Share of the cells that run without a short at each cycle [%].

    Raises DatasetError: no summary of a forecast.
    """
    SURVIVAL.also({"alive": ("cycle",)}).check(summary)
    return _steps(summary["alive"] * 100, "Cells alive / %", axes, label, colour)


def short_probability(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Chance of a short circuit by each cycle [%]. Raises DatasetError: no summary of a forecast."""
    SURVIVAL.also({"short_circuit_probability": ("cycle",)}).check(summary)
    chance = summary["short_circuit_probability"] * 100
    return _steps(chance, "Short-circuited / %", axes, label, colour)


def survival_curve(
    summary: xr.Dataset, *, axes: Axes | None = None, label: str = "", colour: str = COLOURS[0]
) -> Axes:
    """Share of the cells that no short circuit has reached by each cycle [%].

    Raises DatasetError: no summary of a forecast.
    """
    SURVIVAL.also({"short_circuit_probability": ("cycle",)}).check(summary)
    share = 100 - summary["short_circuit_probability"] * 100
    return _steps(share, "Without a short / %", axes, label, colour)


def _steps(share: xr.DataArray, name: str, axes, label: str, colour: str) -> Axes:
    axes = new_axes(axes)
    axes.step(share["cycle"], share, color=colour, linewidth=2, where="post", label=label)
    axes.set_xlabel("Cycle")
    axes.set_ylabel(name)
    axes.set_xlim(0, float(share["cycle"][-1]))
    axes.set_ylim(-3, 103)
    return finish(axes)
