"""Where a result comes from, in words: attributes of its Dataset, and what was changed in its cell."""

from collections.abc import Mapping

from twin.results.phrases import changes_in_words
from twin.results.provenance import versions_of

PACKAGES = "versions"
"""Attribute that holds JSON: package -> version."""
CHANGES = "changes"
"""Attribute that holds JSON: what was changed in the cell."""
QUESTION = "question"
"""Attribute that stands at the head of the page already."""


def provenance(attributes: Mapping) -> tuple[tuple[str, str], ...]:
    """Attributes of a Dataset for people: the versions spelled out, the rest as it is."""
    found = []
    for name, value in attributes.items():
        if name == QUESTION:
            continue
        if name == PACKAGES:
            value = ", ".join(f"{name} {version}" for name, version in versions_of(attributes).items())
        elif name == CHANGES:
            value = changes_in_words(attributes) or "none"
        elif isinstance(value, float):
            value = f"{value:.4g}"
        found.append((str(name).replace("_", " "), str(value)))
    return tuple(found)


def changed(attributes: Mapping) -> str:
    """What was changed in the cell behind a Dataset, as a sentence; "" where nothing was."""
    said = changes_in_words(attributes)
    return f"Changed in this cell: {said}." if said else ""
