"""What a cycler's file says of a cell, as rows: points of its curves, its short, intercepts of spectra.

A fit takes them as it takes rows that somebody typed. Of a curve over hundreds of cycles it takes
:data:`POINTS` points, evenly along the cycles with the first and the last among them: each point is a
number that the emulators of a fit have to learn, and more of them prove little more, because neighbours
err together (:mod:`twin.fitting.drift`). A cell that was still running counts as one that lived up to
its last cycle.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from twin.errors import DatasetError, unknown
from twin.measured import readings
from twin.measured.curves import Curve, curves_of, whole_cycles
from twin.measured.half_cycle_voltages import with_voltages
from twin.measured.measurements import Measurement
from twin.measured.rows import Row
from twin.measured.spread import CurveSpread, Spread, read_curve_spreads
from twin.protocols import Protocol
from twin.protocols.half_cycle_voltages import spelled_out
from twin.units import convert

if TYPE_CHECKING:
    import xarray as xr

    from twin.measured.experiment import Experiment


POINTS = 12
"""Points of each curve that enter a fit: over a thousand cycles they stand as far apart as a drift is
remembered."""
BEYOND_ONSET = 1.5
"""An observed short is sought in runs that last so much longer: two deviations of what equal cells
live."""
ONSET = "short-circuit onset"
"""The observable of a short."""
ONSET_SPREAD = Spread(scatter=0.01, cell=0.2, points=False)
"""Of the onset of a short where nobody says, assumed: equal cells differ by a fifth, as lifetimes of
Chang2023."""


SPECTRUM_POINTS = 8
"""Frequencies of a spectrum that enter a fit, evenly along their logarithm: three in each decade of an
arc's flank."""
MODULUS_SPREAD = CurveSpread(scatter=0.05, cell=0.2, points=False, noise=0.01, length=1.0)
"""Of the modulus of an impedance where nobody says, assumed: equal cells differ by a fifth, an arc is
depressed where the circuit's is a half circle, and both over a decade of frequency."""
PHASE_SPREAD = CurveSpread(scatter=3.0, cell=3.0, points=True, noise=0.5, length=1.0)
"""Of the phase of an impedance [deg], assumed: as 5 % of the modulus."""
START_SPREAD = CurveSpread(scatter=0.05, cell=0.2, points=False, noise=0.02, length=100.0)
"""Of resistances at the start of cycles where nobody says, assumed: as overpotentials, and the noise of
two voltages a few millivolts apart."""
SPECTRUM = "impedance"
"""What a spectrum enters a fit with unless something else is named: modulus and phase at frequencies."""
STARTS = "start_resistance"
"""What a series may enter a fit with beside its curves: the resistance at the start of its cycles."""
INTERCEPTS = MappingProxyType(
    {"high_frequency_resistance": "series resistance", "total_resistance": "impedance"}
)
"""What of a spectrum enters a fit, and the observable that it is."""
INTERCEPT_SPREAD = Spread(scatter=0.05, cell=0.2, points=False)
"""Of the intercepts of a spectrum where nobody says, assumed: an arc is read to a twentieth, and equal
cells differ by a fifth."""


def rows_of_files(experiment: "Experiment", roles: Collection[str]) -> list[tuple[Row, Protocol]]:
    """Rows of the files of an experiment that are for something, each with its protocol.

    Raises as :func:`rows_of`, and whatever a file raises that cannot be read.
    """
    files = [own for own in experiment.measurements if own.role in roles]
    if not files:
        return []
    curves = read_curve_spreads(experiment.folder)
    return [
        pair
        for own in files
        for pair in rows_of(own, own.protocol_of(experiment.protocols), curves, experiment.spreads)
    ]


def rows_of(
    measurement: Measurement,
    protocol: Protocol,
    spreads: Mapping[str, CurveSpread],
    events: Mapping[str, Spread],
) -> list[tuple[Row, Protocol]]:
    """Rows of a file whose cell went through a protocol, each with as much of that as it needs.

    `spreads` says how curves err, `events` how far equal cells differ in when something happened.

    Raises DatasetError: a file without cycles, or without the curves that it is to enter with.
    """
    return list(_rows(measurement, protocol, spreads, events))


def _rows(
    measurement: Measurement,
    protocol: Protocol,
    spreads: Mapping[str, CurveSpread],
    events: Mapping[str, Spread],
) -> Iterator[tuple[Row, Protocol]]:
    data = measurement.data
    if "frequency" in data.dims:
        yield from _spectrum(measurement, protocol, events)
        return
    data = whole_cycles(data)
    onset = _onset(data)
    last = None if onset is None else onset - 1
    measured_to = int(data["cycle"].values.max())
    lasting = repeated(protocol, measured_to if onset is None else math.ceil(BEYOND_ONSET * onset))
    enters = None if measurement.enters is None else spelled_out(measurement.enters)
    if enters is not None and STARTS in enters:
        yield from ((row, lasting) for row in _starts(measurement, last))
        enters = tuple(name for name in enters if name != STARTS)
    if enters != () and (onset is None or onset > 1):
        if enters is not None:
            data = with_voltages(data, enters, measurement.cell_as_measured())
        for curve in curves_of(data, spreads, enters=enters, last=last):
            for cycle, value in _thinned(curve):
                yield _point(measurement, curve, cycle, value), lasting
    if onset is not None:
        spread = events.get(ONSET, ONSET_SPREAD)
        short = _row(measurement, "short", ONSET, float(onset), "cycle", "event", spread=spread)
        yield short, lasting


def _spectrum(
    measurement: Measurement, protocol: Protocol, events: Mapping[str, Spread]
) -> Iterator[tuple[Row, Protocol]]:
    """Points of a spectrum, or where it meets the axis: what a run knows without being linearised."""
    lasting = repeated(protocol, max(measurement.cycle, 1))
    for result in measurement.enters or (SPECTRUM,):
        if result == SPECTRUM:
            yield from ((row, lasting) for row in _arcs(measurement))
            continue
        if result not in INTERCEPTS:
            known = (SPECTRUM, *INTERCEPTS)
            raise DatasetError(unknown(result, known, "what a spectrum may enter a fit with"))
        value = float(measurement.data[result])
        if not value > 0:
            raise DatasetError(f"{measurement.file}: its {result} is {value:g} Ohm, which no cell has")
        words = INTERCEPTS[result]
        spread = events.get(words, INTERCEPT_SPREAD)
        place = measurement.cycle
        yield (
            _row(measurement, result, words, value, "Ohm", "value", spread=spread, cycle=place),
            lasting,
        )


def _arcs(measurement: Measurement) -> Iterator[Row]:
    """Modulus and phase at some frequencies above the diffusion tail, falling."""
    data = measurement.data
    frequencies = data["frequency"].values
    impedance = data["impedance_real"].values + 1j * data["impedance_imag"].values
    if data["impedance_real"].attrs.get("units") == "Ohm m2":
        impedance = impedance / measurement.cell_as_measured().area
    order = np.argsort(-frequencies)
    frequencies, impedance = frequencies[order], impedance[order]
    height = -impedance.imag
    minima = np.flatnonzero((height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:])) + 1
    last = minima[-1] + 1 if len(minima) else len(frequencies)
    wanted = np.geomspace(frequencies[0], frequencies[last - 1], SPECTRUM_POINTS)
    apart = np.abs(np.log(frequencies[:last, None] / wanted))
    for place in np.unique(apart.argmin(axis=0)):
        found, at = complex(impedance[place]), float(frequencies[place])
        for name, unit, value, spread in (
            (readings.MODULUS, "Ohm", abs(found), MODULUS_SPREAD),
            (readings.PHASE, "deg", float(np.angle(found, deg=True)), PHASE_SPREAD),
        ):
            yield _row(
                measurement, f"{name} {at:g} Hz", name, value, unit, "value",
                spread=spread, cycle=measurement.cycle, place=at,
            )  # fmt: skip


def _starts(measurement: Measurement, last: int | None) -> Iterator[Row]:
    """Resistances at the start of some cycles, each with the delay after which it was read.

    Raises DatasetError: a file without steps, or none that begins with a jump of the voltage.
    """
    data = whole_cycles(measurement.data)
    if "half_cycle_resistance" not in data or "step_direction" not in data:
        raise DatasetError(f"{measurement.file}: has no steps, so no resistance at the start of them")
    driven = [str(way) for way in data["step_direction"].values if str(way) != "rest"]
    own = data.sel(half_cycle=driven[0]) if driven else data.isel(half_cycle=0)
    values, delays = own["half_cycle_resistance"].values, own["half_cycle_resistance_delay"].values
    cycles = own["cycle"].values.astype(int)
    usable = np.isfinite(values) & (values > 0) & np.isfinite(delays) & (delays > 0)
    if last is not None:
        usable &= cycles <= last
    if not usable.any():
        raise DatasetError(f"{measurement.file}: no cycle begins with a jump of its voltage")
    curve = Curve(STARTS, cycles[usable], values[usable], START_SPREAD)
    delay = dict(zip(cycles.tolist(), delays.tolist(), strict=True))
    for cycle, value in _thinned(curve):
        yield _row(
            measurement, f"{STARTS} {cycle}", readings.START_RESISTANCE, value, "Ohm", "value",
            spread=START_SPREAD, cycle=cycle, place=delay[cycle],
        )  # fmt: skip


def _thinned(curve: Curve) -> Iterator[tuple[int, float]]:
    """Cycles and values of at most :data:`POINTS` points, evenly along the cycles."""
    wanted = np.linspace(curve.cycles[0], curve.cycles[-1], POINTS)
    nearest = np.abs(curve.cycles[:, None] - wanted).argmin(axis=0)
    for place in np.unique(nearest):
        yield int(curve.cycles[place]), float(curve.values[place])


def _point(measurement: Measurement, curve: Curve, cycle: int, value: float) -> Row:
    from twin.results.quantities import curve_quantity

    observable, quantity = readings.of_curve(curve.name), curve_quantity(curve.name)
    assert quantity is not None  # curves are results of a run
    converted = convert(value, quantity.units, observable.unit, observable.name)
    return _row(
        measurement, f"{curve.name} {cycle}", observable.name, converted, observable.unit, "value",
        cycle=cycle, spread=curve.spread,
    )  # fmt: skip


def _row(
    measurement: Measurement, what: str, observable: str, value: float, unit: str, kind: str, *,
    spread: Spread, cycle: int | None = None, place: float | None = None,
) -> Row:  # fmt: skip
    return Row(
        id=f"{measurement.specimen}: {what}",
        cell=measurement.cell,
        settings=MappingProxyType(dict(measurement.settings)),
        protocol=measurement.protocol or "as recovered from the file",
        at="the whole run" if cycle is None else f"cycle {cycle}",
        observable=observable,
        value=value,
        text=f"{value:g}",
        unit=unit,
        kind=kind,
        role=measurement.role,
        where=str(measurement.file),
        note="",
        cycle=cycle,
        block="",
        time=None,
        specimen=measurement.specimen,
        compared=None,
        line=str(measurement.file),
        place=place,
        spread=spread,
    )


def _onset(data: "xr.Dataset") -> int | None:
    found = float(data["short_circuit_onset_cycle"]) if "short_circuit_onset_cycle" in data else math.nan
    return None if math.isnan(found) else int(found)


def repeated(protocol: Protocol, cycles: int) -> Protocol:
    """A protocol for so many cycles: its first ones or, where it has fewer, what goes on.

    A block that is repeated goes on being repeated; of cycles that stand once, the last one does: that
    is how a cell is still cycled whose file tells what it went through so far.
    """
    if protocol.number_of_cycles >= cycles:
        return protocol.first(cycles)
    if protocol.cycles > 1 or len(protocol.block) == 1:
        times = -(-cycles // len(protocol.block))
        return Protocol(protocol.block, times).first(cycles)
    more = cycles - protocol.number_of_cycles
    return Protocol([*protocol.block, *protocol.block[-1:] * more])
