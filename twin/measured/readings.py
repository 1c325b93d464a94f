"""What a run says for a measured row, in the row's unit: one function for each kind of observable."""

import math
from collections.abc import Callable

import numpy as np
import xarray as xr

from twin.cell import Cell
from twin.errors import ObservationError, unknown
from twin.measured.rows import Row
from twin.measured.runs import cycle_of
from twin.protocols import Protocol

CONVERTED = 0.99
"""Share of a sacrificial layer at which its conversion counts as complete."""
SMALLEST_PROGRESS = 1e-6
"""Of a failure that has not begun, so that its continuation is finite."""

AT_CYCLE = {
    "cell overpotential": ("cell_overpotential", 1.0),
    "plating overpotential (one electrode)": ("plating_overpotential", 1.0),
    "stripping overpotential (one electrode)": ("stripping_overpotential", 1.0),
    "discharge capacity": ("specific_discharge_capacity", 1.0),
    "areal capacity": ("areal_discharge_capacity", 1.0),
    "capacity retention": ("capacity_retention", 100.0),
    "coulombic efficiency": ("coulombic_efficiency", 100.0),
    "energy efficiency": ("energy_efficiency", 100.0),
}
"""Read at a cycle: observable -> (result, factor to the row's unit)."""
UNTIL_THE_SHORT = {
    "charge voltage vs Li-In": ("mean_charge_voltage", 1.0),
    "discharge voltage vs Li-In": ("mean_discharge_voltage", 1.0),
}
"""Averaged over the cycles before a short."""
POST_MORTEM = {
    "filament depth": ("filament_depth", 1e6),
    "filament depth (mean front)": ("filament_depth", 1e6),
    "reduced depth (Ti3+)": ("interphase_thickness", 1e9),
}
"""Of the further interface, in a cell that is opened at a cycle or when it has died before."""
TOTAL_RESISTANCE = ("impedance", "Rb + Rct")
"""The low-frequency sum of all resistances."""


def predict(run: xr.Dataset, row: Row, cell: Cell, protocol: Protocol) -> float:
    """What a run says for a row, in the row's unit; NaN where the run ended before it.

    An event that had not come when the run ended is continued at the run's pace: that serves scoring
    and a table only, a run never reports it.

    Raises ObservationError: an observable that runs do not hold.
    """
    if row.kind == "event" or row.observable in EVENTS:
        return _event(row)(run)
    if row.observable in UNTIL_THE_SHORT:
        return _until_the_short(run, row)
    place = cycle_of(row, protocol)
    if row.observable in POST_MORTEM:
        return _post_mortem(run, row, place)
    if row.observable in TOTAL_RESISTANCE:
        return _total_resistance(run, place) / cell.area
    if row.observable not in AT_CYCLE:
        raise ObservationError(
            f"{row.id}: {unknown(row.observable, OBSERVABLES, 'an observable of a run')}"
        )
    name, factor = AT_CYCLE[row.observable]
    if name not in run:
        raise ObservationError(f"{row.id}: {cell.name} has no '{row.observable}'")
    if place not in run["cycle"]:
        return math.nan
    return float(run[name].sel(cycle=place)) * factor


def _total_resistance(run, place) -> float:
    if place == 0:
        return float(run["fresh_resistance"].sum())
    if place not in run["cycle"]:
        return math.nan
    return float(run["resistance"].sel(cycle=place).sum())


def _until_the_short(run, row) -> float:
    name, factor = UNTIL_THE_SHORT[row.observable]
    onset = float(run["short_circuit_onset_cycle"])
    before = run[name] if math.isnan(onset) else run[name].where(run["cycle"] < onset)
    return float(before.mean()) * factor


def _post_mortem(run, row, place) -> float:
    if not run.sizes["cycle"]:
        return math.nan
    name, factor = POST_MORTEM[row.observable]
    last = min(place or math.inf, int(run["cycle"][-1]))
    return float(run[name].sel(cycle=last).max()) * factor


# --- events ----------------------------------------------------------------------------------------


def lifetime(run: xr.Dataset) -> float:
    """Time of the first failure [h], continued at the run's pace where none came."""
    found = float(run["lifetime"])
    return _continued(run, _ran(run)) if math.isnan(found) else found


def lifetime_in_cycles(run: xr.Dataset) -> float:
    """Cycle of the first failure, continued at the run's pace where none came."""
    found = float(run["lifetime"])
    if math.isnan(found):
        return _continued(run, run.sizes["cycle"])
    return float(np.searchsorted(run["time"].values, found * (1 - 1e-12)) + 1)


def onset(run: xr.Dataset) -> float:
    """First cycle with a short circuit, continued at the run's pace where none came."""
    found = float(run["short_circuit_onset_cycle"])
    return _continued(run, run.sizes["cycle"]) if math.isnan(found) else found


def death(run: xr.Dataset) -> float:
    """Cycle in which a short ended the run, continued at the run's pace where none did."""
    cycles = run.sizes["cycle"]
    return float(cycles) if run["outcome"].item() == "hard_short" else _continued(run, cycles)


def conversion_time(run: xr.Dataset) -> float:
    """Time at which the slowest sacrificial layer has converted [h], continued at its pace."""
    share = run["layer_conversion"].min("interface").values
    time = run["time"].values
    if share[-1] < CONVERTED:
        return float(time[-1] * CONVERTED / max(share[-1], SMALLEST_PROGRESS))
    return float(np.interp(CONVERTED, np.append(0.0, share), np.append(0.0, time)))


EVENTS: dict[str, Callable[[xr.Dataset], float]] = {
    "lifetime": lifetime,
    "short-circuit onset": onset,
    "discharge capacity reaches 0": death,
    "time": conversion_time,
}
"""Observable -> when it happened."""
OBSERVABLES = (*AT_CYCLE, *UNTIL_THE_SHORT, *POST_MORTEM, *TOTAL_RESISTANCE, *EVENTS)


def _event(row: Row) -> Callable[[xr.Dataset], float]:
    if row.observable not in EVENTS:
        raise ObservationError(f"{row.id}: {unknown(row.observable, EVENTS, 'an event')}")
    if row.observable == "lifetime" and row.unit == "cycle":
        return lifetime_in_cycles
    return EVENTS[row.observable]


def _continued(run: xr.Dataset, ran: float) -> float:
    return ran / max(float(run["failure_progress"]), SMALLEST_PROGRESS)


def _ran(run: xr.Dataset) -> float:
    return float(run["time"][-1]) if run.sizes["cycle"] else 0.0
