"""A twin that follows made-up cells: how near its forecasts are after 50, 100, 200, 400 cycles.

Each cell is drawn from its family with a deviation of its own, runs to its end, and is measured with the
errors along the curves that the twin expects. What is forecast is then held against what its run does:
retention at cycle 800, of cells that live so long, and the onset of the short.

::

    PYTHONPATH=tests python -m benchmarks.following --cells 20 --out following.jsonl

writes one line for each cell and prints the table of all lines of the file. A run that was killed goes
on where it stood: the number of a cell is the seed of all that is drawn for it. With ``--cells 0`` it
only says what is there.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from following_cell import CELL, measured, up_to

import twin
from twin.fitting.draws import load_draws
from twin.following.this_cell import this_cell
from twin.measured.experiment import read_experiment
from twin.parameter_sets import load_cell

LOOKS = (50, 100, 200, 400)
"""Cycles after which the twin is asked."""
HORIZON = 1500
"""Cycles of each forecast: nine of ten cells have shorted by then."""
AT = 800
"""Cycle whose retention is forecast."""


def followed(number: int, *, particles: int, looks=LOOKS) -> dict:
    """One made-up cell: the truth, and what each update says of it."""
    generator = np.random.default_rng(number)
    cell = load_cell(CELL)
    protocol = twin.Protocol(read_experiment("Luo2021").runs[0].protocol.block)
    prior = this_cell(cell, load_draws(cell))
    truth = prior.versions(prior.sample(1, generator))[0]
    run = twin.simulate(truth, twin.Protocol(protocol.block, HORIZON))
    data = measured(run, generator)
    onset = float(run["short_circuit_onset_cycle"])
    lives = not onset <= AT
    state = cell
    for look in looks:
        state = twin.update(
            state,
            up_to(data, look),
            protocol=protocol,
            particles=particles,
            horizon=HORIZON,
            seed=number,
        )
        if look == looks[0]:
            said = [_said(state, 0, cell, protocol)]
        said.append(_said(state, look, cell, protocol))
    return {
        "number": number,
        "onset": onset if np.isfinite(onset) else None,
        "retention": float(run["capacity_retention"].sel(cycle=AT)) if lives else None,
        "said": said,
    }


def _said(state, look: int, cell, protocol) -> dict:
    place = [own.measured_cycles for own in state.updates].index(look)
    update = state.updates[place]
    if look:
        forecast = state.forecast(cycles=AT)
    else:
        forecast = twin.forecast(cell, twin.Protocol(protocol.block, AT), seed=state.seed)
    summary = twin.summarise(forecast)
    return {
        "look": look,
        "retention": summary["capacity_retention"].isel(cycle=-1).values.tolist(),
        "onset": update.forecast["short_circuit_onset_cycle"].tolist(),
        "seconds": update.seconds,
        "alarms": list(update.alarms),
        "effective": update.effective,
        "sweeps": update.sweeps,
    }


def table(lines: list[dict]) -> str:
    """What all cells say together, a line for each look."""
    rows = [
        f"{len(lines)} cells; retention at {AT} of those that live, onset up to {HORIZON}",
        "after | retention: error, width [points], inside | onset: error, width [%], in | s | alarms",
    ]
    for place, look in enumerate((0, *LOOKS)):
        own = [(line, line["said"][place]) for line in lines]
        kept = [(line["retention"], said["retention"]) for line, said in own if line["retention"]]
        kept_error, kept_width, kept_in = _scored(kept, lambda value: 100 * value)
        ends = [(_capped(line["onset"]), [_capped(e) for e in said["onset"]]) for line, said in own]
        error, width, inside = _scored(ends, np.log)
        seconds = np.median([said["seconds"] for _, said in own])
        alarms = sum(bool(said["alarms"]) for _, said in own)
        rows.append(
            f"{look:5d} | {kept_error:.2f}, {kept_width:.2f}, {kept_in} of {len(kept)} | "
            f"{100 * error:.0f}, {100 * width:.0f}, {inside} of {len(ends)} | {seconds:.1f} | {alarms}"
        )
    return "\n".join(rows)


def _capped(onset: float | None) -> float:
    """A short that does not come within the horizon counts as one at its end."""
    return HORIZON if onset is None else min(onset, HORIZON)


def _scored(pairs, scale) -> tuple[float, float, int]:
    """Median error of the median, median width of the interval, and how many intervals hold the
    truth."""
    if not pairs:
        return np.nan, np.nan, 0
    truth = scale(np.array([value for value, _ in pairs]))
    low, middle, high = scale(np.array([edges for _, edges in pairs])).T
    slack = 1e-9  # both at the horizon
    inside = int(((low - slack <= truth) & (truth <= high + slack)).sum())
    return float(np.median(np.abs(middle - truth))), float(np.median(high - low)), inside


def lines_of(path: Path) -> list[dict]:
    """Whole lines of the file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue  # half of a line: the run was killed
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--particles", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path("following.jsonl"))
    asked = parser.parse_args()
    done = {line["number"] for line in lines_of(asked.out)}
    with asked.out.open("a", encoding="utf-8") as file:
        for number in sorted(set(range(asked.cells)) - done):
            file.write(f"\n{json.dumps(followed(number, particles=asked.particles))}")
            file.flush()
    print(table(lines_of(asked.out)))


if __name__ == "__main__":
    main()
