"""What a cell went through, told by its steps: a Protocol that the simulator can run.

Cycles alike are a block. In each of its steps the values are medians over the block, and what ended it
is what was the same in each of its cycles: its voltage, its time, or the current to which it fell. Of a
block too short for that, the rounder value is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin import names
from twin.cell import Cell
from twin.measured.cycler.steps import CC, CONTROLS, CV, REST, Steps
from twin.protocols import Protocol
from twin.protocols.protocol import Block

SHORTEST = 1.0
"""[s] below which a step is an artefact of how it was recorded."""
SAME_CURRENT = 0.03
"""Share by which currents of one step differ from cycle to cycle: cyclers hold it ten times better."""
SAME_VOLTAGE = 0.01
"""[V] by which end voltages of one step differ: what lies between two points that are recorded."""
SAME_DURATION = 0.01
"""Share by which durations of a step that ends by its time differ."""
SAME_END_CURRENT = 0.25
"""Share by which currents differ to which a held voltage's current falls: it is recorded seldom."""
STEADY_VOLTAGE = 5e-3
"""[V] of standard deviation over a block, up to which steps end at one voltage."""
STEADY_SHARE = 3e-3
"""Standard deviation over a block, as a share, up to which steps end after one time."""
FEWEST_COMPARED = 3
"""Cycles of a block from which it is told what is the same in each of them."""
ROUND_VOLTAGE = 0.05
"""[V] whose multiples people choose as cut-offs."""
NEAR_VOLTAGE = 3e-3
"""[V] by which a recorded end may miss the voltage that was set."""
FINE_VOLTAGE = 0.01
"""[V] to which a voltage is rounded where it is that near."""
NEAR_TIME = 2.0
"""[s] by which a recorded duration may miss the time that was set: cyclers record the end of a step."""
LONG = 300.0
"""[s] from which people set minutes; pulses are set in tens of seconds."""
ROUND_TIMES = (3600.0, 60.0, 10.0)
"""[s] whose multiples people choose."""
NEAR_RATE = 0.02
"""Share by which a current may miss the C-rate that was meant."""
HOURS_OF_RATES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 80, 100, 150, 200)
"""n of C/n that people choose."""
DIGITS = 3
"""Of a current that is no round C-rate."""


@dataclass(frozen=True)
class Recovered:
    """A protocol, the kind of each cycle in it, and whether the last cycle had ended with the file."""

    protocol: Protocol
    kinds: tuple[str, ...]
    finished: bool


def recovered(
    steps: Steps, cycle: np.ndarray, cell: Cell | None = None, *, symmetric: bool
) -> Recovered:
    """The protocol behind the steps of a file; `cycle` is the number of the cycle of each.

    Currents are C-rates where a cell with a cathode is given, by area of a symmetric one, and in A or mA
    without a cell. Raises ProtocolError: more cycles than a Protocol may have.
    """
    cycles = [_kept(steps[cycle == number]) for number in np.unique(cycle)]
    like_before = len(cycles) > 1 and _has_just_begun(cycles[-1], cycles[-2])
    finished = not like_before and (len(cycles) < 2 or not _lacks_a_half(cycles[-1], cycles[-2]))
    blocks: list[list[Steps]] = []
    for own in cycles[:-1] if like_before else cycles:
        if blocks and _alike(own, blocks[-1][-1]):
            blocks[-1].append(own)
        else:
            blocks.append([own])
    written = [_texts(block, cell, symmetric=symmetric) for block in blocks]
    counts = [len(block) for block in blocks]
    if like_before:
        counts[-1] += 1
    merged: list[tuple[tuple[str, ...], int]] = []
    for texts, count in zip(written, counts, strict=True):
        if merged and merged[-1][0] == texts:
            merged[-1] = (texts, merged[-1][1] + count)
        else:
            merged.append((texts, count))
    if len(merged) == 1:
        protocol = Protocol(list(merged[0][0]), cycles=merged[0][1])
    else:
        protocol = Protocol([Block("", list(texts), cycles=count) for texts, count in merged])
    kinds = tuple("; ".join(texts) for texts, count in merged for _ in range(count))
    return Recovered(protocol, kinds, finished)


def _kept(steps: Steps) -> Steps:
    """Steps that are more than an artefact; all where none is."""
    kept = steps.duration >= SHORTEST
    return steps[kept] if kept.any() else steps


def _alike(one: Steps, other: Steps) -> bool:
    """True of two cycles that went through the same."""
    if len(one) != len(other) or not _same_orders(one, other):
        return False
    same_time = _near(one.duration, other.duration, SAME_DURATION) | (
        np.abs(one.duration - other.duration) < 2 * SHORTEST
    )
    same_voltage = np.abs(one.end_voltage - other.end_voltage) < SAME_VOLTAGE
    same_end = _near(one.end_current, other.end_current, SAME_END_CURRENT)
    control = one.control
    fits = np.where(
        control == CONTROLS.index(REST),
        same_time,
        np.where(
            control == CONTROLS.index(CC),
            same_voltage | same_time,
            same_voltage & (same_end | same_time),
        ),
    )
    return bool(fits.all())


def _same_orders(one: Steps, other: Steps) -> bool:
    """True where steps do the same, whatever ended them."""
    holds_current = one.control == CONTROLS.index(CC)
    return bool(
        (one.direction == other.direction).all()
        and (one.control == other.control).all()
        and (_near(one.current, other.current, SAME_CURRENT) | ~holds_current).all()
    )


def _has_just_begun(last: Steps, before: Steps) -> bool:
    """True of a last cycle that does what the one before did, and stops in the middle of it."""
    count = len(last)
    if not 0 < count <= len(before) or not _same_orders(last, before[:count]):
        return False
    if count > 1 and not _alike(last[: count - 1], before[: count - 1]):
        return False
    return count < len(before) or not _alike(last[count - 1 :], before[count - 1 :])


def _lacks_a_half(last: Steps, before: Steps) -> bool:
    """True of a last cycle that only charges or only discharges where the one before did both."""
    return len(set(last.direction) - {0}) < len(set(before.direction) - {0})


def _near(one: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    return np.abs(one - other) <= share * np.maximum(np.abs(one), np.abs(other))


def _texts(block: Sequence[Steps], cell: Cell | None, *, symmetric: bool) -> tuple[str, ...]:
    """The steps of a block of cycles in words."""
    timed = _timed(block[0])
    return tuple(
        _text(
            _over([cycle[place : place + 1] for cycle in block]), cell, timed[place], symmetric=symmetric
        )
        for place in range(len(block[0]))
    )


def _timed(cycle: Steps) -> np.ndarray:
    """True of each step of a cycle that it repeats after the same time: pulses end by theirs."""
    holds_current = cycle.control == CONTROLS.index(CC)
    found = np.zeros(len(cycle), bool)
    for way in (-1, 1):
        places = np.flatnonzero(holds_current & (cycle.direction == way))
        if len(places) < FEWEST_COMPARED:
            continue
        usual = np.median(cycle.duration[places])
        same = np.abs(cycle.duration[places] - usual) <= NEAR_TIME
        same &= _near(cycle.current[places], np.median(cycle.current[places]), SAME_CURRENT)
        found[places[same]] = same.sum() >= FEWEST_COMPARED
    return found


def _over(steps: Sequence[Steps]) -> Steps:
    """One step of a block, over its cycles."""
    return Steps(*(np.concatenate([getattr(one, name) for one in steps]) for name in vars(steps[0])))


def _text(step: Steps, cell: Cell | None, timed: bool, *, symmetric: bool) -> str:
    control = CONTROLS[int(step.control[0])]
    lasting = f"for {time_in_words(float(np.median(step.duration)))}"
    if control == REST:
        return f"Rest {lasting}"
    if control == CV:
        volts = _voltage(float(np.median(step.end_voltage)))
        end = np.abs(step.end_current)
        by_time = _is_steady(step.duration) and (
            not _is_steady(end) if len(end) >= FEWEST_COMPARED else _is_round_time(step.duration)
        )
        until = f"until {current_in_words(float(np.median(end)), cell)}"
        return f"Hold at {volts} {lasting if by_time else until}"
    verb = "Discharge" if step.direction[0] > 0 else "Charge"
    current = current_in_words(float(np.median(np.abs(step.current))), cell)
    until = f"until {_voltage(float(np.median(step.end_voltage)))}"
    by_time = _ends_by_time(step, timed, symmetric=symmetric)
    return f"{verb} at {current} {lasting if by_time else until}"


def _ends_by_time(step: Steps, timed: bool, *, symmetric: bool) -> bool:
    """True where a step of constant current ends by its time, not at a voltage."""
    if len(step) >= FEWEST_COMPARED:
        steady_time = _is_steady(step.duration)
        if steady_time != (float(np.std(step.end_voltage)) <= STEADY_VOLTAGE):
            return steady_time
    elif timed:
        return True
    round_time = _is_round_time(step.duration)
    volts = float(np.median(step.end_voltage))
    round_voltage = abs(volts - round(volts / ROUND_VOLTAGE) * ROUND_VOLTAGE) <= NEAR_VOLTAGE
    return round_time if round_time != round_voltage else symmetric


def _is_steady(values: np.ndarray) -> bool:
    return float(np.std(values)) <= max(STEADY_SHARE * float(np.mean(values)), SHORTEST / 2)


def _is_round_time(durations: np.ndarray) -> bool:
    seconds = float(np.median(durations))
    grid, near = (60.0, NEAR_TIME) if seconds >= LONG else (10.0, NEAR_TIME / 4)
    return seconds > near and abs(seconds - round(seconds / grid) * grid) <= near


def _voltage(volts: float) -> str:
    near = round(volts / FINE_VOLTAGE) * FINE_VOLTAGE
    chosen = near if abs(volts - near) <= NEAR_VOLTAGE else round(volts, 3)
    return f"{chosen + 0.0:.6g} V"


def time_in_words(seconds: float) -> str:
    """A duration as people set it: 3599.7 s is 1 hour."""
    for grid in ROUND_TIMES:
        near = round(seconds / grid) * grid
        # of ten seconds, two are no matter of recording
        if near and abs(seconds - near) <= min(NEAR_TIME, grid / 20):
            seconds = near
            break
    seconds = max(round(seconds), SHORTEST)
    unit, size = next(
        (word, size)
        for word, size in (("hour", 3600), ("minute", 60), ("second", 1))
        if seconds % size == 0
    )
    number = seconds / size
    return f"{number:g} {unit}{'' if number == 1 else 's'}"


def current_in_words(amperes: float, cell: Cell | None) -> str:
    """A current as people set it: a C-rate of a full cell, by area of a symmetric one, or plain."""
    if cell is not None and cell.has_cathode:
        return _rate(amperes / cell.values[names.NOMINAL_CAPACITY])
    if cell is not None:
        return f"{amperes / cell.area / 10:.{DIGITS}g} mA/cm2"
    return f"{amperes:.{DIGITS}g} A" if amperes >= 1 else f"{amperes * 1e3:.{DIGITS}g} mA"


def _rate(rate: float) -> str:
    for hours in HOURS_OF_RATES[1:]:
        if abs(rate * hours - 1) <= NEAR_RATE:
            return f"C/{hours}" if hours > 2 else "0.5C"
    near = round(rate, 1)
    if near and abs(rate - near) <= NEAR_RATE * rate:
        return f"{near:g}C"
    return f"{rate:.{DIGITS}g}C"
