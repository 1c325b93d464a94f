"""How results are told: numbers, intervals, lists, steps, and what was changed in a cell."""

import math
from collections.abc import Iterable, Mapping, Sequence

from twin.protocols import Protocol
from twin.results.provenance import changes_of
from twin.units import in_words, words_of_key


def number(value: float) -> str:
    """Three digits, plainly; "never" for infinity, a dash where there is none."""
    value = float(value)
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def span(edges: Iterable[float], unit: str = "") -> str:
    """(low, median, high) as "90 % (79 to 93 %)".

    Of an event infinity means that it never comes: "never in most draws; 5 % by 588 h".
    """
    low, middle, high = edges
    unit = f" {unit}" if unit else ""
    if math.isnan(middle):
        return "-"
    if math.isinf(middle):
        return f"never in most draws; 5 % by {number(low)}{unit}" if math.isfinite(low) else "never"
    upper = number(high) if math.isinf(high) else f"{number(high)}{unit}"
    return f"{number(middle)}{unit} ({number(low)} to {upper})"


def chance_in_words(edges: Iterable[float]) -> str:
    """(low, share, high) of a chance: "12 % (4 to 26 %)"; of none or all "below 3 %", "above 97 %"."""
    low, share, high = (100 * float(edge) for edge in edges)
    if math.isnan(share):
        return "-"
    if share == 0:
        return f"below {number(high)} %"
    if share == 100:
        return f"above {number(low)} %"
    return f"{number(share)} % ({number(low)} to {number(high)} %)"


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return ", ".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} and {words[-1]}"


def count(amount: int, noun: str) -> str:
    """ "1 draw", "2 draws"."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def changes_in_words(attributes: Mapping) -> str:
    """What was changed in the cell behind a Dataset: "coating thickness 100 nm, was 200 nm", or ""."""
    said = []
    for key, values in changes_of(attributes).items():
        now, was = in_words(values, key)
        said.append(f"{in_a_sentence(words_of_key(key))} {now}, was {was}")
    return "; ".join(said)


def in_a_sentence(words: str) -> str:
    """Words as they stand inside a sentence: "coating thickness", but "ALD cycles" and "SoC"."""
    first, _, _ = words.partition(" ")
    return words[0].lower() + words[1:] if first[1:].islower() else words


def steps_of(protocol: Protocol) -> str:
    """The steps of a protocol on one line."""
    return "; then ".join(" / ".join(cycle.texts) for cycle in protocol.block)
