"""What is computed of a view: its best estimate in milliseconds, its intervals when the hand rests."""

import contextlib
import dataclasses
import time
from dataclasses import dataclass

import numpy as np
import xarray as xr

import twin
from twin import names
from twin.counterpart import counterpart
from twin.errors import TwinError
from twin.protocols.half_cycle_voltages import HalfCycleVoltage, stopping_at
from twin.studio.knobs import CYCLES
from twin.studio.view import View

DRAWS = 100
"""Draws behind an interval: enough for 5 and 95 %, in a second."""
CURVES = (0.0, 0.5, 1.0)
"""Shares of the cycles that ran whose voltage curves and spectra are shown: first, middle, last."""
SHOWN_ARCS = 1.5
"""Moduli up to so many times the resistance without diffusion are shown: arcs, and a tail's start."""
POINTS = tuple(range(2, 100, 4))
"""Percent of the nominal capacity at which a voltage curve has its points."""


@dataclass(frozen=True)
class Best:
    """The run of the cell as it was fitted and turned, and how long it took."""

    view: View
    run: xr.Dataset
    seconds: float


@dataclass(frozen=True)
class Interval:
    """The forecast of a view on draws, summed up, and how long it took."""

    view: View
    forecast: xr.Dataset
    summary: xr.Dataset
    seconds: float


def best(view: View) -> Best:
    """Run the view. Raises whatever a run raises."""
    began = time.monotonic()
    run = twin.simulate(view.cell, view.protocol)
    return Best(view, run, time.monotonic() - began)


def warm(view: View) -> None:
    """Import and compile what every session needs, before threads of several do so at once."""
    with contextlib.suppress(TwinError):  # whatever it is, the page will say it
        spectra(best(dataclasses.replace(view, turned={CYCLES.name: 1.0})))
        interval(dataclasses.replace(view, turned={CYCLES.name: 1.0}), draws=2)


def beside(view: View) -> xr.Dataset | None:
    """The run of the bare cell beside a coated one, or the other way round; None where there is none."""
    other = counterpart(view.cell)
    return None if other is None else twin.simulate(other, view.protocol)


def interval(view: View, draws: int = DRAWS) -> Interval:
    """Forecast the view. Raises FittedSetError: nothing was fitted of its cell."""
    began = time.monotonic()
    forecast = twin.forecast(view.cell, view.protocol, draws=draws, seed=0)
    return Interval(view, forecast, twin.summarise(forecast), time.monotonic() - began)


def shown_cycles(run: xr.Dataset) -> list[int]:
    """Cycles whose curves are shown; none of a cell that fails in its first."""
    whole = int(np.isfinite(run["capacity_retention"].values).sum())
    return sorted({1 + round(share * (whole - 1)) for share in CURVES}) if whole else []


def voltage_curves(found: Best) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Cycle -> capacity [mAh/cm2] and voltage [V] of a full cell: its charge, NaN, and its discharge.

    A second run stops wherever a point is: as far as every cycle goes, so that none is left out.
    """
    cell, run = found.view.cell, found.run
    if not cell.has_cathode:
        return {}
    nominal, area = cell.values[names.NOMINAL_CAPACITY], cell.area * 1e4
    cycles = shown_cycles(run)
    if not cycles:
        return {}
    asked = [
        HalfCycleVoltage(half, percent)
        for half in ("charge", "discharge")
        for percent in POINTS
        if percent / 100 * nominal
        < 0.98 * run[f"{half}_capacity"].isel(cycle=slice(0, cycles[-1])).min()
    ]
    if not asked:
        return {}
    stopped = twin.simulate(cell, stopping_at(found.view.protocol.first(cycles[-1]), asked, cell))
    curves = {}
    for cycle in cycles:
        own = stopped.sel(cycle=cycle)
        halves = [
            (
                np.array([one.charge(cell) for one in asked if one.half == half]) * 1e3 / area,
                np.array([float(own[one.name]) for one in asked if one.half == half]),
            )
            for half in ("charge", "discharge")
        ]
        charge, discharge = halves
        x, y = (np.concatenate([charge[axis], [np.nan], discharge[axis]]) for axis in (0, 1))
        curves[cycle] = x, y
    return curves


def arcs(spectrum: xr.Dataset, area: float) -> tuple[np.ndarray, np.ndarray]:
    """Real and negative imaginary part [Ohm cm2] of a spectrum as far as its arcs go.

    The diffusion of a cell that was never charged is a hundred times as long, and would hide them.
    """
    real, height = spectrum["impedance_real"].values, -spectrum["impedance_imag"].values
    near = np.hypot(real, height) <= SHOWN_ARCS * float(spectrum["total_resistance"]) * area
    return 1e4 * real[near], 1e4 * height[near]


def spectra(found: Best) -> xr.Dataset:
    """Impedance [Ohm m2] after a rest: of the fresh cell, and at the cycles shown."""
    return twin.impedance(found.view.cell, found.run, cycles=[0, *shown_cycles(found.run)])
