"""A twin that follows made-up cells: how near its forecasts are after 50, 100, 200, 400 cycles and more.

Two kinds of cell: a full one (Luo2021, Li-In), whose curves tell of a short in its last ten cycles, and
a symmetric one (Chang2023 under 100 nm), whose overpotential doubles some hundred cycles before. Each
cell is drawn from its family with a deviation of its own, runs to its end, and is measured with the
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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from following_cell import CELL, CURVES, measured, up_to

import twin
from twin.cell import Cell
from twin.fitting.draws import load_draws
from twin.following.this_cell import this_cell
from twin.measured.experiment import read_experiment
from twin.measured.file_rows import repeated
from twin.parameter_sets import load_cell

HORIZON = 1500
"""Cycles of each forecast: nine of ten cells have shorted by then."""
AT = 800
"""Cycle whose retention is forecast."""


@dataclass(frozen=True)
class Kind:
    """A kind of cell that is followed, what is measured of it, and after which cycles the twin is
    asked."""

    cell: Cell
    protocol: twin.Protocol
    curves: tuple[str, ...]
    looks: tuple[int, ...]


def kinds() -> dict[str, Kind]:
    full = load_cell(CELL)
    symmetric = load_cell("Chang2023_LiAlO2_LGPS_symmetric").replace({"Coating thickness [m]": 100e-9})
    steps = ["Discharge at 0.1 mA/cm2 for 1 hour", "Charge at 0.1 mA/cm2 for 1 hour"]
    return {
        "full": Kind(
            full, twin.Protocol(read_experiment("Luo2021").runs[0].protocol.block), CURVES,
            (50, 100, 200, 400),
        ),
        "symmetric": Kind(
            symmetric, twin.Protocol(steps), ("cell_overpotential",), (50, 100, 200, 400, 600, 800),
        ),
    }  # fmt: skip


def followed(name: str, number: int, *, particles: int) -> dict:
    """One made-up cell: the truth, and what each update says of it, as long as it lives."""
    generator = np.random.default_rng(number)
    kind = kinds()[name]
    prior = this_cell(kind.cell, load_draws(kind.cell))
    truth = prior.versions(prior.sample(1, generator))[0]
    run = twin.simulate(truth, twin.Protocol(kind.protocol.block, HORIZON))
    data = measured(run, generator, kind.curves)
    onset = float(run["short_circuit_onset_cycle"])
    state, said = kind.cell, []
    for look in kind.looks:
        if look >= onset:
            break
        state = twin.update(
            state, up_to(data, look), protocol=kind.protocol, particles=particles, horizon=HORIZON,
            seed=number,
        )  # fmt: skip
        if not said:
            said.append(_said(state, 0))
        said.append(_said(state, look))
    lives = kind.cell.has_cathode and not onset <= AT
    return {
        "kind": name,
        "number": number,
        "onset": onset if np.isfinite(onset) else None,
        "retention": float(run["capacity_retention"].sel(cycle=AT)) if lives else None,
        "said": said,
    }


def _said(state, look: int) -> dict:
    update = next(own for own in state.updates if own.measured_cycles == look)
    if look:
        forecast = state.forecast(cycles=AT)
    else:
        forecast = twin.forecast(state.cell, repeated(state.protocol, AT), seed=state.seed)
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
    """What all cells of one kind say together, a line for each look; those that have died are left
    out."""
    rows = [
        f"{len(lines)} cells; retention at {AT} of those that live, onset up to {HORIZON}",
        "after | cells | retention: error, width [points], in | onset: error, width [%], in | s | alarm",
    ]
    for look in sorted({said["look"] for line in lines for said in line["said"]}):
        own = [(line, said) for line in lines for said in line["said"] if said["look"] == look]
        kept = [(line["retention"], said["retention"]) for line, said in own if line["retention"]]
        kept_error, kept_width, kept_in = _scored(kept, lambda value: 100 * value)
        ends = [(_capped(line["onset"]), [_capped(e) for e in said["onset"]]) for line, said in own]
        error, width, inside = _scored(ends, np.log)
        seconds = np.median([said["seconds"] for _, said in own])
        alarms = sum(bool(said["alarms"]) for _, said in own)
        rows.append(
            f"{look:5d} | {len(own):3d} | {kept_error:.2f}, {kept_width:.2f}, {kept_in} of {len(kept)} "
            f"| {100 * error:.0f}, {100 * width:.0f}, {inside} of {len(ends)} | {seconds:.1f} | {alarms}"
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
    parser.add_argument("--kind", choices=sorted(kinds()), default="full")
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--particles", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path("following.jsonl"))
    asked = parser.parse_args()
    done = {line["number"] for line in lines_of(asked.out) if line["kind"] == asked.kind}
    with asked.out.open("a", encoding="utf-8") as file:
        for number in sorted(set(range(asked.cells)) - done):
            line = followed(asked.kind, number, particles=asked.particles)
            file.write(f"\n{json.dumps(line)}")
            file.flush()
    print(table([line for line in lines_of(asked.out) if line["kind"] == asked.kind]))


if __name__ == "__main__":
    main()
