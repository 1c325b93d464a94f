"""A curve: what was measured in each cycle of one physical cell, beside what a run says in each.

It has the name of a result of a run and its unit (``results.quantities``), so that one is held against
the other without a word of translation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.errors import DatasetError, unknown
from twin.measured.spread import CurveSpread, spread_along
from twin.protocols.half_cycle_voltages import spelled_out

if TYPE_CHECKING:
    import xarray as xr

    from twin.results.dataset import Results

OF_FULL_CELLS = ("discharge_capacity", "coulombic_efficiency", "mean_discharge_voltage")
"""Curves of cells with a cathode that count where nobody says which: what is left, what is lost in each
cycle, and at which resistance."""
OF_SYMMETRIC_CELLS = ("cell_overpotential",)
"""Curves of cells without a cathode that count where nobody says which: such a cell passes the charge
that it is told to pass, and its overpotential says at which resistance."""
SMALLEST_RATIO = 0.2
"""Predicted over measured, below which a smaller ratio counts as this one: a cell that delivers nothing
has a finite error, too."""
PERCENT = 100.0
"""Points of a share of 1, in which errors of efficiencies are told."""


@dataclass(frozen=True)
class Curve:
    """Values measured in some cycles of a cell.

    Attributes
    ----------
    name : of the result, "discharge_capacity"
    cycles : (point,) int, counted from 1, rising
    values : (point,) float, in the unit of the result
    spread : how such a curve errs
    """

    name: str
    cycles: np.ndarray
    values: np.ndarray
    spread: CurveSpread

    def errors(self, predicted: np.ndarray) -> np.ndarray:
        """Predicted against measured, (…, point): ln of the ratio, or points of percent.

        `predicted` is (…, cycle), in each cycle from 1.
        """
        own = predicted[..., self.cycles - 1]
        if self.spread.points:
            return PERCENT * (own - self.values)
        return np.log(np.maximum(own / self.values, SMALLEST_RATIO))

    def up_to(self, cycle: int) -> "Curve":
        """The same as far as it was measured up to a cycle."""
        inside = self.cycles <= cycle
        return Curve(self.name, self.cycles[inside], self.values[inside], self.spread)


def curves_of(
    data: "xr.Dataset",
    spreads: Mapping[str, CurveSpread],
    *,
    enters: Sequence[str] | None = None,
    last: int | None = None,
) -> tuple[Curve, ...]:
    """The curves of measurements over `cycle`, each of those cycles in which it has a value.

    Parameters
    ----------
    data : xarray.Dataset over cycle, as :func:`twin.read_measurements` gives
    spreads : how a curve of each name errs
    enters : names of those asked for; by default what counts for such a cell
    last : the last cycle that counts; by default all do

    Raises DatasetError: no cycles, a name that is no curve, one that was not measured, or nothing left.
    """
    if "cycle" not in data.coords or not data.sizes.get("cycle"):
        raise DatasetError(
            "these measurements have no cycles, so there is no curve in them: give a file over cycles, "
            "as twin.read_measurements reads it"
        )
    usual = OF_SYMMETRIC_CELLS if "cell_overpotential" in data else OF_FULL_CELLS
    names = usual if enters is None else spelled_out(enters)
    spread = {name: spread_along(name, spreads) for name in names}
    for name in names:
        if spread[name] is None:
            raise DatasetError(unknown(name, spreads, "a curve that can be held against a run"))
    found = [
        _curve(data, name, own, last)
        for name, own in spread.items()
        if own is not None and name in data.data_vars
    ]
    curves = tuple(curve for curve in found if len(curve.cycles))
    absent = set(names) - {curve.name for curve in curves} if enters is not None else set()
    if absent or not curves:
        listed = ", ".join(sorted(absent)) or " or ".join(names)
        held = ", ".join(name for name in spreads if name in data.data_vars) or "nothing"
        raise DatasetError(
            f"these measurements hold no value of {listed} in any cycle; name what they hold under "
            f"'enters' (measured: {held})"
        )
    return curves


def whole_cycles(data: "xr.Dataset") -> "xr.Dataset":
    """The measurements without a last cycle that the file breaks off: its capacity is half of one.

    It is told by its retention, which a cycle that is not finished has none of, while those before it
    do.
    """
    retained = data.get("capacity_retention")
    if retained is None or retained.dims != ("cycle",) or not retained.size:
        return data
    finite = np.isfinite(retained.values)
    return data.isel(cycle=slice(0, -1)) if not finite[-1] and finite[:-1].any() else data


def _curve(data: "xr.Dataset", name: str, spread: CurveSpread, last: int | None) -> Curve:
    cycles = data["cycle"].values.astype(int)
    values = np.asarray(data[name].values, dtype=float)
    usable = np.isfinite(values) & (cycles >= 1)
    if not spread.points:
        usable &= values > 0  # what was interrupted before it delivered anything has no logarithm
    if last is not None:
        usable &= cycles <= last
    return Curve(name, cycles[usable], values[usable], spread)


def predicted(run: "Results", names: Sequence[str], cycles: int) -> np.ndarray:
    """What a run says in each cycle from 1, (name, cycle).

    After its end, and in a cycle without a value, it is what its last whole cycle said: how far it is
    from living so long is another matter (:func:`twin.measured.runs.survived`).

    Raises DatasetError: a curve that runs of this cell do not hold.
    """
    answers = np.empty((len(names), cycles))
    for place, name in enumerate(names):
        if name not in run:
            raise DatasetError(f"runs of this cell hold no {name}; leave it out of 'enters'")
        answers[place] = _held(run[name][1], cycles)
    return answers


def _held(values: np.ndarray, cycles: int) -> np.ndarray:
    """Values (cycle,), where there is none the last one before, as far as `cycles`."""
    whole = values[:cycles] if len(values) >= cycles else values[:-1]
    numbers = np.arange(cycles)
    there = np.flatnonzero(np.isfinite(whole))
    if not there.size:
        return np.zeros(cycles)
    last = there[np.maximum(np.searchsorted(there, numbers, side="right") - 1, 0)]
    return whole[last]
