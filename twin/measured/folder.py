"""Where an experiment lies: a folder that ships under a name, or a user's own by its path."""

from pathlib import Path

from twin.errors import ObservationError, unknown
from twin.parts import shipped

ROWS = "rows.csv"
"""The file that makes a folder an experiment: its measured rows."""


def shipped_experiments() -> list[str]:
    """Names of the experiments that ship with the package: the papers whose rows it was fitted to."""
    return sorted(path.parent.name for path in shipped("experiments").glob(f"*/{ROWS}"))


def is_shipped_folder(folder: Path) -> bool:
    """Whether a folder is one that ships, however it is reached."""
    return folder.resolve().is_relative_to(shipped("experiments").resolve())


def folder_of(experiment: str | Path) -> Path:
    """The folder of an experiment.

    A name of a shipped one is taken as that; anything else is a path.

    Raises ObservationError: neither (the nearest name is offered), or a folder without measured rows.
    """
    shipped_names = shipped_experiments()
    if isinstance(experiment, str) and experiment in shipped_names:
        return shipped("experiments") / experiment
    folder = Path(experiment) if isinstance(experiment, str | Path) else None
    if folder is not None and holds(folder, ROWS):
        return folder
    if folder is not None and holds(folder, ""):
        raise ObservationError(f"{folder}: holds no {ROWS}, the file of the measured rows")
    known = unknown(
        str(experiment), shipped_names, "an experiment that ships, nor a folder with measured rows"
    )
    raise ObservationError(f"no measured rows: {known}")


def stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """Path and time of change [ns] of each file of a folder and of those in it: other after an edit."""
    paths = (*folder.glob("*"), *folder.glob("*/*"))
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in paths if path.exists()))


def holds(folder: Path, name: str) -> bool:
    """True where a folder holds something of that name; "" asks for the folder itself."""
    try:
        return folder.is_dir() and (folder / name).exists()
    except (OSError, ValueError):  # no file can have such a name
        return False
