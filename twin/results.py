"""The result Dataset: from the states at the end of each step to one value per cycle.

Both simulators hand in a :class:`Record` and get back the same Dataset.
"""

import functools
import importlib.metadata
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.errors import ObservationError, OutputError
from twin.protocols import Protocol

SOFT_SHORT_LEAK = 0.025
"""Share of the charge passed in a cycle that leaks, above which the cell counts as soft-shorted."""
END_OF_LIFE_CAPACITY = 0.8
"""Accessible capacity over the initial one, below which a cell counts as spent."""
REST_CURRENT_DENSITY = 1e-9
"""[A.m-2] below which a step counts as a rest."""

INTEGRALS = (
    names.NET_CAPACITY,
    names.THROUGHPUT_CAPACITY,
    names.NET_ENERGY,
    names.THROUGHPUT_ENERGY,
    names.LEAKED_CHARGE,
)
"""States [A.h, W.h] that only add up over a run; a cycle's share is their difference."""
CELL_VARIABLES = (
    names.VOLTAGE,
    names.CURRENT_DENSITY,
    *INTEGRALS,
    names.SEPARATOR_RESISTANCE,
    names.CHARGE_TRANSFER_RESISTANCE,
    names.ACCESSIBLE_CAPACITY,
)
INTERFACE_VARIABLES = (
    names.INTERPHASE_THICKNESS,
    names.CONTACT_FRACTION,
    names.COATING_DAMAGE_SUM,
    names.FILAMENT_DEPTH,
    names.BARE_FRACTION,
    names.ELECTRODE_OVERPOTENTIAL,
    names.COATING_SHARE,
    names.INTERPHASE_SHARE,
    names.LAYER_SHARE,
    names.CONTACT_RESISTANCE,
    names.CONVERTED_FRACTION,
    names.LITHIUM,
)
INTERFACE_STATES = {
    "interphase_thickness": names.INTERPHASE_THICKNESS,
    "contact_fraction": names.CONTACT_FRACTION,
    "coating_damage": names.COATING_DAMAGE_SUM,
    "filament_depth": names.FILAMENT_DEPTH,
    "bare_fraction": names.BARE_FRACTION,
    "layer_conversion": names.CONVERTED_FRACTION,
    "lithium_left": names.LITHIUM,
}


OUTCOME_OF_EVENT = {
    names.HARD_SHORT_EVENT: "hard_short",
    names.OVERPOTENTIAL_EVENT: "overpotential_limit",
}
"""Model events that are an outcome of their own; any other ends a run as infeasible."""


def recorded_variables(sides) -> tuple[str, ...]:
    """PyBaMM variables that a simulator records at the end of every step."""
    return CELL_VARIABLES + tuple(names.at(side, name) for side in sides for name in INTERFACE_VARIABLES)


@dataclass(frozen=True)
class Record:
    """What a simulator hands in: the cell at the start and at the end of every step that ran.

    Attributes
    ----------
    cycle : (step,) int, counted from 0; -1 is the start of the run
    time : (step,) [s] since the start
    values : variable -> (step,) array
    computed : (cycle,) bool, False where a cycle lies between solved ones
    end : how the run ended: "cut_off_not_reached", or one of ``names.OUTCOMES``
    notes : sentences for the user
    initial_soc : the model's own count of the state of charge at the start, from ``simulators.start``
    """

    cycle: np.ndarray
    time: np.ndarray
    values: Mapping[str, np.ndarray]
    computed: np.ndarray
    end: str = "completed"
    notes: tuple[str, ...] = ()
    initial_soc: float = float("nan")


def skipped_note(text: str, cycle: int) -> str:
    """Says which step of which cycle (counted from 0) could not begin."""
    return (
        f"Step '{text}' of cycle {cycle + 1} is infeasible: its cut-off is already passed when it "
        "starts."
    )


def ended_note(end: str, text: str, cycle: int) -> str:
    """Says in which step of which cycle (counted from 0) the run ended, and how."""
    reasons = {
        "hard_short": "the short carries the current",
        "overpotential_limit": "the overpotential reached its limit",
        "infeasible": "the cell left its voltage window or ran out of lithium",
        "cut_off_not_reached": "the step never reached its cut-off",
        "solver_failure": "the solver found no answer",
    }
    return f"The run ended in step '{text}' of cycle {cycle + 1}: {reasons[end]}."


def ended_before(wanted: int, whole: int, end: str) -> str:
    """Says that the run ended before cycle `wanted`, after `whole` cycles (both from 1), and how."""
    outcome = "infeasible" if end == "cut_off_not_reached" else end
    last = f"the last whole cycle is {whole}" if whole else "no cycle is whole"
    return f"there is no end of cycle {wanted}: the run ends in cycle {whole + 1} as {outcome}; {last}"


Results = Mapping[str, tuple[tuple[str, ...], np.ndarray]]
"""Results of a run as plain arrays: name -> (dimensions, values)."""


def dataset(record: Record, cell: Cell, protocol: Protocol, simulator: str) -> xr.Dataset:
    """One value per cycle, the outcome and its times: the Dataset of every simulator."""
    found = results(record, cell)
    run = _labelled(found, cell, np.arange(1, len(found["time"][1]) + 1))
    run.attrs = provenance(cell) | _run_attributes(protocol, simulator)
    run.attrs["initial_soc"] = record.initial_soc
    return run


def results(record: Record, cell: Cell) -> Results:
    """What :func:`dataset` holds, without labels: cheap to make, to pickle and to stack."""
    per_cycle = _per_cycle(record, cell)
    whole = _outcome(per_cycle, record, cell)
    return per_cycle | {name: ((), np.asarray(value)) for name, value in whole.items()}


def stacked(
    runs: Sequence[Results], cells: Sequence[Cell], protocols: Sequence[Protocol], simulator: str
) -> xr.Dataset:
    """The results of many runs of one structure of cell over (run, cycle).

    The cycles are those of the longest protocol; after a run's end its values are NaN.
    """
    cycles = max(protocol.number_of_cycles for protocol in protocols)
    data = {}
    for name, (dims, first) in runs[0].items():
        if name == "computed":
            continue  # which cycles were solved differs from run to run
        if "cycle" in dims:
            values = np.full((len(runs), cycles, *first.shape[1:]), np.nan)
            for place, run in enumerate(runs):
                own = run[name][1]
                values[place, : len(own)] = own
        else:
            values = np.stack([run[name][1] for run in runs])
        data[name] = (("run", *dims), values)
    together = _labelled(data, cells[0], np.arange(1, cycles + 1))
    together = together.assign_coords(run=np.arange(len(runs)))
    together.attrs = provenance(cells[0])
    if len({(protocol.block, protocol.cycles) for protocol in protocols}) == 1:
        together.attrs = together.attrs | _run_attributes(protocols[0], simulator)
    return together


def _labelled(found: Results, cell: Cell, cycles: np.ndarray) -> xr.Dataset:
    coords = {
        "cycle": ("cycle", cycles, {"units": "1", "long_name": "Cycle number"}),
        "mechanism": list(names.MECHANISMS),
        "interface": [names.INTERFACES[side] for side in cell.sides],
    }
    variables = {}
    for name, (dims, values) in found.items():
        units, long_name = names.RESULT_UNITS[name]
        variables[name] = (dims, values, {"units": units, "long_name": long_name})
    return xr.Dataset(variables, coords=coords)


def _run_attributes(protocol: Protocol, simulator: str) -> dict[str, str | int]:
    return {
        "protocol": json.dumps(protocol.block),
        "repetitions": protocol.cycles,
        "simulator": simulator,
    }


def protocol_of(run: xr.Dataset) -> Protocol:
    """The protocol that a run went through, from its attributes."""
    return Protocol(json.loads(run.attrs["protocol"]), cycles=int(run.attrs["repetitions"]))


def provenance(cell: Cell) -> dict[str, str]:
    """Attributes that say what a Dataset was computed from."""
    return {
        "cell": cell.name,
        "parameter_hash": cell.hash,
        "fitted_set": cell.fitted_set or "none",
        "twin_version": twin_version(),
        "versions": _versions(),
    }


@functools.cache  # reading them takes as long as a hundred cycles
def _versions() -> str:
    packages = ("pybamm", "numpy", "xarray", "optuna")
    return json.dumps({package: importlib.metadata.version(package) for package in packages})


@functools.cache
def twin_version() -> str:
    """Version of the installed distribution."""
    try:
        return importlib.metadata.version("assb-twin")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _per_cycle(record: Record, cell: Cell) -> dict:
    last = np.flatnonzero(np.diff(record.cycle, append=record.cycle[-1] + 1))
    ends = last[1:]  # the first entry is the start of the run
    sides = cell.sides

    def over_cycle(name):
        return np.diff(record.values[name][last])

    def at_end(name):
        return record.values[name][ends]

    net, passed = over_cycle(names.NET_CAPACITY), over_cycle(names.THROUGHPUT_CAPACITY)
    discharge, charge = (passed + net) / 2, (passed - net) / 2
    run = {
        "discharge_capacity": discharge,
        "charge_capacity": charge,
        "time": record.time[ends] / 3600,
        "charge_time": np.diff(_time_charging(record)[last]) / 3600,
        "leak_fraction": _ratio(over_cycle(names.LEAKED_CHARGE), passed),
        "computed": record.computed[: len(ends)],
    }
    if cell.has_cathode:
        energy_net = over_cycle(names.NET_ENERGY)
        energy_passed = over_cycle(names.THROUGHPUT_ENERGY)
        delivered, taken = (energy_passed + energy_net) / 2, (energy_passed - energy_net) / 2
        grams = cell.values[names.ACTIVE_MASS] * 1e3
        run["specific_discharge_capacity"] = discharge * 1e3 / grams
        run["areal_discharge_capacity"] = discharge * 1e3 / (cell.area * 1e4)
        run["discharge_energy"], run["charge_energy"] = delivered, taken
        run["energy_efficiency"] = _ratio(delivered, taken)
        run["mean_discharge_voltage"] = _ratio(delivered, discharge)
        run["mean_charge_voltage"] = _ratio(taken, charge)
    run["capacity_retention"] = _ratio(discharge, np.full_like(discharge, discharge[:1].sum()))
    run["coulombic_efficiency"] = _ratio(discharge, charge)
    run |= _half_cycle_ends(record, last, sides)

    data: dict[str, tuple] = {name: (("cycle",), values) for name, values in run.items()}
    data["resistance"] = (("cycle", "mechanism"), _resistances(record, sides)[ends])
    data["fresh_resistance"] = (("mechanism",), _resistances(record, sides)[0])
    for name, variable in INTERFACE_STATES.items():
        stacked = np.stack([at_end(names.at(side, variable)) for side in sides], axis=1)
        data[name] = (("cycle", "interface"), stacked)
    data["coating_damage"][1].clip(max=1.0, out=data["coating_damage"][1])
    return data


def _time_charging(record: Record) -> np.ndarray:
    """Time [s] spent in steps that charge, up to the end of each step."""
    charging = record.values[names.CURRENT_DENSITY] < -REST_CURRENT_DENSITY
    return np.cumsum(np.diff(record.time, prepend=record.time[0]) * charging)


def _resistances(record: Record, sides) -> np.ndarray:
    """Small-signal resistance of each mechanism [Ohm.m2], (step, mechanism)."""

    def summed(name):
        return sum((record.values[names.at(side, name)] for side in sides), np.zeros(len(record.time)))

    shares = {
        "separator": record.values[names.SEPARATOR_RESISTANCE],
        "charge_transfer": record.values[names.CHARGE_TRANSFER_RESISTANCE],
        "coating": summed(names.COATING_SHARE),
        "interphase": summed(names.INTERPHASE_SHARE),
        "sacrificial_layer": summed(names.LAYER_SHARE),
        "contact": summed(names.CONTACT_RESISTANCE),
    }
    return np.stack([shares[name] for name in names.MECHANISMS], axis=1)


def _half_cycle_ends(record: Record, last: np.ndarray, sides) -> dict[str, np.ndarray]:
    """Overpotentials at the end of the last step of each cycle that passed current."""
    current = record.values[names.CURRENT_DENSITY]
    driven = np.abs(current) > REST_CURRENT_DENSITY
    own = {side: record.values[names.at(side, names.ELECTRODE_OVERPOTENTIAL)] for side in sides}
    discharging = current > 0
    absent = np.full_like(current, np.nan)
    negative, positive = own[names.NEGATIVE], own.get(names.POSITIVE, absent)
    columns = {
        "half_cycle_current_density": np.abs(current),
        "plating_overpotential": np.abs(np.where(discharging, positive, negative)),
        "stripping_overpotential": np.abs(np.where(discharging, negative, positive)),
    }
    if names.POSITIVE in sides:
        columns["cell_overpotential"] = np.abs(record.values[names.VOLTAGE])
    return {
        name: _last_of_cycle(np.where(driven, values, np.nan), last) for name, values in columns.items()
    }


def _last_of_cycle(values: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Last finite value within each cycle, NaN where there is none."""
    place = np.where(np.isfinite(values), np.arange(len(values)), -1)
    latest = np.maximum.accumulate(place)[last[1:]]
    return np.where(latest > last[:-1], values[latest], np.nan)


def _outcome(per_cycle: Results, record: Record, cell: Cell) -> dict:
    time, leak = per_cycle["time"][1], per_cycle["leak_fraction"][1]
    leaking = np.flatnonzero(np.nan_to_num(leak) > SOFT_SHORT_LEAK)
    short_place = leaking[0] if leaking.size else None
    end = record.end
    if end == "cut_off_not_reached":
        # a leak that keeps a half-cycle from its end is a hard short; anything else a bad protocol
        end = "infeasible" if short_place is None else "hard_short"
    happened, failures = [end], []
    if short_place is not None:
        happened.append("soft_short")
    if end == "hard_short" and short_place is None:
        short_place = len(time) - 1
    onset_cycle = onset_time = np.nan
    if short_place is not None:
        onset_cycle, onset_time = float(short_place + 1), time[short_place]
        failures.append(onset_time)
    if end == "overpotential_limit":
        failures.append(time[-1])

    initial = record.values[names.ACCESSIBLE_CAPACITY][0]
    damage = {side: record.values[names.at(side, names.COATING_DAMAGE_SUM)] for side in cell.sides}
    lost = 1 - record.values[names.ACCESSIBLE_CAPACITY] / initial
    wear = [lost / (1 - END_OF_LIFE_CAPACITY)]
    if cell.has_coating:
        wear += list(damage.values())
    for progress in wear:
        spent = np.flatnonzero(progress >= 1)
        if spent.size:
            happened.append("end_of_life")
            failures.append(_crossing_time(record.time, progress, spent[0]) / 3600)

    fastest = cell.values[names.FASTEST_FILAMENT]
    thickness = sum(
        cell.values[names.layer(number, names.LAYER_THICKNESS)]
        for number in range(1, cell.separator_layers + 1)
    )
    crossed = _deepest(record, cell)[-1] * fastest / thickness
    coating_worn = max(d[-1] for d in damage.values()) if cell.has_coating else 0.0
    worst = max(happened, key=names.OUTCOMES.index)
    return {
        "outcome": worst,
        "short_circuit_onset_cycle": onset_cycle,
        "short_circuit_onset_time": onset_time,
        "lifetime": min(failures, default=np.nan),
        "failure_progress": max(crossed, coating_worn),
        "notes": " ".join((*record.notes, *_limits(record, cell))),
    }


def _limits(record: Record, cell: Cell):
    """Sentences on where the run leaves what the model knows, or where a mechanism cannot act."""
    host = cell.values[names.HOST_CAPACITY]
    if host > 0:
        poor, rich = (share * host for share in names.PLATEAU)
        left = record.values[names.at(names.NEGATIVE, names.LITHIUM)]
        if left.max() > rich or left.min() < poor:
            yield beyond_plateau_note(cell.name)
    thresholds = [names.FILAMENT_INITIATION]
    if cell.has_coating:
        thresholds.append(names.COATED_FILAMENT_INITIATION)
    lowest = min(cell.values[key] for key in thresholds)
    current = np.abs(record.values[names.CURRENT_DENSITY])
    largest = max(
        np.max(current / record.values[names.at(side, names.CONTACT_FRACTION)]) for side in cell.sides
    )
    if cell.values[names.FILAMENT_COEFFICIENT] > 0 and largest < lowest:
        yield (
            f"No filament can grow: on the area in contact the current stays below {largest:.3g} A/m2, "
            f"the initiation current density is {lowest:.3g} A/m2."
        )


def beyond_plateau_note(name: str) -> str:
    """Says that an alloy was driven off the plateau of its potential."""
    low, high = names.PLATEAU
    return (
        f"The anode of {name} leaves its plateau ({low} to {high} lithium per host atom): its potential "
        "there is an extrapolation."
    )


def _deepest(record: Record, cell: Cell) -> np.ndarray:
    depths = [record.values[names.at(side, names.FILAMENT_DEPTH)] for side in cell.sides]
    return np.max(depths, axis=0)


def _crossing_time(time, progress, place):
    """When `progress` reached 1, linear between the steps around it."""
    if place == 0:
        return time[0]
    before, after = progress[place - 1], progress[place]
    share = (1 - before) / (after - before) if after > before else 1.0
    return time[place - 1] + share * (time[place] - time[place - 1])


def _ratio(numerator, denominator):
    usable = np.abs(denominator) > 1e-15
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=usable)


def save(data: xr.Dataset, path: str | Path) -> Path:
    """Write a Dataset as netCDF, whole or not at all. Raises OutputError: cannot be written."""
    path = Path(path)

    def write(beside):
        data.to_netcdf(beside, engine="netcdf4")

    return write_whole(path, write)


def write_whole(path: Path, write) -> Path:
    """Let `write(path)` write beside `path`, then rename. Raises OutputError: not writable."""
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(handle)
        beside = Path(name)
        write(beside)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; name a folder that you may write to"
        ) from None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
    return path


def load(path: str | Path) -> xr.Dataset:
    """Read what :func:`save` wrote. Raises ObservationError: not a readable netCDF file."""
    try:
        with xr.open_dataset(path, engine="netcdf4") as data:
            return data.load()
    except (OSError, ValueError) as error:
        raise ObservationError(f"cannot read {path} as netCDF: {error}") from None
