"""``twin.update``: what is known of a cell, after more of its cycles were measured."""

import dataclasses
import time
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin.arguments import checked_kind
from twin.cell import Cell
from twin.errors import ArgumentError, DatasetError, shown
from twin.fitting.draws import load_draws
from twin.fitting.family import curve_spreads_of
from twin.fitting.posterior import Posterior
from twin.following.alarm import alarms
from twin.following.evidence import Answers, Evidence, Observed
from twin.following.followed import Followed, Update, unmeasured
from twin.following.particles import take_in
from twin.measured.curves import Curve, curves_of, whole_cycles
from twin.measured.half_cycle_voltages import with_voltages
from twin.measured.spread import CurveSpread
from twin.protocols import Protocol
from twin.protocols.half_cycle_voltages import spelled_out
from twin.protocols.standard import CYCLES
from twin.results.provenance import protocol_of

PARTICLES = 300
"""Particles of a cell: enough for 5 and 95 % ends, and an update takes seconds."""
ANOTHER_CELL = 3.0
"""A curve whose first value is so many times that of every particle, or a share of it, is of another
cell or in another unit: equal cells differ by a tenth of that."""
REWRITTEN = 1e-6
"""Relative difference from which a value that was taken in before counts as another one: what is left
of it in a file that was written with seven digits."""


def update(
    posterior: Cell | Posterior | Followed,
    measurements: xr.Dataset,
    *,
    cell: Cell | None = None,
    protocol: Protocol | None = None,
    enters: Sequence[str] | None = None,
    particles: int = PARTICLES,
    horizon: int = CYCLES,
    seed: int = 0,
    processes: int | None = None,
) -> Followed:
    """Narrow what is known of a cell by its cycles, as they arrive.

    Parameters
    ----------
    posterior : Cell, Posterior or Followed
        What is known so far: a cell with a fitted set, whose draws ship or lie beside it; the fit of
        its family (:func:`twin.fit`), with `cell`; or what an earlier update gave.
    measurements : xarray.Dataset over cycle
        Of this very cell, from its first cycle on, as :func:`twin.read_measurements` gives: the cycles
        that were taken in before, unchanged, and new ones.
    cell : Cell, optional
        Of the family of a Posterior, the one that was measured, with the values of its fit.
    protocol : Protocol, optional
        That the cell goes through, from its first cycle on; where it is shorter than what was measured,
        it goes on (:func:`twin.measured.file_rows.repeated`). By default what the measurements tell at
        the first update, which later ones keep.
    enters : names of curves, optional
        That count; by default capacity, efficiency and voltage, or the overpotential.
        "discharge_voltage_at_50_percent" is a voltage within half-cycles, "discharge_voltage" is that at
        20, 50 and 80 % (:mod:`twin.protocols.half_cycle_voltages`).
    particles : int
    horizon : int
        The cycle to which each update forecasts.
    seed : int
    processes : int, optional

    Returns
    -------
    Followed
        Its `forecast` is of this cell, `history` says what each update changed, and `alarms` what the
        cell does that the model does not know. Without new cycles it is what it was.

    Raises
    ------
    ArgumentError : nothing to start from, no protocol, numbers outside their range.
    DatasetError : measurements without cycles or values, of another cell or unit, with fewer cycles than
        before, or with other values where they were taken in before.
    FittedSetError : the cell has no fit.
    """
    began = time.monotonic()
    _check_cycles(measurements)
    if isinstance(posterior, Followed):
        known = posterior if protocol is None else dataclasses.replace(posterior, protocol=protocol)
    else:
        told = _told_by(measurements) if protocol is None else protocol
        known = _start(posterior, cell, told, particles, horizon, seed, processes)
    spreads = curve_spreads_of(known.cell)
    counted = _same_curves(known.observed, None if enters is None else spelled_out(enters))
    if counted is not None:
        measurements = with_voltages(measurements, counted, known.cell)
    observed = observed_of(measurements, spreads, enters=counted)
    _check_past(known.observed, observed)
    if observed.cycles == known.observed.cycles:
        return posterior if isinstance(posterior, Followed) else known
    return _updated(known, observed, began, processes)


def _updated(known: Followed, observed: Observed, began: float, processes: int | None) -> Followed:
    generator = known.generator()
    evidence = Evidence(
        known.prior, known.protocol, observed, known.observed.cycles, processes=processes
    )
    asked: dict[bytes, Answers] = {}

    def answers(points: np.ndarray) -> Answers:
        key = points.tobytes()
        if key not in asked:
            asked.clear()
            asked[key] = evidence.answers(points)
        return asked[key]

    first = answers(known.particles.points)
    _check_same_cell(observed, first)
    said = f"update {known.cell.name} to cycle {observed.cycles}"
    with tqdm(total=100, desc=said, unit=" %", disable=None) as bar:
        told = take_in(
            known.particles,
            known.prior.log_density,
            lambda points: evidence.log_likelihoods(answers(points)),
            generator,
            progress=lambda power: bar.update(round(100 * power) - bar.n),
        )
        bar.update(100 - bar.n)
    last = answers(told.particles.points)
    state = dataclasses.replace(known, observed=observed, particles=told.particles)
    made = Update(
        measured_cycles=observed.cycles,
        onset=observed.onset,
        effective=told.effective,
        resamplings=told.resamplings,
        sweeps=told.sweeps,
        accepted=told.accepted,
        seconds=time.monotonic() - began,
        alarms=tuple(alarms(evidence, (last, told.particles.weights), (first, known.particles.weights))),
        forecast=state.told(processes=processes),
        values=state.values(),
    )
    return dataclasses.replace(state, updates=(*known.updates, made))


def observed_of(
    measurements: xr.Dataset,
    spreads: Mapping[str, CurveSpread],
    *,
    enters: Sequence[str] | None = None,
) -> Observed:
    """What measurements say of a cell: its curves up to a short, the last cycle, and the short.

    Raises DatasetError: no cycles, no values, or an unknown curve.
    """
    measurements = whole_cycles(measurements)
    onset = None
    if "short_circuit_onset_cycle" in measurements:
        found = float(measurements["short_circuit_onset_cycle"])
        onset = int(found) if np.isfinite(found) else None
    curves: tuple[Curve, ...] = ()
    if onset != 1:  # a cell that shorts at once has no curve
        last = None if onset is None else onset - 1
        curves = curves_of(measurements, spreads, enters=enters, last=last)
    return Observed(curves, int(measurements["cycle"].values.max()), onset)


def _same_curves(before: Observed, enters: Sequence[str] | None) -> Sequence[str] | None:
    """The curves that count: those that have counted so far. Raises DatasetError: others are asked for.

    A curve that came later would have its first cycles left out.
    """
    if not before.names:
        return enters
    if enters is not None and set(enters) != set(before.names):
        raise DatasetError(
            f"this cell was followed by {', '.join(before.names)} so far, and now by "
            f"{', '.join(enters)}: follow it anew to change what counts. Nothing was changed"
        )
    return before.names


def _told_by(measurements: xr.Dataset) -> Protocol:
    """What the cell went through, as its file tells. Raises ArgumentError: it does not."""
    if "protocol" not in measurements.attrs:
        raise ArgumentError(
            "these measurements do not say what the cell goes through: protocol=twin.Protocol([steps])"
        )
    return protocol_of(measurements)


def _start(posterior, cell, protocol, particles, horizon, seed, processes) -> Followed:
    if isinstance(posterior, Posterior):
        if not isinstance(cell, Cell):
            names = ", ".join(posterior.fit.problem.cells)
            raise ArgumentError(
                f"the fit is of several cells; say which one was measured: cell=twin.load_cell(…), one "
                f"of {names}"
            )
        fitted = posterior.fit.problem.cells_at(posterior.fit.coordinates).get(cell.name)
        if fitted is None:
            raise ArgumentError(
                f"{cell.name} is no cell of this fit ({', '.join(posterior.fit.problem.cells)})"
            )
        changes = {key: entry.value for key, entry in cell.changes.items()}
        start, draws = fitted.replace(changes), posterior.draws
    elif isinstance(posterior, Cell):
        start, draws = posterior, load_draws(posterior)
    else:
        raise ArgumentError(
            "update goes on from a cell with a fit, from the answer of twin.fit or of an earlier "
            f"update, not from {shown(posterior)}"
        )
    checked_kind("protocol", protocol, Protocol, "twin.Protocol([steps], cycles=…) makes one")
    return unmeasured(
        start, draws, protocol, particles=particles, horizon=horizon, seed=seed, processes=processes
    )


def _check_cycles(measurements) -> None:
    """Raise DatasetError unless these are cycles, counted from 1, each once and in their order."""
    if not isinstance(measurements, xr.Dataset):
        raise DatasetError(
            "measurements are an xarray.Dataset over cycle, as twin.read_measurements gives, not "
            f"{shown(measurements)}"
        )
    if "cycle" not in measurements.coords or not measurements.sizes.get("cycle"):
        raise DatasetError("these measurements have no cycle: there is nothing to follow yet")
    cycles = measurements["cycle"].values
    if not np.issubdtype(cycles.dtype, np.number) or cycles[0] < 1 or (np.diff(cycles) <= 0).any():
        raise DatasetError(
            "the cycles of these measurements do not rise from 1, so nothing says which came when"
        )


def _check_past(before: Observed, now: Observed) -> None:
    """Raise DatasetError where what was taken in is there no more, or says something else now."""
    if now.cycles < before.cycles:
        raise DatasetError(
            f"these measurements end at cycle {now.cycles}, and cycle {before.cycles} was taken in "
            "before: is it another cell's file, or half of one? Nothing was changed"
        )
    if before.onset is not None and now.onset != before.onset:
        raise DatasetError(
            f"a short in cycle {before.onset} was taken in before, and now it stands at {now.onset}: "
            "the file has changed its past. Nothing was changed; follow it anew to take it as it is"
        )
    for old in before.curves:
        new = next((curve for curve in now.curves if curve.name == old.name), None)
        if new is not None:
            _check_values(old, new.up_to(before.cycles))


def _check_values(old: Curve, new: Curve) -> None:
    if np.array_equal(old.cycles, new.cycles):
        other = np.abs(new.values - old.values) > REWRITTEN * np.abs(old.values)
        if not other.any():
            return
        place = int(other.argmax())
        said = (
            f"{old.name} in cycle {old.cycles[place]} was {old.values[place]:.6g} when it was taken in, "
            f"and is {new.values[place]:.6g} now"
        )
    else:
        cycle = int(np.setxor1d(old.cycles, new.cycles)[0])
        was, is_now = ("had", "none") if cycle in old.cycles else ("had no", "one")
        said = (
            f"{old.name} {was} a value in cycle {cycle} when it was taken in, and there is {is_now} now"
        )
    raise DatasetError(
        f"the measurements have changed their past: {said}. Nothing was changed; put the file back, or "
        "follow it anew to take it as it is"
    )


def _check_same_cell(observed: Observed, answers: Answers) -> None:
    """Raise DatasetError where a curve begins far from every particle: another cell, another unit."""
    for place, curve in enumerate(observed.curves):
        if curve.spread.points:
            continue
        expected = answers.curves[:, place, curve.cycles[0] - 1]
        expected = expected[expected > 0]
        if not expected.size:
            continue
        low, high = expected.min() / ANOTHER_CELL, expected.max() * ANOTHER_CELL
        if not low <= curve.values[0] <= high:
            raise DatasetError(
                f"{curve.name} in cycle {curve.cycles[0]} is {curve.values[0]:.4g}, where this cell has "
                f"{expected.min():.4g} to {expected.max():.4g}: is it another cell, or another unit? "
                "Nothing was changed"
            )
