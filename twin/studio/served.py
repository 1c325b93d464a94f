"""Which cells a studio shows: those that ship, and those of the file or folder it was started with."""

from dataclasses import dataclass
from pathlib import Path

from twin.errors import StudioError
from twin.parameter_sets import cells, cells_in


@dataclass(frozen=True)
class Served:
    """Cells that a page may show.

    Attributes
    ----------
    first : name of a shipped cell, or path of a file
        Shown until another is chosen.
    own : paths of files
        That do not ship. No address opens another file.
    """

    first: str
    own: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """Names and paths, one's own cells first."""
        return [*self.own, *cells()]


def served(asked: str | Path) -> Served:
    """What is served of a cell's name, the path of its file, or a folder with files of cells.

    Raises StudioError: a folder without a cell.
    """
    folder = Path(asked)
    if folder.suffix.lower() == ".toml":
        return Served(str(asked), (str(asked),))
    if str(asked) in cells() or not folder.is_dir():
        return Served(str(asked))
    own = tuple(str(folder / f"{name}.toml") for name in cells_in(folder))
    if not own:
        raise StudioError(
            f"{folder}: no file in it is a cell's; `twin new FOLDER` writes one, with its parts"
        )
    return Served(own[0], own)
