"""A file of a cycler as a Dataset of the form that a run has."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from twin.arguments import checked_kind, checked_path
from twin.cell import Cell
from twin.errors import MeasurementError, shown
from twin.measured.cycler.conventions import Conventions
from twin.measured.cycler.cycle_table import cycle_table
from twin.measured.cycler.cycles import is_symmetric
from twin.measured.cycler.formats import open_table
from twin.measured.cycler.recovered_protocol import recovered
from twin.measured.cycler.series import series, steps_in
from twin.measured.cycler.spectrum import spectrum
from twin.measured.cycler.terms import find_columns, is_cycle_table, is_series, is_spectrum
from twin.protocols import Protocol

if TYPE_CHECKING:
    import xarray as xr


def read_measurements(
    path: str | Path,
    *,
    cell: Cell | None = None,
    current: str | None = None,
    time_unit: str | None = None,
    current_unit: str | None = None,
    voltage_unit: str | None = None,
    capacity_unit: str | None = None,
    impedance_unit: str | None = None,
    active_mass: str | None = None,
    area: str | None = None,
    channel: str | None = None,
) -> "xr.Dataset":
    """What a cycler measured, in the form of a run.

    Parameters
    ----------
    path : str or Path
        A series of current and voltage (the Battery Data Format as text or Parquet; exports of Arbin,
        BaSyTec, BioLogic, LANDT, Maccor, Neware; a table with units in its header), one row a cycle, or
        a spectrum. The form is told by the content.
    cell : Cell, optional
        The cell that was measured: its area and mass turn charges by area or mass into charges, its
        capacity turns currents into C-rates, and what does not fit it is said.
    current : "positive charges" or "positive discharges", optional
        Where the file does not say, or says it wrongly.
    time_unit, current_unit, voltage_unit, capacity_unit, impedance_unit : str, optional
        Of columns without a unit.
    active_mass, area : str, optional
        "12.3 mg", "0.785 cm2": where no cell is given, or another one.
    channel : str, optional
        Of a file with several.

    Returns
    -------
    xarray.Dataset
        Of a series over `cycle` (from 1), `half_cycle`, `step` and `point`, with the names and units of
        a run wherever a run has the quantity; positive current discharges. Per cycle
        `discharge_capacity`, `charge_capacity` [A.h], `coulombic_efficiency`, `leak_fraction`,
        `capacity_retention` [1], `time` [h] at its end, `kind`, of a full cell energies [W.h], their
        efficiency and mean voltages [V], of a symmetric one `cell_overpotential` [V]; for each
        half-cycle its current [A], resistance at the start [Ohm] and voltage at the end [V];
        `short_circuit_onset_cycle` and `short_circuit_onset_time` [h], NaN without. `step_…` are the
        recovered steps, `series_…` the points (of a very long file every second, fourth, …). `notes`
        are sentences on what was odd. Of a table one value a cycle. Of a spectrum `impedance_real` and
        `impedance_imag` over `frequency` [Hz]. Attributes say how all of it was understood.

    Raises
    ------
    MeasurementError
        A file that cannot be read, or that may be read in two ways: both are shown, and how to say
        which.
    ArgumentError
        No path, no Cell.
    """
    conventions = Conventions(
        current=current,
        time_unit=time_unit,
        current_unit=current_unit,
        voltage_unit=voltage_unit,
        capacity_unit=capacity_unit,
        impedance_unit=impedance_unit,
        active_mass=active_mass,
        area=area,
        channel=channel,
    )
    if cell is not None:
        checked_kind("cell", cell, Cell, "twin.load_cell(name or path) gives one")
    return read_file(checked_path(path), conventions, cell)


def read_file(path: Path, conventions: Conventions, cell: Cell | None) -> "xr.Dataset":
    """As :func:`read_measurements`, with what the user said in one object."""
    table = open_table(path)
    try:
        columns = find_columns(table.headers)
        if is_series(columns):
            data = series(table, columns, conventions, cell)
        elif is_cycle_table(columns):
            data = cycle_table(table, columns, conventions, cell)
        elif is_spectrum(columns):
            data = spectrum(table, columns, conventions, cell)
        else:
            named = ", ".join(shown(own.header.text) for own in columns.values()) or "none that is known"
            raise MeasurementError(
                f"its columns ({named}) are neither time, voltage and current, nor cycle and "
                "capacities, nor frequency and impedance (re, im)"
            )
    except MeasurementError as error:
        text = " ".join(str(error).split())
        told = text.startswith(" ".join(str(path).split()))
        raise MeasurementError(text if told else f"{path}: {text}") from None
    except OSError as problem:
        raise MeasurementError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    data.attrs = {
        "file": path.name,
        "format": table.form,
        "said": json.dumps(conventions.said),
        "cell": cell.name if cell is not None else "not given",
    } | data.attrs
    return data


def protocol_of(data: "xr.Dataset", cell: Cell | None = None) -> Protocol:
    """The protocol that the cell of a file went through, told by its steps.

    `data` is what :func:`read_measurements` gave. Currents are C-rates where `cell` has a cathode, by
    area of a symmetric cell, in A or mA without a cell. A last cycle that the file breaks off counts as
    one like that before.

    Raises MeasurementError: no series of a cycler. ProtocolError: more cycles than a Protocol holds.
    """
    if not {"step_cycle", "step_control"} <= set(data.variables):
        raise MeasurementError(
            "this Dataset has no steps: give what twin.read_measurements made of a series"
        )
    steps, cycle = steps_in(data)
    return recovered(steps, cycle, cell, symmetric=is_symmetric(steps)).protocol
