"""An impedance spectrum from a file, with either sign of its imaginary part."""

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

WANTED = ("frequency", "impedance real", "impedance imaginary")
MOST_FREQUENCIES = 1_000_000
"""Rows that are read: a spectrum has a hundred."""


def spectrum(
    table: RawTable, columns: Columns, conventions: Conventions, cell: Cell | None
) -> "xr.Dataset":
    """The Dataset over `frequency` [Hz], falling, of the form that ``twin.impedance`` gives.

    `impedance_real` and `impedance_imag` [Ohm m2] where the area is known, otherwise [Ohm]; a capacity
    has a negative imaginary part. `high_frequency_resistance` [Ohm]: the real part where the spectrum
    meets the axis, or begins; `total_resistance` [Ohm]: where -Im has its last minimum, or where the
    spectrum ends.

    Raises MeasurementError: no rows, a frequency that stands twice, a unit that is not known.
    """
    import xarray as xr

    from twin.results.quantities import RESULTS, SPECTRA

    frequency, real, imaginary = _columns(table, columns)
    unit = columns["frequency"].header.unit
    frequency = frequency * (unit.size if unit else 1.0)
    if unit is None:
        table.remarks.say("The frequency has no unit and is read in Hz.")
    known = np.isfinite(frequency) & np.isfinite(real) & np.isfinite(imaginary) & (frequency > 0)
    table.remarks.count(
        "Rows without a frequency, a real or an imaginary part, left out", int((~known).sum())
    )
    if not known.any():
        raise MeasurementError(f"{table.path}: no row has a frequency, a real and an imaginary part")
    order = np.argsort(-frequency[known])
    frequency, real, imaginary = (values[known][order] for values in (frequency, real, imaginary))
    if (np.diff(frequency) == 0).any():
        raise MeasurementError(
            f"{table.path}: a frequency stands twice: keep one spectrum a file, each with its own cycle"
        )
    area = conventions.area_of(cell)
    mass = conventions.mass_of(cell)
    sizes = [
        size_of(columns[name], table.path, conventions, area, mass, examples=values)
        for name, values in (("impedance real", real), ("impedance imaginary", imaginary))
    ]
    sign = _sign(table, columns, imaginary)
    real, imaginary = real * sizes[0], imaginary * sizes[1] * sign
    by_area = 1.0 if area is None else area
    data = xr.Dataset(
        {
            "impedance_real": ("frequency", real * by_area, SPECTRA["impedance_real"].attributes),
            "impedance_imag": ("frequency", imaginary * by_area, SPECTRA["impedance_imag"].attributes),
            "high_frequency_resistance": _high_frequency(real, imaginary),
            "total_resistance": _total(real, imaginary),
        },
        coords={"frequency": ("frequency", frequency, SPECTRA["frequency"].attributes)},
    )
    for name in ("high_frequency_resistance", "total_resistance"):
        data[name].attrs = SPECTRA[name].attributes
    if area is None:
        table.remarks.say("The area is not known; the impedance is that of the whole cell, in Ohm.")
        for name in ("impedance_real", "impedance_imag"):
            data[name].attrs = data[name].attrs | {"units": "Ohm"}
    data["notes"] = ((), " ".join(table.remarks.sentences), RESULTS["notes"].attributes)
    data.attrs["columns"] = json.dumps({term: columns[term].header.text for term in WANTED})
    return data


def _sign(table: RawTable, columns: Columns, imaginary: np.ndarray) -> float:
    """What gives the imaginary part of a capacity its minus."""
    column = columns["impedance imaginary"]
    if column.header.negative or column.header.name in ("minus im z", "neg im z"):
        table.remarks.say(
            f"{shown(column.header.text)} is the negative imaginary part; turned round once."
        )
        return -1.0
    if imaginary.sum() > 0:
        table.remarks.say(
            "The imaginary part is mostly positive, as it is drawn, not as it is defined; turned round "
            "once."
        )
        return -1.0
    return 1.0


def _high_frequency(real: np.ndarray, imaginary: np.ndarray) -> float:
    capacitive = np.flatnonzero(imaginary <= 0)
    place = capacitive[0] if len(capacitive) else 0
    if place == 0:
        return float(real[0])
    above, below = imaginary[place - 1], imaginary[place]
    share = above / (above - below)
    return float(real[place - 1] + share * (real[place] - real[place - 1]))


def _total(real: np.ndarray, imaginary: np.ndarray) -> float:
    height = -imaginary
    minima = np.flatnonzero((height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:])) + 1
    return float(real[minima[-1]] if len(minima) else real[-1])


def _columns(table: RawTable, columns: Columns) -> list[np.ndarray]:
    parts: list[list[np.ndarray]] = [[] for _ in WANTED]
    rows = 0
    for piece in table.pieces([columns[name].place for name in WANTED]):
        for own, name in zip(parts, WANTED, strict=True):
            own.append(numbers(piece[columns[name].place]))
        rows += len(parts[0][-1])
        if rows > MOST_FREQUENCIES:
            raise MeasurementError(
                f"{table.path}: has more than {MOST_FREQUENCIES:,} rows; a spectrum has a hundred"
            )
    if not rows:
        raise MeasurementError(no_rows(table))
    return [np.concatenate(own) for own in parts]
