"""How a report writes numbers, intervals and lists."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from twin.cell import Cell
from twin.errors import TwinError
from twin.parameter_sets import load_cell
from twin.results.provenance import changes_of
from twin.units import in_words

PACKAGES = "versions"
CHANGES = "changes"
QUESTION = "question"


def number(value: float) -> str:
    """Three digits, plainly; "never" for infinity, a dash where there is none."""
    value = float(value)
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def span(edges: Iterable[float], unit: str = "") -> str:
    """(low, median, high) as "90 % (79 to 93 %)"; infinite: it never comes."""
    low, middle, high = edges
    unit = f" {unit}" if unit else ""
    if math.isinf(middle):
        return f"never in most draws, 5 % by {number(low)}{unit}" if math.isfinite(low) else "never"
    upper = number(high) if math.isinf(high) else f"{number(high)}{unit}"
    return f"{number(middle)}{unit} ({number(low)} to {upper})"


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return ", ".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} and {words[-1]}"


def count(amount: int, noun: str) -> str:
    """ "1 draw", "2 draws"."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def provenance(attributes: Mapping) -> tuple[tuple[str, str], ...]:
    """Attributes of a Dataset for people: the versions spelled out, the rest as it is."""
    found = []
    for name, value in attributes.items():
        if name == QUESTION:
            continue  # it stands above
        if name == PACKAGES:
            value = ", ".join(f"{package} {version}" for package, version in json.loads(value).items())
        elif name == CHANGES:
            value = changes_in_words(attributes)
        elif isinstance(value, float):
            value = f"{value:.4g}"
        found.append((str(name).replace("_", " "), str(value)))
    return tuple(found)


def changes_in_words(attributes: Mapping) -> str:
    """ "Coating thickness [m]: 100 nm, was 200 nm", of every parameter that was changed; or "none"."""
    said = []
    for key, values in changes_of(attributes).items():
        now, was = in_words(values, key)
        said.append(f"{key}: {now}, was {was}")
    return "; ".join(said) or "none"


def steps_of(attributes: Mapping) -> str:
    """The steps of the protocol that a Dataset carries, on one line."""
    protocol = json.loads(attributes["protocol"])
    cycles = protocol.values() if isinstance(protocol, dict) else [protocol]
    return "; or ".join(
        "; then ".join(" / ".join(steps) if isinstance(steps, list) else str(steps) for steps in block)
        for block in cycles
    )


def cell_behind(attributes: Mapping, given: Cell | None) -> Cell | None:
    """The cell that the data are of: the one given, or one that ships, with the changes that the data
    name; None if neither is the same."""
    if given is not None:
        return given
    try:
        changes = {key: value for key, (value, _) in changes_of(attributes).items()}
        shipped = load_cell(str(attributes.get("cell"))).replace(changes)
    except TwinError:
        return None
    return shipped if shipped.hash == attributes.get("parameter_hash") else None
