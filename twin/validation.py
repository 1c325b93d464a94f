"""Every measured row beside the twin's answer."""

import math
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from twin import names, parallel
from twin.arguments import checked_draws, checked_seed
from twin.cell import Cell
from twin.errors import ObservationError
from twin.fitting.draws import drawn_cells, load_draws
from twin.fitting.posterior import Posterior, refit_without
from twin.measured.experiment import papers, read_parameter_rows, read_protocols
from twin.measured.readings import predict
from twin.measured.rows import Row, read_rows
from twin.measured.runs import MeasuredRun, cycle_of, measured_runs, paper_cells
from twin.measured.spread import read_spread
from twin.parameter_sets import load_cell
from twin.results.intervals import HIGH, LOW
from twin.simulators import simulate

RANKING = re.compile(r"impedance ranking over ([\d, ]+) ALD cycles")
"""An observable that compares several films."""


def validate(
    paper: str | None = None,
    *,
    draws: int = 100,
    seed: int = 0,
    leave_out: Sequence[str] = (),
) -> pd.DataFrame:
    """Measured rows beside the twin's answer.

    Parameters
    ----------
    paper : str, optional
        One paper; by default all whose rows ship.
    draws : int
        Draws of the fit behind each interval.
    seed : int
    leave_out : ids of rows
        The fit is refined without them first: then they are out of sample.

    Returns
    -------
    pandas.DataFrame
        One line per row: `id`, `paper`, `cell`, `observable`, `at`, `role`, `kind`, `measured`,
        `unit`, `predicted` (at the optimum), `low` and `high` (5 and 95 % of the next cell's
        reading), `inside` (None where a row is no measurement to compare with), `left_out`.

    Raises
    ------
    ArgumentError : draws or seed are no such number. ObservationError : no such paper or row.
    """
    draws, seed = checked_draws(draws), checked_seed(seed)
    chosen = papers() if paper is None else [paper]
    known = {row.id: name for name in chosen for row in read_rows(name)}
    unknown = [identifier for identifier in leave_out if identifier not in known]
    if unknown:
        raise ObservationError(f"no row {', '.join(unknown)} in {', '.join(chosen)}")
    lines: list[dict] = []
    for name in chosen:
        out = [identifier for identifier in leave_out if known[identifier] == name]
        posterior = refit_without(name, out, seed=seed) if out else None
        lines += _paper(name, draws, seed, posterior, out)
    return pd.DataFrame(lines)


def _paper(paper: str, draws: int, seed: int, posterior: Posterior | None, left_out) -> list[dict]:
    rows = read_rows(paper)
    spreads, _ = read_spread(paper)
    runs = measured_runs(paper, rows)
    cells = paper_cells(paper)
    if posterior is not None:
        cells |= posterior.fit.problem.configured(posterior.fit.coordinates)
    versions = {name: _versions(cell, posterior, draws, seed) for name, cell in cells.items()}
    tasks = [(runs, cells)]
    for number in range(draws):
        tasks.append((runs, {name: drawn[number] for name, drawn in versions.items()}))
    answers = list(
        tqdm(
            parallel.map_tasks(_predictions, tasks),
            total=len(tasks),
            desc=f"validate {paper}",
            disable=None,
        )
    )
    generator = np.random.default_rng(seed)
    parameters = read_parameter_rows(paper)
    lines = []
    for row in rows:
        line = {
            "id": row.id,
            "paper": paper,
            "cell": row.cell,
            "observable": row.observable,
            "at": row.at,
            "role": row.role,
            "kind": row.kind,
            "measured": row.value if row.value is not None else row.text,
            "unit": row.unit,
            "left_out": row.id in left_out,
        }
        line |= _answer(row, parameters, answers, spreads, generator)
        if ranking := RANKING.fullmatch(row.observable):
            best = _lowest_resistance(row, paper, cells, [int(n) for n in ranking[1].split(", ")])
            line |= {"predicted": best, "inside": best == row.text}
        lines.append(line)
    return lines


def _lowest_resistance(row: Row, paper: str, cells: dict[str, Cell], counts: list[int]) -> str:
    """Which number of ALD cycles leaves the lowest resistance, in the words of such a row."""
    protocol = read_protocols(paper, row.cell)[row.protocol]
    place = cycle_of(row, protocol)
    resistance = {
        count: float(
            simulate(cells[row.cell].replace({names.ALD_CYCLES: count}), protocol)["resistance"]
            .sel(cycle=place)
            .sum()
        )
        for count in counts
    }
    return f"{min(counts, key=lambda count: resistance[count])} lowest"


def _versions(cell: Cell, posterior: Posterior | None, draws: int, seed: int) -> list[Cell]:
    """The cell at draws of its fit: the same draws for every cell of a paper."""
    data = load_draws(cell) if posterior is None else posterior.draws
    return drawn_cells(cell, data, draws, seed, cell_to_cell=False)


def _answer(row: Row, parameters, answers, spreads, generator) -> dict:
    nothing = {"predicted": None, "low": None, "high": None, "inside": None}
    if row.role == "parameter":
        used = parameters.get(row.observable)
        return nothing | ({"predicted": used.of(load_cell(used.cell))} if used else {})
    if row.id not in answers[0] or row.value is None:
        return nothing
    predicted = answers[0][row.id]
    drawn = np.array([answer[row.id] for answer in answers[1:]])
    spread = spreads[row.observable]
    noise = math.hypot(spread.scatter, spread.cell) * generator.standard_normal(len(drawn))
    drawn = drawn + noise if spread.points else drawn * np.exp(noise)
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return nothing
    low, high = (float(edge) for edge in np.quantile(drawn, [LOW, HIGH]))
    inside = {
        "lower_bound": predicted >= row.value,
        "upper_bound": predicted <= row.value,
    }.get(row.kind, low <= row.value <= high)
    if row.role == "context":
        inside = None
    return {
        "predicted": None if math.isnan(predicted) else predicted,
        "low": low,
        "high": high,
        "inside": inside if inside is None else bool(inside),
    }


def _predictions(task: tuple[list[MeasuredRun], dict[str, Cell]]) -> dict[str, float]:
    runs, cells = task
    found = {}
    for measured in runs:
        rows = [row for row in measured.rows if row.value is not None]
        if not rows:
            continue
        cell = measured.configured(cells[measured.cell])
        run = simulate(cell, measured.protocol)
        for row in rows:
            found[row.id] = predict(run, row, cell, measured.protocol)
    return found
