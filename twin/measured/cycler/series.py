"""Current and voltage over time: the Dataset of a file that holds a series."""

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np

from twin import names
from twin.cell import Cell
from twin.errors import MeasurementError, ProtocolError
from twin.measured.cycler import short
from twin.measured.cycler.conventions import Conventions, how_to_say
from twin.measured.cycler.cycles import (
    HALF_CYCLES,
    end_overpotentials,
    is_symmetric,
    numbered,
    per_cycle,
)
from twin.measured.cycler.kept_series import KeptSeries
from twin.measured.cycler.points import Understood, points_of
from twin.measured.cycler.raw_table import RawTable
from twin.measured.cycler.recovered_protocol import Recovered, recovered
from twin.measured.cycler.steps import CC, CONTROLS, Steps, joined, steps_of
from twin.measured.cycler.terms import Columns

if TYPE_CHECKING:
    import xarray as xr

DENSEST = 500.0
"""[A/m2] of current above which no solid-state cell lives: 50 mA/cm2, beyond anything reported."""
MOST_CAPACITIES = 20.0
"""Times the nominal capacity that a half-cycle may pass: more are mA read as A, or another cell."""
FASTEST_RATE = 100.0
"""[1/h] C-rate above which no solid-state cell is cycled."""
SLOWEST_RATE = 1e-3
"""[1/h] C-rate below which no cell is cycled: six weeks for a charge."""
UNSTEADY = 0.1
"""Scatter of a current above which it is not held: cyclers hold theirs a hundred times better, and noise
that is recorded seldom reaches it."""
DIRECTIONS = {1: "discharge", -1: "charge", 0: "rest"}


def series(
    table: RawTable, columns: Columns, conventions: Conventions, cell: Cell | None
) -> "xr.Dataset":
    """The Dataset of current and voltage over time."""
    import xarray as xr

    area, mass = conventions.area_of(cell), conventions.mass_of(cell)
    pieces, understood = points_of(table, columns, conventions, area, mass)
    kept = KeptSeries()
    parts = []
    for points, own in steps_of(pieces, table.remarks):
        kept.add(points)
        parts.append(own)
    if not parts:
        raise MeasurementError(f"{table.path}: no row of it has numbers for time, voltage and current")
    steps = joined(parts)
    cycle = numbered(steps, table.remarks)
    symmetric = is_symmetric(steps) if cell is None else not cell.has_cathode
    found = dict(per_cycle(steps, cycle))
    if symmetric:
        found = {name: own for name, own in found.items() if not _is_of_full_cells(name)}
        found["cell_overpotential"] = (("cycle",), end_overpotentials(steps, cycle))
    told, attributes = _procedure(table, steps, cycle, cell, symmetric)
    found |= _shorts(found, np.unique(cycle), told)
    found |= _retention(found, told)
    if cell is not None:
        _say_what_does_not_fit(table, found, steps, cell)
    if not (steps.direction != 0).any():
        table.remarks.say("No current passes: the file holds a rest and nothing else.")
    found |= _by_amounts(found, area, mass, symmetric)
    found |= _of_steps(steps, cycle)
    found |= _of_series(kept, steps, cycle)
    found["notes"] = ((), np.asarray(" ".join(table.remarks.sentences)))
    coords = {"cycle": np.unique(cycle), "half_cycle": list(HALF_CYCLES)}
    data = xr.Dataset(
        {name: (dims, values, _attributes(name)) for name, (dims, values) in found.items()}, coords
    )
    data["cycle"].attrs = _attributes("cycle")
    data.attrs = attributes | {
        "columns": json.dumps({name: columns[name].header.text for name in understood.used}),
        "units": json.dumps(_units(columns, understood, conventions)),
        "current_sign": understood.sign_words,
        "configuration": _configuration(cell, symmetric),
        "points": kept.seen,
        "series_stride": kept.stride,
    }
    return data


def _procedure(
    table: RawTable, steps: Steps, cycle: np.ndarray, cell: Cell | None, symmetric: bool
) -> tuple[Recovered | None, dict[str, str | int]]:
    """What the cell went through, and the attributes that say it as a run's do."""
    from twin.results.provenance import run_attributes

    try:
        told = recovered(steps, cycle, cell, symmetric=symmetric)
    except ProtocolError as error:
        table.remarks.say(f"No protocol is recovered: {error}.")
        return None, {}
    if not told.finished:
        table.remarks.say("The last cycle is not finished.")
    drifting = (steps.control == CONTROLS.index(CC)) & (steps.scatter > UNSTEADY)
    table.remarks.count(
        "Steps that hold neither current nor voltage; the protocol has their mean current",
        int(drifting.sum()),
    )
    attributes = run_attributes(told.protocol, "")
    del attributes["simulator"]
    return told, attributes


def _shorts(found: dict, numbers: np.ndarray, told: Recovered | None) -> dict:
    """The leak of each cycle, and the first soft short."""
    count = len(found["time"][1])
    kinds = told.kinds if told is not None else ("",) * count
    finished = told is None or told.finished
    if "cell_overpotential" in found:
        leaks, onset = short.leak_by_voltage(found["cell_overpotential"][1], kinds, finished=finished)
    else:
        charge, discharge = (found[f"{way}_capacity"][1] for way in HALF_CYCLES)
        leaks, onset = short.leak_by_charge(charge, discharge, kinds, finished=finished)
    return {
        "leak_fraction": (("cycle",), leaks),
        "short_circuit_onset_cycle": ((), np.nan if onset is None else float(numbers[onset])),
        "short_circuit_onset_time": ((), np.nan if onset is None else float(found["time"][1][onset])),
    }


def _retention(found: dict, told: Recovered | None) -> dict:
    """Discharge capacity over that of the first cycle of its kind; NaN in an unfinished cycle."""
    discharge = found["discharge_capacity"][1]
    if told is None:
        return {}
    first: dict[str, float] = {}
    reference = np.array(
        [first.setdefault(kind, own) for kind, own in zip(told.kinds, discharge, strict=True)]
    )
    usable = reference > 0
    retained = np.divide(discharge, reference, out=np.full_like(discharge, np.nan), where=usable)
    if not told.finished:
        retained[-1] = np.nan
    return {
        "capacity_retention": (("cycle",), retained),
        "kind": (("cycle",), np.array(told.kinds, dtype=str)),
    }


def _say_what_does_not_fit(table: RawTable, found: dict, steps: Steps, cell: Cell) -> None:
    """Say where currents or charges are not those of the cell."""
    driven = steps.direction != 0
    if not driven.any():
        return
    milli = how_to_say("current_unit", "mA")
    largest = float(np.abs(steps.current[driven]).max())
    density = largest / cell.area
    if density > DENSEST:
        table.remarks.say(
            f"The largest current is {density / 10:.3g} mA/cm2 of {cell.name}: is it in mA? Then write "
            f"its unit into the header, or say {milli} where it has none."
        )
    if not cell.has_cathode:
        return
    nominal = cell.values[names.NOMINAL_CAPACITY]
    rate = largest / nominal
    passed = max(float(found[f"{way}_capacity"][1].max()) for way in HALF_CYCLES) / nominal
    if density <= DENSEST and (passed > MOST_CAPACITIES or rate > FASTEST_RATE):
        table.remarks.say(
            f"A half-cycle passes {passed:.3g} times the nominal capacity of {cell.name}, at up to "
            f"{rate:.3g}C: is it in mA? Then write its unit into the header, or say {milli} where it "
            "has none."
        )
    elif rate < SLOWEST_RATE:
        table.remarks.say(
            f"The largest current is {rate:.3g}C of {cell.name}: is it in A where the header says mA?"
        )


def _by_amounts(found: dict, area: float | None, mass: float | None, symmetric: bool) -> dict:
    """Capacities by mass and area, as far as these are known."""
    discharge, charge = (found[f"{way}_capacity"][1] for way in ("discharge", "charge"))
    by: dict = {}
    if area is not None:
        by["areal_charge_passed"] = (("cycle",), (discharge + charge) * 1e3 / (area * 1e4))
        if not symmetric:
            by["areal_discharge_capacity"] = (("cycle",), discharge * 1e3 / (area * 1e4))
    if mass is not None and not symmetric:
        by["specific_discharge_capacity"] = (("cycle",), discharge * 1e3 / (mass * 1e3))
    return by


def _of_steps(steps: Steps, cycle: np.ndarray) -> dict:
    columns = {
        "step_cycle": cycle,
        "step_direction": np.array([DIRECTIONS[int(way)] for way in steps.direction], dtype=str),
        "step_control": np.array([CONTROLS[int(control)] for control in steps.control], dtype=str),
        "step_start": steps.start,
        "step_duration": steps.duration,
        "step_charge": steps.charge,
        "step_current": steps.current,
        "step_end_current": steps.end_current,
        "step_first_voltage": steps.first_voltage,
        "step_end_voltage": steps.end_voltage,
    }
    return {name: (("step",), values) for name, values in columns.items()}


def _of_series(kept: KeptSeries, steps: Steps, cycle: np.ndarray) -> dict:
    points, places = kept.points()
    step = np.searchsorted(steps.first, places, side="right") - 1
    columns = {
        "series_time": points.time / 3600,
        "series_current": points.current,
        "series_voltage": points.voltage,
        "series_cycle": cycle[step],
    }
    return {name: (("point",), values) for name, values in columns.items()}


def steps_in(data: "xr.Dataset") -> tuple[Steps, np.ndarray]:
    """The steps of a Dataset, as far as a protocol is told by them."""
    ways = {word: way for way, word in DIRECTIONS.items()}
    count = data.sizes["step"]
    known = {
        "direction": np.array([ways[str(word)] for word in data["step_direction"].values]),
        "control": np.array([CONTROLS.index(str(word)) for word in data["step_control"].values]),
        "start": data["step_start"].values,
        "duration": data["step_duration"].values,
        "charge": data["step_charge"].values,
        "current": data["step_current"].values,
        "first_voltage": data["step_first_voltage"].values,
        "end_voltage": data["step_end_voltage"].values,
        "end_current": data["step_end_current"].values,
    }
    unknown_here = {entry.name: np.full(count, np.nan) for entry in dataclasses.fields(Steps)}
    return Steps(**(unknown_here | known)), data["step_cycle"].values


def _units(columns: Columns, understood: Understood, conventions: Conventions) -> dict[str, str]:
    """Term -> its unit, and where that comes from, in words."""
    words = {}
    for name in understood.sizes:
        unit, said = columns[name].header.unit, conventions.said.get(f"{name}_unit")
        words[name] = (
            f"{unit.text}, from the header" if unit else f"{said}, as was said" if said else "V, assumed"
        )
    return words


def _configuration(cell: Cell | None, symmetric: bool) -> str:
    word = "symmetric" if symmetric else "full"
    why = "as the cell says" if cell is not None else "told by the sign of the voltage"
    return f"{word}, {why}"


def _is_of_full_cells(name: str) -> bool:
    """True of what a run of a symmetric cell does not have."""
    from twin.results.quantities import RESULTS

    return name in RESULTS and RESULTS[name].cells == "full"


def _attributes(name: str) -> dict[str, str]:
    from twin.results.quantities import MEASUREMENTS, RESULTS

    return (RESULTS.get(name) or MEASUREMENTS[name]).attributes
