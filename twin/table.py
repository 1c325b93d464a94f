"""A table of a TOML file, checked word by word."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import ObservationError, TwinError, shown, unknown
from twin.files import line_of, read_toml


@dataclass(frozen=True)
class Table:
    """A table that knows where it stands, so that whatever is wrong with it names file and line.

    Attributes
    ----------
    path : of the file
    name : its key, "" of the whole file
    content : its entries
    kind : the error that every check raises
    """

    path: Path
    name: str
    content: Mapping[str, Any]
    kind: type[TwinError] = ObservationError

    def error(self, message: str, *, at: str = "") -> TwinError:
        """An error that says where: `raise table.error("…")`; `at` is the word that is wrong."""
        place = at or self.name
        line = f", line {line_of(self.path, place)}" if place else ""
        subject = f"{shown(self.name)} " if self.name else ""
        return self.kind(f"{self.path}{line}: {subject}{message}")

    def only(self, known: Collection[str]) -> None:
        """Raise the error of its kind unless every word of it is one of those known."""
        for word in self.content:
            if word not in known:
                said = f"has an entry too many: {unknown(word, known, 'one that is read')}"
                raise self.error(said, at="" if self.name else word)

    def tables(self) -> "Iterator[Table]":
        """Each of its entries, which must be tables."""
        for name in self.content:
            yield self.table(name)

    def table(self, key: str) -> "Table":
        """The table under a key. Raises `kind`: there is none."""
        entry = self._needed(key, Mapping, "a table")
        return Table(self.path, key, entry, self.kind)

    def listed(self, key: str) -> "list[Table]":
        """The tables of the list under a key. Raises `kind`: no list of tables, or empty."""
        entries = self._needed(key, list, "a list of tables")
        if not entries or not all(isinstance(entry, Mapping) for entry in entries):
            raise self.error(f"needs a list of tables under '{key}', not {entries!r:.60}")
        return [Table(self.path, self.name, entry, self.kind) for entry in entries]

    def text(self, key: str) -> str:
        """The words under a key. Raises `kind`: none."""
        found = self._needed(key, str, "words")
        if not found.strip():
            raise self.error(f"has no words under '{key}'")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of words under a key. Raises `kind`: no such list, or empty."""
        found = self._needed(key, list, "a list of words")
        if not found or not all(isinstance(entry, str) and entry.strip() for entry in found):
            raise self.error(f"needs a list of words under '{key}', not {found!r:.60}")
        return tuple(found)

    def yes(self, key: str) -> bool:
        """True where it says so under a key, False where it says nothing."""
        return key in self.content and self._needed(key, bool, "true or false")

    def whole(self, key: str, *, highest: int) -> int:
        """The whole number from 1 under a key. Raises `kind`: none, or beyond `highest`."""
        found = self._needed(key, int, "a whole number")
        if not 1 <= found <= highest:
            raise self.error(f"needs 1 to {highest:,} under '{key}', not {found!r:.40}")
        return found

    def number(self, key: str, *, lowest: float = -math.inf, highest: float = math.inf) -> float:
        """The finite number under a key. Raises `kind`: none, or out of its bounds."""
        found = self._needed(key, int | float, "a number")
        if not abs(found) <= LARGEST or not lowest <= found <= highest:
            bounds = f" from {lowest:g} to {highest:g}" if math.isfinite(lowest + highest) else ""
            raise self.error(f"needs a finite number{bounds} under '{key}', not {found!r:.40}")
        return float(found)

    def _needed(self, key: str, kind, words: str):
        if key not in self.content:
            raise self.error(f"has no '{key}': it needs {words}")
        found = self.content[key]
        wrong = isinstance(found, bool) and kind is not bool  # Python counts true as 1
        if wrong or not isinstance(found, kind):
            raise self.error(f"needs {words} under '{key}', not {found!r:.60}")
        return found


LARGEST = 1e300
"""Largest number that is read: beyond it lie infinity and what no floating-point number holds."""


def read_table(path: Path, kind: type[TwinError] = ObservationError) -> Table:
    """The whole of a TOML file, whose checks raise an error of that kind. Raises it: unreadable."""
    return Table(path, "", read_toml(path, kind), kind)
