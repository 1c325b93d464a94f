"""What if: every point of a study, each run on the same draws."""

import functools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import xarray as xr
from tqdm.auto import tqdm

from twin import parallel
from twin.arguments import checked_number, checked_processes
from twin.cell import Cell
from twin.errors import StudyError
from twin.parallel import in_parts
from twin.results.quantities import BASELINE, DIFFERENCE, QUANTITIES
from twin.simulators import results_of
from twin.studies.beyond import beyond
from twin.studies.factors import IF_MEANT
from twin.studies.finished_points import FinishedPoints
from twin.studies.on_draws import DRAWS, OnDraws, on_draws
from twin.studies.point import TOLERANCE, Draws, Numbers, Point, joined, quantities, run_together
from twin.studies.study import Study
from twin.studies.study_file import load_what_if

LONGEST_HOURS = 1.0
"""A study that would take longer [h] asks first: nobody waits so long without having meant to."""
UNTIMED_RUNS = 2000
"""So few runs take seconds, as the estimate of their time would."""
TIMED_DRAWS = 8
"""Draws on which the estimate runs a point: side by side, as the draws of a study are run."""
MOST_RUNS = 10_000_000
"""Most runs of a study: what is kept of them takes some gigabytes."""
TOGETHER = 64
"""Most runs of one task, side by side: more are no faster, and points would be kept less often."""
TASKS_PER_CORE = 4
"""Least number of tasks for each core, so that none waits long for the last one."""


def what_if(
    study: Study | str | Path,
    *,
    draws: int | None = None,
    seed: int | None = None,
    draw_from: str | None = None,
    storage: str | Path | None = None,
    longest_hours: float = LONGEST_HOURS,
    processes: int | None = None,
) -> xr.Dataset:
    """Run every point of a study on the same draws of its cell.

    Parameters
    ----------
    study : Study, or the name of a shipped one, or the path of a TOML file
    draws : int
        By default what the study's file says, or 50.
    seed : int
        By default what the study's file says, or 0.
    draw_from : "fit" or "priors"
        Where the draws come from; a cell that nobody fitted has only its priors. By default what the
        study's file says, or the fit.
    storage : folder, optional
        Keeps each finished point, so that a study that was stopped goes on where it was.
    longest_hours : float
        A study that is estimated to take longer raises StudyError before it starts.
    processes : int, optional
        Worker processes, by default one for each core.

    Returns
    -------
    xarray.Dataset over the dimensions and `draw`
        At the last cycle (0 where the cell died before): `capacity_retention` [1], `discharge_capacity`
        [A.h], and others of :data:`twin.studies.point.KEPT`; `cell_overpotential` [V] of a symmetric
        cell. Of the whole run: `energy_delivered` [W.h], `charge_time` [h], `short_circuit`,
        `short_circuit_onset_cycle`, `short_circuit_onset_time` [h], `lifetime` [h] (NaN: none within the
        run), `outcome`. `baseline_*` over draw, and `difference_*` against it draw by draw.
        `parameter_value` over (draw, parameter): what was drawn, as in a forecast. Over the dimensions
        alone, how each point stands to what was fitted: `outside`, in words, and `model_error`
        (:func:`twin.studies.beyond.beyond`).

    Raises
    ------
    ArgumentError : draws, seed, longest_hours or processes that are no such numbers.
    StudyError : no such study, it is a search, or it would take too long.
    FittedSetError : no fit to draw from.
    """
    study = load_what_if(study)
    longest_hours = checked_number("longest_hours", longest_hours, least=0)
    processes = checked_processes(processes)
    _check_size(study, study.setting("draws", draws, DRAWS), longest_hours, processes)
    asked = on_draws(study, draws=draws, seed=seed, draw_from=draw_from)
    store = FinishedPoints(storage) if storage is not None else None
    baseline, *found = _numbers(asked, [study.baseline_point, *study.grid.points()], store, processes)
    outside = beyond(study)
    return (
        asked.dataset(found)
        .pipe(_beside_baseline, study.cell, baseline)
        .merge(outside)
        .assign_attrs(outside.attrs)
    )


def _check_size(study: Study, draws: int, longest_hours: float, processes: int | None):
    """Raise StudyError where a study would take too much memory, or too long unless that is meant."""
    grid = study.grid
    runs = grid.size * draws
    if runs > MOST_RUNS:
        raise StudyError(
            f"{grid.size:,} points of {draws:,} draws are {runs:,} runs; a study has room for "
            f"{MOST_RUNS:,}: {IF_MEANT}"
        )
    if runs <= UNTIMED_RUNS or math.isinf(longest_hours):
        return
    cores = processes or parallel.workers()
    hours = runs * _seconds_of_run(study, min(draws, TIMED_DRAWS)) / cores / 3600
    if hours > longest_hours:
        raise StudyError(
            f"{grid.size:,} points of {draws:,} draws would take about {_duration(hours)} on {cores} "
            "cores; take fewer values or draws, or say that you mean it (--yes; longest_hours=math.inf)"
        )


def _seconds_of_run(study: Study, draws: int) -> float:
    """Time of one run on one core, from the first, the middle and the last point of a study."""
    grid = study.grid
    numbers = (0, grid.size // 2, grid.size - 1)
    points = [grid.point(number).cell_and_protocol(study.cell) for number in numbers]
    results_of(points[:1])  # compiles the circuit
    started = time.perf_counter()
    for point in points:
        results_of([point] * draws, tolerance=TOLERANCE)
    return (time.perf_counter() - started) / len(points) / draws


def _duration(hours: float) -> str:
    for limit, unit, length in ((2, "minutes", 1 / 60), (48, "hours", 1), (24 * 365 * 2, "days", 24)):
        if hours < limit:
            return f"{hours / length:.0f} {unit}"
    return f"{hours / 24 / 365:.0f} years"


def _numbers(
    asked: OnDraws, points: Sequence[Point], store: FinishedPoints | None, processes: int | None
) -> list[Numbers]:
    """What is kept of the runs of each point; points that are the same are run once, if at all."""
    cell, draws = asked.study.cell, asked.common.factors
    keys = [asked.key(*point.cell_and_protocol(cell)) for point in points]
    by_key = dict(zip(keys, points, strict=True))
    done: dict[str, Numbers] = {}
    if store is not None:
        done = store.finished(by_key, names=asked.names, draws=asked.draws)
    missing = {key: point for key, point in by_key.items() if key not in done}
    total, initial = len(by_key) * len(draws), len(done) * len(draws)
    with tqdm(total=total, initial=initial, desc="what if", unit="run", disable=None) as bar:
        for key, numbers in _run(cell, missing, draws, processes, progress=bar.update):
            done[key] = numbers
            if store is not None:
                store.keep(key, numbers)
    return [done[key] for key in keys]


def _run(
    cell: Cell,
    points: Mapping[str, Point],
    draws: Draws,
    processes: int | None,
    *,
    progress: Callable[[int], object],
) -> Iterator[tuple[str, Numbers]]:
    """Each key with the numbers of its point, as soon as all draws of it have been run.

    Processes are told points and make the cells themselves: all cells of a large study fill the memory.
    They have the draws from the start, and are told which of them: on a cluster those would travel again
    with every point.
    """
    runs_per_core = len(points) * len(draws) // (processes or parallel.workers())
    size = max(1, min(TOGETHER, runs_per_core // TASKS_PER_CORE))
    parts = in_parts(range(len(draws)), size)
    pieces = [(key, part) for key in points for part in parts]
    groups = in_parts(pieces, max(1, size // len(parts[0])))
    tasks = [[(points[key], part) for key, part in group] for group in groups]
    found: dict[str, list[Numbers]] = {}
    answers = parallel.map_tasks(functools.partial(_run_points, cell, draws), tasks, processes=processes)
    for group, numbers_of_group in zip(groups, answers, strict=True):
        for (key, part), numbers in zip(group, numbers_of_group, strict=True):
            progress(len(part))
            own = found.setdefault(key, [])
            own.append(numbers)
            if len(own) == len(parts):
                yield key, joined(found.pop(key))


def _run_points(cell: Cell, draws: Draws, pieces: Sequence[tuple[Point, range]]) -> list[Numbers]:
    """Some draws of each of some points, side by side."""
    return run_together(
        [(*point.cell_and_protocol(cell), [draws[place] for place in part]) for point, part in pieces]
    )


def _beside_baseline(data: xr.Dataset, cell: Cell, baseline: Numbers) -> xr.Dataset:
    """The Dataset with what is compared at the baseline, and how far each point is from that."""
    for name in compared(cell):
        about, words = QUANTITIES[name].attributes, QUANTITIES[name].long_name
        before, difference = f"{BASELINE}{name}", f"{DIFFERENCE}{name}"
        data[before] = ("draw", baseline[name], about | {"long_name": f"{words}, baseline"})
        data[difference] = data[name] - data[before]
        data[difference].attrs = about | {"long_name": f"{words}, against the baseline"}
    return data


def compared(cell: Cell) -> tuple[str, ...]:
    """What is set against the baseline draw by draw: numbers of which more, or less, is better.

    An event is none of them: where it never came there is nothing to subtract.
    """
    return tuple(
        name
        for name in quantities(cell)
        if QUANTITIES[name].better is not None and QUANTITIES[name].never is None
    )
