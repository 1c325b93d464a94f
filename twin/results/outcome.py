"""The outcome of a run: the worst that happened, when, and what the run has to say about itself."""

import numpy as np

from twin import names
from twin.cell import Cell
from twin.results.earlier import Earlier
from twin.results.record import Record

SOFT_SHORT_LEAK = 0.025
"""Share of the charge passed in a cycle that leaks, above which the cell counts as soft-shorted."""
END_OF_LIFE_CAPACITY = 0.8
"""Accessible capacity over the initial one, below which a cell counts as spent."""
SMALLEST_CAPACITY = 1e-9
"""Share of the initial capacity below which nothing is left: an integration may end beside zero."""


def outcome(
    per_cycle, record: Record, cell: Cell, spent: np.ndarray, earlier: Earlier | None = None
) -> dict:
    """Scalars of the result Dataset, from its values per cycle and the record behind them.

    What happened in the run that this one goes on from, `earlier`, has happened here, too; cycles and
    times count from the very start.
    `spent` (cycle,) is True where hardly any capacity was left, from :func:`twin.results.kinds.gone`;
    where a run ended because nothing could begin, that last cycle is one of them.
    """
    time, leak = per_cycle["time"][1], per_cycle["leak_fraction"][1]
    before = 0 if earlier is None else earlier.cycles
    leaks_already = earlier is not None and np.isfinite(earlier.onset_cycle)
    leaking = np.flatnonzero(np.nan_to_num(leak) > SOFT_SHORT_LEAK)
    short_place = leaking[0] if leaking.size else None
    end = record.end
    if end == "cut_off_not_reached":
        # a leak that keeps a half-cycle from its end is a hard short; anything else a bad protocol
        end = "infeasible" if short_place is None and not leaks_already else "hard_short"
    if end == "nothing_began":
        # nobody can tell a dead cell from a bad protocol, unless it was to deliver something
        end = "end_of_life" if spent[-1] else "infeasible"
    happened, failures = [end], []
    if short_place is not None:
        happened.append("soft_short")
    if end == "hard_short" and short_place is None:
        short_place = len(time) - 1
    onset_cycle = onset_time = np.nan
    if earlier is not None and leaks_already:
        onset_cycle, onset_time = earlier.onset_cycle, earlier.onset_time
    elif short_place is not None:
        onset_cycle, onset_time = float(before + short_place + 1), time[short_place]
        failures.append(onset_time)
    if end == "overpotential_limit":
        failures.append(time[-1])

    initial = record.values[names.ACCESSIBLE_CAPACITY][0]
    ends_of_life = []
    if earlier is not None:
        happened.append(earlier.outcome)
        initial = initial / earlier.capacity_left
        failures += [earlier.lifetime] if np.isfinite(earlier.lifetime) else []
        ends_of_life += [earlier.end_of_life_cycle] if np.isfinite(earlier.end_of_life_cycle) else []
    damage = {side: record.values[names.at(side, names.COATING_DAMAGE_SUM)] for side in cell.sides}
    # by logarithms, as it fades: a rest of a year is one step, and the end of life lies within
    left = np.maximum(record.values[names.ACCESSIBLE_CAPACITY] / initial, SMALLEST_CAPACITY)
    wear = [np.log(left) / np.log(END_OF_LIFE_CAPACITY)]
    if cell.has_coating:
        wear += list(damage.values())
    for progress in wear:
        worn = np.flatnonzero(progress >= 1)
        if worn.size:
            # worn before it began: in its first cycle
            ends_of_life.append(before + max(record.cycle[worn[0]], 0) + 1)
            failures.append(_crossing_time(record.time, progress, worn[0]) / 3600)
    if spent.any():
        first = int(spent.argmax())
        ends_of_life.append(before + first + 1)
        failures.append(time[first] if first < len(time) else record.time[-1] / 3600)
    if ends_of_life:
        happened.append("end_of_life")

    fastest = cell.values[names.FASTEST_FILAMENT]
    thickness = sum(
        cell.values[names.layer(number, names.LAYER_THICKNESS)]
        for number in range(1, cell.separator_layers + 1)
    )
    crossed = _deepest(record, cell)[-1] * fastest / thickness
    coating_worn = max(d[-1] for d in damage.values()) if cell.has_coating else 0.0
    worst = max(happened, key=names.OUTCOMES.index)
    return _at_the_short(per_cycle, short_place, cell) | {
        "outcome": worst,
        "short_circuit_onset_cycle": onset_cycle,
        "short_circuit_onset_time": onset_time,
        "end_of_life_cycle": float(min(ends_of_life, default=np.nan)),
        "lifetime": min(failures, default=np.nan),
        "failure_progress": max(crossed, coating_worn),
        "notes": " ".join((*record.notes, *_limits(record, cell))),
    }


def _at_the_short(per_cycle, place: int | None, cell: Cell) -> dict[str, float]:
    """Current density [A/m2] of the cycle in which a symmetric cell shorts, and the charge up to it."""
    if cell.has_cathode:
        return {}
    current, passed = (
        per_cycle[name][1] for name in ("half_cycle_current_density", "areal_charge_passed")
    )
    return {
        "critical_current_density": np.nan if place is None else current[place],
        "cumulative_charge": np.nan if place is None else passed[: place + 1].sum(),
    }


def _limits(record: Record, cell: Cell):
    """Sentences on where the run leaves what the model knows, or where a mechanism cannot act."""
    host = cell.values[names.HOST_CAPACITY]
    if host > 0:
        poor, rich = (share * host for share in names.PLATEAU)
        left = record.values[names.at(names.NEGATIVE, names.LITHIUM)]
        if left.max() > rich or left.min() < poor:
            yield beyond_plateau_note(cell.name)
    thresholds = [names.FILAMENT_INITIATION]
    if cell.has_coating:
        thresholds.append(names.COATED_FILAMENT_INITIATION)
    lowest = min(cell.values[key] for key in thresholds)
    current = np.abs(record.values[names.CURRENT_DENSITY])
    largest = max(
        np.max(current / record.values[names.at(side, names.CONTACT_FRACTION)]) for side in cell.sides
    )
    if cell.values[names.FILAMENT_COEFFICIENT] > 0 and largest < lowest:
        yield (
            f"No filament can grow: on the area in contact the current stays below {largest:.3g} A/m2, "
            f"the initiation current density is {lowest:.3g} A/m2."
        )


def beyond_plateau_note(name: str) -> str:
    """Says that an alloy was driven off the plateau of its potential."""
    low, high = names.PLATEAU
    return (
        f"The anode of {name} leaves its plateau ({low} to {high} lithium per host atom): its potential "
        "there is an extrapolation."
    )


def _deepest(record: Record, cell: Cell) -> np.ndarray:
    depths = [record.values[names.at(side, names.FILAMENT_DEPTH)] for side in cell.sides]
    return np.max(depths, axis=0)


def _crossing_time(time, progress, place):
    """When `progress` reached 1, linear between the steps around it."""
    if place == 0:
        return time[0]
    before, after = progress[place - 1], progress[place]
    share = (1 - before) / (after - before) if after > before else 1.0
    return time[place - 1] + share * (time[place] - time[place - 1])
