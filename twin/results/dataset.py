"""The result Dataset: from the states at the end of each step to one value per cycle.

Both simulators hand in a :class:`Record` and get back the same Dataset.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import xarray as xr

from twin import names
from twin.cell import Cell
from twin.protocols import Protocol
from twin.protocols.half_cycle_voltages import voltages_read
from twin.results.earlier import Earlier
from twin.results.half_cycle_voltages import voltages_of
from twin.results.kinds import END_OF_LIFE, gone, kinds, references, retention
from twin.results.outcome import outcome
from twin.results.provenance import provenance, run_attributes
from twin.results.quantities import HANDED_ON, RESULTS, curve_quantity
from twin.results.record import REST_CURRENT_DENSITY, Record
from twin.results.validity import beyond_laws

INTERFACE_STATES = {
    "interphase_thickness": names.INTERPHASE_THICKNESS,
    "contact_fraction": names.CONTACT_FRACTION,
    "coating_damage": names.COATING_DAMAGE_SUM,
    "filament_depth": names.FILAMENT_DEPTH,
    "bare_fraction": names.BARE_FRACTION,
    "layer_conversion": names.CONVERTED_FRACTION,
    "lithium_left": names.LITHIUM,
}


NO_PLACES: Mapping[str, np.ndarray] = MappingProxyType({})
"""No coordinates beside those that every run has."""

Results = Mapping[str, tuple[tuple[str, ...], np.ndarray]]
"""Results of a run as plain arrays: name -> (dimensions, values)."""


def dataset(
    record: Record,
    cell: Cell,
    protocol: Protocol,
    simulator: str,
    *,
    end_of_life: float = END_OF_LIFE,
    reference_cycle: int | None = None,
    earlier: Earlier | None = None,
) -> xr.Dataset:
    """One value per cycle, the outcome and its times: the Dataset of every simulator.

    `earlier` is what the run goes on from; cycles and times count on.
    """
    found = results(
        record,
        cell,
        protocol,
        end_of_life=end_of_life,
        reference_cycle=reference_cycle,
        earlier=earlier,
    )
    count = len(found["time"][1])
    first = 1 if earlier is None else earlier.cycles + 1
    said = {**found, "kind": (("cycle",), np.array(kinds(protocol, count), dtype=str))}
    handed_on = _handed_on(record, found, protocol, earlier)
    said |= {name: ((dimension,), values) for name, (dimension, _, values) in handed_on.items()}
    places = {dimension: own for dimension, own, _ in handed_on.values()}
    run = _labelled(said, cell, np.arange(first, first + count), places)
    run.attrs = provenance(cell) | run_attributes(protocol, simulator)
    run.attrs["initial_soc"] = record.initial_soc
    return run


def results(
    record: Record,
    cell: Cell,
    protocol: Protocol,
    *,
    end_of_life: float = END_OF_LIFE,
    reference_cycle: int | None = None,
    earlier: Earlier | None = None,
) -> Results:
    """What :func:`dataset` holds of :data:`RESULTS`, without labels: cheap to make, pickle and stack.

    `end_of_life` as in :func:`twin.results.kinds.gone`, `reference_cycle` as in
    :func:`twin.results.kinds.retention`.
    """
    if earlier is not None:
        record = dataclasses.replace(record, time=record.time + earlier.time)
    per_cycle = _per_cycle(record, cell)
    if earlier is not None:
        per_cycle["fresh_resistance"] = (("mechanism",), earlier.fresh_resistance)
    read = voltages_of(record, voltages_read(protocol), cell)
    per_cycle |= {name: (("cycle",), values) for name, values in read.items()}
    discharge = per_cycle["discharge_capacity"][1]
    # a cycle in which no step could begin delivers nothing; it has no values of its own
    delivered = np.append(discharge, 0.0) if record.end == "nothing_began" else discharge
    spent = gone(delivered, protocol, cell, end_of_life)
    retained = retention(discharge, spent, protocol, reference_cycle=reference_cycle, earlier=earlier)
    per_cycle["capacity_retention"] = (("cycle",), retained)
    per_cycle["spent"] = (("cycle",), spent[: len(discharge)])
    whole = outcome(per_cycle, record, cell, spent, earlier)
    whole["notes"] = " ".join(filter(None, (whole["notes"], *beyond_laws(cell, protocol))))
    return per_cycle | {name: ((), np.asarray(value)) for name, value in whole.items()}


def unlabelled(run: xr.Dataset) -> Results:
    """The arrays of a run's Dataset: inverse of labelling them."""
    return {str(name): (tuple(map(str, own.dims)), own.values) for name, own in run.data_vars.items()}


def _handed_on(
    record: Record, found: Results, protocol: Protocol, earlier: Earlier | None
) -> dict[str, tuple[str, np.ndarray, np.ndarray]]:
    """What another run goes on from (``results.earlier``): name -> (dimension, its places, values)."""
    before = earlier.references if earlier else {}
    firsts = references(found["discharge_capacity"][1], found["spent"][1], protocol, before)
    held = {
        "final_state": ("state", record.final_state),
        "reference_capacity": ("reference_kind", firsts),
    }
    return {
        name: (dimension, np.array(list(own), dtype=str), np.array(list(own.values()), dtype=float))
        for name, (dimension, own) in held.items()
    }


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
        together.attrs = together.attrs | run_attributes(protocols[0], simulator)
        together["kind"] = ("cycle", np.array(kinds(protocols[0], cycles)), RESULTS["kind"].attributes)
    return together


def _labelled(
    found: Results, cell: Cell, cycles: np.ndarray, places: Mapping[str, np.ndarray] = NO_PLACES
) -> xr.Dataset:
    """The Dataset of results; `places` are coordinates beside those that every run has."""
    coords = {
        "cycle": ("cycle", cycles, RESULTS["cycle"].attributes),
        "mechanism": list(names.MECHANISMS),
        "interface": [names.INTERFACES[side] for side in cell.sides],
        **places,
    }
    variables = {}
    for name, (dims, values) in found.items():
        variables[name] = (dims, values, (curve_quantity(name) or HANDED_ON[name]).attributes)
    return xr.Dataset(variables, coords=coords)


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
        "areal_charge_passed": passed * 1e3 / (cell.area * 1e4),
        "time": record.time[ends] / 3600,
        "charge_time": np.diff(_time_charging(record)[last]) / 3600,
        "leak_fraction": _ratio(np.diff(_leaked_while_driven(record)[last]), passed),
        "total_lithium": at_end(names.TOTAL_LITHIUM),
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


def _leaked_while_driven(record: Record) -> np.ndarray:
    """Charge [A.h] leaked in steps that pass current, up to the end of each step.

    What leaks in a rest is self-discharge: against the little charge of a cycle of storage it would look
    like a short.
    """
    driven = np.abs(record.values[names.CURRENT_DENSITY]) > REST_CURRENT_DENSITY
    leaked = record.values[names.LEAKED_CHARGE]
    return np.cumsum(np.diff(leaked, prepend=leaked[0]) * driven)


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


def _ratio(numerator, denominator):
    usable = np.abs(denominator) > 1e-15
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=usable)
