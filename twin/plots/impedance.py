"""Impedance spectra at several ages, as Nyquist curves."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from twin.errors import DatasetError
from twin.plots.style import TEXT_SIZE, finish, legend_above, new_axes, ordered_colours
from twin.results.form import SPECTRA
from twin.results.readable import readable

PREFIXES = ((1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"))
"""(factor, prefix) of a frequency, the largest first."""
NEAR_DECADE = 0.15
"""A frequency within so many decades of a whole power of ten is marked and named as that power [Hz]."""
CLOSEST_LABELS = 0.09
"""Two labels of frequencies stand apart by at least this share of the picture's width."""


def nyquist(
    spectra: xr.Dataset, *, measured: xr.Dataset | None = None, axes: Axes | None = None
) -> Axes:
    """-Im over Re of the impedance, area-specific [Ohm cm2] or of a cell [Ohm], a curve per age.

    Parameters
    ----------
    spectra : Dataset over (cycle, frequency)
        `impedance_real`, `impedance_imag` [Ohm m2, Ohm]; `frequency` [Hz], its decades marked.
    measured : Dataset of the same form, drawn as points.

    Raises
    ------
    DatasetError : the Dataset has no impedance.
    """
    for data in (spectra,) if measured is None else (spectra, measured):
        SPECTRA.check(data)
    axes = new_axes(axes, 3.6)
    ages = spectra["cycle"].values.tolist()
    real, imaginary = _parts(spectra)
    if not np.isfinite(imaginary).any():
        raise DatasetError("these impedance spectra hold no number, only NaN: there is nothing to draw")
    frequency = spectra["frequency"].values.astype(float)
    colours = ordered_colours(len(ages))
    decades = _decades(frequency)
    for colour, age, x, y in zip(colours, ages, real, imaginary, strict=True):
        axes.plot(x, y, color=colour, linewidth=2, label=f"{age}")
        axes.plot(x[decades], y[decades], "o", color=colour, markersize=5, markeredgecolor="black")
    if measured is not None:
        own_real, own_imaginary = _parts(measured)
        for age, x, y in zip(measured["cycle"].values.tolist(), own_real, own_imaginary, strict=True):
            colour = colours[ages.index(age)] if age in ages else "black"
            axes.plot(
                x, y, "s", color=colour, markersize=5, markeredgecolor="black", label=f"{age}, measured"
            )
    axes.set_aspect("equal", adjustable="box")
    axes.set_ylim(top=1.12 * np.nanmax(imaginary))  # room for the names of the decades
    unit = readable(spectra["impedance_real"]).unit
    axes.set_xlabel(f"Re Z / {unit}")
    axes.set_ylabel(f"-Im Z / {unit}")
    legend_above(axes, title="Cycle")
    _name_decades(axes, real, imaginary, frequency, decades)
    return finish(axes)


def _parts(spectra: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Re and -Im, (cycle, frequency)."""
    real, imaginary = (
        readable(spectra[name].transpose("cycle", "frequency")).values
        for name in ("impedance_real", "impedance_imag")
    )
    return real, -imaginary


def _decades(frequency: np.ndarray) -> list[int]:
    """Places of the frequencies next to a whole decade."""
    logarithm = np.log10(frequency)
    found = []
    for decade in range(int(np.ceil(logarithm.min())), int(np.floor(logarithm.max())) + 1):
        nearest = int(np.argmin(np.abs(logarithm - decade)))
        if abs(logarithm[nearest] - decade) < NEAR_DECADE:
            found.append(nearest)
    return found


def _name_decades(axes: Axes, real, imaginary, frequency, decades) -> None:
    """Name them on the widest curve, where they do not fall on each other."""
    widest = int(np.argmax(np.ptp(real, axis=1)))
    spacing = CLOSEST_LABELS * max(np.ptp(real), np.ptp(imaginary), 1e-12)
    named: list[tuple[float, float]] = []
    for place in decades:
        point = (real[widest, place], imaginary[widest, place])
        if all(np.hypot(point[0] - x, point[1] - y) > spacing for x, y in named):
            named.append(point)
            axes.annotate(
                _hertz(frequency[place]), point, xytext=(0, 7), textcoords="offset points",
                ha="center", fontsize=TEXT_SIZE - 2, zorder=6,
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )  # fmt: skip


def _hertz(frequency: float) -> str:
    decade = 10.0 ** round(np.log10(frequency))
    factor, prefix = next(((f, p) for f, p in PREFIXES if decade >= f * 0.999), PREFIXES[-1])
    return f"{decade / factor:g} {prefix}Hz"
