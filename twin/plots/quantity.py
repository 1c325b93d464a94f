"""A Dataset's variable as an axis shows it: in the unit that people use, with its name and unit."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.errors import DatasetError, unknown

FACTORS = {
    "Ohm m2": (1e4, "Ω cm²"),
    "Ohm.m2": (1e4, "Ω cm²"),
    "A/m2": (0.1, "mA/cm²"),
    "A.m-2": (0.1, "mA/cm²"),
    "A m-2": (0.1, "mA/cm²"),
    "Pa": (1e-6, "MPa"),
    "C/m2": (1 / 36e3, "mAh/cm²"),
    "C.m-2": (1 / 36e3, "mAh/cm²"),
    "A.h": (1e3, "mAh"),
    "A": (1e3, "mA"),
    "W.h": (1e3, "mWh"),
    "s": (1 / 3600, "h"),
}
"""Unit of a Dataset -> (factor, unit shown)."""
SPELLINGS = {
    "mA.h/g": "mAh/g", "mA.h/cm2": "mAh/cm²", "mA/cm2": "mA/cm²", "Ohm": "Ω", "Ohm cm2": "Ω cm²",
    "degC": "°C", "1": "", "": "", "-": "",
}  # fmt: skip
LENGTHS = ((1e-3, 1e3, "mm"), (1e-6, 1e6, "µm"), (0.0, 1e9, "nm"))
"""(smallest largest value [m], factor, unit shown)."""
SHARES = ("capacity_retention", "coulombic_efficiency", "energy_efficiency")
CHANCES = ("short_circuit", "short_circuit_probability")
"""Dimensionless results that are read in percent, the first ones under longer names too."""
ZERO_CELSIUS = 273.15


@dataclass(frozen=True)
class Quantity:
    """Numbers in the unit shown, and the label of their axis. Text stays text: `values` of strings."""

    values: np.ndarray
    name: str
    unit: str

    @property
    def label(self) -> str:
        """ "Coating thickness / nm"."""
        return f"{self.name} / {self.unit}" if self.unit else self.name

    @property
    def is_text(self) -> bool:
        return self.values.dtype.kind not in "fiub"

    def entry(self, place: int) -> str:
        """One value with its unit: "200 nm"."""
        value = self.values[place]
        return str(value) if self.is_text else f"{value:.4g} {self.unit}".strip()


def quantity(variable: xr.DataArray, *, like: xr.DataArray | None = None) -> Quantity:
    """A variable or coordinate as its axis shows it.

    `like` is a variable whose size decides the unit (nm or µm), where several share an axis.
    """
    name = str(variable.attrs.get("long_name") or str(variable.name).replace("_", " ").capitalize())
    name = name.split(" [")[0]
    values = np.asarray(variable.values)
    if values.dtype.kind not in "fiub":
        return Quantity(np.asarray([str(v) for v in values.ravel()]).reshape(values.shape), name, "")
    values = values.astype(float)
    unit = str(variable.attrs.get("units", "")) or _unit_in(str(variable.name))
    is_share = variable.name in CHANCES or str(variable.name).startswith(SHARES)
    if unit == "1" and is_share:
        return Quantity(values * 100, name, "%")
    if unit == "K":
        return Quantity(values - ZERO_CELSIUS, name, "°C")
    if unit == "m":
        scale = np.abs(values if like is None else like.values)
        largest = np.max(scale[np.isfinite(scale)], initial=0.0)
        factor, unit = next((f, u) for least, f, u in LENGTHS if largest >= least)
        return Quantity(values * factor, name, unit)
    factor, shown = FACTORS.get(unit, (1.0, SPELLINGS.get(unit, unit)))
    return Quantity(values * factor, name, shown)


def variable_of(data: xr.Dataset, name: str) -> xr.DataArray:
    """A variable or coordinate of a Dataset. Raises DatasetError: there is none of that name."""
    if name in data.variables:
        return data[name]
    raise DatasetError(unknown(name, map(str, data.variables), "in this Dataset"))


def sorted_along(data: xr.Dataset, *names: str) -> xr.Dataset:
    """The Dataset with its numeric dimensions in rising order; words keep the order they came in."""
    numeric = [name for name in names if variable_of(data, name).dtype.kind in "iuf"]
    return data.sortby(numeric)


def _unit_in(name: str) -> str:
    """The unit that a PyBaMM-style key carries."""
    return name.rpartition("[")[2].removesuffix("]") if name.endswith("]") else ""
