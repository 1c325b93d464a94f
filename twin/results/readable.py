"""A Dataset's variable as people read it: in the unit that they use, with its name and unit."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin import units
from twin.errors import DatasetError
from twin.results.phrases import changes_in_words, count
from twin.results.quantities import quantity_behind, variable_of

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
ZERO_CELSIUS = 273.15
"""[K]"""


@dataclass(frozen=True)
class Readable:
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


def readable(variable: xr.DataArray, *, like: xr.DataArray | None = None) -> Readable:
    """A variable or coordinate as people read it.

    `like` is a variable whose size decides the unit (nm or µm), where several share an axis.
    """
    name = str(variable.attrs.get("long_name") or str(variable.name).replace("_", " ").capitalize())
    name = units.words_of_key(name)
    values = np.asarray(variable.values)
    if values.dtype.kind not in "fiub":
        return Readable(np.asarray([str(v) for v in values.ravel()]).reshape(values.shape), name, "")
    values = values.astype(float)
    unit = str(variable.attrs.get("units", "")) or units.unit_of_key(str(variable.name))
    quantity = quantity_behind(str(variable.name))
    if unit == "1" and quantity is not None and quantity.in_percent:
        return Readable(values * 100, name, "%")
    if unit == "K":
        return Readable(values - ZERO_CELSIUS, name, "°C")
    if unit == "m":
        scale = np.abs(values if like is None else like.values)
        largest = np.max(scale[np.isfinite(scale)], initial=0.0)
        factor, unit = next((f, u) for least, f, u in LENGTHS if largest >= least)
        return Readable(values * factor, name, unit)
    factor, shown = FACTORS.get(unit, (1.0, SPELLINGS.get(unit, unit)))
    return Readable(values * factor, name, shown)


def sorted_along(data: xr.Dataset, *names: str) -> xr.Dataset:
    """The Dataset with its numeric dimensions in rising order; words keep the order they came in.

    Raises DatasetError: no such dimension, or one without values.
    """
    for name in names:
        if variable_of(data, name).dims != (name,):
            raise DatasetError(f"'{name}' is no dimension of this Dataset that has values of its own")
    numeric = [name for name in names if data[name].dtype.kind in "iuf"]
    return data.sortby(numeric)


def never(study: xr.Dataset, name: str) -> str:
    """What it means that an event did not come: "no short within 800 cycles"."""
    quantity = quantity_behind(name)
    event = "never" if quantity is None else quantity.never
    ran = f"{study.attrs['cycles']} cycles" if "cycles" in study.attrs else "the cycles run"
    return f"{event} within {ran}"


def heading(study: xr.Dataset) -> str:
    """What every number of a study is of: "Chang2023_LiAlO2_LGPS_LCO, 800 cycles, 50 draws"."""
    cell = [str(study.attrs["cell"])] if "cell" in study.attrs else []
    changes = [said] if (said := changes_in_words(study.attrs)) else []
    cycles = [f"{study.attrs['cycles']} cycles"] if "cycles" in study.attrs else []
    return ", ".join([*cell, *changes, *cycles, count(study.sizes["draw"], "draw")])
