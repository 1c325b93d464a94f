"""A table with one row a cycle: capacities, energies and efficiencies as somebody else reckoned them."""

import json
from typing import TYPE_CHECKING

import numpy as np

from twin.cell import Cell
from twin.errors import MeasurementError, shown
from twin.measured.cycler.column_units import size_of
from twin.measured.cycler.conventions import Conventions
from twin.measured.cycler.raw_table import RawTable, no_rows, numbers
from twin.measured.cycler.terms import Columns

if TYPE_CHECKING:
    import xarray as xr

CAPACITIES = {"discharge capacity": "discharge_capacity", "charge capacity": "charge_capacity"}
ENERGIES = {"discharge energy": "discharge_energy", "charge energy": "charge_energy"}
SHARES = {"coulombic efficiency": "coulombic_efficiency", "energy efficiency": "energy_efficiency"}
"""Terms -> results of a run."""
LARGEST_SHARE = 2.0
"""Above this, an efficiency without a unit is one in percent."""
MOST_ROWS = 1_000_000
"""Rows that are read: ten times the cycles that a protocol may have."""


def cycle_table(
    table: RawTable, columns: Columns, conventions: Conventions, cell: Cell | None
) -> "xr.Dataset":
    """The Dataset over `cycle` of a table; NaN where it has no number.

    Raises MeasurementError: a capacity by mass whose mass nobody knows, a cycle that stands twice, no
    rows.
    """
    import xarray as xr

    from twin.results.quantities import RESULTS

    read = _columns(table, columns)
    cycle = read.pop("cycle")
    known = np.isfinite(cycle) & (cycle == np.round(cycle)) & (np.abs(cycle) < 1e9)
    table.remarks.count("Rows without a whole number of a cycle, left out", int((~known).sum()))
    if not known.any():
        raise MeasurementError(f"{table.path}: no row has the number of a cycle")
    cycle = cycle[known].astype(int)
    twice = cycle[:-1][np.diff(np.sort(cycle)) == 0] if len(cycle) > 1 else cycle[:0]
    if len(twice):
        repeated = np.sort(cycle)[:-1][np.diff(np.sort(cycle)) == 0][0]
        raise MeasurementError(
            f"{table.path}: cycle {repeated} stands twice: keep one row a cycle, of one cell"
        )
    if cycle.min() < 1:
        table.remarks.say(f"The file counts cycles from {cycle.min()}; here they count from 1.")
        cycle = cycle + (1 - cycle.min())
    order = np.argsort(cycle)
    cycle = cycle[order]
    area, mass = conventions.area_of(cell), conventions.mass_of(cell)
    found: dict[str, np.ndarray] = {}
    for term, values in read.items():
        values = np.where(np.isfinite(values), values, np.nan)[known][order]
        column = columns[term]
        if term in ENERGIES and column.header.unit is None:
            table.remarks.say(f"{shown(column.header.text)} has no unit and is left out.")
        elif term in SHARES:
            percent = column.header.unit is None and np.nanmax(values, initial=0.0) > LARGEST_SHARE
            if percent:
                table.remarks.say(f"{shown(column.header.text)} has no unit and is read in percent.")
            size = 0.01 if percent else column.header.unit.size if column.header.unit else 1.0
            found[SHARES[term]] = values * size
        else:
            size = size_of(column, table.path, conventions, area, mass, examples=values)
            name = {**CAPACITIES, **ENERGIES, "capacity": "discharge_capacity"}[term]
            found[name] = values * size
            if term == "capacity":
                table.remarks.say(f"{shown(column.header.text)} is read as the discharge capacity.")
    discharge, charge = found.get("discharge_capacity"), found.get("charge_capacity")
    if discharge is not None and charge is not None and "coulombic_efficiency" not in found:
        ratio = np.divide(discharge, charge, out=np.full_like(charge, np.nan), where=charge > 0)
        found["coulombic_efficiency"] = ratio
    if discharge is not None:
        found["capacity_retention"] = (
            discharge / discharge[0] if discharge[0] > 0 else discharge * np.nan
        )
        if mass is not None:
            found["specific_discharge_capacity"] = discharge * 1e3 / (mass * 1e3)
    data = xr.Dataset(
        {name: ("cycle", values, RESULTS[name].attributes) for name, values in found.items()},
        coords={"cycle": ("cycle", cycle, RESULTS["cycle"].attributes)},
    )
    data["notes"] = ((), " ".join(table.remarks.sentences), RESULTS["notes"].attributes)
    data.attrs["columns"] = json.dumps({term: columns[term].header.text for term in ("cycle", *read)})
    return data


def _columns(table: RawTable, columns: Columns) -> dict[str, np.ndarray]:
    """The numbers of the columns that a table of cycles may have."""
    told = {**CAPACITIES, **ENERGIES, **SHARES}
    wanted = [name for name in columns if name in told or name == "cycle"]
    if "discharge capacity" not in columns and "capacity" in columns:
        wanted.append("capacity")
    parts: dict[str, list[np.ndarray]] = {name: [] for name in wanted}
    rows = 0
    for piece in table.pieces([columns[name].place for name in wanted]):
        for name in wanted:
            parts[name].append(numbers(piece[columns[name].place]))
        rows += len(parts["cycle"][-1])
        if rows > MOST_ROWS:
            raise MeasurementError(
                f"{table.path}: has more than {MOST_ROWS:,} rows; a table of cycles has one a cycle"
            )
    if not rows:
        raise MeasurementError(no_rows(table))
    return {name: np.concatenate(own) for name, own in parts.items()}
