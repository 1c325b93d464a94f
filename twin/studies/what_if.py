"""What if: a grid or a list of points over cell and protocol, each run on the same draws."""

import dataclasses
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from tqdm.auto import tqdm

from twin import parallel
from twin.arguments import checked_number, checked_processes
from twin.cell import Cell
from twin.errors import StudyError, unknown
from twin.parameter_sets import load_cell
from twin.protocols import Protocol
from twin.results.provenance import provenance
from twin.results.quantities import QUANTITIES
from twin.simulators import results_of
from twin.studies.factors import Factor, read_factor
from twin.studies.finished_points import FinishedPoints, point_fingerprint
from twin.studies.point import (
    TOLERANCE,
    attributes,
    check_draws,
    common_draws,
    joined,
    quantities,
    run_together,
)
from twin.studies.templates import Protocols, Template, read_templates

CYCLES = 800
DRAWS = 50
LONGEST_HOURS = 1.0
"""A study that would take longer asks first."""
UNTIMED_RUNS, TIMED_DRAWS = 2000, 8
"""So few runs need no estimate; those of each point that one is made from, side by side as all are."""
TOGETHER = 64
"""Runs side by side in one task."""
COMPARED = ("capacity_retention", "discharge_capacity", "energy_delivered", "cell_overpotential")
"""Quantities that are set against the baseline draw by draw."""
MODES = ("grid", "list")
PROTOCOL, POINT, DRAW = "protocol", "point", "draw"
RESERVED = (PROTOCOL, POINT, DRAW, "quantile", "outcome", *QUANTITIES)


@dataclass(frozen=True)
class Point:
    """One point: a value of each factor (in its unit) and which protocol."""

    values: Mapping[str, float]
    protocol: str


@dataclass(frozen=True)
class Plan:
    """What a what-if study computes, before anything is computed."""

    cell: Cell
    factors: tuple[Factor, ...]
    protocols: Mapping[str, Template]
    mode: str
    drawn: Sequence[Mapping[str, float]] = ()

    @property
    def shape(self) -> dict[str, int]:
        """Points along each dimension."""
        own = {factor.name: len(factor.values) for factor in self.factors}
        if self.mode == "list":
            own = {POINT: next(iter(own.values()), 1)}
        return own | ({PROTOCOL: len(self.protocols)} if len(self.protocols) > 1 else {})

    @property
    def size(self) -> int:
        return math.prod(self.shape.values())

    def points(self) -> Iterator[Point]:
        """In the order of :attr:`shape`, the last dimension fastest."""
        return map(self.point, range(self.size))

    def point(self, number: int) -> Point:
        """The point of that number, counted from 0."""
        places = dict(zip(self.shape, np.unravel_index(number, [*self.shape.values()]), strict=True))
        own = {
            factor.name: factor.values[places[factor.name if self.mode == "grid" else POINT]]
            for factor in self.factors
        }
        return Point(own, list(self.protocols)[places.get(PROTOCOL, 0)])

    def configured(self, point: Point) -> tuple[Cell, Protocol]:
        """The cell and the protocol of a point."""
        cell, texts = self.cell, {}
        for factor in self.factors:
            if factor.name not in point.values:
                continue
            if factor.is_field:
                texts[factor.target] = factor.text(point.values[factor.name])
            else:
                cell = cell.replace(factor.changes(cell, point.values[factor.name]))
        return cell, self.protocols[point.protocol].filled(texts)


def what_if(
    cell: Cell | str,
    changes: Mapping | None = None,
    protocols: Protocols | None = None,
    cycles: int = CYCLES,
    draws: int = DRAWS,
    *,
    baseline: Mapping[str, float | str] | None = None,
    mode: str = "grid",
    seed: int = 0,
    draw_from: str = "fit",
    storage: str | Path | None = None,
    longest_hours: float = LONGEST_HOURS,
    processes: int | None = None,
) -> xr.Dataset:
    """Run every point of a grid (or list) over cell and protocol on the same draws of the cell.

    Parameters
    ----------
    cell : Cell or str
    changes : mapping
        Dimension -> what varies along it: values of a parameter of the cell or of a field of the steps,
        ``{"Coating thickness [m]": [1e-7, 2e-7], "current": ["0.1 mA/cm2", "0.5 mA/cm2"]}``, or under a
        name of your own ``{"thickness": {"parameter": "Coating thickness [m]", "values": [100, 200],
        "unit": "nm"}}``. "temperature" [K] and "areal_capacity" [mA.h/cm2] set all that belongs to
        them.
    protocols : Protocol, list of steps with fields, Template, or several of them
        ``["Charge at {current} until 4.2 V", "Discharge at 1C until 2.6 V"]``. Several (a list or a
        mapping by name) make a dimension `protocol`. By default that of :func:`twin.forecast`.
    cycles : int
        Of steps given as a list; a Protocol and a Template bring their own.
    draws : int
    baseline : mapping, optional
        The point that differences are taken against: a value for any of the dimensions. The others are
        the cell as it is, the first value of a field, the first protocol.
    mode : "grid" (outer product) or "list" (the values of all dimensions, side by side)
    draw_from : "fit" or "priors"
        Where the draws come from; a cell that nobody fitted has only its priors.
    storage : folder, optional
        Keeps each finished point, so that a study that was stopped goes on where it was.
    longest_hours : float
        A study that is estimated to take longer raises StudyError before it starts.

    Returns
    -------
    xarray.Dataset over the dimensions and `draw`
        At the last cycle (0 where the cell died before): `capacity_retention` [1], `discharge_capacity`
        [A.h], and others of :data:`twin.studies.point.QUANTITIES`; `cell_overpotential` [V] of a
        symmetric cell. Of the whole run: `energy_delivered` [W.h], `charge_time` [h], `short_circuit`,
        `short_circuit_onset_cycle`, `short_circuit_onset_time` [h], `lifetime` [h] (NaN: none within the
        run), `outcome`. `baseline_*` over draw, and `difference_*` against it draw by draw.
        `parameter_value` over (draw, parameter): what was drawn, as in a forecast.

    Raises
    ------
    ArgumentError : draws, seed, longest_hours or processes that are no such numbers.
    StudyError, ParameterError, ProtocolError : what cannot be varied, and what could be.
    FittedSetError : no fit to draw from.
    """
    cell = load_cell(cell) if isinstance(cell, str) else cell
    templates = read_templates(protocols, cell, cycles)
    check_draws(draws, draw_from)
    longest_hours = checked_number("longest_hours", longest_hours, least=0)
    processes = checked_processes(processes)
    plan = _plan(cell, changes or {}, templates, mode)
    _check_duration(plan, draws, longest_hours, processes)
    common = common_draws(cell, draws, seed, draw_from)
    plan = dataclasses.replace(plan, drawn=common.factors)
    reference, plan_of_reference = _baseline(plan, baseline or {})
    wanted = [plan_of_reference.configured(reference), *map(plan.configured, plan.points())]
    store = FinishedPoints(storage) if storage is not None else None
    first, *rest = _computed(wanted, plan.drawn, store, processes)
    data = _dataset(plan, rest, first).merge(common.parameters)
    data.attrs = provenance(cell) | {
        "mode": mode,
        "protocol": json.dumps({label: t.steps for label, t in templates.items()}),
        "cycles": next(iter(wanted))[1].number_of_cycles,
        "baseline": json.dumps({**reference.values, PROTOCOL: reference.protocol}),
        "draw_from": draw_from,
        "effective_draws": common.effective,
        "seed": int(seed),
    }
    return data


def _plan(cell: Cell, changes: Mapping, templates, mode: str) -> Plan:
    if mode not in MODES:
        raise StudyError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    fields = tuple(dict.fromkeys(name for template in templates.values() for name in template.fields))
    factors = []
    for name, entry in changes.items():
        if name in RESERVED or "/" in name:
            raise StudyError(f"a dimension cannot be called '{name}'; give it another name")
        factors.append(read_factor(name, entry, cell, fields))
    targets = [factor.target for factor in factors]
    twice = [target for target in targets if targets.count(target) > 1]
    if twice:
        raise StudyError(f"'{twice[0]}' is varied twice")
    if mode == "list" and len({len(factor.values) for factor in factors}) > 1:
        counts = ", ".join(f"{factor.name}: {len(factor.values)}" for factor in factors)
        raise StudyError(f"a list needs as many values of each ({counts}); or take mode 'grid'")
    return Plan(cell, tuple(factors), templates, mode)


def _by_name(plan: Plan) -> dict[str, Factor]:
    return {factor.name: factor for factor in plan.factors}


def _baseline(plan: Plan, given: Mapping) -> tuple[Point, Plan]:
    """The point to compare with, and the plan that has its factors."""
    factors, extra = _by_name(plan), {}
    label = str(given.get(PROTOCOL, next(iter(plan.protocols))))
    if label not in plan.protocols:
        raise StudyError(f"baseline: {unknown(label, plan.protocols, 'a protocol of the study')}")
    values = {factor.name: factor.values[0] for factor in plan.factors if factor.is_field}
    for name, value in given.items():
        if name == PROTOCOL:
            continue
        entry = {"parameter": name, "values": [value]}
        if name in factors:
            factor = factors[name]
            kind = "field" if factor.is_field else "parameter"
            entry = {kind: factor.target, "values": [value], "unit": factor.unit}
        fields = plan.protocols[label].fields
        read = read_factor(name, entry, plan.cell, fields)
        extra[name] = read
        values[name] = read.values[0]
    own = tuple((factors | extra).values())
    return Point(values, label), dataclasses.replace(plan, factors=own)


def _check_duration(plan: Plan, draws: int, longest_hours: float, processes: int | None):
    """Ask before a study that takes hours: three of its points are timed, after one that compiles."""
    runs = plan.size * draws
    if runs <= UNTIMED_RUNS or math.isinf(longest_hours):
        return
    spread = [plan.configured(plan.point(n)) for n in (0, plan.size // 2, plan.size - 1)]
    timed = min(draws, TIMED_DRAWS)
    results_of(spread[:1])
    started = time.perf_counter()
    for point in spread:
        results_of([point] * timed, tolerance=TOLERANCE)
    seconds = (time.perf_counter() - started) / len(spread) / timed
    hours = runs * seconds / (processes or parallel.workers()) / 3600
    if hours > longest_hours:
        raise StudyError(
            f"{plan.size:,} points of {draws:,} draws would take about {_duration(hours)} on "
            f"{processes or parallel.workers()} cores; take fewer values or draws, or say that you mean "
            "it (--yes; longest_hours=math.inf)"
        )


def _duration(hours: float) -> str:
    for limit, unit, length in ((2, "minutes", 1 / 60), (48, "hours", 1), (24 * 365 * 2, "days", 24)):
        if hours < limit:
            return f"{hours / length:.0f} {unit}"
    return f"{hours / 24 / 365:.0f} years"


def _computed(wanted, drawn, store: FinishedPoints | None, processes) -> list[dict[str, np.ndarray]]:
    """Numbers of each (cell, protocol), over draw; each distinct one is computed once, if at all."""
    keys = [point_fingerprint(cell, protocol, drawn) for cell, protocol in wanted]
    by_key = dict(zip(keys, wanted, strict=True))
    done = {}
    if store is not None:
        names_of = (*quantities(wanted[0][0]), "outcome")
        done = store.finished(by_key, names=names_of, draws=len(drawn))
    missing = [key for key in by_key if key not in done]
    cores = processes or parallel.workers()
    size = max(1, min(TOGETHER, len(missing) * len(drawn) // (4 * cores)))
    slices = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    pieces = [(key, part) for key in missing for part in slices]
    each = max(1, size // len(slices[0]))
    groups = [pieces[start : start + each] for start in range(0, len(pieces), each)]
    tasks = [[(*by_key[key], part) for key, part in group] for group in groups]
    total, initial = len(by_key) * len(drawn), len(done) * len(drawn)
    parts: dict[str, list] = {key: [] for key in missing}
    with tqdm(total=total, initial=initial, desc="what if", unit="run", disable=None) as bar:
        answers = parallel.map_tasks(run_together, tasks, processes=processes)
        for group, found in zip(groups, answers, strict=True):
            for (key, part), numbers in zip(group, found, strict=True):
                bar.update(len(part))
                parts[key].append(numbers)
                if len(parts[key]) == len(slices):
                    done[key] = joined(parts.pop(key))
                    if store is not None:
                        store.keep(key, done[key])
    return [done[key] for key in keys]


def _dataset(plan: Plan, found, baseline) -> xr.Dataset:
    shape = plan.shape
    dims = (*shape, DRAW)
    data = xr.Dataset(coords={DRAW: np.arange(len(plan.drawn))})
    for factor in plan.factors:
        dimension = factor.name if plan.mode == "grid" else POINT
        data = data.assign_coords({factor.name: (dimension, np.array(factor.values))})
        data[factor.name].attrs = {
            "units": factor.unit or "1",
            "long_name": factor.long_name,
            "field" if factor.is_field else "parameter": factor.target,
        }
    if PROTOCOL in shape:
        data = data.assign_coords({PROTOCOL: list(plan.protocols)})
    for name in (*quantities(plan.cell), "outcome"):
        values = np.stack([numbers[name] for numbers in found])
        data[name] = (dims, values.reshape([*shape.values(), len(plan.drawn)]), attributes(name))
    for name in COMPARED:
        if name in data:
            about = attributes(name)
            before = f"baseline_{name}"
            data[before] = (
                DRAW,
                baseline[name],
                about | {"long_name": about["long_name"] + ", baseline"},
            )
            data[f"difference_{name}"] = data[name] - data[before]
            data[f"difference_{name}"].attrs = about | {
                "long_name": about["long_name"] + ", against the baseline"
            }
    return data
