"""The folder of a paper: its protocols, and what its cells use for the rows that are parameters."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from twin.cell import Cell
from twin.errors import ObservationError, unknown
from twin.parameter_sets import shipped
from twin.protocols import Protocol


@dataclass(frozen=True)
class ParameterRow:
    """What a cell uses for a row that is a parameter of it: factor * (value / over) ** power."""

    cell: str
    key: str
    factor: float
    power: float = 1.0
    over: str | None = None

    def of(self, cell: Cell) -> float:
        """The value in the row's unit."""
        reference = 1.0 if self.over is None else cell.values[self.over]
        return self.factor * (cell.values[self.key] / reference) ** self.power


def papers() -> list[str]:
    """Papers whose rows ship with the package."""
    return sorted(path.parent.name for path in shipped("experiments").glob("*/rows.csv"))


def read_protocols(paper: str, cell: str) -> dict[str, Protocol]:
    """Protocols of a paper, as a cell goes through them, by the words that its rows use for them."""
    path = folder(paper) / "protocols.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {words: _protocol(entry, cell) for words, entry in content.items()}


def read_parameter_rows(paper: str) -> dict[str, ParameterRow]:
    """What the cells of a paper use for the rows that are parameters of them, by observable."""
    path = folder(paper) / "parameters.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {observable: ParameterRow(**entry) for observable, entry in content.items()}


def _protocol(entry: dict, cell: str) -> Protocol:
    """A protocol from its entry; what some cells go through first is part of their first cycle."""
    blocks = entry.get("blocks", [{"cycles": entry.get("cycles"), "steps": entry.get("steps")}])
    cycles = [tuple(block["steps"]) for block in blocks for _ in range(block["cycles"])]
    first = entry.get("first", {"cells": [], "steps": []})
    if cell in first["cells"]:
        cycles[0] = (*first["steps"], *cycles[0])
    if len(set(cycles)) == 1:
        return Protocol(cycles[0], cycles=len(cycles))
    return Protocol(cycles)


def folder(paper: str) -> Path:
    found = shipped("experiments") / paper
    if not (found / "rows.csv").is_file():
        raise ObservationError(f"no measured rows: {unknown(paper, papers(), 'a shipped paper')}")
    return found
