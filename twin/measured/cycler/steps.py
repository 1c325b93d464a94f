"""A series becomes steps: constant current, constant voltage, rest; which way, how long, how much.

A step begins where the file counts a new one or a new cycle, where the current changes direction, and,
in a file without steps, where it jumps from one level to another. One that first holds its current and
then its voltage is two. Everything is added up over arrays, piece by piece; only the step that a piece
leaves unfinished is carried to the next.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from twin.measured.cycler.points import Points
from twin.measured.cycler.remarks import Remarks

REST_SHARE = 5e-3
"""Share of the largest current below which a cell rests: cyclers measure to some 0.1 % of their range,
and nobody cycles at both 1C and C/200."""
SMALLEST_CURRENT = 1e-12
"""[A] below which a cell rests in any case: no cycler resolves a picoampere."""
LEVEL = 0.2
"""Change of the current, as a share of it, from which a new level is a new step."""
STEADY = 0.05
"""Change of the current, as a share of it, up to which it is the same from point to point."""
FALLEN = 0.02
"""Share by which the current of a step must have fallen below its largest for its voltage to be held."""
HELD = 5e-3
"""[V] within which a voltage counts as held."""
FEWEST_HELD = 3
"""Points of a held voltage: of fewer the decay of the current cannot be told from noise."""
HELD_TO = 0.9
"""Share of its first to which the current of a held voltage must have fallen at its end."""
PAUSE = 5.0
"""A first interval so many times longer than any other of its step is a pause of the test: the current
of its end did not flow all the while."""
MOST_CARRIED = 4_000_000
"""Points of an unfinished step that are carried on; one that is longer is added up in parts."""
CC = "CC"
"""A step that holds the current."""
CV = "CV"
"""A step that holds the voltage."""
REST = "rest"
"""A step without a current."""
CONTROLS = (REST, CC, CV)
"""What a step holds; the array of a table has places in here."""


@dataclass(frozen=True)
class Steps:
    """The steps of a series, arrays over the step.

    Attributes
    ----------
    first, last : places of its points in the series, counted from 0
    cycle : number that the file gives, NaN where it gives none
    direction : 1 discharges, -1 charges, 0 rests
    control : place in :data:`CONTROLS`
    start, duration : [s]
    charge : [A.h], never negative
    energy : [W.h], of the same sign as the voltage
    current : [A], the mean; positive discharges
    scatter : standard deviation of the current, as a share of its mean
    first_voltage, end_voltage : [V]
    end_current : [A]
    resistance : [Ohm], jump of the voltage at its beginning over the jump of the current; NaN where the
        current does not jump
    delay : [s] from the last point before to the one at which that jump was read
    """

    first: np.ndarray
    last: np.ndarray
    cycle: np.ndarray
    direction: np.ndarray
    control: np.ndarray
    start: np.ndarray
    duration: np.ndarray
    charge: np.ndarray
    energy: np.ndarray
    current: np.ndarray
    scatter: np.ndarray
    first_voltage: np.ndarray
    end_voltage: np.ndarray
    end_current: np.ndarray
    resistance: np.ndarray
    delay: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, places) -> "Steps":
        return Steps(*(values[places] for values in vars(self).values()))

    @property
    def end(self) -> np.ndarray:
        """[s] at which each ends."""
        return self.start + self.duration


def steps_of(pieces: Iterable[Points], remarks: Remarks) -> Iterator[tuple[Points, Steps]]:
    """Each piece of a series whose steps are finished, with those steps."""
    held: Points | None = None
    before: Points | None = None  # the last point of what is done
    largest, done = 0.0, 0
    for piece in pieces:
        held = piece if held is None else held.followed_by(piece)
        largest = max(largest, float(np.abs(piece.current).max(initial=0.0)))
        begins = _beginnings(held, before, largest)
        # what the very last point begins shows with the next one
        ends_at = int(begins[begins < max(len(held) - 1, 1)][-1])
        if len(held) - ends_at > MOST_CARRIED:
            ends_at = len(held)
        if ends_at:
            own = begins[begins < ends_at]
            finished = held[:ends_at]
            yield finished, _added_up(finished, own, before, largest, done, remarks)
            before, held, done = finished[-1:], held[ends_at:], done + ends_at
    if held is not None and len(held):
        begins = _beginnings(held, before, largest)
        yield held, _added_up(held, begins, before, largest, done, remarks)


def joined(parts: list[Steps]) -> Steps:
    """All steps of a series; a rest that was added up in parts is one again."""
    fields = [entry.name for entry in dataclasses.fields(Steps)]
    whole = Steps(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))
    same_cycle = (whole.cycle[1:] == whole.cycle[:-1]) | (
        np.isnan(whole.cycle[1:]) & np.isnan(whole.cycle[:-1])
    )
    rests = (whole.direction[1:] == 0) & (whole.direction[:-1] == 0) & same_cycle
    if not rests.any():
        return whole
    starts = np.flatnonzero(np.concatenate([[True], ~rests]))
    ends = np.append(starts[1:], len(whole)) - 1
    merged = {name: getattr(whole, name)[starts] for name in fields}
    merged |= {name: getattr(whole, name)[ends] for name in ("last", "end_voltage", "end_current")}
    merged |= {name: np.add.reduceat(getattr(whole, name), starts) for name in ("charge", "energy")}
    merged["duration"] = whole.end[ends] - whole.start[starts]
    return Steps(**merged)


def _at_rest(largest: float) -> float:
    """[A] up to which a cell rests whose largest current is known."""
    return max(REST_SHARE * largest, SMALLEST_CURRENT)


def _beginnings(points: Points, before: Points | None, largest: float) -> np.ndarray:
    """Places at which steps begin, the first included; `before` is the point before them."""
    if not len(points):
        return np.array([0])
    known = points if before is None else before.followed_by(points)
    new_step = np.diff(known.step) != 0
    cycle = known.cycle
    new_cycle = (np.diff(cycle) != 0) & np.isfinite(cycle[1:]) & np.isfinite(cycle[:-1])
    direction = _directions(known, largest, new_step)
    begins = new_step | new_cycle | (np.diff(direction) != 0)
    if not points.step[0]:
        begins |= _new_levels(known.current, direction)
    found = np.flatnonzero(begins) + 1
    return np.union1d([0], found if before is None else found - 1)


def _directions(points: Points, largest: float, new_step: np.ndarray) -> np.ndarray:
    """1, -1 or 0 at each point; a single one without current within a step belongs to what follows."""
    rest = np.abs(points.current) <= _at_rest(largest)
    direction = np.where(rest, 0, np.sign(points.current)).astype(int)
    if len(direction) < 3:
        return direction
    alone = (direction[1:-1] == 0) & (direction[2:] != 0) & (direction[:-2] != 0)
    follows, goes_on = ~new_step[1:], ~new_step[:-1]
    filled = np.where(follows, direction[2:], np.where(goes_on, direction[:-2], 0))
    direction[1:-1] = np.where(alone, filled, direction[1:-1])
    return direction


def _new_levels(current: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Where a steady current becomes another steady one; entry i is about point i + 1."""
    found = np.zeros(len(current) - 1, bool)
    if len(current) < 4:
        return found
    size = np.abs(current)
    change = np.abs(np.diff(size))
    jump = change[1:-1] > LEVEL * np.maximum(size[1:-2], size[2:-1])
    steady = (change[:-2] < STEADY * size[1:-2]) & (change[2:] < STEADY * size[2:-1])
    turns = np.diff(direction) != 0
    driven = (direction[1:-2] != 0) & ~turns[:-2] & ~turns[1:-1] & ~turns[2:]
    found[1:-1] = jump & steady & driven
    return found


def _added_up(
    points: Points,
    begins: np.ndarray,
    before: Points | None,
    largest: float,
    offset: int,
    remarks: Remarks,
) -> Steps:
    """The steps of a stretch of points; `before` is the point before it, at place `offset` - 1."""
    count = len(points)
    number = np.zeros(count, int)
    number[begins[1:]] = 1
    number = np.cumsum(number)
    ends = np.append(begins[1:], count) - 1

    previous = points[:1] if before is None else before
    time = np.concatenate([previous.time, points.time])
    current = np.concatenate([previous.current, points.current])
    voltage = np.concatenate([previous.voltage, points.voltage])
    interval = np.diff(time)
    begin = np.zeros(count, bool)
    begin[begins] = True
    longest = np.maximum.reduceat(np.where(begin, 0.0, interval), begins)
    alone = ends == begins
    paused = (interval[begins] > PAUSE * longest) & ~alone
    driven_before = np.abs(points.current[begins]) > _at_rest(largest)
    remarks.count(
        "Pauses before a step, in which nothing was recorded and no charge is counted",
        int((paused & driven_before).sum()),
    )
    # within a step the current is linear between points; before its first one it is already the step's
    mean_current = np.where(begin, current[1:], (current[1:] + current[:-1]) / 2)
    mean_power = np.where(
        begin, current[1:] * voltage[1:], (current[1:] * voltage[1:] + current[:-1] * voltage[:-1]) / 2
    )
    flowing = interval.copy()
    flowing[begins[paused]] = 0.0
    charge, energy = mean_current * flowing / 3600, mean_power * flowing / 3600

    size = np.abs(points.current)
    peak = np.maximum.reduceat(_without_spikes(size, begin), begins)
    held = np.abs(points.voltage - points.voltage[ends][number]) <= HELD
    fallen = size < (1 - FALLEN) * peak[number]
    places = np.arange(count)
    last_free = np.maximum.reduceat(np.where(held & fallen, -1, places), begins)
    split = np.maximum(last_free + 1, begins)
    long_enough = ends - split + 1 >= FEWEST_HELD
    decayed = size[ends] < HELD_TO * size[np.minimum(split, ends)]
    driving = peak > _at_rest(largest)
    has_cv = long_enough & decayed & driving & (split <= ends)
    last_unheld = np.maximum.reduceat(np.where(held, -1, places), begins)
    all_cv = has_cv & ((split - begins <= 1) | (last_unheld <= begins))
    split = np.where(all_cv, begins, split)

    starts = np.sort(np.concatenate([begins, split[has_cv & ~all_cv]]))
    last = np.append(starts[1:], count) - 1
    raw = number[starts]
    is_cv = has_cv[raw] & (starts >= split[raw])
    total = np.add.reduceat(charge, starts)
    flown = np.add.reduceat(flowing, starts)
    rests = ~driving[raw]
    direction = np.where(rests, 0, np.sign(total)).astype(int)
    # a single point tells no charge: its current tells the direction
    direction = np.where(~rests & (total == 0), np.sign(points.current[starts]), direction).astype(int)
    resistance, delay = _jumps(points, previous, starts, last, peak[raw], direction)
    begun = points.time[starts] - interval[starts]
    begun = np.where(np.isin(starts, begins[paused]), points.time[starts], begun)
    return Steps(
        first=starts + offset,
        last=last + offset,
        cycle=points.cycle[starts],
        direction=direction,
        control=np.where(rests, 0, np.where(is_cv, 2, 1)),
        start=begun,
        duration=points.time[last] - begun,
        charge=np.abs(total),
        energy=np.add.reduceat(energy, starts) * np.where(direction == 0, 0, direction),
        current=np.where(flown > 0, total * 3600 / np.where(flown > 0, flown, 1), points.current[last]),
        scatter=_scatter(points.current, starts, last),
        first_voltage=points.voltage[starts],
        end_voltage=points.voltage[last],
        end_current=points.current[last],
        resistance=np.where(is_cv & ~np.isin(starts, begins), np.nan, resistance),
        delay=delay,
    )


def _scatter(current: np.ndarray, starts: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Standard deviation of the current of each step over its mean, its first point left out: there it
    may still be rising."""
    counted = np.ones(len(current))
    counted[starts[last > starts]] = 0.0
    number = np.add.reduceat(counted, starts)
    mean = np.add.reduceat(counted * current, starts) / number
    square = np.add.reduceat(counted * current**2, starts) / number
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
    return np.divide(
        deviation, np.abs(mean), out=np.zeros_like(mean), where=np.abs(mean) > SMALLEST_CURRENT
    )


def _without_spikes(size: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Sizes of a current, each no larger than a neighbour of its step: a single point is no peak."""
    count = len(size)
    if count < 2:
        return size
    after = np.append(np.where(begin[1:], -np.inf, size[1:]), -np.inf)
    before = np.concatenate([[-np.inf], np.where(begin[1:], -np.inf, size[:-1])])
    neighbour = np.maximum(after, before)
    return np.where(np.isfinite(neighbour), np.minimum(size, neighbour), size)


def _jumps(points: Points, previous: Points, starts, last, peak, direction):
    """Resistance at the beginning of each step, and how long after the point before it was read."""
    count = len(points)
    number = np.zeros(count, int)
    number[starts[1:]] = 1
    number = np.cumsum(number)
    places = np.arange(count)
    arrived = np.abs(points.current) > 0.5 * peak[number]
    read = np.minimum.reduceat(np.where(arrived, places, count), starts)
    read = np.minimum(read, last)

    def at_the_end_before(values, first):
        return np.concatenate([first, values])[starts]

    current = points.current[read] - at_the_end_before(points.current, previous.current)
    voltage = points.voltage[read] - at_the_end_before(points.voltage, previous.voltage)
    delay = points.time[read] - at_the_end_before(points.time, previous.time)
    jumps = (np.abs(current) > 0.5 * peak) & (direction != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        resistance = np.where(jumps, -voltage / np.where(jumps, current, 1.0), np.nan)
    return resistance, np.where(jumps, delay, np.nan)
