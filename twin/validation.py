"""Every measured row beside the twin's answer."""

import functools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from twin import parallel
from twin.arguments import checked_draws, checked_seed, checked_several
from twin.cell import Cell
from twin.errors import ObservationError
from twin.fitting.draws import drawn_cells, load_draws
from twin.fitting.evaluation import POINTS_TOGETHER, SimulateMany, simulated, simulations
from twin.fitting.posterior import Posterior, refit_without
from twin.fitting.problem import Problem, with_values
from twin.measured.experiment import Experiment, read_experiment
from twin.measured.file_rows import rows_of_files
from twin.measured.folder import ROWS, is_shipped_folder, shipped_experiments
from twin.measured.rows import Row
from twin.measured.runs import MeasuredRun, grouped, predict
from twin.measured.spread import Spread
from twin.protocols import Protocol
from twin.results.intervals import HIGH, LOW
from twin.simulators import results_of, simulate

FILES_TOLD = ("fit", "validate")
"""Roles of the files whose points stand beside the answer: a file to look at or to follow is no row."""
FOLDERS = "folders"
"""Attribute of the table: name of a user's own experiment -> its folder."""


def validate(
    paper: str | Path | None = None,
    *,
    draws: int = 100,
    seed: int = 0,
    leave_out: Sequence[str] = (),
) -> pd.DataFrame:
    """Measured rows beside the twin's answer.

    Parameters
    ----------
    paper : str or Path, optional
        One experiment: a shipped one by name, or the folder of a user's own; by default all that ship.
    draws : int
        Draws of the fit behind each interval.
    seed : int
    leave_out : ids of rows
        The fit is refined without them first: then they are out of sample.

    Returns
    -------
    pandas.DataFrame
        One line per row, and per point of a cycler's file that is to fit or held out: `id`, `paper`,
        `cell`, `observable`, `at`, `role`, `kind`, `measured`, `unit`, `predicted` (at the optimum),
        `low` and `high` (5 and 95 % of the next cell's reading), `inside` (None where a row is no
        measurement to compare with), `left_out`.

    Raises
    ------
    ArgumentError : draws or seed are no such number. ObservationError : no such paper or row, or none.
    """
    draws, seed = checked_draws(draws), checked_seed(seed)
    leave_out = [str(row) for row in checked_several("leave_out", leave_out)]
    chosen = [read_experiment(name) for name in (shipped_experiments() if paper is None else [paper])]
    for experiment in chosen:
        if not experiment.rows and not experiment.measurements:
            raise ObservationError(
                f"{experiment.name} has no rows yet: write them into {experiment.folder / ROWS}"
            )
    files = {experiment.name: rows_of_files(experiment, FILES_TOLD) for experiment in chosen}
    known = {row.id for experiment in chosen for row in experiment.rows}
    known |= {row.id for pairs in files.values() for row, _ in pairs}
    missing = [identifier for identifier in leave_out if identifier not in known]
    if missing:
        raise ObservationError(f"no row {', '.join(missing)} in {', '.join(e.name for e in chosen)}")
    lines: list[dict] = []
    for experiment in chosen:
        own = [*experiment.rows, *(row for row, _ in files[experiment.name])]
        out = [row.id for row in own if row.id in leave_out]
        posterior = refit_without(experiment, out, seed=seed) if out else None
        lines += _lines(experiment, files[experiment.name], draws, seed, posterior, out)
    table = pd.DataFrame(lines)
    table.attrs[FOLDERS] = {e.name: str(e.folder) for e in chosen if not is_shipped_folder(e.folder)}
    return table


def _lines(
    experiment: Experiment,
    files: Sequence[tuple[Row, Protocol]],
    draws: int,
    seed: int,
    posterior: Posterior | None,
    left_out: Sequence[str],
) -> list[dict]:
    cells = experiment.fitted_cells()
    if posterior is not None:
        cells |= posterior.fit.problem.cells_at(posterior.fit.coordinates)
    versions = {name: _versions(cell, posterior, draws, seed) for name, cell in cells.items()}
    return _told(experiment, experiment.rows, cells, versions, draws, seed, left_out, files=files)


def held_out(
    problem: Problem, draws: xr.Dataset, *, count: int, seed: int, workers: int | None = None
) -> pd.DataFrame:
    """The rows marked `validate` beside what a fit says that has not seen them.

    Parameters
    ----------
    problem : Problem
        Of the fit; rows of cells that it did not inform are answered with the other fits of those cells.
    draws : xarray.Dataset
        As :attr:`twin.fitting.posterior.Posterior.draws`.
    count : int
        Draws behind each interval.
    seed : int
    workers : int, optional

    Returns
    -------
    pandas.DataFrame
        As :func:`validate`.
    """
    experiment = problem.experiment
    rows = tuple(row for row in experiment.rows if row.role == "validate")
    optimum = draws["optimum"].sel(parameter=[s.name for s in problem.searched]).values
    cells = with_values(experiment.fitted_cells(), problem.searched, optimum.tolist(), problem.paper)
    versions = {}
    for name in {run.cell for run in experiment.runs_of(rows)}:
        cell, own = cells[name], draws
        if cell.fitted_sets != (problem.paper,):
            own = load_draws(cell, {problem.paper: draws})
        versions[name] = drawn_cells(cell, own, count, seed, cell_to_cell=False)
    lines = _told(
        experiment, rows, cells, versions, count, seed, simulate=problem.simulate, workers=workers
    )
    return pd.DataFrame(lines)


def _told(
    experiment: Experiment,
    rows: Sequence[Row],
    cells: Mapping[str, Cell],
    versions: Mapping[str, Sequence[Cell]],
    draws: int,
    seed: int,
    left_out: Sequence[str] = (),
    simulate: SimulateMany = results_of,
    workers: int | None = None,
    files: Sequence[tuple[Row, Protocol]] = (),
) -> list[dict]:
    """A line for each row, and for each of `files`, told with its protocol: what `cells` say at the
    optimum, and their `versions` around it."""
    runs = experiment.runs_of(rows) + grouped(files)
    rows = [*rows, *(row for row, _ in files)]
    asked = [
        cells,
        *({name: drawn[number] for name, drawn in versions.items()} for number in range(draws)),
    ]
    answers: list[dict[str, float]] = []
    with tqdm(total=len(asked), desc=f"validate {experiment.name}", disable=None) as bar:
        parts = parallel.in_parts(asked, POINTS_TOGETHER)
        for part in parallel.map_tasks(
            functools.partial(_predictions, runs, simulate), parts, processes=workers
        ):
            answers += part
            bar.update(len(part))
    generator = np.random.default_rng(seed)
    lines = []
    for row in rows:
        line = {
            "id": row.id,
            "paper": experiment.name,
            "cell": row.cell,
            "observable": row.observable,
            "at": row.at,
            "role": row.role,
            "kind": row.kind,
            "measured": row.value if row.value is not None else row.text,
            "unit": row.unit,
            "left_out": row.id in left_out,
        }
        lines.append(line | _answer(row, experiment, cells, answers, generator))
    return lines


def _ranked(row: Row, experiment: Experiment, cell: Cell) -> str:
    """Which of the versions that a ranking compares has the lowest resistance, in the row's words."""
    assert row.compared is not None  # or it would be no ranking
    protocol = experiment.protocol_of(row)
    resistance = {}
    for value in row.compared.values:
        run = simulate(cell.replace({row.compared.key: value}), protocol)
        resistance[value] = float(run["resistance"].sel(cycle=row.cycle).sum())
    return row.compared.answer(min(resistance, key=lambda value: resistance[value]))


def _versions(cell: Cell, posterior: Posterior | None, draws: int, seed: int) -> list[Cell]:
    """The cell at draws of its fit: the same draws for every cell of a paper."""
    data = load_draws(cell) if posterior is None else posterior.draws
    return drawn_cells(cell, data, draws, seed, cell_to_cell=False)


def _answer(
    row: Row,
    experiment: Experiment,
    cells: Mapping[str, Cell],
    answers: list[dict[str, float]],
    generator: np.random.Generator,
) -> dict:
    """What the twin says for a row: at the optimum, and between which edges the next cell lies."""
    nothing = {"predicted": None, "low": None, "high": None, "inside": None}
    if row.role == "parameter":
        used = experiment.parameter_rows.get(row.observable)
        return nothing | ({"predicted": used.of(cells[used.cell], row.unit)} if used else {})
    if row.compared is not None:
        best = _ranked(row, experiment, cells[row.cell])
        return nothing | {"predicted": best, "inside": best == row.text}
    if row.id not in answers[0]:
        return nothing
    drawn = np.array([answer[row.id] for answer in answers[1:]])
    spread = experiment.spreads[row.observable] if row.spread is None else row.spread
    return nothing | _compared(row, answers[0][row.id], drawn, spread, generator)


def _compared(
    row: Row, predicted: float, drawn: np.ndarray, spread: Spread, generator: np.random.Generator
) -> dict:
    """A row with a number beside what runs say for it; `drawn` is over the draws of the fit."""
    assert row.value is not None  # or no run would have been read for it
    noise = math.hypot(spread.scatter, spread.cell) * generator.standard_normal(len(drawn))
    drawn = drawn + noise if spread.points else drawn * np.exp(noise)
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return {}
    low, high = (float(edge) for edge in np.quantile(drawn, [LOW, HIGH]))
    inside = {
        "lower_bound": predicted >= row.value,
        "upper_bound": predicted <= row.value,
    }.get(row.kind, low <= row.value <= high)
    return {
        "predicted": None if math.isnan(predicted) else predicted,
        "low": low,
        "high": high,
        "inside": None if row.role == "context" else bool(inside),
    }


def _predictions(
    runs: Sequence[MeasuredRun], simulate: SimulateMany, versions: Sequence[Mapping[str, Cell]]
) -> list[dict[str, float]]:
    """What each version of the cells says for each row, by its id."""
    return [
        {
            row.id: predict(one.results, row, one.cell)
            for run, one in zip(runs, found, strict=True)
            for row in run.rows
        }
        for found in simulated(simulations(runs, versions[0]), versions, simulate)
    ]
