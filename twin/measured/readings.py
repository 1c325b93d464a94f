"""What can be measured on a cell, in which unit, and how a run is read for it.

A row's value is converted to the unit of its observable, and a run is read in that unit. Runs are plain
arrays (``results.dataset.Results``): a fit reads thousands of them.
"""

import cmath
import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError, ParameterError, shown, unknown
from twin.measured import arcs
from twin.protocols.half_cycle_voltages import voltage_named
from twin.units import convert

if TYPE_CHECKING:  # rows are read without xarray, which takes half a second to import
    from twin.results.dataset import Results

CONVERTED = 0.99
"""Share of a sacrificial layer at which its conversion counts as complete: a front that slows down as it
proceeds never converts the last of it."""
SMALLEST_PROGRESS = 1e-6
"""Least progress of a failure from which its time is extrapolated: one that has not begun at all would
come at infinity, which no residual can hold."""
SAME_TIME = 1e-12
"""Relative difference within which a time is the end of a cycle: what adding up a thousand half-cycles
rounds off."""


@dataclass(frozen=True)
class Observable:
    """Something that can be measured on a cell.

    Attributes
    ----------
    name : str
        The words that rows use for it.
    unit : str
        That rows are converted to, and that `read` answers in.
    read : (run, cycle, cell) -> float
        What a run says for it; NaN where the run ended before that cycle.
    in_a_cycle : bool
        True where it has another value in each cycle, so that a row must say which one it was read in.
    of_a_fresh_cell : bool
        True where it can be read before the first cycle, too.
    result : str
        The result of a run whose value in that cycle it is; "" where it is made otherwise.
    """

    name: str
    unit: str
    read: "Callable[[Results, int | None, Cell], float]"
    in_a_cycle: bool = True
    of_a_fresh_cell: bool = False
    result: str = ""

    def holds(self, unit: str) -> bool:
        """True where a value in `unit` can be converted to its own."""
        try:
            convert(1.0, unit, self.unit, self.name)
        except ParameterError:
            return False
        return True


@functools.cache
def find(name: str, unit: str) -> Observable:
    """The observable that a row calls `name` and gives in `unit`: a lifetime counts hours or cycles.

    Raises ObservationError: no such observable (the nearest is offered), or a unit of something else.
    """
    voltage = voltage_named(name)
    if voltage is not None:
        called = [in_a_cycle(voltage.words, voltage.name, "V")]
    else:
        called = [observable for observable in OBSERVABLES if observable.name == name]
    if not called:
        raise ObservationError(unknown(name, {o.name: o for o in OBSERVABLES}, "an observable of a run"))
    for observable in called:
        if observable.unit == unit or (unit and observable.holds(unit)):
            return observable
    fit = " or ".join(observable.unit for observable in called)
    raise ObservationError(f"{shown(unit)} is no unit of '{name}'; give {fit}, or what converts to it")


def of_curve(result: str) -> Observable:
    """The observable under which a point of a measured curve of that result is a row."""
    voltage = voltage_named(result)
    if voltage is not None:
        return find(voltage.words, "V")
    return next(observable for observable in OBSERVABLES if observable.result == result)


def placed(name: str, place: float) -> Observable:
    """The observable that is read at a frequency [Hz], or after a delay [s]: one of :data:`PLACED`."""
    unit, read_at = PLACED[name]

    def read(run, cycle, cell):
        return read_at(run, cycle, cell, place)

    return Observable(name, unit, read, of_a_fresh_cell=True)


def running_at(run: "Results", hours: float) -> int | None:
    """The cycle, counted from 1, that runs at a time; None where the run ended before."""
    cycle = int(np.searchsorted(run["time"][1], hours * (1 - SAME_TIME))) + 1
    return cycle if cycle <= cycles_of(run) else None


def cycles_of(run: "Results") -> int:
    """How many cycles a run has, the one in which it ended included."""
    return len(run["time"][1])


def has_cycle(run: "Results", cycle: int | None) -> bool:
    """True where a run has that cycle, counted from 1."""
    return cycle is not None and 1 <= cycle <= cycles_of(run)


# --- in a cycle ------------------------------------------------------------------------------------


def in_a_cycle(name: str, result: str, unit: str) -> Observable:
    """The observable that is a result of a run, in the cycle in which it was read."""

    def read(run, cycle, cell):
        values = _result(run, result, name, cell)
        if not has_cycle(run, cycle):
            return math.nan
        return float(values[cycle - 1]) * _factor(result, unit)

    return Observable(name, unit, read, result=result)


def post_mortem(name: str, result: str, unit: str) -> Observable:
    """The observable of the further interface, in a cell that is opened at a cycle.

    A cell that has died before is opened after its last cycle.
    """

    def read(run, cycle, cell):
        values = _result(run, result, name, cell)
        if not len(values):
            return math.nan
        last = len(values) if cycle is None else min(cycle, len(values))
        return float(values[last - 1].max()) * _factor(result, unit)

    return Observable(name, unit, read)


def total_resistance(run: "Results", cycle: int | None, cell: Cell) -> float:
    """The low-frequency sum of all resistances [Ohm]; that of the fresh cell in cycle 0."""
    if cycle == 0:
        return float(run["fresh_resistance"][1].sum()) / cell.area
    if cycle is None or not has_cycle(run, cycle):
        return math.nan
    return float(run["resistance"][1][cycle - 1].sum()) / cell.area


def series_resistance(run: "Results", cycle: int | None, cell: Cell) -> float:
    """The resistance [Ohm] at high frequency, the separator's; that of the fresh cell in cycle 0."""
    place = names.MECHANISMS.index("separator")
    if cycle == 0:
        return float(run["fresh_resistance"][1][place]) / cell.area
    if cycle is None or not has_cycle(run, cycle):
        return math.nan
    return float(run["resistance"][1][cycle - 1][place]) / cell.area


def _resistances(run: "Results", cycle: int | None) -> np.ndarray | None:
    """Resistances (mechanism,) [Ohm.m2] at the end of a cycle, of the fresh cell in cycle 0."""
    if cycle == 0:
        return run["fresh_resistance"][1]
    return run["resistance"][1][cycle - 1] if cycle is not None and has_cycle(run, cycle) else None


def modulus(run: "Results", cycle: int | None, cell: Cell, frequency: float) -> float:
    """Modulus of the impedance [Ohm] at a frequency [Hz], without diffusion."""
    known = _resistances(run, cycle)
    return math.nan if known is None else abs(arcs.impedance(known, cell, frequency))


def phase(run: "Results", cycle: int | None, cell: Cell, frequency: float) -> float:
    """Phase of the impedance [deg] at a frequency [Hz], without diffusion; negative of a capacity."""
    known = _resistances(run, cycle)
    if known is None:
        return math.nan
    return math.degrees(cmath.phase(arcs.impedance(known, cell, frequency)))


def start_resistance(run: "Results", cycle: int | None, cell: Cell, delay: float) -> float:
    """Voltage over current [Ohm] a time [s] after a cycle begins: what the cycle before has left."""
    known = None if cycle is None else _resistances(run, cycle - 1)
    return math.nan if known is None else arcs.step_resistance(known, cell, delay)


def _result(run: "Results", result: str, name: str, cell: Cell) -> np.ndarray:
    if result not in run:
        raise ObservationError(f"{cell.name} has no '{name}': its runs hold no {result}")
    return run[result][1]


@functools.cache
def _factor(result: str, wanted: str) -> float:
    """What turns a result of a run into the unit wanted."""
    from twin.results.quantities import curve_quantity

    quantity = curve_quantity(result)
    assert quantity is not None  # observables are read off results that there are
    return convert(1.0, quantity.units, wanted, "a result of a run")


def _number(run: "Results", name: str) -> float:
    """A result that a run has one of."""
    return float(run[name][1])


# --- of the whole run ------------------------------------------------------------------------------


def until_the_short(name: str, result: str, unit: str) -> Observable:
    """The observable that is a result of a run, averaged over the cycles before a short."""

    def read(run, cycle, cell):
        values = _result(run, result, name, cell)
        onset = _number(run, "short_circuit_onset_cycle")
        before = values if math.isnan(onset) else values[: int(onset) - 1]
        before = before[np.isfinite(before)]
        return float(before.mean()) * _factor(result, unit) if before.size else math.nan

    return Observable(name, unit, read, in_a_cycle=False)


@dataclass(frozen=True)
class Event(Observable):
    """When something happened.

    An event that had not come when the run ended is continued at the run's pace: that serves scoring
    and a table only, a run never reports it.
    """


def event(name: str, unit: str, when: "Callable[[Results], float]") -> Event:
    """The observable that says when something happened."""
    return Event(name, unit, lambda run, cycle, cell: when(run), in_a_cycle=False)


def lifetime(run: "Results") -> float:
    """Time of the first failure [h], continued at the run's pace where none came."""
    found = _number(run, "lifetime")
    return _continued(run, _ran(run)) if math.isnan(found) else found


def lifetime_in_cycles(run: "Results") -> float:
    """Cycle of the first failure, continued at the run's pace where none came."""
    found = _number(run, "lifetime")
    if math.isnan(found):
        return _continued(run, cycles_of(run))
    return float(np.searchsorted(run["time"][1], found * (1 - SAME_TIME)) + 1)


def onset(run: "Results") -> float:
    """First cycle with a short circuit, continued at the run's pace where none came."""
    found = _number(run, "short_circuit_onset_cycle")
    return _continued(run, cycles_of(run)) if math.isnan(found) else found


def death(run: "Results") -> float:
    """Cycle in which a short ended the run, continued at the run's pace where none did."""
    cycles = cycles_of(run)
    return float(cycles) if run["outcome"][1].item() == "hard_short" else _continued(run, cycles)


def conversion_time(run: "Results") -> float:
    """Time at which the slowest sacrificial layer has converted [h], continued at its pace."""
    layers = run["layer_conversion"][1]
    time = run["time"][1]
    if not time.size:
        return math.nan
    share = layers.min(axis=1)
    if share[-1] < CONVERTED:
        return float(time[-1] * CONVERTED / max(share[-1], SMALLEST_PROGRESS))
    return float(np.interp(CONVERTED, np.append(0.0, share), np.append(0.0, time)))


def _continued(run: "Results", ran: float) -> float:
    return ran / max(_number(run, "failure_progress"), SMALLEST_PROGRESS)


def _ran(run: "Results") -> float:
    return float(run["time"][1][-1]) if cycles_of(run) else 0.0


# --- all of them -----------------------------------------------------------------------------------

CAPACITY_RETENTION = "capacity retention"
"""The observable that forecasts of cells with a cathode are drawn beside."""
CELL_OVERPOTENTIAL = "cell overpotential"
"""The observable that forecasts of symmetric cells are drawn beside."""

OBSERVABLES = (
    in_a_cycle(CELL_OVERPOTENTIAL, "cell_overpotential", "V"),
    in_a_cycle("plating overpotential (one electrode)", "plating_overpotential", "V"),
    in_a_cycle("stripping overpotential (one electrode)", "stripping_overpotential", "V"),
    in_a_cycle("discharge capacity", "specific_discharge_capacity", "mAh/g"),
    in_a_cycle("areal capacity", "areal_discharge_capacity", "mAh/cm2"),
    in_a_cycle("discharge capacity", "discharge_capacity", "mAh"),
    in_a_cycle("charge capacity", "charge_capacity", "mAh"),
    in_a_cycle(CAPACITY_RETENTION, "capacity_retention", "%"),
    in_a_cycle("coulombic efficiency", "coulombic_efficiency", "%"),
    in_a_cycle("energy efficiency", "energy_efficiency", "%"),
    in_a_cycle("mean discharge voltage", "mean_discharge_voltage", "V"),
    in_a_cycle("mean charge voltage", "mean_charge_voltage", "V"),
    post_mortem("filament depth", "filament_depth", "um"),
    post_mortem("filament depth (mean front)", "filament_depth", "um"),
    post_mortem("reduced depth (Ti3+)", "interphase_thickness", "nm"),
    Observable("impedance", "Ohm", total_resistance, of_a_fresh_cell=True),
    Observable("Rb + Rct", "Ohm", total_resistance, of_a_fresh_cell=True),
    Observable("series resistance", "Ohm", series_resistance, of_a_fresh_cell=True),
    until_the_short("charge voltage vs Li-In", "mean_charge_voltage", "V"),
    until_the_short("discharge voltage vs Li-In", "mean_discharge_voltage", "V"),
    event("lifetime", "h", lifetime),
    event("lifetime", "cycle", lifetime_in_cycles),
    event("short-circuit onset", "cycle", onset),
    event("discharge capacity reaches 0", "cycle", death),
    event("time", "h", conversion_time),
)
"""Everything that a row may be about, under the words that rows use for it."""

MODULUS = "impedance modulus"
"""The observable of a spectrum that says how large it is at a frequency."""
PHASE = "impedance phase"
"""The observable of a spectrum that says how far the voltage lags at a frequency."""
START_RESISTANCE = "resistance at the start of a cycle"
"""The observable of a step of current, after a delay."""
PLACED: Mapping[str, tuple[str, Callable]] = {
    MODULUS: ("Ohm", modulus),
    PHASE: ("deg", phase),
    START_RESISTANCE: ("Ohm", start_resistance),
}
"""Observables that have a value at each frequency, or after each delay, with their unit: files of
cyclers say which, rows that people type do not."""
