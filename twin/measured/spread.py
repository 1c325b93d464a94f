"""How far equal cells differ, and how well a row was read."""

import tomllib
from dataclasses import dataclass

from twin.measured.experiment import folder


@dataclass(frozen=True)
class Spread:
    """Standard deviations of one observable: each row's own, and shared by a physical cell."""

    scatter: float
    cell: float
    points: bool


def read_spread(paper: str) -> tuple[dict[str, Spread], dict[str, float]]:
    """Spread of each observable, and ln standard deviation of the parameters from cell to cell."""
    path = folder(paper) / "spread.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    observables = {
        name: Spread(entry["scatter"], entry["cell"], entry.get("points", False))
        for name, entry in content["observable"].items()
    }
    parameters = {key: entry["ln_sd"] for key, entry in content["parameter"].items()}
    return observables, parameters
